"""Wiring of the room `lrtzc_batches`."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from . import intake


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.config_declarations
@tk.blanket.helpers
class BatchesPlugin(p.IConfigurer, p.ISignal, p.SingletonPlugin):
    """See the package's docstring for what the room is for."""

    def update_config(self, config):
        """Add the room's templates and assets."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "lrtzc_batches")

    def get_signal_subscriptions(self) -> Any:
        """Hear of datasets and records saved by CKAN's own actions."""
        return {
            tk.signals.action_succeeded: [
                {"sender": name, "receiver": intake.package_saved} for name in ("package_create", "package_update")
            ]
            + [{"sender": "datastore_create", "receiver": intake.records_created}],
        }
