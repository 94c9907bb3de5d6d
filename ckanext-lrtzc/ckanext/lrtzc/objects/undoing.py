"""How the deletion, publication and withholding of an object are undone."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import ckan.logic as logic
import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.interfaces import Undo


def before_deletion(package_id: str) -> dict[str, Any]:
    """Give what goes with an object that is deleted: its state, its places in groups, who works on it with others."""
    member, collaborator = model.Member, model.PackageMember
    places = sa.select(member.id).where(member.table_id == package_id, member.state == "active")
    helpers = sa.select(collaborator.user_id, collaborator.capacity).where(collaborator.package_id == package_id)
    return {
        "id": package_id,
        "state": model.Session.scalar(sa.select(model.Package.state).where(model.Package.id == package_id)),
        "places": list(model.Session.scalars(places)),
        "collaborators": [list(row) for row in model.Session.execute(helpers)],
    }


def _state(what: Mapping[str, Any]) -> str:
    package = model.Package
    columns = (package.state, package.private, package.metadata_modified, package.owner_org, package.creator_user_id)
    row = model.Session.execute(sa.select(*columns).where(package.id == what["id"])).first()
    return " ".join(map(str, row)) if row else "erased"


def _restore(context: Any, what: Mapping[str, Any]) -> None:
    """Bring back a deleted object whole: its files and rows, links and openings were never taken away."""
    tk.check_access("package_delete", logic.fresh_context(context), {"id": what["id"]})
    package = model.Session.get(model.Package, what["id"], with_for_update=True, populate_existing=True)
    if package is None:
        raise tk.ObjectNotFound
    package.state = what["state"]
    living = sa.select(model.Group.id).where(model.Group.state == "active")
    places = sa.select(model.Member).where(
        model.Member.id.in_(what["places"]), model.Member.table_id == package.id, model.Member.group_id.in_(living)
    )
    for place in model.Session.scalars(places):
        place.state = "active"
    people = dict(what["collaborators"])
    known = sa.select(model.User.id).where(model.User.id.in_(people), model.User.state == "active")
    for account in model.Session.scalars(known):
        moment = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        model.Session.add(
            model.PackageMember(package_id=package.id, user_id=account, capacity=people[account], modified=moment)
        )
    package.metadata_modified = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    model.Session.commit()
    logic.index_update_package({"ignore_auth": True, "user": ""}, package.id)


def _unpublish(context: Any, what: Mapping[str, Any]) -> None:
    given = {"id": what["id"]}
    if what["was"] == "draft":
        tk.get_action("package_patch")(logic.fresh_context(context), {**given, "state": "draft", "private": False})
    else:
        tk.get_action("lrtzc_objects_withhold")(logic.fresh_context(context), given)


def _publish(context: Any, what: Mapping[str, Any]) -> None:
    tk.get_action("lrtzc_objects_publish")(logic.fresh_context(context), {"id": what["id"]})


def _page(what: Mapping[str, Any]) -> str:
    package = model.Package.get(what["id"])
    return tk.h.url_for(f"{package.type}.read", id=package.name) if package else tk.h.url_for("dashboard.datasets")


UNDOS = {
    "dataset.delete": Undo(_state, _restore, _page),
    "dataset.publish": Undo(_state, _unpublish, _page),
    "dataset.withhold": Undo(_state, _publish, _page),
}
