"""By which rules points are given: those that deeds bring with them, until administrators set theirs."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ckan.model as model
import ckan.plugins as p
import sqlalchemy as sa

from ckanext.lrtzc.interfaces import Deed, IRewarded
from ckanext.lrtzc.reward.domain.levels import CANDIDATES, THRESHOLDS
from ckanext.lrtzc.reward.domain.points import Rules, Weight
from ckanext.lrtzc.reward.model import RulesKept

MONTHLY = 500
"""Points that a month gives at most, until administrators say otherwise."""
_EVER = dt.datetime(1, 1, 2, tzinfo=dt.UTC)


@dataclass(frozen=True)
class InForce:
    """The rules of now: what points are given by, points of each level, the level of candidates."""

    rules: Rules
    levels: tuple[int, ...]
    candidates: int


def deeds() -> dict[str, Deed]:
    """Give what people are thanked for, by name, over all extensions."""
    return {name: deed for room in p.PluginImplementations(IRewarded) for name, deed in room.get_deeds().items()}


def _declared() -> dict[str, Weight]:
    return {name: Weight(deed.points, deed.daily) for name, deed in deeds().items()}


def _read(row: RulesKept, declared: Mapping[str, Weight]) -> Rules:
    kept = {name: Weight(each["points"], each["daily"]) for name, each in row.deeds.items()}
    # an extension that came later brings its own
    return Rules(row.since, {**declared, **kept}, row.monthly)


def in_force() -> InForce:
    """Give the rules of now."""
    row = model.Session.scalar(sa.select(RulesKept).order_by(RulesKept.number.desc()).limit(1))
    if row is None:
        return InForce(Rules(_EVER, _declared(), MONTHLY), THRESHOLDS, CANDIDATES)
    return InForce(_read(row, _declared()), tuple(row.levels), row.candidates)


def over_time() -> Callable[[dt.datetime], Rules]:
    """Give a function that says which rules were in force at a moment: what was earned stays when they change."""
    declared = _declared()
    rows = model.Session.scalars(sa.select(RulesKept).order_by(RulesKept.since, RulesKept.number))
    history = [Rules(_EVER, declared, MONTHLY), *(_read(row, declared) for row in rows)]
    begins = [each.since for each in history]
    return lambda moment: history[max(0, bisect_right(begins, moment) - 1)]


def keep(deeds: Mapping[str, Weight], monthly: int, levels: tuple[int, ...], candidates: int, by: str) -> None:
    """Set rules, in force from now on; what was earned by the former stays. Not committed."""
    told: dict[str, Any] = {name: {"points": each.points, "daily": each.daily} for name, each in deeds.items()}
    kept = RulesKept(deeds=told, monthly=monthly, levels=list(levels), candidates=candidates, changed_by=by)
    model.Session.add(kept)
    model.Session.flush()
