"""Wiring of the room `lrtzc_quality`."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.batches.api import IBatchChecks, IBatchesOnly
from ckanext.lrtzc.interfaces import Block, IWorkspace
from ckanext.lrtzc.quality import alerts, check, overview


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.config_declarations
@tk.blanket.helpers
class QualityPlugin(IBatchChecks, IBatchesOnly, IWorkspace, p.IConfigurer, p.ISignal, p.SingletonPlugin):
    """See the package's docstring for what the room is for."""

    def update_config(self, config):
        """Add the room's templates."""
        tk.add_template_directory(config, "templates")

    def get_batch_check(self, load):
        """Judge batches by the rules of the file they are for."""
        return check.check_of(load)

    def get_batches_only(self, package_id, resource_id):
        """Have rows that rules judge come as batches."""
        return tk._("Rules of quality judge all that comes into this file.") if check.judges(resource_id) else ""

    def get_blocks(self):
        """Show a person how their files with rules stand."""
        return {"quality": Block(lambda: tk._("Quality of my data"), "quality/block.html", overview.block)}

    def get_signal_subscriptions(self):
        """Tell of stopped data at each look of the scheduler."""
        return {tk.signals.ckanext.signal("lrtzc:tick"): [alerts.tick]}
