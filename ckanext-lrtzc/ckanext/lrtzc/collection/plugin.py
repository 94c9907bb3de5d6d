"""Wiring of the room `lrtzc_collection`."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.batches.api import IBatchKinds
from ckanext.lrtzc.collection import integrating, upkeep
from ckanext.lrtzc.collection.model import Collection


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.config_declarations
@tk.blanket.helpers
class CollectionPlugin(IBatchKinds, p.IConfigurer, p.ISignal, p.SingletonPlugin):
    """See the package's docstring for what the room is for."""

    def update_config(self, config):
        """Add the room's templates and assets."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "lrtzc_collection")

    def get_batch_kinds(self):
        """Have files come in as batches."""
        return {integrating.NAME: integrating.CollectionBatches()}

    def get_refusal_of_rows(self, package_id):
        """Keep tables out of collections, where nobody could explore them."""
        if Collection.of_package(package_id) is None:
            return ""
        return tk._("This dataset is a collection of files: make another dataset for tables.")

    def get_way_in(self, package_id):
        """Send files of a collection to its own page."""
        collection = Collection.of_package(package_id)
        return tk.h.url_for("lrtzc_collection.send", id=package_id) if collection else ""

    def get_signal_subscriptions(self) -> Any:
        """Hear of the scheduler's looks."""
        return {tk.signals.ckanext.signal("lrtzc:tick"): [upkeep.tick]}
