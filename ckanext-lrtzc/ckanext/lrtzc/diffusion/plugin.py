"""Wiring of the room `lrtzc_diffusion`."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.batches.api import VERSION_SIGNAL
from ckanext.lrtzc.diffusion import holding, jobs, orchestrated, queueing, secrets, views
from ckanext.lrtzc.diffusion.topics import hub_address, is_sent
from ckanext.lrtzc.interfaces import IFeedHub, IOrchestrated, IPersonalData
from ckanext.lrtzc.personal.api import ROTATED


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.config_declarations
@tk.blanket.helpers
class DiffusionPlugin(
    IFeedHub, IOrchestrated, IPersonalData, p.IConfigurer, p.IMiddleware, p.ISignal, p.SingletonPlugin
):
    """See the package's docstring for what the room is for."""

    def update_config(self, config: Any) -> None:
        """Add the room's templates."""
        tk.add_template_directory(config, "templates")

    def make_middleware(self, app: Any, config: Any) -> Any:
        """Let programs ask the hub: they send no token of a form."""
        flask_app = getattr(app, "flask_app", app)
        if hasattr(flask_app, "extensions"):
            flask_app.extensions["csrf"].exempt(views.lrtzc_hub)
        return app

    def make_error_log_middleware(self, app: Any, config: Any) -> Any:
        """Change nothing."""
        return app

    def get_feed_hubs(self, package: Any) -> list[str]:
        """Give our hub for the feeds that it sends."""
        return [hub_address()] if is_sent(package) else []

    def get_personal_data(self) -> dict[str, Any]:
        """Declare the subscriptions of people."""
        return {"diffusion": holding.DiffusionHolding()}

    def get_chains(self) -> dict[str, Any]:
        """Show which programs wait to be told, and which can't be reached."""
        return orchestrated.CHAINS

    def get_signal_subscriptions(self) -> Any:
        """Hear of new versions of data, of the scheduler's looks, and of keys that were replaced."""
        return {
            tk.signals.ckanext.signal(VERSION_SIGNAL): [queueing.version_came],
            tk.signals.ckanext.signal("lrtzc:tick"): [jobs.tick],
            tk.signals.ckanext.signal(ROTATED): [secrets.look_after],
        }
