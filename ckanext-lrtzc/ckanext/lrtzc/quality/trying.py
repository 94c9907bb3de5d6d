"""Rules tried on rows that are there, or that a batch would bring."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import polars as pl

from ckanext.lrtzc.batches.api import BatchError, Load, Stored, cast, load_of_batch, rows_in, rows_of_batch, stored
from ckanext.lrtzc.quality.check import judge_of
from ckanext.lrtzc.quality.domain.judging import POSITION, Judge, described
from ckanext.lrtzc.quality.domain.rules import Rule, RuleError
from ckanext.lrtzc.quality.wording import say_rule

MOST_ROWS = 100_000
SHOWN_FAULTS = 20
SHOWN_ROWS = 10
SHOWN_COLUMNS = 30
_SHOWN_LENGTH = 60


def check_replacement(rule: Rule, table: Stored | None) -> None:
    """Refuse a standard value that the column can't hold."""
    value = str(rule.params["replacement"])
    if table is not None and value and cast(value, table.types[rule.columns[0]]).is_null().all():
        raise RuleError("replacement", "not_of_the_columns_type")


def judged(context: Any, resource_id: str, rules: list[Rule], batch_id: str | None) -> dict[str, Any]:
    """Judge rows by rules; see the action `lrtzc_quality_try`. Raises ValidationError where there are none."""
    user = model.User.get(context.get("user") or "")
    load = _load(resource_id, user.id if user else "", batch_id)
    judge = judge_of(load, rules, SHOWN_FAULTS)
    judge.begin()
    try:
        if judge.learns:
            for frame in _frames(load, batch_id):
                judge.learn(frame)
        return _answer(judge, load, rules, batch_id)
    except BatchError as error:
        raise tk.ValidationError({"batch_id": [error.problem.sentence(tk._)]}) from error


def _load(resource_id: str, user_id: str, batch_id: str | None) -> Load:
    if batch_id:
        load = load_of_batch(batch_id)
        if load is None or load.resource_id != resource_id:
            raise tk.ValidationError({"batch_id": [tk._("There is no such batch.")]})
        return Load(load.package_id, resource_id, user_id, load.types, load.placed)
    table, resource = stored(resource_id), model.Session.get(model.Resource, resource_id)
    if table is None or resource is None:
        raise tk.ValidationError({"resource_id": [tk._("This resource holds no rows.")]})
    return Load(str(resource.package_id), resource_id, user_id, table.types, table.placed)


def _frames(load: Load, batch_id: str | None) -> Iterator[pl.DataFrame]:
    # one more than is judged tells whether these are all
    if batch_id:
        return rows_of_batch(batch_id, MOST_ROWS + 1)
    return rows_in(load.resource_id, load.types, placed=load.placed, most=MOST_ROWS + 1)


def _answer(judge: Judge, load: Load, rules: list[Rule], batch_id: str | None) -> dict[str, Any]:
    faults: dict[int, list[dict[str, Any]]] = {place: [] for place in range(len(rules))}
    by_row: dict[int, set[str]] = {}
    rows: dict[int, dict[str, Any]] = {}
    whole = True
    for frame in _frames(load, batch_id):
        if judge.rows + len(frame) > MOST_ROWS:
            frame, whole = frame.head(MOST_ROWS - judge.rows), False
        for found in judge.judge(frame).faults:
            place = next(at for at, rule in enumerate(rules) if rule is found.rule)
            for position, value in zip(found.positions, found.values, strict=True):
                faults[place].append({"position": position, "value": _cut(value)})
                by_row.setdefault(position, set()).update(found.rule.columns)
        wanted = [position for position in by_row if position not in rows]
        if wanted and len(rows) < SHOWN_ROWS:
            chosen = frame.filter(pl.col(POSITION).is_in(wanted)).head(SHOWN_ROWS - len(rows))
            rows |= {int(row[POSITION]): row for row in chosen.iter_rows(named=True)}
        if not whole:
            break
    judge.conclude()
    scores = [
        {**told, "sentence": say_rule(rule), "faults": faults[place]}
        for place, (told, rule) in enumerate(zip(described(judge.scores), rules, strict=True))
    ]
    return {
        "rows": judge.rows,
        "good": judge.good,
        "whole": whole,
        "rules": scores,
        "shown": _shown(rows, by_row, list(load.types)),
    }


def _shown(rows: dict[int, dict[str, Any]], by_row: dict[int, set[str]], names: list[str]) -> dict[str, Any]:
    wrong = {name for position in rows for name in by_row[position]}
    others = [name for name in names if name not in wrong][: max(SHOWN_COLUMNS - len(wrong), 0)]
    kept = [name for name in names if name in wrong or name in others]
    return {
        "names": kept,
        "rows": [
            {
                "position": position,
                "cells": [None if row[name] is None else _cut(str(row[name])) for name in kept],
                "at": [at for at, name in enumerate(kept) if name in by_row[position]],
            }
            for position, row in sorted(rows.items())
        ],
    }


def _cut(value: str | None) -> str | None:
    return value if value is None or len(value) <= _SHOWN_LENGTH else f"{value[: _SHOWN_LENGTH - 1]}…"
