"""Wiring of the room `lrtzc_needs`."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.interfaces import IModerated, IPersonalData, IWorkspace
from ckanext.lrtzc.needs import blocks, moderated


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.helpers
class NeedsPlugin(IModerated, IPersonalData, IWorkspace, p.IConfigurer, p.SingletonPlugin):
    """See the package's docstring for what the room is for. Stands after `lrtzc_moderation`."""

    def update_config(self, config):
        """Add the room's templates."""
        tk.add_template_directory(config, "templates")

    def get_moderated(self):
        """Have needs moderated, and comments that somebody reported."""
        return {moderated.KIND.name: moderated.KIND, moderated.COMMENT: moderated.CommentKind()}

    def get_blocks(self):
        """Show a person their needs in their space."""
        return blocks.BLOCKS

    def get_personal_data(self):
        """Declare what needs hold of people."""
        return {"needs": moderated.NeedHolding(), "need_talk": moderated.TalkHolding()}
