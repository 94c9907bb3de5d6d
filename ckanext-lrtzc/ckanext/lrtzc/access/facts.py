"""What the rules need to know, read at each question anew by one statement: little of open data, more of the rest.

Nothing is kept from one request to the next, so what an owner withdraws is refused at the very next call, in every
process. The statement goes by keys and indexes only, and each connection has it planned once: to plan it takes the
database several times as long as to answer it.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import ckan.authz as authz
import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from ckanext.lrtzc.access.domain.decision import Dataset, Opening, Person, Restriction
from ckanext.lrtzc.access.model import AccessGrant, now
from ckanext.lrtzc.access.perimeters import read_perimeter

# $1 who asks, $2 which datasets, $3 roles that change datasets, $4 those of them that reach down, $5 now.
# `above`: the organisations above one (a member row of the parent in the child), each once even in a circle.
_FACTS = f"""
PREPARE lrtzc_access_facts (text, text[], text[], text[], timestamptz) AS
WITH mine AS MATERIALIZED (
    SELECT m.group_id, m.capacity FROM member m
    WHERE m.table_id = $1 AND m.table_name = 'user' AND m.state = 'active'
)
SELECT p.id, p.name, p.title, p.state, p.private, p.owner_org, held.restrictions,
       further.needed AND $1 <> '' AND (
           EXISTS (SELECT 1 FROM mine WHERE group_id = p.owner_org AND capacity = ANY($3))
           OR (p.owner_org IS NULL AND p.creator_user_id = $1)
           OR EXISTS (
               WITH RECURSIVE above(id) AS (
                   SELECT m.table_id FROM member m
                   WHERE m.group_id = p.owner_org AND m.table_name = 'group' AND m.state = 'active'
                   UNION
                   SELECT m.table_id FROM member m JOIN above a ON m.group_id = a.id
                   WHERE m.table_name = 'group' AND m.state = 'active'
               )
               SELECT 1 FROM above a JOIN mine ON mine.group_id = a.id WHERE mine.capacity = ANY($4)
           )
       ) AS insider,
       CASE WHEN further.needed THEN (
           SELECT json_agg(json_build_object('id', id, 'resource_id', resource_id, 'columns', columns, 'rows', rows,
                                             'masks', masks, 'purpose', purpose, 'ends', ends, 'audience', audience))
           FROM lrtzc_access_grant
           WHERE package_id = p.id AND {AccessGrant.in_force(sa.literal_column("$5")).compile()}
             AND coalesce(audience_id, '') = ANY(ARRAY['', $1] || ARRAY(SELECT group_id FROM mine))
       ) END AS openings
FROM package p
CROSS JOIN LATERAL (
    SELECT json_agg(json_build_array(r.resource_id, r.reason)) AS restrictions
    FROM lrtzc_access_restriction r WHERE r.package_id = p.id
) AS held
CROSS JOIN LATERAL (
    SELECT held.restrictions IS NOT NULL OR p.state <> 'active' OR coalesce(p.private, false) AS needed
) AS further
WHERE p.id = ANY($2)
"""  # noqa: S608 - the text is ours, its values are parameters
_THEIRS = AccessGrant.in_force(sa.literal_column("$2")), AccessGrant.reaches(sa.literal_column("$1"))
_OPENED = "PREPARE lrtzc_access_opened (text, timestamptz) AS " + str(
    sa.select(AccessGrant.package_id)
    .distinct()
    .where(*_THEIRS)
    .compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
)


def load(person: Person, dataset_ids: Iterable[str]) -> dict[str, Dataset]:
    """Read the datasets that exist among these, as far as this person is concerned, by identifier.

    Of what is open to all, who may change it and what is granted of it isn't read.
    """
    editors = set(authz.get_roles_with_permission("update_dataset"))
    cascading = editors & set(tk.aslist(authz.check_config_permission("roles_that_cascade_to_sub_groups")))
    rows = _ask(_FACTS, person.id, list(dataset_ids), sorted(editors), sorted(cascading), now()).mappings()
    return {row["id"]: _dataset(row) for row in rows}


def _ask(prepare: str, *values: Any) -> sa.CursorResult[Any]:
    """Execute a statement, prepared where the connection in hand doesn't have it yet."""
    # not by the session: nothing is flushed for a question
    connection = model.Session.connection()
    name = prepare.split()[1]
    if name not in connection.info:
        connection.exec_driver_sql(prepare)
        connection.info[name] = True
    # in one go; without it, the database would plan anew for each value, which brings nothing where all go by keys
    asked = f"SET LOCAL plan_cache_mode = force_generic_plan; EXECUTE {name} ({', '.join(['%s'] * len(values))})"
    return connection.exec_driver_sql(asked, values)


def _dataset(row: Any) -> Dataset:
    return Dataset(
        id=row["id"],
        name=row["name"],
        title=row["title"] or row["name"],
        state=row["state"],
        private=bool(row["private"]),
        owner_org=row["owner_org"],
        insider=bool(row["insider"]),
        restrictions=tuple(Restriction(*held) for held in row["restrictions"] or ()),
        openings=tuple(_opening(grant) for grant in row["openings"] or ()),
    )


def _opening(grant: dict[str, Any]) -> Opening:
    return Opening(
        grant_id=grant["id"],
        resource_id=grant["resource_id"],
        perimeter=read_perimeter(grant),
        purpose=grant["purpose"],
        until=dt.datetime.fromisoformat(grant["ends"]) if grant["ends"] else None,
        to_all=grant["audience"] == "everyone",
    )


def opened_to(person: Person) -> list[str]:
    """Give the datasets of which some part is opened to this person by name, or by a group of theirs, now."""
    if person.is_stranger:
        return []
    return list(_ask(_OPENED, person.id, now()).scalars())
