"""Which of a person's cases are shown: by who sent them, how long they wait, the dataset and organisation they are for.

What a thing is for, its kind says in SQL (`Moderated.places`); other kinds are left out by these two.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import ckan.model as model
import sqlalchemy as sa

from ckanext.lrtzc.moderation import cases
from ckanext.lrtzc.moderation.model import Case, now
from ckanext.lrtzc.people import public_names

MOST = 100
"""Values that a filter offers."""


def _places() -> Any:
    """Select what the things of all kinds are for: `kind`, `subject_id`, `package_id`; None where no kind says it."""
    said = {name: kind.places() for name, kind in cases.kinds().items()}
    parts = [
        sa.select(sa.literal(name).label("kind"), each.subquery()) for name, each in said.items() if each is not None
    ]
    return sa.union_all(*parts).subquery() if parts else None


def _for(places: Any) -> Any:
    return sa.and_(places.c.kind == Case.kind, places.c.subject_id == Case.subject_id)


def conditions(asked: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
    """Say in SQL which cases are asked for."""
    found: list[sa.ColumnElement[bool]] = []
    user, package, group = model.User, model.Package, model.Group
    if author := asked.get("author"):
        found.append(Case.author_id.in_(sa.select(user.id).where(sa.or_(user.id == author, user.name == author))))
    if days := asked.get("days"):
        found.append(Case.opened <= now() - dt.timedelta(days=days))
    dataset, organization = asked.get("dataset"), asked.get("organization")
    if not dataset and not organization:
        return found
    places = _places()
    if places is None:
        return [sa.false()]
    meant = sa.select(sa.literal(1)).select_from(places).join(package, package.id == places.c.package_id)
    if dataset:
        meant = meant.where(sa.or_(package.id == dataset, package.name == dataset))
    if organization:
        meant = meant.join(group, group.id == package.owner_org)
        meant = meant.where(sa.or_(group.id == organization, group.name == organization))
    return [*found, meant.where(_for(places)).correlate(Case).exists()]


def offered(within: list[sa.ColumnElement[bool]]) -> dict[str, list[dict[str, str]]]:
    """Give what cases may be narrowed by: for each filter `name` and `title`, in three statements."""
    ids = model.Session.scalars(sa.select(Case.author_id).where(*within, Case.author_id.is_not(None)).distinct())
    names = public_names(list(ids.fetchmany(MOST)))
    authors = sorted(
        ({"name": str(each), "title": title} for each, title in names.items()), key=lambda one: one["title"]
    )
    places, package, group = _places(), model.Package, model.Group
    if places is None:
        return {"author": authors, "dataset": [], "organization": []}
    meant = sa.join(Case, places, _for(places)).join(package, package.id == places.c.package_id)
    owned = meant.join(group, group.id == package.owner_org)
    return {
        "author": authors,
        "dataset": _titled(meant, package, within),
        "organization": _titled(owned, group, within),
    }


def _titled(source: Any, thing: Any, within: list[sa.ColumnElement[bool]]) -> list[dict[str, str]]:
    title = sa.func.coalesce(sa.func.nullif(thing.title, ""), thing.name)
    query = sa.select(thing.name, title.label("title")).select_from(source).where(*within).distinct()
    return [dict(row) for row in model.Session.execute(query.order_by(title).limit(MOST)).mappings()]
