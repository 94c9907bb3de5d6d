"""Wiring of the room `lrtzc_objects`."""

from pathlib import Path

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.lib.plugins import DefaultPermissionLabels

from ckanext.lrtzc.interfaces import IRewarded, IUndo
from ckanext.lrtzc.objects import deeds, revisions, undoing, visibility
from ckanext.lrtzc.objects.domain.indexing import index_document
from ckanext.lrtzc.objects.domain.licences import FILE as LICENCES


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.config_declarations
@tk.blanket.helpers
@tk.blanket.validators
class ObjectsPlugin(
    DefaultPermissionLabels, IRewarded, IUndo, p.IPermissionLabels, p.IConfigurer, p.IPackageController, p.ISignal,
    p.SingletonPlugin,
):  # fmt: skip
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

    def get_signal_subscriptions(self):
        """Hear of links to forges that are written, and of the scheduler's looks."""
        written = [{"sender": name, "receiver": revisions.written} for name in ("package_create", "package_update")]
        return {
            tk.signals.action_succeeded: written,
            tk.signals.ckanext.signal("lrtzc:tick"): [revisions.tick],
        }

    def get_undos(self):
        """Undo a deletion, a publication, a withholding."""
        return undoing.UNDOS

    def get_deeds(self):
        """Thank people for what they share."""
        return deeds.DEEDS
