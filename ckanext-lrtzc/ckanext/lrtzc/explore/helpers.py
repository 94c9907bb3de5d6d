"""What templates ask of the room."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.access.api import Action, record_use, request_context
from ckanext.lrtzc.explore.api import ReadingFailed, select
from ckanext.lrtzc.explore.domain.basemaps import Background, background
from ckanext.lrtzc.explore.panel import Panel
from ckanext.lrtzc.territory import TerritoryError, get_territory


def lrtzc_explore_panel(package: dict[str, Any], resource: dict[str, Any]) -> Panel | None:
    """Give the explorer of a resource at its first page, for the resource's own page; None where it has no table."""
    if not resource.get("datastore_active"):
        return None
    try:
        selection = select(request_context(), resource, ())
    except (tk.NotAuthorized, tk.ObjectNotFound, ReadingFailed):
        return None
    if selection is None:
        return None
    record_use(selection.decision, resource["id"], Action.READ, by="preview")
    return Panel(selection, package["name"], preview=True).load()


def lrtzc_explore_contours_source() -> str:
    """Give where the contours of the communes come from; nothing where no territory is configured."""
    try:
        return get_territory().contours_source.say(str(tk.h.lang() or "fr"))
    except TerritoryError:
        return ""


def lrtzc_explore_background() -> Background | None:
    """Give the tiles to draw under maps, or None where the portal's own contours are enough."""
    return background(
        tk.config["ckanext.lrtzc.explore.background"], tk.config["ckanext.lrtzc.explore.background_credit"]
    )
