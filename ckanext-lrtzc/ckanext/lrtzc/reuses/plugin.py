"""Wiring of the room `lrtzc_reuses`."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.interfaces import IModerated, IPersonalData, IRewarded, IWorkspace
from ckanext.lrtzc.reuses import blocks, deeds, moderated
from ckanext.lrtzc.reuses.helpers import note_found


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.helpers
class ReusesPlugin(
    IModerated, IPersonalData, IRewarded, IWorkspace, p.IConfigurer, p.IPackageController, p.SingletonPlugin
):
    """See the package's docstring for what the room is for. Stands after `lrtzc_moderation`."""

    def update_config(self, config):
        """Add the room's templates and style."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "lrtzc_reuses")

    def get_moderated(self):
        """Have reuses moderated."""
        return {moderated.KIND.name: moderated.KIND}

    def get_blocks(self):
        """Show a person their reuses in their space."""
        return blocks.BLOCKS

    def get_personal_data(self):
        """Declare what reuses hold of those who proposed them."""
        return {"reuses": moderated.ReuseHolding()}

    def get_deeds(self):
        """Thank people for what others reuse."""
        return deeds.DEEDS

    def after_dataset_search(self, search_results, search_params):
        """Note which objects a page is about to list."""
        note_found([each["id"] for each in search_results["results"] if each.get("id")])
        return search_results
