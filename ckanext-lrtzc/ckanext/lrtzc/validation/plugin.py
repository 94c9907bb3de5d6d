"""Wiring of the room `lrtzc_validation`."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.batches.api import IBatchesOnly, IBatchJudges
from ckanext.lrtzc.interfaces import IModerated
from ckanext.lrtzc.moderation import api as moderation
from ckanext.lrtzc.validation import asking, judged, ways_in


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.helpers
class ValidationPlugin(IBatchesOnly, IBatchJudges, IModerated, p.IConfigurer, p.SingletonPlugin):
    """See the package's docstring for what the room is for. Stands after `lrtzc_moderation` and `lrtzc_batches`."""

    def update_config(self, config):
        """Add the room's templates and style."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "lrtzc_validation")

    def get_moderated(self):
        """Have batches moderated."""
        return {asking.KIND: judged.BatchKind()}

    def get_reach(self, package_id, resource_id):
        """Say which batches of a resource people decide on."""
        return asking.reach(package_id, resource_id)

    def get_batches_only(self, package_id, resource_id):
        """Have all that moderators decide on come as batches."""
        return ways_in.batches_only(package_id, resource_id)

    def hold_batch(self, batch_id):
        """Come one after the other: moderators, the worker that asks them, whoever takes the batch back."""
        moderation.hold([(asking.KIND, batch_id)])

    def ask_about(self, batch):
        """Ask the moderators that the owner named."""
        return asking.ask_about(batch)

    def ask_no_more(self, batch_id):
        """Take the case back."""
        moderation.cancel(asking.KIND, batch_id)

    def told(self, batch_id):
        """Write to the moderators."""
        moderation.announce_about(asking.KIND, batch_id)
