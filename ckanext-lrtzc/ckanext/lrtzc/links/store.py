"""Reading the graph: neighbours, circles, what would break. One statement each, whatever the number of links."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import ckan.model as model
import sqlalchemy as sa

from ckanext.lrtzc.links.domain.kinds import BREAKING, LinkKind, Way
from ckanext.lrtzc.links.model import Link
from ckanext.lrtzc.objects.api import visible_in_sql

_CIRCLE = sa.text("""
    WITH RECURSIVE reached(id) AS (
        SELECT CAST(:target AS text)
        UNION
        SELECT l.target_id FROM lrtzc_links_link l JOIN reached r ON l.source_id = r.id
    )
    SELECT EXISTS (SELECT 1 FROM reached WHERE id = :source)
""")
# Two links made at the same time could close a circle that neither sees: one at a time.
_ONE_AT_A_TIME = sa.text("SELECT pg_advisory_xact_lock(hashtext('lrtzc_links_link'))")


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An object at the other end of a link, as far as whoever asks may see it.

    `total`: how many there are of the same kind and way, this one included.
    """

    link_id: str
    kind: LinkKind
    way: Way
    id: str
    name: str
    title: str
    type: str
    state: str
    private: bool
    total: int


def one_at_a_time() -> None:
    """Wait until nobody else is making a link; until the transaction ends, they wait."""
    model.Session.execute(_ONE_AT_A_TIME)


def closes_a_circle(source_id: str, target_id: str) -> bool:
    """Say whether the target stands on the source already, by whatever links between them."""
    return bool(model.Session.scalar(_CIRCLE, {"source": source_id, "target": target_id}))


def _ends(package_id: str) -> Any:
    out = sa.select(Link.id, Link.kind, sa.literal("out").label("way"), Link.target_id.label("other"))
    back = sa.select(Link.id, Link.kind, sa.literal("in").label("way"), Link.source_id.label("other"))
    return sa.union_all(out.where(Link.source_id == package_id), back.where(Link.target_id == package_id)).subquery()


def neighbours(
    context: Any,
    package_id: str,
    limit: int,
    offset: int = 0,
    kind: LinkKind | None = None,
    way: Way | None = None,
) -> list[Neighbour]:
    """Give the objects linked with one that whoever asks may see, by title; `limit` of each kind and way.

    What they may not see isn't counted either.
    """
    package, ends = model.Package, _ends(package_id)
    group = [ends.c.way, ends.c.kind]
    found = (
        sa.select(
            ends.c.id.label("link_id"),
            ends.c.kind,
            ends.c.way,
            package.id,
            package.name,
            package.title,
            package.type,
            package.state,
            package.private,
            sa.func.count().over(partition_by=group).label("total"),
            sa.func.row_number().over(partition_by=group, order_by=[package.title, package.id]).label("position"),
        )
        .join(package, package.id == ends.c.other)
        .where(visible_in_sql(context, package))
    )
    if kind:
        found = found.where(ends.c.kind == kind)
    if way:
        found = found.where(ends.c.way == way)
    rows = found.subquery()
    page = (
        sa.select(rows)
        .where(rows.c.position > offset, rows.c.position <= offset + limit)
        .order_by(rows.c.way.desc(), rows.c.kind, rows.c.position)
    )
    return [
        Neighbour(
            link_id=row["link_id"],
            kind=LinkKind(row["kind"]),
            way=Way(row["way"]),
            id=row["id"],
            name=row["name"],
            title=row["title"] or row["name"],
            type=row["type"],
            state=row["state"],
            private=bool(row["private"]),
            total=row["total"],
        )
        for row in model.Session.execute(page).mappings()
    ]


@dataclass(frozen=True, slots=True)
class Broken:
    """An object that would no longer work; `foreign`: of another owner. `total` of all, `foreign_total` of those."""

    kind: LinkKind
    id: str
    name: str
    title: str
    type: str
    foreign: bool
    total: int
    foreign_total: int


def others_on(package_ids: Collection[str]) -> dict[str, int]:
    """Count, for each object, those of other owners that would break without it, in one statement."""
    own, user = sa.orm.aliased(model.Package), sa.orm.aliased(model.Package)
    foreign = sa.or_(
        user.owner_org.is_distinct_from(own.owner_org),
        sa.and_(user.owner_org.is_(None), user.creator_user_id.is_distinct_from(own.creator_user_id)),
    )
    found = (
        sa.select(Link.target_id, sa.func.count())
        .join(own, own.id == Link.target_id)
        .join(user, user.id == Link.source_id)
        .where(Link.target_id.in_(package_ids), Link.kind.in_([*BREAKING]), user.state == "active", foreign)
        .group_by(Link.target_id)
    )
    return {row[0]: row[1] for row in model.Session.execute(found)}


def used(package_ids: Collection[str]) -> set[str]:
    """Give those of these objects that another one says it stands on, whoever owns it, in one statement."""
    user = model.Package
    found = (
        sa.select(Link.target_id)
        .distinct()
        .join(user, user.id == Link.source_id)
        .where(Link.target_id.in_(package_ids), user.state != "deleted")
    )
    return set(model.Session.scalars(found))


def broken_without(context: Any, package_id: str, limit: int = 20) -> list[Broken]:
    """Give what stands on an object and would break without it, others' first: what whoever asks may see of it."""
    own, user = sa.orm.aliased(model.Package), sa.orm.aliased(model.Package)
    foreign = sa.or_(
        user.owner_org.is_distinct_from(own.owner_org),
        sa.and_(user.owner_org.is_(None), user.creator_user_id.is_distinct_from(own.creator_user_id)),
    )
    found = (
        sa.select(
            Link.kind,
            user.id,
            user.name,
            user.title,
            user.type,
            foreign.label("foreign"),
            sa.func.count().over().label("total"),
            sa.func.count().filter(foreign).over().label("foreign_total"),
        )
        .join(own, own.id == Link.target_id)
        .join(user, user.id == Link.source_id)
        .where(Link.target_id == package_id, Link.kind.in_([*BREAKING]), visible_in_sql(context, user))
        .order_by(foreign.desc(), user.title, user.id)
        .limit(limit)
    )
    return [
        Broken(
            kind=LinkKind(row["kind"]),
            id=row["id"],
            name=row["name"],
            title=row["title"] or row["name"],
            type=row["type"],
            foreign=row["foreign"],
            total=row["total"],
            foreign_total=row["foreign_total"],
        )
        for row in model.Session.execute(found).mappings()
    ]


def lost_of(context: Any, package_id: str) -> int:
    """Count what an object says it stands on and whoever asks can no longer see: withdrawn, withheld or deleted."""
    package = model.Package
    return (
        model.Session.scalar(
            sa.select(sa.func.count())
            .select_from(Link)
            .outerjoin(package, package.id == Link.target_id)
            .where(Link.source_id == package_id)
            .where(sa.or_(package.id.is_(None), sa.not_(visible_in_sql(context, package))))
        )
        or 0
    )


def forget(package_ids: Iterable[str]) -> None:
    """Erase the links of objects that are erased."""
    ids = list(package_ids)
    model.Session.execute(sa.delete(Link).where(sa.or_(Link.source_id.in_(ids), Link.target_id.in_(ids))))
