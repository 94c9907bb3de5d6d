"""Wiring of the room `lrtzc_opening`."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.opening import jobs


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.helpers
class OpeningPlugin(p.IConfigurer, p.ISignal, p.SingletonPlugin):
    """See the package's docstring for what the room is for."""

    def update_config(self, config: Any) -> None:
        """Add the room's templates."""
        tk.add_template_directory(config, "templates")

    def get_signal_subscriptions(self) -> Any:
        """Hear of the scheduler's looks, and of what people take out of the catalogue."""
        return {
            tk.signals.ckanext.signal("lrtzc:tick"): [jobs.tick],
            tk.signals.action_succeeded: [{"sender": "lrtzc_objects_withhold", "receiver": jobs.withheld}],
        }
