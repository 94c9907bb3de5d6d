"""Rules that the rows of a table keep already, to be offered to whoever looks after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import polars as pl

from .conditions import MOMENTS, filled, text
from .judging import Around, Judge
from .rules import Format, Kind, Operator, Rule, Type, rule_of

MOST_COLUMNS = 60
FEWEST_ROWS = 20
"""Below this, what all rows have in common may be chance."""
MOST_VALUES = 12
_REPEATED = 5
# Five digits are both: the column's name decides.
_NAMED = {Format.INSEE: ("insee", "depcom", "codgeo", "com"), Format.POSTAL: ("postal", "cp")}
_KEYED = {"id", "code", "ref", "reference", "identifiant", "numero", "uuid", "siret", "insee"}


def suggested(data: pl.DataFrame, types: Mapping[str, str], around: Around, *, placed: bool) -> list[Rule]:
    """Give rules that all of these rows keep, of those that say something; none of fewer than `FEWEST_ROWS` rows.

    :param data: rows as `Judge` takes them
    """
    if len(data) < FEWEST_ROWS:
        return []
    names = list(types)[:MOST_COLUMNS]
    found = _kept(_candidates(names, types, around, placed), data, types, around, placed)
    return [*found, *_lists(names, data, types, {rule.columns for rule in found if rule.kind is not Kind.REQUIRED})]


def _candidates(names: Sequence[str], types: Mapping[str, str], around: Around, placed: bool) -> list[Rule]:
    asked: list[dict[str, Any]] = [{"kind": Kind.REQUIRED, "columns": [name]} for name in names]
    asked += [{"kind": Kind.UNIQUE, "columns": [name]} for name in names if _may_tell_apart(name, types[name])]
    for name in names:
        if types[name] == Type.TEXT:
            forms = [form for form in Format if form not in _NAMED or _words(name) & set(_NAMED[form])]
            asked += [{"kind": Kind.FORMAT, "columns": [name], "params": {"format": form}} for form in forms]
    moments = [name for name in names if types[name] in MOMENTS][:6]
    for first, second in combinations(moments, 2):
        asked.append({"kind": Kind.COMPARE, "columns": [first, second], "params": {"operator": Operator.LE}})
    if placed:
        asked += [{"kind": Kind.PLACED}, *([{"kind": Kind.TERRITORY}] if around.area is not None else [])]
    return [rule_of(each) for each in asked]


def _words(name: str) -> set[str]:
    return set("".join(letter if letter.isalnum() else " " for letter in name.lower()).split())


def _may_tell_apart(name: str, kind: str) -> bool:
    """Say whether a column may be there to tell rows apart: numbers may be different by chance."""
    return kind == Type.TEXT or (kind == Type.INTEGER and bool(_words(name) & _KEYED))


def _kept(
    candidates: list[Rule], data: pl.DataFrame, types: Mapping[str, str], around: Around, placed: bool
) -> list[Rule]:
    judge = Judge(candidates, types, around, placed=placed, shown=0)
    judge.begin()
    judge.judge(data)
    return [
        score.rule
        for score in judge.scores
        if not score.unchecked and not score.failed and score.checked >= FEWEST_ROWS
    ]


def _lists(
    names: Sequence[str], data: pl.DataFrame, types: Mapping[str, str], known: set[tuple[str, ...]]
) -> list[Rule]:
    """Give rules that list the values of columns of text that repeat a few."""
    found: list[Rule] = []
    for name in names:
        if types[name] != Type.TEXT or (name,) in known:
            continue
        values = data.filter(filled(name, types)).select(text(name, types)).to_series()
        different = values.unique().sort()
        if 1 < len(different) <= MOST_VALUES and len(values) >= max(FEWEST_ROWS, _REPEATED * len(different)):
            listed = [value for value in different.to_list() if len(value) <= 100]
            if len(listed) == len(different):
                found.append(rule_of({"kind": Kind.VALUES, "columns": [name], "params": {"values": listed}}))
    return found
