"""Judge the rows of a table by rules, chunk after chunk, in bounded memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl

from .conditions import MOMENTS, Types, condition, filled, fingerprints, moment, number
from .places import inside
from .rules import Failure, Kind, Method, Rule, Type, reaches
from .seen import Seen
from .spread import bounds
from .surfaces import TOLERANCE, Surfaces, There, beside_gaps, overlapping, overlapping_there

PLACE = "_geometry"
POSITION = "_position"
_SURFACES = (Kind.OVERLAP, Kind.GAP)
_PLACES = (Kind.PLACED, Kind.TERRITORY, *_SURFACES)
_NOT_BY_ROW = (Kind.UNIQUE, Kind.OUTLIERS, Kind.FRESH, *_PLACES)


@dataclass(frozen=True)
class Around:
    """What rules need to know beside the rows.

    `reads` says of texts whether each can be read as a type; `cast` gives a text as a value of a type, None where it is
    none. `known` gives, for a rule with a reference, the values there are as text, or the code of why not.
    `existing` gives the rows that a table has already, as typed frames of some columns, `there` their surfaces; `keyed`
    says that rows take the place of those with the same key. `area` is the territory.
    """

    reads: Callable[[pl.Series, str], pl.Series]
    cast: Callable[[str, str], pl.Series]
    today: dt.date
    known: Callable[[Rule], pl.Series | str] = lambda _rule: "no_reference"
    existing: Callable[[tuple[str, ...]], Iterable[pl.DataFrame]] = lambda _names: ()
    there: There | None = None
    keyed: bool = False
    area: Any = None


@dataclass
class Faults:
    """The rows of a chunk that break a rule: how many, and of the first ones position and value as text.

    `there`: they do beside rows that the table has already, whose numbers are the values.
    """

    rule: Rule
    count: int
    positions: list[int]
    values: list[str | None]
    there: bool = False


@dataclass
class Verdicts:
    """A chunk once judged: `data` has the rows that go in, with standard values where rules put them."""

    data: pl.DataFrame
    refused: int
    corrected: int
    faults: list[Faults]


@dataclass
class Score:
    """What a rule gave: cells or rows judged, how many broke it, and why it could not be judged at all (`unchecked`).

    `newest` is the latest date, for `Kind.FRESH`.
    """

    rule: Rule
    checked: int = 0
    failed: int = 0
    unchecked: str = ""
    newest: dt.date | None = None

    @property
    def share(self) -> float | None:
        """Give the share of what was judged that keeps the rule, 0 to 1; None where nothing was judged."""
        return (self.checked - self.failed) / self.checked if self.checked else None

    @property
    def kept(self) -> bool:
        """Say whether enough rows keep the rule: the share it asks for."""
        if self.unchecked:
            return False
        return reaches(self.checked - self.failed, self.checked, self.rule.least)


@dataclass
class _State:
    """What a rule remembers from chunk to chunk."""

    score: Score
    shown: int = 0
    seen: Seen = field(default_factory=Seen)
    learnt: list[Any] = field(default_factory=list[Any])
    bounds: tuple[float, float] | None = None
    wrong: pl.Series | None = None
    there: pl.DataFrame | None = None
    expression: pl.Expr | None = None


class Judge:
    """Judges one table. `shown` is how many faults of each rule are given with their value."""

    def __init__(self, rules: Sequence[Rule], types: Types, around: Around, *, placed: bool, shown: int = 1_000):
        self.types, self.around, self.placed, self._most = dict(types), around, placed, shown
        self.rows = self.good = self.kept = 0
        self.filled = dict.fromkeys(self.types, 0)
        self._states = [_State(Score(rule)) for rule in rules]
        self._surfaces = Surfaces()
        self._there: There | None = None
        self._ready = False

    @property
    def learns(self) -> bool:
        """Whether a rule must see all rows before the first is judged."""
        return any(state.score.rule.kind in (Kind.OUTLIERS, *_SURFACES) for state in self._states)

    @property
    def scores(self) -> list[Score]:
        """Give what each rule gave, in the order of the rules."""
        return [state.score for state in self._states]

    def begin(self, *, beside: bool = False) -> None:
        """Prepare the rules; must be called once, before any row is seen.

        :param beside: the rows join those there are, so that unique values must be unique among both
        """
        self._there = self.around.there if beside or self.around.keyed else None
        for state in self._states:
            self._prepare(state)
            if beside and state.score.rule.kind is Kind.UNIQUE and not state.score.unchecked:
                names = self._unique(state.score.rule)
                for frame in self.around.existing(names):
                    state.seen.again(fingerprints(frame, names, self.types).to_numpy())

    def _prepare(self, state: _State) -> None:
        score, rule = state.score, state.score.rule
        known: pl.Series | None = None
        if any(name not in self.types for name in rule.columns):
            score.unchecked = "no_column"
        elif rule.kind in _PLACES and not self.placed:
            score.unchecked = "no_place"
        elif rule.kind is Kind.TERRITORY and self.around.area is None:
            score.unchecked = "no_territory"
        elif rule.kind is Kind.FRESH and self.types[rule.columns[0]] not in (*MOMENTS, Type.TEXT):
            score.unchecked = "no_date"
        elif rule.kind is Kind.REFERENCE:
            found = self.around.known(rule)
            if isinstance(found, str):
                score.unchecked = found
            else:
                known = found
        if rule.kind not in _NOT_BY_ROW and not score.unchecked:
            state.expression = condition(rule, self.types, self.around.reads, known)

    def _unique(self, rule: Rule) -> tuple[str, ...]:
        return rule.columns or tuple(self.types)

    def learn(self, data: pl.DataFrame) -> None:
        """See rows that will be judged later."""
        if any(state.score.rule.kind in _SURFACES and not state.score.unchecked for state in self._states):
            self._surfaces.add(data[POSITION], data[PLACE])
            if self._there is not None:
                self._there.replace(data)
        for state in self._states:
            if state.score.rule.kind is Kind.OUTLIERS and not state.score.unchecked:
                values = data.select(number(state.score.rule.columns[0], self.types)).to_series()
                state.learnt.append(values.drop_nulls().drop_nans().to_numpy())

    def _settle(self) -> None:
        """Make bounds of what was learnt."""
        for state in self._states:
            if state.learnt:
                params = state.score.rule.params
                values = np.concatenate(state.learnt)
                state.learnt.clear()
                state.bounds = bounds(values, Method(params["method"]), params["factor"])
        self._settle_surfaces()
        self._ready = True

    def _settle_surfaces(self) -> None:
        """Find which surfaces lie wrongly, by the positions of their rows."""
        states = [state for state in self._states if state.score.rule.kind in _SURFACES and not state.score.unchecked]
        if not states:
            return
        positions, shapes = self._surfaces.all()
        for state in states:
            rule = state.score.rule
            tolerance = TOLERANCE if rule.params["tolerance"] is None else rule.params["tolerance"]
            wrong = None if self._surfaces.too_many else self._wrong(state, positions, shapes, tolerance)
            if wrong is None:
                state.score.unchecked, state.there = "many_surfaces", None
            else:
                state.wrong = pl.Series(positions[wrong], dtype=pl.Int64)
        self._surfaces = Surfaces()

    def _wrong(self, state: _State, positions: Any, shapes: Any, tolerance: float) -> Any:
        """Say of each surface whether it breaks a rule on how they lie; None where there are too many."""
        if state.score.rule.kind is Kind.GAP:
            return beside_gaps(shapes, tolerance, self._there)
        wrong = overlapping(shapes, tolerance)
        if wrong is None or self._there is None:
            return wrong
        numbers = overlapping_there(shapes, tolerance, self._there)
        if numbers is None:
            return None
        met = numbers > 0
        state.there = pl.DataFrame({POSITION: positions[met], "number": numbers[met]})
        return wrong | met

    def judge(self, data: pl.DataFrame) -> Verdicts:
        """Judge a chunk: typed columns, `_position`, and `_geometry` where rows have a place."""
        if not self._ready:
            self._settle()
        broken = self._broken(data)
        faults = [
            found
            for place, rows in broken.items()
            if self._states[place].score.failed and rows.any()
            for found in self._faults(self._states[place], data, rows)
        ]
        # What its owner declared a standard value for is good once it has it: the score tells how often that was.
        left = [rows for place, rows in broken.items() if self._failure(place) is not Failure.REPLACE]
        self.rows += len(data)
        self.good += len(data) - int(_any(left, len(data)).sum())
        refusing = [rows for place, rows in broken.items() if self._failure(place) is Failure.REFUSE_ROW]
        replacing = {place: rows for place, rows in broken.items() if self._failure(place) is Failure.REPLACE}
        refused = _any(refusing, len(data))
        corrected = _any(list(replacing.values()), len(data)) & ~refused
        for place, rows in replacing.items():
            if rows.any():
                data = self._replaced(data, self._states[place].score.rule, rows)
        count = int(refused.sum())
        data = data.filter(~refused) if count else data
        self._fill(data)
        return Verdicts(data, count, int(corrected.sum()), faults)

    def _fill(self, data: pl.DataFrame) -> None:
        """Count the filled cells of rows that go in."""
        self.kept += len(data)
        found = data.select([filled(name, self.types).sum().alias(name) for name in self.types])
        for name, number_filled in zip(found.columns, found.row(0), strict=True):
            self.filled[name] += int(number_filled or 0)

    @property
    def completeness(self) -> dict[str, Any]:
        """Give the share of filled cells, 0 to 1, in the rows that go in: `share` of all, `columns` by name."""
        return {
            "share": share_of(sum(self.filled.values()), self.kept * len(self.filled)),
            "columns": {name: share_of(number_filled, self.kept) for name, number_filled in self.filled.items()},
        }

    def _failure(self, place: int) -> Failure:
        return self._states[place].score.rule.failure

    def _broken(self, data: pl.DataFrame) -> dict[int, pl.Series]:
        """Give, by the place of each rule that is judged row by row, which rows break it; counts them."""
        expressions = [
            state.expression.alias(str(place))
            for place, state in enumerate(self._states)
            if state.expression is not None
        ]
        masks = data.select(expressions) if expressions else pl.DataFrame()
        broken: dict[int, pl.Series] = {}
        for place, state in enumerate(self._states):
            if state.score.unchecked:
                continue
            mask = masks[str(place)] if state.expression is not None else self._mask(state, data)
            if mask is None:
                continue
            state.score.checked += len(mask) - mask.null_count()
            wrong = (~mask).fill_null(False)
            state.score.failed += int(wrong.sum())
            broken[place] = wrong
        return broken

    def _mask(self, state: _State, data: pl.DataFrame) -> pl.Series | None:
        rule = state.score.rule
        if rule.kind is Kind.UNIQUE:
            names = self._unique(rule)
            again = pl.Series(state.seen.again(fingerprints(data, names, self.types).to_numpy()))
            if not rule.columns:
                return ~again
            whole = data.select(pl.all_horizontal([filled(name, self.types) for name in names])).to_series()
            return (~again).zip_with(whole, pl.Series([None], dtype=pl.Boolean))
        if rule.kind is Kind.PLACED:
            return data[PLACE].is_not_null()
        if rule.kind is Kind.TERRITORY:
            return inside(data[PLACE], self.around.area)
        if rule.kind in _SURFACES:
            right = ~data[POSITION].is_in(pl.Series([] if state.wrong is None else state.wrong, dtype=pl.Int64))
            return right.zip_with(data[PLACE].is_not_null(), pl.Series([None], dtype=pl.Boolean))
        name = rule.columns[0]
        if rule.kind is Kind.FRESH:
            newest = data.select(moment(name, self.types).max()).item()
            if newest is not None:
                state.score.newest = max(newest.date(), state.score.newest or newest.date())
            return None
        value = data.select(number(name, self.types)).to_series()
        if state.bounds is None:
            return pl.select(pl.when(value.is_not_null()).then(True)).to_series()
        low, high = state.bounds
        return (value >= low) & (value <= high)

    def _faults(self, state: _State, data: pl.DataFrame, rows: pl.Series) -> list[Faults]:
        if state.there is None or state.there.is_empty():
            return [self._fault(state, data, rows)]
        met = data[POSITION].is_in(state.there[POSITION].implode())
        there, others = rows & met, rows & ~met
        found = [self._fault(state, data, others)] if others.any() else []
        if there.any():
            beside = self._fault(state, data, there)
            numbers = dict(state.there.iter_rows())
            values = [str(numbers[position]) for position in beside.positions]
            found.append(replace(beside, values=list(values), there=True))
        return found

    def _fault(self, state: _State, data: pl.DataFrame, rows: pl.Series) -> Faults:
        rule = state.score.rule
        places = rows.arg_true()
        count = len(places)
        places = places.head(max(self._most - state.shown, 0))
        state.shown += len(places)
        positions = data[POSITION].gather(places).to_list()
        values: list[str | None] = [None] * len(places)
        if rule.columns:
            values = data[rule.columns[0]].gather(places).cast(pl.String).to_list()
        return Faults(rule, count, positions, values)

    def _replaced(self, data: pl.DataFrame, rule: Rule, rows: pl.Series) -> pl.DataFrame:
        name = rule.columns[0]
        standard = self.around.cast(str(rule.params.get("replacement") or ""), self.types[name]).cast(data[name].dtype)
        return data.with_columns(standard.new_from_index(0, len(data)).zip_with(rows, data[name]).alias(name))

    def conclude(self) -> None:
        """Judge what only the whole table tells: how fresh it is."""
        for state in self._states:
            score = state.score
            if score.rule.kind is not Kind.FRESH or score.unchecked or not self.rows:
                continue
            score.checked = 1
            limit = self.around.today - dt.timedelta(days=int(score.rule.params["days"]))
            score.failed = int(score.newest is None or score.newest < limit)


def _any(masks: list[pl.Series], size: int) -> pl.Series:
    found = pl.Series([False]).new_from_index(0, size)
    for mask in masks:
        found = found | mask
    return found


def share_of(part: int, whole: int) -> float:
    """Give a share, 0 to 1, rounded down to a ten-thousandth, so that what is nearly all isn't said to be all."""
    return part * 10_000 // whole / 10_000 if whole else 1.0


def described(scores: Iterable[Score]) -> list[dict[str, Any]]:
    """Give scores as JSON can hold them, without any value of the data but the newest date, where a rule is on it."""
    return [
        {
            "id": score.rule.id,
            "kind": score.rule.kind.value,
            "columns": list(score.rule.columns),
            # as many values as are shown: each batch has such a report
            "params": {name: each[:11] if name == "values" else each for name, each in score.rule.params.items()},
            "failure": score.rule.failure.value,
            "least": score.rule.least,
            "checked": score.checked,
            "failed": score.failed,
            "share": share_of(score.checked - score.failed, score.checked) if score.checked else None,
            "unchecked": score.unchecked,
            **({"newest": score.newest.isoformat()} if score.newest else {}),
        }
        for score in scores
    ]


def as_rules(reported: Iterable[Mapping[str, Any]]) -> list[Rule]:
    """Give the rules that a report tells of, as they were then."""
    return [
        Rule(Kind(each["kind"]), tuple(each["columns"]), each["params"], Failure(each["failure"]), each["least"])
        for each in reported
    ]
