"""Wiring of the room `lrtzc_access`."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.access import addresses, datastore, history, undoing
from ckanext.lrtzc.access.domain.rights import rights
from ckanext.lrtzc.access.logic import action
from ckanext.lrtzc.interfaces import IAccessRule, IUndo


@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.config_declarations
@tk.blanket.helpers
class AccessPlugin(IAccessRule, IUndo, p.IConfigurer, p.IActions, p.IPackageController, p.SingletonPlugin):
    """See the package's docstring for what the room is for."""

    def update_config(self, config):
        """Add the room's pages and their style."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "lrtzc_access")

    def get_actions(self):
        """Give our actions, and the guards of CKAN's that give something of datasets."""
        ours = {name: getattr(action, name) for name in action.__all__}
        guards = {"datastore": datastore.ACTIONS, "activity": history.ACTIONS}
        chained = (made for plugin, made in guards.items() if p.plugin_loaded(plugin))
        return {**ours, **addresses.ACTIONS, **{name: each for made in chained for name, each in made.items()}}

    def before_dataset_index(self, pkg_dict):
        """Keep addresses that are held back out of the search."""
        return addresses.searched(pkg_dict)

    def get_access_rules(self):
        """Give the rule of rights."""
        return {"rights": rights}

    def get_undos(self):
        """Undo what an owner decides."""
        return undoing.UNDOS
