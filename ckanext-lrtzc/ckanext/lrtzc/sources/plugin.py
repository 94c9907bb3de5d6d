"""Wiring of the room `lrtzc_sources`."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.batches.api import IBatchesOnly
from ckanext.lrtzc.interfaces import IOrchestrated
from ckanext.lrtzc.personal.api import ROTATED
from ckanext.lrtzc.sources import jobs, keeping, orchestrated
from ckanext.lrtzc.sources.model import Source


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.config_declarations
@tk.blanket.helpers
class SourcesPlugin(IBatchesOnly, IOrchestrated, p.IConfigurer, p.ISignal, p.SingletonPlugin):
    """See the package's docstring for what the room is for."""

    def update_config(self, config: Any) -> None:
        """Add the room's templates."""
        tk.add_template_directory(config, "templates")

    def get_chains(self) -> dict[str, Any]:
        """Show when files are fetched, and what came of it."""
        return orchestrated.CHAINS

    def get_batches_only(self, package_id: str, resource_id: str) -> str:
        """Have nothing slip in that the next file fetched would undo unseen."""
        return tk._("A source feeds this file.") if resource_id and Source.feeds(resource_id) else ""

    def get_signal_subscriptions(self) -> Any:
        """Hear of the scheduler's looks, and of keys that were replaced."""
        return {
            tk.signals.ckanext.signal("lrtzc:tick"): [jobs.tick],
            tk.signals.ckanext.signal(ROTATED): [keeping.seal_anew],
        }
