"""Wiring of the room `lrtzc_retention`."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.interfaces import IOrchestrated
from ckanext.lrtzc.retention import jobs, orchestrated


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.helpers
class RetentionPlugin(IOrchestrated, p.IConfigurer, p.ISignal, p.SingletonPlugin):
    """See the package's docstring for what the room is for."""

    def update_config(self, config: Any) -> None:
        """Add the room's templates."""
        tk.add_template_directory(config, "templates")

    def get_chains(self) -> dict[str, Any]:
        """Show what is to be destroyed, and what was."""
        return orchestrated.CHAINS

    def get_signal_subscriptions(self) -> Any:
        """Hear of the scheduler's looks."""
        return {tk.signals.ckanext.signal("lrtzc:tick"): [jobs.tick]}
