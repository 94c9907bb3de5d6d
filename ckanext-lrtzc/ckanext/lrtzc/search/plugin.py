"""Wiring of the room `lrtzc_search`."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.interfaces import IUndo
from ckanext.lrtzc.search import content, finding, jobs, scoring, subscriptions, synonyms
from ckanext.lrtzc.search.logic import action


@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.config_declarations
@tk.blanket.helpers
class SearchPlugin(IUndo, p.IConfigurer, p.IActions, p.IPackageController, p.ISignal, p.SingletonPlugin):
    """See the package's docstring for what the room is for."""

    def update_config(self, config):
        """Add the room's templates and style."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "lrtzc_search")

    def get_actions(self):
        """Give our actions, and CKAN's search forgiving typing errors on pages."""
        return {name: getattr(action, name) for name in action.__all__} | {"package_search": finding.package_search}

    def get_undos(self):
        """Undo a change of synonyms."""
        return synonyms.UNDOS

    def before_dataset_index(self, pkg_dict):
        """Add the words of public rows, the score and its facets."""
        contents = content.standing(pkg_dict)
        return scoring.put_into(content.put_into(pkg_dict, contents), contents)

    def after_dataset_show(self, context, pkg_dict):
        """Add the score, among what the portal keeps by itself."""
        scoring.shown(context, pkg_dict)

    def before_dataset_search(self, search_params):
        """Say what is searched and how much each hit counts."""
        return finding.weighted(search_params)

    def get_signal_subscriptions(self) -> Any:
        """Hear of rows and openness that change, and of the scheduler's looks."""
        return {
            tk.signals.ckanext.signal("lrtzc:tick"): [jobs.tick],
            tk.signals.action_succeeded: subscriptions.RECEIVERS,
        }
