"""The portal itself: theme, menus, pages, and the message catalogue of all rooms."""

from collections import OrderedDict
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.theme import catalogue, helpers, views
from ckanext.lrtzc.translation import RoomsTranslation


@tk.blanket.config_declarations
@tk.blanket.helpers(helpers)
@tk.blanket.blueprints(views)
class LrtzcPlugin(RoomsTranslation, p.ITranslation, p.IConfigurer, p.IFacets, p.SingletonPlugin):
    """Gives CKAN the portal's templates, assets, facets and texts."""

    def update_config(self, config: Any) -> None:
        """Add the theme's folders."""
        tk.add_template_directory(config, "theme/templates")
        tk.add_public_directory(config, "theme/public")
        tk.add_resource("theme/assets", "lrtzc")

    def dataset_facets(self, facets_dict: OrderedDict[str, Any], package_type: str) -> OrderedDict[str, Any]:
        """Give the facets of the catalogue, in our order; that of types where all types are listed."""
        titles = catalogue.facet_titles()
        kept = (
            titles if package_type == "dataset" else {name: titles[name] for name in titles if name != catalogue.TYPE}
        )
        return OrderedDict(kept)

    def organization_facets(
        self, facets_dict: OrderedDict[str, Any], organization_type: str, package_type: str | None
    ) -> OrderedDict[str, Any]:
        """Give the facets of an organisation's datasets: those of the catalogue but the organisation."""
        titles = catalogue.facet_titles()
        return OrderedDict((name, title) for name, title in titles.items() if name != "organization")

    def group_facets(
        self, facets_dict: OrderedDict[str, Any], group_type: str, package_type: str | None
    ) -> OrderedDict[str, Any]:
        """Give the facets of a group's datasets: those of the catalogue."""
        return OrderedDict(catalogue.facet_titles())
