"""Who offers themselves as a moderator: those whose points reach a level, by the name of their account."""

from __future__ import annotations

from dataclasses import dataclass

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.people import is_used
from ckanext.lrtzc.reward import rules
from ckanext.lrtzc.reward.domain.levels import reached
from ckanext.lrtzc.reward.model import Gain, Participant

MOST = 50
"""Candidates who are shown."""


@dataclass(frozen=True)
class Candidate:
    """A person by the name of their account and what they are called, and the level they reached; no pseudonym."""

    name: str
    title: str
    level: int


def offer(participant: Participant, level: int, offered: bool) -> None:
    """Offer oneself, or no more. Not committed.

    :raises ValidationError: where one's points don't reach the level
    """
    if offered and level < rules.in_force().candidates:
        raise tk.ValidationError({"candidate": [tk._("Your points don't open this role yet.")]})
    participant.candidate = offered
    model.Session.flush()


def listed() -> list[Candidate]:
    """Give who offers themselves and still reaches the level, by name, in one statement beside the rules."""
    known, user = rules.in_force(), model.User
    points = sa.func.sum(Gain.points)
    query = (
        sa.select(user.name, user.fullname, points.label("points"))
        .join(Participant, Participant.account_id == user.id)
        .join(Gain, Gain.account_id == user.id)
        .where(Participant.candidate, is_used())
        .group_by(user.id, user.name, user.fullname)
        .having(points >= known.levels[known.candidates - 1])
        .order_by(sa.func.lower(sa.func.coalesce(sa.func.nullif(user.fullname, ""), user.name)))
        .limit(MOST)
    )
    return [
        Candidate(row.name, row.fullname or row.name, reached(int(row.points), known.levels).level)
        for row in model.Session.execute(query)
    ]
