"""Wiring of the room `lrtzc_links`."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.interfaces import IRewarded, IUndo
from ckanext.lrtzc.links import deeds, undoing


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.helpers
class LinksPlugin(IRewarded, IUndo, p.IConfigurer, p.SingletonPlugin):
    """See the package's docstring for what the room is for. Stands after `lrtzc_objects`."""

    def update_config(self, config):
        """Add the room's templates and style."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "lrtzc_links")

    def get_undos(self):
        """Undo that a link was taken away."""
        return undoing.UNDOS

    def get_deeds(self):
        """Thank people for what others stand on."""
        return deeds.DEEDS
