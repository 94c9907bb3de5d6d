"""Making and telling grants: to whom, of what, and in which words."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.lib.search import rebuild

from ckanext.lrtzc.access.domain.decision import Person
from ckanext.lrtzc.access.model import AccessGrant, now
from ckanext.lrtzc.access.perimeters import write_filter
from ckanext.lrtzc.people import public_names
from ckanext.lrtzc.tabular.catalog import describe
from ckanext.lrtzc.tabular.domain.columns import GEOMETRY, Kind, Table
from ckanext.lrtzc.tabular.domain.filters import Operator, read_filter
from ckanext.lrtzc.tabular.domain.part import Coarser
from ckanext.lrtzc.tabular.domain.problems import Wrong
from ckanext.lrtzc.tabular.reading import reading

_FITTING: dict[Coarser, frozenset[Kind]] = {
    Coarser.START: frozenset({Kind.TEXT}),
    Coarser.STEP: frozenset({Kind.INTEGER, Kind.NUMBER}),
    Coarser.MONTH: frozenset({Kind.DATE, Kind.DATETIME}),
    Coarser.YEAR: frozenset({Kind.DATE, Kind.DATETIME}),
}

# Openings of one dataset to the same audience that may be in force at once: each is a condition of each question.
MOST_TO_ONE = 100


def audience_of(audience: str, name: str | None) -> str | None:
    """Give the identifier of whom something is opened to; refuse who can't be found."""
    if audience == "everyone":
        return None
    given = (name or "").strip()
    if not given:
        raise tk.ValidationError({"audience_id": [tk._("Say to whom.")]})
    if audience == "person":
        user = model.User.get(given)
        if user is None and "@" in given:
            # CKAN's own search may give an account that was closed, where another has the same address now
            with_address = sa.select(model.User).where(sa.func.lower(model.User.email) == given.lower())
            user = model.Session.scalars(with_address.where(model.User.state == "active")).first()
        if user is None or user.state != "active":
            raise tk.ValidationError({"audience_id": [tk._("No account has this name or this e-mail address.")]})
        return user.id
    group = model.Group.get(given)
    if group is None or group.state != "active" or group.is_organization != (audience == "organization"):
        raise tk.ValidationError({"audience_id": [tk._("There is no organisation or group of this name.")]})
    return group.id


def check_dates(starts: dt.datetime, ends: dt.datetime | None) -> None:
    """Refuse a grant that would never hold."""
    if ends is not None and (ends <= starts or ends <= now()):
        raise tk.ValidationError({"ends": [tk._("The last day is in the past, or before the first.")]})


def check_room(grant: AccessGrant) -> None:
    """Refuse one grant more than can be weighed at each question: those in force to the same audience are bounded."""
    standing = sa.select(sa.func.count()).where(
        AccessGrant.package_id == grant.package_id,
        AccessGrant.audience == grant.audience,
        AccessGrant.audience_id.is_not_distinct_from(grant.audience_id),
        AccessGrant.in_force(now(), or_to_come=True),
    )
    if (model.Session.scalar(standing) or 0) >= MOST_TO_ONE:
        said = tk._("{count} openings of this dataset to them are in force: withdraw some, or make one of several.")
        raise tk.ValidationError({"audience_id": [said.format(count=MOST_TO_ONE)]})


def table_of(resource_id: str) -> Table | None:
    """Describe the whole table of a resource; None when it has none."""
    return tables_of([resource_id]).get(resource_id)


def tables_of(resource_ids: Iterable[str | None]) -> dict[str | None, Table]:
    """Describe the whole tables of resources, those that have one, by identifier."""
    wanted = {each for each in resource_ids if each}
    if not wanted:
        return {}
    with reading() as connection:
        found = {each: describe(connection, each) for each in wanted}
    return {each: table for each, table in found.items() if table is not None}


def perimeter_of(resource_id: str | None, asked: dict[str, Any]) -> dict[str, Any]:
    """Check what is asked against the table, and give it as the table of grants keeps it."""
    columns, rows, masks = asked["columns"], asked["rows"], asked["masks"]
    if columns is None and not rows and not masks:
        return {"columns": None, "rows": [], "masks": []}
    if resource_id is None:
        raise tk.ValidationError({"resource_id": [tk._("Choose the resource of which a part is opened.")]})
    table = table_of(resource_id)
    if table is None:
        raise tk.ValidationError({"resource_id": [tk._("This file has no table: it can be opened as a whole only.")]})
    known = {column.id for column in table.columns} | ({GEOMETRY} if table.has_geometry else set())
    unknown = [name for name in columns or () if name not in known]
    if unknown:
        raise tk.ValidationError({"columns": [_no_column(name) for name in unknown[:20]]})
    return {
        "columns": columns,
        "rows": [_row(item, table) for item in rows],
        "masks": [_mask(item, table) for item in masks],
    }


def _no_column(name: str) -> str:
    return tk._("This data has no column “{name}”.").format(name=name[:80])


def _row(item: dict[str, Any], table: Table) -> dict[str, Any]:
    column = table.get(item["column"])
    if column is None:
        raise tk.ValidationError({"rows": [_no_column(item["column"])]})
    try:
        return write_filter(read_filter(column, Operator(item["operator"]), item["values"]), column)
    except (Wrong, ValueError):
        said = tk._("The condition on “{column}” can't be understood.").format(column=column.title)
        raise tk.ValidationError({"rows": [said]}) from None


def _mask(item: dict[str, Any], table: Table) -> dict[str, Any]:
    column = table.get(item["column"])
    if column is None:
        raise tk.ValidationError({"masks": [_no_column(item["column"])]})
    if column.kind not in _FITTING[Coarser(item["coarser"])]:
        said = tk._("“{column}” can't be made less exact in this way.").format(column=column.title)
        raise tk.ValidationError({"masks": [said]})
    return item


def told(grant: AccessGrant) -> dict[str, Any]:
    """Give what the ledger keeps of a new grant."""
    return {
        "grant": grant.id,
        "resource": grant.resource_id,
        "audience": grant.audience,
        "audience_id": grant.audience_id,
        "columns": grant.columns,
        "rows": [{"column": row["column"], "operator": row["operator"], "values": row["values"]} for row in grant.rows],
        "masks": grant.masks,
        "purpose": grant.purpose,
        "starts": grant.starts.isoformat(),
        "ends": grant.ends.isoformat() if grant.ends else None,
    }


def state_of(grant: AccessGrant) -> str:
    """Say where a grant is in its life: waiting, standing, ended or withdrawn."""
    if grant.withdrawn is not None:
        return "withdrawn"
    if grant.ends is not None and grant.ends <= now():
        return "ended"
    return "waiting" if grant.starts > now() else "standing"


def described(grants: Iterable[AccessGrant]) -> list[dict[str, Any]]:
    """Give grants as actions answer them, with the names of those they are for, in two statements at most."""
    listed = list(grants)
    people = {grant.audience_id for grant in listed if grant.audience == "person"}
    people |= {grant.created_by for grant in listed}
    groups = {grant.audience_id for grant in listed if grant.audience in ("organization", "group")}
    titles: dict[str | None, str] = {None: ""}
    if people:
        titles |= public_names(people)
    if groups:
        found = model.Session.execute(
            sa.select(model.Group.id, model.Group.title, model.Group.name).where(model.Group.id.in_(groups))
        )
        titles |= {identifier: title or name for identifier, title, name in found}
    return [
        {
            **grant.as_dict(),
            "state": state_of(grant),
            "audience_title": titles.get(grant.audience_id, ""),
            "created_by_title": titles.get(grant.created_by, ""),
        }
        for grant in listed
    ]


def opened_to(person: Person, limit: int, offset: int) -> tuple[list[dict[str, Any]], int]:
    """Give a page of what is opened to a person now, the first to end first, and how many grants there are in all.

    Each has the names of what it is of.
    """
    found = (
        sa.select(AccessGrant, model.Package.name, model.Package.title, model.Resource.name)
        .join(model.Package, model.Package.id == AccessGrant.package_id)
        .outerjoin(model.Resource, model.Resource.id == AccessGrant.resource_id)
        .where(AccessGrant.in_force(now()), AccessGrant.reaches(sa.literal(person.id)), model.Package.state == "active")
    )
    count = model.Session.scalar(found.with_only_columns(sa.func.count())) or 0
    order = AccessGrant.ends.asc().nulls_last(), AccessGrant.created.desc(), AccessGrant.id
    grants = model.Session.execute(found.order_by(*order).limit(limit).offset(offset)).all()
    told_of = described(row[0] for row in grants)
    return [
        {**grant, "dataset": {"name": row[1], "title": row[2] or row[1]}, "resource": {"name": row[3]}}
        for grant, row in zip(told_of, grants, strict=True)
    ], count


def reindex(package_id: str) -> None:
    """Tell the search that data is held back, or isn't any more: its addresses are searched when it is open only."""
    rebuild(package_id)
