"""Pages of CKAN and its extensions that this portal doesn't keep, and where those who know their address are led.

They do what pages of ours do otherwise, or what nobody here does; they'd be looked after for nothing.
"""

import ckan.plugins.toolkit as tk
from flask import redirect
from werkzeug.wrappers import Response

# By endpoint, the endpoint that serves instead, with the same `id` where that takes one; None for no page at all.
_INSTEAD: dict[str, str | None] = {
    "activity.dashboard": "dashboard.datasets",
    "activity.dashboard_testing": None,
    "activity.admin_activities": "admin.index",
    "activity.user_activity": "user.read",
    "activity.package_activity": "dataset.read",
    "activity.package_history": "dataset.read",
    "activity.package_changes": None,
    "activity.package_changes_multiple": None,
    "activity.resource_history": "dataset.read",
    "user.followers": "user.read",
    "dataset.followers": "dataset.read",
    "dataset.resources": "dataset.read",
    "datastore.api_info": "lrtzc.developers",
    "util.primer": None,
    "util.custom_form_fields": None,
}
for _kind in ("organization", "group"):
    _INSTEAD |= {
        f"activity.{_kind}_activity": f"{_kind}.read",
        f"activity.{_kind}_changes": None,
        f"activity.{_kind}_changes_multiple": None,
        f"{_kind}.about": f"{_kind}.read",
        f"{_kind}.admins": f"{_kind}.members",
        f"{_kind}.bulk_process": f"{_kind}.read",
        f"{_kind}.followers": f"{_kind}.read",
    }
# Views of resources are the explorer's.
_VIEWS = ("views", "edit_view", "view")
# ckanext-harvest's own pages, which ours on partner portals replace.
_HARVEST = ("harvest", "harvester", "harvest_resource")


def instead(endpoint: str, arguments: dict[str, str]) -> str | None:
    """Give the address that serves instead of a page that isn't kept; None where the page is kept.

    :param endpoint: the page that is asked for, as Flask calls it
    :param arguments: the parts of its address
    :raises NotFound: where nothing serves instead.
    """
    room, _dot, name = endpoint.partition(".")
    if room in _HARVEST:
        return tk.h.url_for("lrtzc_partners.index")
    if room.endswith("resource") and name in _VIEWS:
        return tk.h.url_for("dataset_resource.read", id=arguments["id"], resource_id=arguments["resource_id"])
    if endpoint == "datastore.dictionary":
        return tk.h.url_for("lrtzc_batches.dictionary", id=arguments["id"], resource_id=arguments["resource_id"])
    if endpoint not in _INSTEAD:
        return None
    kept = _INSTEAD[endpoint]
    if kept is None:
        tk.abort(404, tk._("This page does not exist."))
    return tk.h.url_for(kept, **{key: value for key, value in arguments.items() if key == "id"})


def lead_on() -> Response | None:
    """Lead whoever asks for a page that isn't kept to the one that serves instead; meant to run before each request."""
    address = instead(tk.request.endpoint or "", tk.request.view_args or {})
    return redirect(address) if address else None
