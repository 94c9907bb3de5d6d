"""Wiring of the room `lrtzc_transfers`."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.interfaces import IUndo, IWorkspace, Waiting
from ckanext.lrtzc.transfers import blocks, helpers, undoing


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.helpers
class TransfersPlugin(IUndo, IWorkspace, p.IConfigurer, p.SingletonPlugin):
    """See the package's docstring for what the room is for."""

    def update_config(self, config):
        """Add the room's templates."""
        tk.add_template_directory(config, "templates")

    def get_undos(self):
        """Undo a refusal or a withdrawal."""
        return undoing.UNDOS

    def get_waiting(self, user):
        """Say how many offers wait for a person's answer."""
        count = helpers.waiting(user)
        said = tk.ungettext("{count} offer to answer", "{count} offers to answer", count).format(count=count)
        return [Waiting(said, tk.h.url_for("lrtzc_transfers.mine"))] if count else []

    def get_blocks(self):
        """Show the offers that wait in a person's space."""
        return blocks.BLOCKS
