"""The portal itself: theme, menus, pages, and the message catalogue of all rooms."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.theme import helpers, views
from ckanext.lrtzc.translation import RoomsTranslation


@tk.blanket.config_declarations
@tk.blanket.helpers(helpers)
@tk.blanket.blueprints(views)
class LrtzcPlugin(RoomsTranslation, p.ITranslation, p.IConfigurer, p.SingletonPlugin):
    """Gives CKAN the portal's templates, assets and texts."""

    def update_config(self, config):
        """Add the theme's folders."""
        tk.add_template_directory(config, "theme/templates")
        tk.add_public_directory(config, "theme/public")
        tk.add_resource("theme/assets", "lrtzc")
