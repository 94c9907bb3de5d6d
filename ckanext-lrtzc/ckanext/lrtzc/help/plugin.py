"""Wiring of the room `lrtzc_help`."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.help import helpers


@tk.blanket.blueprints
class HelpPlugin(p.IConfigurer, p.ITemplateHelpers, p.SingletonPlugin):
    """See the package's docstring for what the room is for."""

    def update_config(self, config):
        """Add the room's templates."""
        tk.add_template_directory(config, "templates")

    def get_helpers(self):
        """Give what templates ask."""
        return {name: getattr(helpers, name) for name in ("lrtzc_help", "lrtzc_help_text")}
