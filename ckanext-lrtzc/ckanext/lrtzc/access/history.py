"""Former states of datasets: what is held back now is held back from its past too."""

from collections.abc import Callable
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from ckanext.activity.model import Activity

from ckanext.lrtzc.access.addresses import hide
from ckanext.lrtzc.access.api import require_all

Chained = Callable[..., Any]


def _listing(name: str) -> Chained:
    """Make the chained form of an action that lists activities."""

    @tk.chained_action
    @tk.side_effect_free
    def listing(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
        found = up(context, data_dict)
        hide(context, [_dataset(activity) for activity in found])
        return found

    listing.__name__ = name
    listing.__doc__ = "List activities; the former states of datasets lack what the reader may not have."
    return listing


def _dataset(activity: Any) -> Any:
    data = activity.get("data") if isinstance(activity, dict) else None
    return data.get("package") if isinstance(data, dict) else None


LISTINGS = {
    name: _listing(name)
    for name in (
        "dashboard_activity_list",
        "group_activity_list",
        "organization_activity_list",
        "package_activity_list",
        "recently_changed_packages_activity_list",
        "user_activity_list",
    )
}


@tk.chained_action
@tk.side_effect_free
def activity_show(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Show an activity; the former state of a dataset lacks what the reader may not have."""
    found = up(context, data_dict)
    hide(context, [_dataset(found)])
    return found


@tk.chained_action
@tk.side_effect_free
def activity_data_show(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Show the former state of a thing; that of a dataset lacks what the reader may not have."""
    found = up(context, data_dict)
    hide(context, [found, found.get("package") if isinstance(found, dict) else None])
    return found


@tk.chained_action
@tk.side_effect_free
def activity_diff(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Compare two states of a thing; of a dataset of which nothing is held back from the reader."""
    activity = model.Session.get(Activity, str(data_dict.get("id") or ""))
    if activity is not None and model.Package.get(activity.object_id or "") is not None:
        require_all(context, activity.object_id)
    return up(context, data_dict)


ACTIONS = {
    **LISTINGS,
    "activity_diff": activity_diff,
    "activity_show": activity_show,
    "activity_data_show": activity_data_show,
}
