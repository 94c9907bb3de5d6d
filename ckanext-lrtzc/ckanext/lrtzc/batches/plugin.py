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
class BatchesPlugin(p.IResourceController, p.IConfigurer, p.ISignal, p.SingletonPlugin):
    """See the package's docstring for what the room is for."""

    def update_config(self, config):
        """Add the room's templates and assets."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "lrtzc_batches")

    def before_resource_create(self, context: Any, resource: dict[str, Any]) -> None:
        """Have the antivirus look at the file."""
        intake.check_upload(context, resource)

    def before_resource_update(self, context: Any, current: dict[str, Any], resource: dict[str, Any]) -> None:
        """Have the antivirus look at the new file."""
        intake.check_upload(context, resource)

    def get_signal_subscriptions(self) -> Any:
        """Hear of datasets and records saved by CKAN's own actions."""
        return {
            tk.signals.action_succeeded: [
                {"sender": name, "receiver": intake.package_saved} for name in ("package_create", "package_update")
            ]
            + [{"sender": "datastore_create", "receiver": intake.records_created}],
        }
