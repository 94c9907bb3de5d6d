"""Wiring of the room `lrtzc_orchestration`."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
class OrchestrationPlugin(p.IConfigurer, p.SingletonPlugin):
    """See the package's docstring for what the room is for."""

    def update_config(self, config: Any) -> None:
        """Add the room's templates."""
        tk.add_template_directory(config, "templates")
