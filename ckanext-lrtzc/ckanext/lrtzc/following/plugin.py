"""Wiring of the room `lrtzc_following`."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.following import blocks, holding, jobs, views, watch
from ckanext.lrtzc.following.logic import action, auth, chained
from ckanext.lrtzc.interfaces import IPersonalData, IWorkspace


@tk.blanket.config_declarations
@tk.blanket.helpers
class FollowingPlugin(
    IPersonalData, IWorkspace, p.IActions, p.IAuthFunctions, p.IBlueprint, p.IConfigurable, p.IConfigurer,
    p.IMiddleware, p.ISignal, p.SingletonPlugin,
):  # fmt: skip
    """See the package's docstring for what the room is for."""

    def update_config(self, config: Any) -> None:
        """Add the room's templates."""
        tk.add_template_directory(config, "templates")

    def configure(self, config: Any) -> None:
        """Begin to see what becomes of objects."""
        watch.start()

    def get_actions(self) -> dict[str, Any]:
        """Give our actions, and what CKAN's are seen by."""
        return {name: getattr(action, name) for name in action.__all__} | chained.actions()

    def get_auth_functions(self) -> dict[str, Any]:
        """Give the rights of our actions, and stricter ones to what CKAN counts."""
        return {name: getattr(auth, name) for name in action.__all__} | auth.COUNTS

    def get_blueprint(self) -> list[Any]:
        """Give the addresses."""
        return [views.lrtzc_following, views.lrtzc_following_stop]

    def make_middleware(self, app: Any, config: Any) -> Any:
        """Let mail programs stop letters: they send no token of a form (RFC 8058, section 3.2)."""
        flask_app = getattr(app, "flask_app", app)
        if hasattr(flask_app, "extensions"):
            flask_app.extensions["csrf"].exempt(views.lrtzc_following_stop)
        return app

    def make_error_log_middleware(self, app: Any, config: Any) -> Any:
        """Change nothing."""
        return app

    def get_blocks(self) -> dict[str, Any]:
        """Show in a person's space what changed in what they follow."""
        return blocks.BLOCKS

    def get_personal_data(self) -> dict[str, Any]:
        """Declare what a person follows."""
        return {"following": holding.FollowingHolding()}

    def get_signal_subscriptions(self) -> Any:
        """Hear of the scheduler's looks."""
        return {tk.signals.ckanext.signal("lrtzc:tick"): [jobs.tick]}
