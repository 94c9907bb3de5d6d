"""Counts points: looks at what stands now of what people did, and at what it gives.

All is one transaction, one at a time: what is cut off half-way is as if it hadn't begun, and the next look does it.
Nothing is written where nothing changed.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

import ckan.model as model
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ckanext.lrtzc.clock import zone
from ckanext.lrtzc.people import is_marked
from ckanext.lrtzc.reward import rules
from ckanext.lrtzc.reward.domain.points import Done, counted, month_of
from ckanext.lrtzc.reward.model import Gain, Participant

_ALONE = sa.text("SELECT pg_advisory_xact_lock(hashtext('lrtzc_reward'))")
_AT_ONCE = 5_000
Touched = defaultdict[str, set[dt.datetime]]
"""By account, when the months begin that are to be counted anew."""


def alone() -> None:
    """Wait until nobody else counts; until the transaction ends, they wait."""
    model.Session.execute(_ALONE)


def count(account_id: str | None = None) -> int:
    """Bring points in line with what stands, of one member or of all. Not committed.

    Whose data are stored without being used (GDPR, article 18) keeps what they had.

    :returns: how many gains came, went, or give another number of points
    """
    alone()
    whose = (
        sa.select(Participant.account_id).join(model.User, model.User.id == Participant.account_id).where(~is_marked())
    )
    if account_id is not None:
        whose = whose.where(Participant.account_id == account_id)
    touched: Touched = defaultdict(set)
    for name, deed in rules.deeds().items():
        _come(name, deed.standing(whose).subquery(), touched)
        _go(name, deed.standing(whose).subquery(), whose, touched)
    changed = sum(len(months) for months in touched.values())
    rules_at = rules.over_time() if touched else None
    for account, months in touched.items():
        for begins in sorted(months):
            _count_month(account, begins, rules_at)
    return changed


def _come(name: str, standing: Any, touched: Touched) -> None:
    """Note what stands and wasn't counted yet."""
    known = sa.and_(
        Gain.account_id == standing.c.account_id, Gain.deed == name, Gain.subject_id == standing.c.subject_id
    )
    fresh = [
        {**row, "deed": name, "points": 0, "because": ""}
        for row in model.Session.execute(sa.select(standing).where(~sa.exists().where(known))).mappings()
    ]
    for start in range(0, len(fresh), _AT_ONCE):
        model.Session.execute(insert(Gain).values(fresh[start : start + _AT_ONCE]).on_conflict_do_nothing())
    _touch(touched, fresh)


def _go(name: str, standing: Any, whose: Any, touched: Touched) -> None:
    """Take away what was counted and stands no more."""
    stands = sa.and_(standing.c.account_id == Gain.account_id, standing.c.subject_id == Gain.subject_id)
    columns = (Gain.account_id, Gain.subject_id, Gain.moment)
    query = sa.select(*columns).where(Gain.deed == name, Gain.account_id.in_(whose), ~sa.exists().where(stands))
    gone = list(model.Session.execute(query).mappings())
    for start in range(0, len(gone), _AT_ONCE):
        keys = [(row["account_id"], row["subject_id"]) for row in gone[start : start + _AT_ONCE]]
        model.Session.execute(
            sa.delete(Gain).where(Gain.deed == name, sa.tuple_(Gain.account_id, Gain.subject_id).in_(keys)),
            execution_options={"synchronize_session": False},
        )
    _touch(touched, gone)


def _touch(touched: Touched, rows: Collection[Mapping[str, Any]]) -> None:
    here = zone()
    for row in rows:
        touched[row["account_id"]].add(month_of(row["moment"], here)[0])


def _count_month(account_id: str, begins: dt.datetime, rules_at: Any) -> None:
    here = zone()
    _, ends = month_of(begins, here)
    columns = (Gain.deed, Gain.subject_id, Gain.moment, Gain.points, Gain.because)
    query = sa.select(*columns).where(Gain.account_id == account_id, Gain.moment >= begins, Gain.moment < ends)
    before = {
        Done(row.deed, row.subject_id, row.moment): (row.points, row.because) for row in model.Session.execute(query)
    }
    after = counted(before, rules_at, here)
    changed = [
        {"one": each.deed, "which": each.subject, "now": points, "why": because.value}
        for each, (points, because) in after.items()
        if before[each] != (points, because.value)
    ]
    if changed:
        connection = model.Session.connection()
        connection.execute(
            sa.update(Gain.__table__)
            .where(
                Gain.account_id == account_id,
                Gain.deed == sa.bindparam("one"),
                Gain.subject_id == sa.bindparam("which"),
            )
            .values(points=sa.bindparam("now"), because=sa.bindparam("why")),
            changed,
        )
