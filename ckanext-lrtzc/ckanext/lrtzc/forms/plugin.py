"""Wiring of the room `lrtzc_forms`."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.batches.api import IBatchesOnly, IBatchKinds
from ckanext.lrtzc.forms import holding, integrating, upkeep
from ckanext.lrtzc.forms.model import Form
from ckanext.lrtzc.forms.openrosa_views import lrtzc_openrosa
from ckanext.lrtzc.forms.views import lrtzc_forms
from ckanext.lrtzc.interfaces import IPersonalData


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.config_declarations
@tk.blanket.helpers
class FormsPlugin(
    IBatchesOnly,
    IBatchKinds,
    IPersonalData,
    p.IConfigurer,
    p.IBlueprint,
    p.IMiddleware,
    p.ISignal,
    p.SingletonPlugin,
):
    """See the package's docstring for what the room is for."""

    def update_config(self, config):
        """Add the room's templates and assets."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "lrtzc_forms")

    def get_blueprint(self) -> list[Any]:
        """Give the addresses of pages and of telephones."""
        return [lrtzc_forms, lrtzc_openrosa]

    def make_middleware(self, app: Any, config: Any) -> Any:
        """Have telephones send answers without a form's token: they are known by no cookie."""
        flask_app = getattr(app, "flask_app", app)
        if hasattr(flask_app, "extensions"):
            flask_app.extensions["csrf"].exempt(lrtzc_openrosa)
        return app

    def make_error_log_middleware(self, app: Any, config: Any) -> Any:
        """Change nothing."""
        return app

    def get_signal_subscriptions(self) -> Any:
        """Hear of the scheduler's looks."""
        return {tk.signals.ckanext.signal("lrtzc:tick"): [upkeep.tick]}

    def get_batch_kinds(self):
        """Have answers come in as batches."""
        return {integrating.NAME: integrating.AnswerBatches()}

    def get_batches_only(self, package_id: str, resource_id: str) -> str:
        """Have nothing slip in between the answers of a form, each of which is followed by whoever gave it."""
        feeds = bool(resource_id) and Form.of_resource(resource_id) is not None
        return tk._("The answers to a form feed this file.") if feeds else ""

    def get_personal_data(self):
        """Declare the addresses of people invited."""
        return {"invitations": holding.InvitationHolding()}
