"""Wiring of the room `lrtzc_partners`."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.interfaces import IOrchestrated
from ckanext.lrtzc.partners import orchestrated
from ckanext.lrtzc.partners.harvester import PartnerHarvester


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.cli
@tk.blanket.config_declarations
@tk.blanket.helpers
class PartnersPlugin(PartnerHarvester, IOrchestrated, p.IConfigurer, p.SingletonPlugin):
    """Partner portals: harvested through ckanext-harvest's queue, declared and watched from our pages."""

    def update_config(self, config):
        """Add the room's templates and assets."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "lrtzc_partners")

    def get_chains(self):
        """Show when partners are harvested, and what came of it."""
        return orchestrated.CHAINS
