"""CKAN's own actions: those who change objects are known, and what is followed is shown as everywhere else."""

from collections.abc import Callable
from typing import Any

import ckan.logic as logic
import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ckanext.lrtzc.following import watch
from ckanext.lrtzc.following.model import Event, Notice

Chained = Callable[..., Any]


def _acting(name: str) -> Chained:
    @tk.chained_action
    def action(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
        with watch.acting(context.get("user")):
            return up(context, data_dict)

    action.__name__, action.__doc__ = name, "Do it in the name of who asked, who isn't told of their own doing."
    return action


@tk.chained_action
def dataset_purge(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Erase an object; those who follow it are told, though they are forgotten with it."""
    following = model.UserFollowingDataset
    package = model.Package.get(data_dict.get("id") or "")
    number = package.id if package is not None else ""
    followers = list(model.Session.scalars(sa.select(following.follower_id).where(following.object_id == number)))
    with watch.acting(context.get("user")):
        answer = up(context, data_dict)
    if followers:
        whom = sa.select(sa.func.unnest(followers), Event.id).where(Event.package_id == number, Event.told.is_(None))
        model.Session.execute(insert(Notice).from_select(["account_id", "event_id"], whom).on_conflict_do_nothing())
        model.Session.commit()
    return answer


@tk.chained_action
def rows_changed(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Change rows by the API; those who follow their dataset are told."""
    answer = up(context, data_dict)
    resource = model.Resource.get(data_dict.get("resource_id") or "")
    if resource is not None:
        with watch.acting(context.get("user")):
            watch.data_changed(model.Session(), [resource.package_id])
        model.Session.commit()
    return answer


@tk.chained_action
@tk.side_effect_free
def dataset_followee_list(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """List the datasets somebody follows, each as `package_show` gives it to whoever asks."""
    return [each for found in up(context, data_dict) if (each := _shown(context, found["id"]))]


@tk.chained_action
@tk.side_effect_free
def followee_list(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """List all that somebody follows; datasets as `package_show` gives them to whoever asks."""
    asking = logic.fresh_context(context)
    listed = []
    for found in up(context, data_dict):
        shown = _shown(asking, found["dict"]["id"]) if found["type"] == "dataset" else found["dict"]
        if shown:
            listed.append({**found, "dict": shown})
    return listed


def _shown(context: Any, number: str) -> dict[str, Any] | None:
    try:
        return tk.get_action("package_show")(logic.fresh_context(context), {"id": number})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return None


def actions() -> dict[str, Chained]:
    """Give the chained actions by name; those of rows only where the DataStore is."""
    import ckan.plugins as p

    named = {name: _acting(name) for name in ("package_create", "package_update", "package_delete")}
    named |= {
        "dataset_purge": dataset_purge,
        "dataset_followee_list": dataset_followee_list,
        "followee_list": followee_list,
    }
    if p.plugin_loaded("datastore"):
        named |= dict.fromkeys(("datastore_upsert", "datastore_delete"), rows_changed)
    return named
