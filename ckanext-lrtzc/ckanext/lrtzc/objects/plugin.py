"""Wiring of the room `lrtzc_objects`."""

from pathlib import Path

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.lib.plugins import DefaultPermissionLabels

from ckanext.lrtzc.objects import visibility
from ckanext.lrtzc.objects.domain.indexing import index_document
from ckanext.lrtzc.objects.domain.licences import FILE as LICENCES


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.helpers
@tk.blanket.validators
class ObjectsPlugin(
    DefaultPermissionLabels, p.IPermissionLabels, p.IConfigurer, p.IPackageController, p.SingletonPlugin
):
    """See the package's docstring for what the room is for."""

    def update_config(self, config):
        """Add templates and assets; give CKAN our licences unless the deployment has its own list."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "lrtzc_objects")
        if not config.get("licenses_group_url"):
            config["licenses_group_url"] = Path(LICENCES).as_uri()

    def get_dataset_labels(self, dataset_obj):
        """Say who may see an object."""
        return visibility.dataset_labels(dataset_obj)

    def get_user_dataset_labels(self, user_obj):  # pyright: ignore[reportIncompatibleMethodOverride]
        """Say what a person may see."""
        return visibility.user_labels(user_obj)

    def before_dataset_index(self, pkg_dict):
        """Give each field the form in which it is searched."""
        return index_document(pkg_dict)

    def before_dataset_search(self, search_params):
        """Filter by period, where the address asks for it."""
        return visibility.search_period(search_params)
