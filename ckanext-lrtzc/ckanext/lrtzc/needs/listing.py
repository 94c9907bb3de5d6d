"""Needs as pages and programs read them, in a number of statements that doesn't depend on theirs."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.needs import store
from ckanext.lrtzc.needs.domain.status import Status
from ckanext.lrtzc.needs.model import Comment, Need, Report
from ckanext.lrtzc.needs.moderated import FIELDS, KIND
from ckanext.lrtzc.needs.words import axis_words, commune_words, status_words
from ckanext.lrtzc.people import public_names

MOST_COMMENTS = 500
"""Comments that a need's page shows, the oldest first."""


def described(context: Any, rows: list[Need], user: Any = None) -> list[dict[str, Any]]:
    """Give needs; to their authors and to administrators, and to moderators of a single one, with what waits."""
    ids = [row.id for row in rows]
    supports, comments, answers = store.supports(ids), store.comment_counts(ids), store.answers(ids)
    names = public_names({row.author_id for row in rows})
    seen = store.objects(context, {answer.package_id for found in answers.values() for answer, _ in found})
    mine = store.supported_by(user, ids) if user is not None else set()
    told = []
    for row in rows:
        one: dict[str, Any] = {
            **KIND.told_of(row, user, alone=len(rows) == 1),
            "page": tk.h.url_for("lrtzc_needs.read", name=row.name, qualified=True, locale="default"),
            **{field: getattr(row, field) for field in FIELDS},
            "author": names[row.author_id],
            "status": row.status,
            "supports": supports[row.id],
            "supported": row.id in mine,
            "comments": comments[row.id],
            "answers": [_answer(answer, group, seen) for answer, group in answers[row.id]],
        }
        if row.proposal and "standing" in one:
            one["proposal"] = row.proposal
        told.append(one)
    return told


def _answer(answer: Any, group: Any, seen: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "organization": {"id": group.id, "name": group.name, "title": group.title or group.name},
        "status": answer.status,
        "text": answer.text,
        # What meets it may have been withheld since: then nothing says which it was.
        "object": seen.get(answer.package_id or ""),
        "given": answer.given.isoformat(),
    }


def discussion(row: Need, user: Any) -> list[dict[str, Any]]:
    """Give what was said of a need, the oldest first; of what was taken away, only that something was."""
    query = sa.select(Comment).where(Comment.need_id == row.id).order_by(Comment.posted, Comment.id)
    found = list(model.Session.scalars(query.limit(MOST_COMMENTS)))
    names = public_names({each.author_id for each in found})
    reported: set[str] = set()
    if user is not None:
        own = sa.select(Report.comment_id).where(
            Report.comment_id.in_([each.id for each in found]), Report.account_id == user.id
        )
        reported = set(model.Session.scalars(own))
    told = []
    for each in found:
        gone = each.removed is not None or each.restricted
        told.append(
            {
                "id": each.id,
                "author": "" if gone else names[each.author_id],
                "text": "" if gone else each.text,
                "posted": each.posted.isoformat(),
                "removed": gone,
                "mine": user is not None and each.author_id == user.id,
                "reported": each.id in reported,
            }
        )
    return told


def page(context: Any, asked: dict[str, Any], user: Any) -> dict[str, Any]:
    """Give a page of the needs that are shown, as `lrtzc_need_list` says."""
    base = [Need.shown(), *Need.holding(asked["q"])]
    chosen = {
        "axis": [Need.axis == asked["axis"]] if asked.get("axis") else [],
        "commune": [Need.communes.contains([asked["commune"]])] if asked.get("commune") else [],
        "status": [Need.status == asked["status"]] if asked.get("status") else [],
    }
    conditions = [*base, *(each for some in chosen.values() for each in some)]
    order = {
        "supports": [store.most_supported().desc(), Need.published.desc()],
        "latest": [Need.published.desc()],
        "title": [sa.func.lower(Need.title)],
    }[asked["sort"]]
    query = sa.select(Need).where(*conditions).order_by(*order, Need.id)
    rows = list(model.Session.scalars(query.limit(asked["limit"]).offset(asked["offset"])))

    def others(name: str) -> list[Any]:
        # A facet is counted without its own choice, so that one sees what else there is.
        return [*base, *(each for other, some in chosen.items() if other != name for each in some)]

    facets = {
        "status": [
            (code, status_words(Status(code)), count) for code, count in store.counted(Need.status, others("status"))
        ],
        "axis": [(code, axis_words(code), count) for code, count in store.counted(Need.axis, others("axis"))],
        "commune": [(code, commune_words(code), count) for code, count in store.communes_counted(others("commune"))],
    }
    return {
        "count": model.Session.scalar(sa.select(sa.func.count()).select_from(Need).where(*conditions)) or 0,
        "results": described(context, rows, user),
        "facets": {
            name: [{"name": code, "display_name": words, "count": count} for code, words, count in found]
            for name, found in facets.items()
        },
    }
