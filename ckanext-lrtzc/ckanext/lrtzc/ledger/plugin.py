"""Wiring of the room: `lrtzc_ledger`, and `lrtzc_ledger_datastore`, which is listed after `datastore`."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckanext.datastore.interfaces import IDatastoreBackend

from ckanext.lrtzc.ledger import expiry, reads, verifiers, views, watch
from ckanext.lrtzc.ledger.datastore import RecordingBackend
from ckanext.lrtzc.ledger.logic import schema


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints([views.ledger, verifiers.log])
@tk.blanket.cli
@tk.blanket.config_declarations
@tk.blanket.helpers
class LedgerPlugin(p.IConfigurer, p.IConfigurable, p.IMiddleware, p.SingletonPlugin):
    """See the package's docstring for what the room is for."""

    def update_config(self, config: Any) -> None:
        """Add the room's pages."""
        tk.add_template_directory(config, "templates")

    def update_config_schema(self, known: dict[str, Any]) -> dict[str, Any]:
        """Let administrators choose by page what leaves a trace, and for how long its details are kept."""
        ignore_missing = tk.get_validator("ignore_missing")
        return {
            **known,
            "ckanext.lrtzc.ledger.traces": [ignore_missing, schema.traces_text],
            "ckanext.lrtzc.ledger.retention": [ignore_missing, schema.retention_text],
        }

    def configure(self, config: Any) -> None:
        """Begin to see what changes, and to do the scheduler's part."""
        watch.start()
        tk.signals.ckanext.signal("lrtzc:tick").connect(expiry.on_tick)

    def make_middleware(self, app: Any, config: Any) -> Any:
        """Begin to see what leaves."""
        flask_app = getattr(app, "flask_app", app)
        if hasattr(flask_app, "after_request"):
            reads.start(flask_app)
        return app

    def make_error_log_middleware(self, app: Any, config: Any) -> Any:
        """Change nothing."""
        return app


class LedgerDatastorePlugin(IDatastoreBackend, p.SingletonPlugin):
    """Has the DataStore's changes recorded. CKAN takes the backend that the last plug-in of its list offers."""

    def register_backends(self) -> dict[str, Any]:
        """Give the backend that records, by the beginning of the database's address."""
        return dict.fromkeys(("postgresql", "postgres"), RecordingBackend)
