"""Reading needs: each question in one statement, whatever the number of needs."""

from collections.abc import Collection, Iterable
from typing import Any

import ckan.model as model
import sqlalchemy as sa

from ckanext.lrtzc.needs.model import Answer, Comment, Need, Support
from ckanext.lrtzc.objects.api import seen_by


def objects(context: Any, ids_or_names: Collection[str | None]) -> dict[str, dict[str, Any]]:
    """Give those of some objects that whoever asks may see, by identifier: `id`, `name`, `title`, `type`."""
    return {each["id"]: each for each in seen_by(context, [each for each in ids_or_names if each])}


def supports(need_ids: Collection[str]) -> dict[str, int]:
    """Count who supports each of some needs."""
    query = sa.select(Support.need_id, sa.func.count()).where(Support.need_id.in_(need_ids)).group_by(Support.need_id)
    found = dict(model.Session.execute(query).tuples().all())
    return {each: found.get(each, 0) for each in need_ids}


def supported_by(user: Any, need_ids: Collection[str]) -> set[str]:
    """Give those of some needs that a person supports."""
    query = sa.select(Support.need_id).where(Support.need_id.in_(need_ids), Support.account_id == user.id)
    return set(model.Session.scalars(query))


def comment_counts(need_ids: Collection[str]) -> dict[str, int]:
    """Count what everybody reads of each of some needs."""
    query = (
        sa.select(Comment.need_id, sa.func.count())
        .where(Comment.need_id.in_(need_ids), Comment.shown())
        .group_by(Comment.need_id)
    )
    found = dict(model.Session.execute(query).tuples().all())
    return {each: found.get(each, 0) for each in need_ids}


def answers(need_ids: Collection[str]) -> dict[str, list[tuple[Answer, Any]]]:
    """Give what organisations answered to some needs, each with its organisation's row, the latest first."""
    found: dict[str, list[tuple[Answer, Any]]] = {each: [] for each in need_ids}
    query = (
        sa.select(Answer, model.Group)
        .join(model.Group, model.Group.id == Answer.organization_id)
        .where(Answer.need_id.in_(need_ids))
        .order_by(Answer.given.desc())
        .execution_options(populate_existing=True)
    )
    for answer, group in model.Session.execute(query).tuples():
        found[answer.need_id].append((answer, group))
    return found


def met_by(package_id: str, limit: int = 20) -> list[Need]:
    """Give the needs that are shown and that an object meets, the most supported first."""
    meets = sa.exists().where(Answer.need_id == Need.id, Answer.package_id == package_id)
    query = sa.select(Need).where(Need.shown(), meets).order_by(most_supported().desc(), Need.id).limit(limit)
    return list(model.Session.scalars(query))


def most_supported() -> sa.ColumnElement[int]:
    """Count supports, to order by."""
    return sa.select(sa.func.count()).where(Support.need_id == Need.id).scalar_subquery()


def counted(column: Any, conditions: Iterable[Any]) -> list[tuple[str, int]]:
    """Count needs by a column; empty values are left out."""
    query = sa.select(column, sa.func.count()).where(*conditions, column != "").group_by(column)
    return list(model.Session.execute(query).tuples())


def communes_counted(conditions: Iterable[Any]) -> list[tuple[str, int]]:
    """Count needs by commune."""
    code = sa.func.jsonb_array_elements_text(Need.communes).label("code")
    each = sa.select(Need.id, code).where(*conditions).subquery()
    query = sa.select(each.c.code, sa.func.count()).group_by(each.c.code)
    return list(model.Session.execute(query).tuples())
