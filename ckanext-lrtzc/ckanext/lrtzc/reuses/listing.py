"""Reuses as pages and programs read them, in a number of statements that doesn't depend on theirs."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.objects.api import seen_by
from ckanext.lrtzc.people import public_names
from ckanext.lrtzc.reuses import store
from ckanext.lrtzc.reuses.domain.kinds import Kind
from ckanext.lrtzc.reuses.model import Reuse
from ckanext.lrtzc.reuses.moderated import FIELDS, KIND
from ckanext.lrtzc.reuses.words import kind_words


def _picture(picture_id: str | None, size: str) -> str:
    if not picture_id:
        return ""
    return tk.h.url_for("lrtzc_reuses.picture", picture_id=picture_id, size=size, locale="default")


def _told(fields: dict[str, Any]) -> dict[str, Any]:
    kept = {name: fields[name] for name in FIELDS if name != "picture_id"}
    picture = fields["picture_id"]
    return {**kept, "picture": _picture(picture, "large"), "thumbnail": _picture(picture, "small")}


def described(context: Any, rows: list[Reuse], user: Any = None) -> list[dict[str, Any]]:
    """Give reuses; to their authors and to administrators, and to moderators of a single one, with what waits."""
    uses, authors = store.uses_of([row.id for row in rows]), public_names({row.author_id for row in rows})
    proposed = {each for row in rows if row.proposal for each in row.proposal["objects"]}
    seen = seen_by(context, {each for ids in uses.values() for each in ids} | proposed)
    told = []
    for row in rows:
        one: dict[str, Any] = {
            **KIND.told_of(row, user, alone=len(rows) == 1),
            "page": tk.h.url_for("lrtzc_reuses.read", name=row.name, qualified=True, locale="default"),
            **_told({name: getattr(row, name) for name in FIELDS}),
            "author": authors[row.author_id],
            "objects": [each for each in seen if each["id"] in uses[row.id]],
        }
        if row.proposal and "standing" in one:
            objects = [each for each in seen if each["id"] in row.proposal["objects"]]
            one["proposal"] = {**_told(row.proposal), "objects": objects}
        told.append(one)
    return told


def page(context: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """Give a page of the reuses that are shown, as `lrtzc_reuse_list` says."""
    base = [Reuse.shown(), *Reuse.holding(asked["q"])]
    if asked.get("object"):
        found = seen_by(context, [asked["object"]])
        using = store.using([each["id"] for each in found])
        base.append(using)
    by_kind = [Reuse.kind == asked["kind"]] if asked.get("kind") else []
    by_owner = [store.of_organization(asked["organization"])] if asked.get("organization") else []
    conditions = [*base, *by_kind, *by_owner]
    order = [sa.func.lower(Reuse.title)] if asked["sort"] == "title" else [Reuse.published.desc()]
    query = sa.select(Reuse).where(*conditions).order_by(*order, Reuse.id)
    rows = list(model.Session.scalars(query.limit(asked["limit"]).offset(asked["offset"])))
    count = model.Session.scalar(sa.select(sa.func.count()).select_from(Reuse).where(*conditions)) or 0
    kinds = store.kinds_counted([*base, *by_owner])
    owners = store.organizations_counted([*base, *by_kind])
    return {
        "count": count,
        "results": described(context, rows),
        # A facet is counted without its own choice, so that one sees what else there is.
        "facets": {
            "kind": [{"name": kind, "display_name": kind_words(Kind(kind)), "count": number} for kind, number in kinds],
            "organization": [
                {"name": name, "display_name": title or name, "count": number} for name, title, number in owners
            ],
        },
    }
