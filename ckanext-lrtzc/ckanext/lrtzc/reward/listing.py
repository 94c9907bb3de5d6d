"""What members and boards read of points, in a number of statements that doesn't depend on how many there are."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ckan.model as model
import sqlalchemy as sa

from ckanext.lrtzc.clock import zone
from ckanext.lrtzc.objects.api import seen_by
from ckanext.lrtzc.people import is_used
from ckanext.lrtzc.reward import refusing, rules
from ckanext.lrtzc.reward.domain.levels import badges, reached
from ckanext.lrtzc.reward.domain.points import month_of
from ckanext.lrtzc.reward.model import Gain, Participant, Refused, now


def this_month() -> tuple[dt.datetime, dt.datetime]:
    """Give when this month begins and ends."""
    return month_of(now(), zone())


def standing(member: Participant) -> dict[str, Any]:
    """Say where a member stands, as `lrtzc_reward_show` does."""
    begins, ends = this_month()
    within = sa.and_(Gain.moment >= begins, Gain.moment < ends)
    month = sa.func.coalesce(sa.func.sum(Gain.points).filter(within), 0)
    query = sa.select(Gain.deed, sa.func.count(), sa.func.sum(Gain.points), month)
    rows = list(model.Session.execute(query.where(Gain.account_id == member.account_id).group_by(Gain.deed)).tuples())
    points, known = sum(int(row[2]) for row in rows), rules.in_force()
    at = reached(points, known.levels)
    return {
        "member": True,
        "pseudonym": member.pseudonym,
        "listed": member.listed,
        "taken_down": refusing.why(member.folded),
        "candidate": member.candidate,
        "may_be_candidate": at.level >= known.candidates,
        "joined": member.joined.isoformat(),
        "points": points,
        "month": sum(int(row[3]) for row in rows),
        "level": at.level,
        "following": at.following,
        "badges": [each.value for each in badges({row[0]: row[1] for row in rows})],
    }


def gains(context: Any, account_id: str, limit: int, offset: int) -> dict[str, Any]:
    """Give why somebody has their points, as `lrtzc_reward_gain_list` does."""
    own = sa.select(Gain).where(Gain.account_id == account_id)
    total = model.Session.scalar(sa.select(sa.func.count()).select_from(own.subquery())) or 0
    query = own.order_by(Gain.moment.desc(), Gain.deed, Gain.subject_id).limit(limit).offset(offset)
    rows = list(model.Session.scalars(query))
    seen = {each["id"]: each for each in seen_by(context, {row.package_id for row in rows if row.package_id})}
    titles = {name: deed.title() for name, deed in rules.deeds().items()}
    results = []
    for row in rows:
        thing = seen.get(row.package_id)
        results.append(
            {
                "deed": row.deed,
                "title": titles.get(row.deed, row.deed),
                "moment": row.moment.isoformat(),
                "points": row.points,
                "because": row.because,
                "object": {key: thing[key] for key in ("id", "name", "title", "type")} if thing else None,
            }
        )
    return {"count": total, "results": results}


def board(reader_id: str, monthly: bool, limit: int, offset: int) -> dict[str, Any]:
    """Give the members who want to be listed, those with most points first, as `lrtzc_reward_board` does."""
    points = sa.func.sum(Gain.points)
    query = (
        sa.select(Participant.account_id, Participant.pseudonym, points.label("points"))
        .add_columns(sa.func.rank().over(order_by=points.desc()).label("rank"), sa.func.count().over().label("total"))
        .join(Gain, Gain.account_id == Participant.account_id)
        .join(model.User, model.User.id == Participant.account_id)
        .where(Participant.listed, is_used(), Gain.points > 0)
        .where(~sa.exists().where(Refused.folded == Participant.folded))
        .group_by(Participant.account_id, Participant.pseudonym)
    )
    if monthly:
        begins, ends = this_month()
        query = query.where(Gain.moment >= begins, Gain.moment < ends)
    found = query.subquery()
    page = sa.select(found).order_by(found.c.rank, sa.func.lower(found.c.pseudonym)).limit(limit).offset(offset)
    rows = list(model.Session.execute(page))
    # beyond the last page nothing says how many there are
    total = rows[0].total if rows else model.Session.scalar(sa.select(sa.func.count()).select_from(found)) or 0
    return {
        "count": total,
        "results": [
            {
                "rank": int(row.rank),
                "pseudonym": row.pseudonym,
                "points": int(row.points),
                # which of them one is oneself, and nothing of anybody else
                "mine": row.account_id == reader_id,
            }
            for row in rows
        ],
    }
