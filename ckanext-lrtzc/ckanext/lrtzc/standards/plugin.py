"""Wiring of the room `lrtzc_standards`."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.standards import features, helpers, views
from ckanext.lrtzc.standards.logic import action


@tk.blanket.actions(action)
@tk.blanket.helpers(helpers)
@tk.blanket.config_declarations
class StandardsPlugin(p.IConfigurer, p.IBlueprint, p.IMiddleware, p.SingletonPlugin):
    """Answers machines at the catalogue's addresses. Stands before `dcat`, whose actions and routes it takes over."""

    def update_config(self, config: Any) -> None:
        """Add the room's templates."""
        tk.add_template_directory(config, "templates")

    def get_blueprint(self) -> list[Any]:
        """Give the addresses."""
        return [views.standards, views.csw_endpoint, features.features]

    def make_middleware(self, app: Any, config: Any) -> Any:
        """Let pages be asked for in RDF; a CSW request carries no token, and reads only."""
        flask_app = getattr(app, "flask_app", app)
        if hasattr(flask_app, "before_request"):
            flask_app.before_request(views.negotiate)
            flask_app.after_request(views.vary)
            flask_app.extensions["csrf"].exempt(views.csw_endpoint)
        return app

    def make_error_log_middleware(self, app: Any, config: Any) -> Any:
        """Change nothing."""
        return app
