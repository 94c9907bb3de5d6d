"""Versions as pages and programs read them, by a constant number of statements."""

from collections.abc import Sequence
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.access.api import Action, decide
from ckanext.lrtzc.batches.api import Told, Version, history, last_version
from ckanext.lrtzc.clock import zone
from ckanext.lrtzc.people import public_names
from ckanext.lrtzc.versions.domain import citing
from ckanext.lrtzc.versions.model import Copy, State
from ckanext.lrtzc.versions.reading import may_change, readable


def listed(context: Any, resource: Any, limit: int, offset: int) -> dict[str, Any]:
    """Give how many versions a resource has, and some of them, the newest first."""
    count, told = history(resource.id, limit, offset)
    return {"count": count, "versions": described(context, resource, told)}


def described(context: Any, resource: Any, told: Sequence[Told]) -> list[dict[str, Any]]:
    """Give versions as far as who asks may know of them."""
    package_id = str(resource.package_id)
    decision = decide(context, package_id, resource.id, Action.READ)
    whole, owner = decision.permitted and decision.whole, may_change(context, package_id)
    last = last_version(resource.id)
    copies = Copy.of(resource.id, [each.version.number for each in told])
    names = public_names([each.author for each in told]) if owner else {}
    return [_one(each, copies.get(each.version.number), whole, owner, last, names) for each in told]


def _one(told: Told, copy: Copy | None, whole: bool, owner: bool, last: int, names: Any) -> dict[str, Any]:
    version = told.version
    # how many rows there are says something of those that are held back
    counted = copy if whole else None
    shown: dict[str, Any] = {
        "number": version.number,
        "mode": version.mode,
        "happened": version.happened.isoformat(),
        "last": version.number == last,
        "came": version.came if whole else None,
        "rows": (version.rows if version.rows is not None else copy and copy.rows) if whole else None,
        **{name: getattr(counted, name, None) for name in ("added", "changed", "removed")},
        "kept": copy.state if copy is not None else State.NONE.value,
        "readable": whole and readable(copy, last=last, owner=owner),
        "url": address(version),
    }
    if owner:
        shown |= {"sent": told.sent, "batch": version.batch_id, "author": names[told.author] if told.author else ""}
    return shown


def address(version: Version) -> str:
    """Give the lasting address of a version, in no language."""
    place = {"id": version.package_id, "resource_id": version.resource_id, "number": version.number}
    return tk.h.url_for("lrtzc_versions.read", **place, qualified=True, locale="default")


def citation(resource: Any, version: Version) -> str:
    """Give the text that cites a version."""
    package = model.Session.get(model.Package, resource.package_id)
    if package is None:
        return ""
    owner = model.Group.get(package.owner_org) if package.owner_org else None
    title = package.title or package.name
    return citing.citation(
        owner.title or owner.name if owner is not None else "",
        f"{title} – {resource.name}" if resource.name and resource.name != title else title,
        tk._("Version {number}").format(number=version.number),
        str(tk.config.get("ckan.site_title") or ""),
        address(version),
        version.happened.astimezone(zone()),
    )


def why_not(number: int, state: State | None) -> str:
    """Say why the rows of a version can't be read again."""
    match state:
        case None:
            return tk._(
                "The version {number} was not open to all: only those who may change this data read it again."
            ).format(number=number)
        case State.WAITING:
            return tk._("The version {number} is being copied: come back in a moment.").format(number=number)
        case State.PASSED:
            return tk._("The next version came before the version {number} could be copied.").format(number=number)
        case State.LARGE:
            return tk._("The version {number} is too large to be kept beside the data.").format(number=number)
        case State.DROPPED:
            return tk._("The version {number} is no longer kept: newer ones took its place.").format(number=number)
        case State.ERASED:
            return tk._("The copy of the version {number} was erased.").format(number=number)
        case State.NONE | State.FAILED | State.KEPT:
            return tk._("The version {number} was not kept.").format(number=number)
