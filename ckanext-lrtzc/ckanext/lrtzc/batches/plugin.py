"""Wiring of the room `lrtzc_batches`."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.interfaces import IOrchestrated, IRewarded, IUndo

from . import deeds, intake, orchestrated, undoing, upkeep


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.config_declarations
@tk.blanket.helpers
class BatchesPlugin(IOrchestrated, IRewarded, IUndo, p.IUploader, p.IConfigurer, p.ISignal, p.SingletonPlugin):
    """See the package's docstring for what the room is for."""

    def update_config(self, config):
        """Add the room's templates and assets."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "lrtzc_batches")

    def get_resource_uploader(self, resource: dict[str, Any]) -> None:
        """Have the antivirus look at the file; CKAN's own uploader, which all actions ask for, then keeps it."""
        intake.check_upload(resource)

    def get_uploader(self, upload_to: str, old_filename: str | None) -> None:
        """Leave pictures to CKAN."""

    def get_chains(self):
        """Show where the files that came in stand."""
        return orchestrated.CHAINS

    def get_undos(self):
        """Undo a change of the moment when data goes in."""
        return undoing.UNDOS

    def get_deeds(self):
        """Thank people for the data they send."""
        return deeds.DEEDS

    def get_signal_subscriptions(self) -> Any:
        """Hear of datasets and records saved by CKAN's own actions, and of the scheduler's looks."""
        return {
            tk.signals.ckanext.signal("lrtzc:tick"): [upkeep.tick],
            tk.signals.action_succeeded: [
                {"sender": name, "receiver": intake.package_saved} for name in ("package_create", "package_update")
            ]
            + [{"sender": name, "receiver": intake.records_changed} for name in intake.RECORD_ACTIONS],
        }
