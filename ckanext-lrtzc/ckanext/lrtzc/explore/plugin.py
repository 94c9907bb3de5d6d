"""Wiring of the room `lrtzc_explore`."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk


@tk.blanket.blueprints
@tk.blanket.config_declarations
@tk.blanket.helpers
class ExplorePlugin(p.IConfigurer, p.SingletonPlugin):
    """Gives pages, tiles and exports to every resource that has a table."""

    def update_config(self, config):
        """Add the room's templates and assets."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "lrtzc_explore")
