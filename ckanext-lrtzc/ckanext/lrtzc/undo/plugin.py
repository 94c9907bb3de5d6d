"""Wiring of the room `lrtzc_undo`."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk


@tk.blanket.blueprints
@tk.blanket.config_declarations
class UndoPlugin(p.IConfigurer, p.SingletonPlugin):
    """See the package's docstring for what the room is for."""

    def update_config(self, config):
        """Add the room's templates."""
        tk.add_template_directory(config, "templates")
