"""How batches are judged: the rules of the file they are for, put before its rows."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import ckan.model as model
import polars as pl
import shapely
import sqlalchemy as sa

from ckanext.lrtzc.access.api import Action, decide
from ckanext.lrtzc.batches.api import (
    BatchCheck,
    Conclusion,
    Judged,
    Load,
    Problem,
    Then,
    cast,
    readable,
    rows_in,
    values_in,
)
from ckanext.lrtzc.clock import local_now
from ckanext.lrtzc.quality.domain.judging import Around, Faults, Judge, Score, described, share_of
from ckanext.lrtzc.quality.domain.rules import Failure, Kind, Rule, reaches
from ckanext.lrtzc.quality.lying import LyingThere
from ckanext.lrtzc.quality.model import Below, Kept, Threshold
from ckanext.lrtzc.territory import TerritoryError, get_territory

NAME = "quality"
MOST_REFERENCES = 1_000_000
_SHOWN = 60
_LISTED = 20_000
_THEN = {Below.REFUSE: Then.REFUSE, Below.QUARANTINE: Then.HOLD, Below.MODERATE: Then.ASK}
_VERDICTS = {Then.REFUSE: "refused", Then.HOLD: "quarantined", Then.ASK: "sent"}


def check_of(load: Load) -> BatchCheck | None:
    """Give the check of a load; None where its file has neither rules nor a share to reach."""
    rules = [kept.rule for kept in Kept.of_resource(load.resource_id)]
    threshold = model.Session.get(Threshold, load.resource_id)
    return QualityCheck(load, rules, threshold) if rules or threshold else None


def judges(resource_id: str) -> bool:
    """Say whether what comes into a file is judged: it has rules, or a share to reach."""
    kept = sa.exists().where(Kept.resource_id == resource_id) | sa.exists().where(Threshold.resource_id == resource_id)
    return bool(resource_id and model.Session.scalar(sa.select(kept)))


def judge_of(load: Load, rules: list[Rule], shown: int) -> Judge:
    """Give a judge of rows by rules, in the surroundings of this portal."""
    return Judge(rules, load.types, around_of(load, rules), placed=load.placed, shown=shown)


def around_of(load: Load, rules: list[Rule]) -> Around:
    """Give what rules need to know beside the rows of a load; the territory where one of them is on it."""
    area = None
    try:
        territory = get_territory()
    except TerritoryError:
        pass
    else:
        if any(rule.kind is Kind.TERRITORY for rule in rules):
            area = shapely.union_all([commune.contour for commune in territory.communes])
    return Around(
        readable,
        cast,
        local_now().date(),
        _References(load.author).known,
        partial(_existing, load),
        LyingThere(load),
        bool(load.key),
        area,
    )


def _existing(load: Load, names: tuple[str, ...]) -> Iterable[pl.DataFrame]:
    return rows_in(load.resource_id, {name: load.types[name] for name in names})


class _References:
    """The values that rules refer to, read once for all rules of a load; `MOST_REFERENCES` of them altogether."""

    def __init__(self, author: str):
        self._author, self._left = author, MOST_REFERENCES
        self._read: dict[tuple[str, str], pl.Series | str] = {}

    def known(self, rule: Rule) -> pl.Series | str:
        """Give the values, as far as whoever sent the batch may read all of them; else the code of why not."""
        key = str(rule.params["resource"]), str(rule.params["column"])
        if key not in self._read:
            self._read[key] = self._values(*key)
        return self._read[key]

    def _values(self, resource_id: str, column: str) -> pl.Series | str:
        resource = model.Session.get(model.Resource, resource_id)
        if resource is None or resource.state != "active":
            return "no_reference"
        if not may_read(self._author, resource):
            return "reference_held_back"
        values = values_in(str(resource.id), column, self._left)
        if values is None:
            return "no_reference"
        self._left -= len(values)
        return values


def may_read(user_id: str, resource: Any) -> bool:
    """Say whether a person may read all rows of a resource."""
    user = model.User.get(user_id) if user_id else None
    context: Any = {"user": user.name if user else "", "auth_user_obj": user}
    return decide(context, str(resource.package_id), str(resource.id), Action.READ).whole


class QualityCheck(BatchCheck):
    """The rules of a file, for one load."""

    name = NAME

    def __init__(self, load: Load, rules: list[Rule], threshold: Threshold | None):
        self._load, self._threshold = load, threshold
        self._judge = judge_of(load, rules, max(_LISTED // max(len(rules), 1), 200))
        self.learns = self._judge.learns

    def begin(self, *, beside: bool) -> None:
        """Prepare the rules."""
        self._judge.begin(beside=beside)

    def learn(self, data: pl.DataFrame) -> None:
        """See how values spread."""
        self._judge.learn(data)

    def judge(self, data: pl.DataFrame) -> Judged:
        """Judge the rows of a chunk."""
        found = self._judge.judge(data)
        judged = Judged(found.data, found.refused, found.corrected)
        for faults in found.faults:
            code, column = _code(faults), (faults.rule.columns or ("",))[0]
            judged.counts[code, column] = judged.counts.get((code, column), 0) + faults.count
            judged.listed += problems_of(faults)
        return judged

    def conclude(self, rows: int) -> Conclusion:
        """Judge the whole: rules that decide on the file, then the share of good rows."""
        self._judge.conclude()
        good, share = self._judge.good, share_of(self._judge.good, rows)
        minimum = self._threshold.minimum if self._threshold else None
        problem, then = _stopping(self._judge.scores), Then.REFUSE
        if problem is None and self._threshold is not None and not reaches(good, rows, self._threshold.minimum):
            problem = Problem("quality_low", {"share": percent(share), "minimum": percent(self._threshold.minimum)})
            then = _THEN[Below(self._threshold.below)]
        verdict = "good" if problem is None else _VERDICTS[then]
        # What was decided is that too few good rows are no obstacle: rules that came since still are.
        if problem is not None and then is not Then.REFUSE and self._load.released:
            problem, verdict = None, "released"
        report = {
            "rows": rows,
            "good": good,
            "share": share,
            "minimum": minimum,
            "verdict": verdict,
            "complete": self._judge.completeness,
            "rules": described(self._judge.scores),
        }
        return Conclusion(report, problem, then)


def problems_of(faults: Faults) -> list[Problem]:
    """Give the first faults of a chunk with a rule as problems of a batch, each with its row's position."""
    columns = faults.rule.columns
    params: dict[str, Any] = {"other": columns[1]} if faults.rule.kind is Kind.COMPARE else {}
    return [
        Problem(
            _code(faults),
            {"value": _cut(value), **params},
            line=position,
            column=columns[0] if columns else None,
        )
        for position, value in zip(faults.positions, faults.values, strict=True)
    ]


def _code(faults: Faults) -> str:
    return f"rule_{faults.rule.kind.value}{'_there' if faults.there else ''}"


def _stopping(scores: list[Score]) -> Problem | None:
    """Give what is to be said of the first rule that refuses the whole batch."""
    for score in scores:
        if score.rule.failure is not Failure.REFUSE_BATCH or score.kept:
            continue
        column = score.rule.columns[0] if score.rule.columns else None
        if score.unchecked:
            return Problem("quality_unchecked", column=column)
        if score.rule.kind is Kind.FRESH:
            return Problem("quality_old", {"days": score.rule.params["days"]}, column=column)
        share = share_of(score.checked - score.failed, score.checked)
        return Problem("quality_rule", {"share": percent(share), "minimum": percent(score.rule.least)}, column=column)
    return None


def percent(share: float) -> str:
    """Write a share (0 to 1) in per cent, with as many figures as it needs and no more than two decimals.

    >>> percent(0.9)
    '90'
    >>> percent(0.9999)
    '99.99'
    """
    return f"{share * 100:.2f}".rstrip("0").rstrip(".")


def _cut(value: str | None) -> str:
    text = value or ""
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
