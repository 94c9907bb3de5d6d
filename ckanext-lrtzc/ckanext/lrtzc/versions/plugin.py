"""Wiring of the room `lrtzc_versions`."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.batches.api import GONE, VERSION_SIGNAL
from ckanext.lrtzc.versions import keeping


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.config_declarations
@tk.blanket.helpers
class VersionsPlugin(p.IConfigurer, p.ISignal, p.SingletonPlugin):
    """See the package's docstring for what the room is for."""

    def update_config(self, config: Any) -> None:
        """Add the room's templates."""
        tk.add_template_directory(config, "templates")

    def get_signal_subscriptions(self) -> Any:
        """Hear of new versions, of rows destroyed, of data held back, and of the scheduler's looks."""
        return {
            tk.signals.ckanext.signal(VERSION_SIGNAL): [keeping.version_came],
            tk.signals.ckanext.signal(GONE): [keeping.copies_gone],
            tk.signals.ckanext.signal("lrtzc:tick"): [keeping.tick],
            tk.signals.action_succeeded: [{"sender": "lrtzc_access_restrict", "receiver": keeping.held_back}],
        }
