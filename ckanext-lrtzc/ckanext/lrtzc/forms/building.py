"""Definitions changed step by step: kept under the version that was seen, with what they were before; their columns."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.batches.api import stored
from ckanext.lrtzc.forms.definitions import faults_of, workbook_of
from ckanext.lrtzc.forms.domain import columns, reading
from ckanext.lrtzc.forms.domain.building import Item
from ckanext.lrtzc.forms.domain.choosing import Option
from ckanext.lrtzc.forms.domain.definition import Definition
from ckanext.lrtzc.forms.domain.faults import Fault
from ckanext.lrtzc.forms.domain.workbook import Workbook
from ckanext.lrtzc.forms.model import Form, State, now

BEFORE = "before"
"""Under which name a form's definition keeps what it was, the last at the end; opening the form forgets it."""
STEPS = 10
"""Steps that can be undone."""
_KEPT = 64
_faults: OrderedDict[tuple[str, int], list[Fault]] = OrderedDict()


class Conflict(ValueError):
    """A definition isn't what the change was made to: somebody changed it meanwhile, or the form is open."""


def change(form: Form, version: int, sheets: Workbook, said: str) -> None:
    """Give a form that was locked another definition, and keep what it was; the caller commits.

    :param version: the one that the change was made to
    :param said: what was done, in a few words, for who undoes it
    :raises Conflict: where it has another version now, or is open
    """
    _changeable(form, version)
    before: list[Any] = [*form.definition.get(BEFORE, ()), {"sheets": form.definition["sheets"], "said": said}]
    form.definition = {**sheets.as_dict(), BEFORE: before[-STEPS:]}
    form.version, form.changed = form.version + 1, now()


def undo(form: Form, version: int) -> str:
    """Give a form that was locked the definition that it had before the last change; the caller commits.

    :returns: what was undone
    :raises Conflict: where it has another version now, is open, or nothing is left to undo
    """
    _changeable(form, version)
    before = list(form.definition.get(BEFORE, ()))
    if not before:
        raise Conflict
    last = before.pop()
    form.definition = {"sheets": last["sheets"], BEFORE: before}
    form.version, form.changed = form.version + 1, now()
    return str(last["said"])


def _changeable(form: Form, version: int) -> None:
    if form.state == State.OPEN or form.version != version:
        raise Conflict


def undoable(form: Form) -> str:
    """Give what the last change did, in its words; nothing where there is none to undo."""
    before = form.definition.get(BEFORE) or [{"said": ""}]
    return str(before[-1]["said"])


def standing_faults(form: Form) -> list[Fault]:
    """Give all that is wrong with a form's definition, read once for each of its versions."""
    key = (form.id, form.version)
    if key not in _faults:
        _faults[key] = faults_of(workbook_of(form), form.id)
        while len(_faults) > _KEPT:
            _faults.popitem(last=False)
    return _faults[key]


def new_faults(before: Workbook, after: Workbook) -> list[Fault]:
    """Give what is wrong with a definition that wasn't before a change, wherever it stands."""

    def told(sheets: Workbook) -> dict[str, Fault]:
        found = [fault for fault in reading.look(sheets)[1] if not fault.warning and fault.code != "no_question"]
        return {json.dumps([one.code, {**one.params, "other": 0}], sort_keys=True, default=str): one for one in found}

    old = told(before)
    return [fault for key, fault in told(after).items() if key not in old]


def digest(item: Item, options: Iterable[Option]) -> str:
    """Name what a question says, to know whether somebody changed it meanwhile."""
    said = [sorted([*map(list, item.cells.items())], key=str), [[one.name, one.labels] for one in options]]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Mapped:
    """The column that a question fills: its name, its type, and whether the table has it already.

    `state` is `new`, `kept`, or `differs` where the table's holds values of another type.
    """

    name: str
    type: str
    state: str


@dataclass(frozen=True)
class Columns:
    """The columns of a form's questions by their paths, and those of its table that no question fills any more."""

    of: Mapping[str, Mapped]
    left: tuple[str, ...]
    made: bool


def mapping(form: Form, definition: Definition) -> Columns:
    """Say which columns a definition fills, beside those that the form's table has."""
    table = stored(form.resource_id)
    types = {name: kind.value for name, kind in table.types.items()} if table is not None else {}
    wanted = columns.columns_of(definition, str(tk.config["ckan.locale_default"]))
    found: dict[str, Mapped] = {}
    for one in wanted:
        state = "new" if one.name not in types else "kept" if types[one.name] == one.type else "differs"
        found.setdefault(one.key, Mapped(one.name, one.type, state))
    names = {one.name for one in wanted}
    return Columns(found, tuple(name for name in types if name not in names), table is not None)


def lost(form: Form, before: Definition, after: Definition) -> tuple[list[str], list[str]]:
    """Say what a change does to a table that holds answers.

    :returns: the columns that no question fills any more, and those whose type would differ
    """
    old, new = mapping(form, before), mapping(form, after)
    if not old.made:
        return [], []
    differing = [one.name for one in new.of.values() if one.state == "differs"]
    known = [one.name for one in old.of.values() if one.state == "differs"]
    return [name for name in new.left if name not in old.left], [name for name in differing if name not in known]
