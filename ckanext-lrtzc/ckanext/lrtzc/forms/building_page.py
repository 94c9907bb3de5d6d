"""What the pages show on which a form's questions are built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.clock import local_now
from ckanext.lrtzc.forms import building, building_words, wording
from ckanext.lrtzc.forms.asking import language
from ckanext.lrtzc.forms.definitions import definition_of, workbook_of
from ckanext.lrtzc.forms.domain import answers, choosing, reading
from ckanext.lrtzc.forms.domain import building as rows
from ckanext.lrtzc.forms.domain.answers import Shown
from ckanext.lrtzc.forms.domain.building import BuildError, Item
from ckanext.lrtzc.forms.domain.choosing import CHOICES_MOST, Option
from ckanext.lrtzc.forms.domain.conditions import Sign, condition_of, signs_of
from ckanext.lrtzc.forms.domain.definition import Definition, Node, said
from ckanext.lrtzc.forms.domain.faults import Fault
from ckanext.lrtzc.forms.domain.kinds import CHOSEN, Kind
from ckanext.lrtzc.forms.domain.questions import Question, QuestionError, kinds_of, save
from ckanext.lrtzc.forms.domain.sorts import SORTS, exchangeable
from ckanext.lrtzc.forms.domain.workbook import SURVEY, Workbook
from ckanext.lrtzc.forms.model import Answer, Form, State


@dataclass
class Opened:
    """A form as its pages find it: its dataset, its sheets, what they mean, and what stands in them in order."""

    form: Form
    package: dict[str, Any]
    sheets: Workbook
    definition: Definition
    items: list[Item]

    @property
    def is_open(self) -> bool:
        """Whether it takes answers now: then nothing of it is changed."""
        return self.form.state == State.OPEN

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """The kinds of the questions that a condition may speak of, by name."""
        return kinds_of(self.definition)

    @property
    def end(self) -> int:
        """The last line."""
        sheet = self.sheets.sheet(SURVEY)
        return len(sheet.rows) + 1 if sheet else 1


@dataclass
class Asked:
    """The question of a page: that of an item, or a new one that is to stand behind a line."""

    question: Question
    item: Item | None
    after: int


def opened(form: Form, package: dict[str, Any]) -> Opened:
    """Read a form as it stands."""
    sheets, definition = workbook_of(form), definition_of(form)
    return Opened(form, package, sheets, definition, rows.outline(sheets, definition))


def row_of(now: Opened, row: str, was: str, version: str) -> int:
    """Give the row of a question that a page showed: by its name, where the form was changed meanwhile.

    :raises BuildError: where it isn't there any more
    """
    if row.isdecimal() and len(row) < 7 and version in ("", str(now.form.version)):
        return int(row)
    found = next((item.row for item in now.items if item.name and item.name == was), None)
    if found is None:
        raise BuildError("gone")
    return found


def after_of(now: Opened, given: Mapping[str, str]) -> int:
    """Give the line behind which a new question is to stand; the last where that can't be told any more."""
    after = given.get("after", "")
    if after.isdecimal() and len(after) < 7 and given.get("version", "") == str(now.form.version):
        return max(1, min(int(after), now.end))
    behind = next((item for item in now.items if item.name and item.name == given.get("behind")), None)
    return behind.last if behind else now.end


def near(now: Opened, row: int) -> int:
    """Give the row of the question that stands at a row, or that comes next; of the last, else; 0 where none is asked.

    Where one was taken away, one goes on from there.
    """
    if not row or not now.items:
        return 0
    return next((item.row for item in now.items if item.row >= row), now.items[-1].row)


def outer(now: Opened, after: int) -> Item | None:
    """Give the group in which what stands behind a line stands."""
    around = [item for item in now.items if item.row <= after < item.last]
    return around[-1] if around else None


def matrix_at(now: Opened, after: int) -> str:
    """Give the list of choices of the grid that a line stands in; nothing where it stands in none."""
    around = outer(now, after)
    if around is None or around.sort is None or around.sort.code != "matrix" or around.node is None:
        return ""
    return next((child.list for child in around.node.children if child.list), "")


def options(now: Opened, group: str) -> list[Option]:
    """Give the choices of a list."""
    return choosing.options_of(now.sheets, group)


def seen(now: Opened, item: Item) -> str:
    """Name what a question says now, with its choices."""
    return building.digest(item, options(now, item.node.list if item.node else ""))


def name_of(now: Opened, row: int) -> str:
    """Give the text of what begins at a row, for a sentence about it; nothing for none."""
    item = next((one for one in now.items if one.row == row), None)
    return _label(item) if item else ""


def error(now: Opened, code: str, found: str) -> str:
    """Say what is wrong with a field of a question's page; another question is called by its text."""
    other = now.definition.named(found) if code == "no_value" else None
    return building_words.error(code, building_words.label(other, language()) if other else found)


def _label(item: Item) -> str:
    text = building_words.label(item.node, language()) if item.node else item.name or item.told
    return text if len(text) <= 80 else f"{text[:79]}…"


def label_at(sheets: Workbook, definition: Definition, row: int) -> str:
    """Give the text of what begins at a row of other sheets."""
    return _label(rows.item_at(rows.outline(sheets, definition), row))


def losses(now: Opened, row: int) -> list[str]:
    """Say what breaks where a question is taken away: what speaks of it, and the columns that nothing fills then.

    :raises BuildError: where nothing begins at the row
    """
    inside = rows.within(now.items, rows.item_at(now.items, row))
    names = {item.name for item in inside if item.name}
    told = [
        tk._("“{question}” speaks of it, and will have to be mended before the form is opened.").format(
            question=_label(item)
        )
        for item in rows.users_of([item for item in now.items if item not in inside], names)
    ]
    after = reading.look(rows.remove(now.sheets, now.definition, row))[0]
    return told + column_losses(now, after)


def column_losses(now: Opened, after: Definition) -> list[str]:
    """Say what a change does to the columns of a table that holds answers."""
    if not Answer.counts([now.form.id]):
        return []
    left, differing = building.lost(now.form, now.definition, after)
    told = [
        tk._(
            "The column “{column}” keeps what was answered until now, and later answers leave it empty: it doesn't "
            "go by itself."
        ).format(column=name)
        for name in left
    ]
    return told + [
        tk._(
            "The column “{column}” holds values of another type: the form can't be opened so. Give the question "
            "another name, and it gets a column of its own."
        ).format(column=name)
        for name in differing
    ]


@dataclass
class Line:
    """A question in the list: its item, its words, its column, and what is wrong with it."""

    item: Item
    label: str
    kind: str
    condition: str
    column: building.Mapped | None
    faults: list[str] = field(default_factory=list[str])
    warnings: list[str] = field(default_factory=list[str])


def outline(now: Opened, after: str = "") -> dict[str, Any]:
    """Give what the page of all questions shows; `after` is the line that a question is to be added behind."""
    mapped = building.mapping(now.form, now.definition)
    faults = building.standing_faults(now.form)
    known = {item.row for item in now.items}
    spoken = language()
    lines = [
        Line(
            item,
            _label(item),
            building_words.sort_name(item.sort.code) if item.sort else item.told,
            building_words.condition(item, now.definition, spoken),
            mapped.of.get(item.node.key) if item.node else None,
            [building_words.fault(one) for one in _at(faults, item.row) if not one.warning],
            [building_words.fault(one) for one in _at(faults, item.row) if one.warning] + _unknown(now, item),
        )
        for item in now.items
    ]
    rest = [one for one in faults if one.sheet != SURVEY or one.row not in known]
    return {
        "pkg_dict": now.package,
        "form": now.form,
        "is_open": now.is_open,
        "lines": lines,
        "faults": [wording.fault(one) for one in rest if not one.warning and one.code != "no_question"],
        "warnings": [wording.fault(one) for one in rest if one.warning],
        "wrong": any(not one.warning for one in faults),
        "families": [
            (name, [(code, building_words.sort_name(code)) for code in codes if code in SORTS])
            for name, codes in building_words.families()
        ],
        "languages": [one for one in rows.languages_of(now.sheets, now.definition) if one],
        "undo": building.undoable(now.form),
        "table": mapped,
        "answered": Answer.counts([now.form.id]).get(now.form.id, 0),
        "end": now.end,
        **_behind(now, int(after) if after.isdecimal() and len(after) < 7 else 0),
    }


def _behind(now: Opened, after: int) -> dict[str, Any]:
    """Say behind what a question is to be added: what ends at a line, or begins there; else all."""
    found = [item for item in now.items if after in (item.row, item.last)]
    around = outer(now, after) if found or after else None
    label = _label(found[-1]) if found else _label(around) if around else ""
    return {
        "behind": min(after, now.end) if label else now.end,
        "behind_label": label,
        "in_matrix": bool(label and matrix_at(now, after)),
    }


def _at(faults: list[Fault], row: int) -> list[Fault]:
    return [one for one in faults if one.sheet == SURVEY and one.row == row]


def _unknown(now: Opened, item: Item) -> list[str]:
    """Say where a condition compares with a choice that isn't in the list."""
    told: list[str] = []
    for line in condition_of(item.cells.get(("relevant", ""), ""), now.kinds).lines:
        node = now.definition.named(line.question)
        if node is None or node.kind not in CHOSEN or line.sign in (Sign.FILLED, Sign.EMPTY):
            continue
        if line.value not in [choice.name for choice in now.definition.choices.get(node.list, ())]:
            sentence = tk._("Its condition speaks of “{value}”, which is no choice of “{question}” any more.")
            told.append(sentence.format(value=line.value, question=building_words.label(node, language())))
    return told


def question(now: Opened, asked: Asked, spoken: str) -> dict[str, Any]:
    """Give what the page of a question shows."""
    found, item = asked.question, asked.item
    users = [
        building_words.label(node, spoken)
        for node in choosing.users_of_list(now.definition, found.group)
        if item is None or node.row != item.row
    ]
    behind = [one for one in now.items if asked.after in (one.last, one.row)]
    mapped = building.mapping(now.form, now.definition).of if item and item.node else {}
    return {
        "pkg_dict": now.package,
        "form": now.form,
        "q": found,
        "item": item,
        "after": asked.after,
        "behind": behind[-1].name if behind else "",
        "outer": outer(now, asked.after) if item is None else None,
        "kind": building_words.sort_name(found.sort.code),
        "sorts": [(sort.code, building_words.sort_name(sort.code)) for sort in exchangeable(found.sort)],
        "languages": rows.languages_of(now.sheets, now.definition),
        "others": _others(now, item, spoken),
        "signs": {code.value: building_words.sign(code) for code in Sign},
        "without_value": (Sign.FILLED, Sign.EMPTY),
        "lists": choosing.lists_of(now.sheets),
        "sharing": users,
        "too_many": len(found.options) > CHOICES_MOST,
        "places": _places(now, item) if item else [],
        "seen": seen(now, item) if item else "",
        "column": mapped.get(item.node.key) if item and item.node else None,
        "preview": preview(now, asked, spoken),
        "kinds": Kind,
    }


@dataclass
class Other:
    """A question that a condition may speak of: its kind, how it is compared, and its choices if it has any."""

    name: str
    label: str
    signs: list[Sign]
    kind: Kind
    choices: list[tuple[str, str]]


def _others(now: Opened, item: Item | None, spoken: str) -> list[Other]:
    own = {one.name for one in rows.within(now.items, item)} if item else set[str]()
    return [
        Other(
            node.name, building_words.label(node, spoken), signs_of(node.kind), node.kind, _choices(now, node, spoken)
        )
        for node in now.definition.questions()
        if node.name in now.kinds and node.name not in own
    ]


def _choices(now: Opened, node: Node, spoken: str) -> list[tuple[str, str]]:
    if node.kind not in CHOSEN:
        return []
    return [(one.name, said(one.label, spoken)) for one in now.definition.choices.get(node.list, ())]


def _places(now: Opened, item: Item) -> list[tuple[int, str]]:
    """Give the lines behind which a question may be put, with their words."""
    found = [(1, tk._("At the beginning"))]
    for one in now.items:
        if item.row <= one.row <= item.last:
            continue
        if one.last > one.row:
            found.append((one.row, tk._("In “{group}”, first").format(group=_label(one))))
        if not one.row < item.row <= one.last:
            found.append((one.last, tk._("After “{question}”").format(question=_label(one))))
        else:
            found.append((one.last, tk._("Out of “{group}”, after it").format(group=_label(one))))
    return found


def preview(now: Opened, asked: Asked, spoken: str) -> list[Shown]:
    """Give a question as it will be asked; nothing as long as it isn't whole."""
    row = asked.item.row if asked.item else None
    try:
        sheets, at = save(now.sheets, now.definition, asked.question, row=row, after=asked.after)
    except (QuestionError, BuildError):
        return []
    meant = reading.look(sheets)[0]
    node = next((one for one in meant.walk() if one.row == at), None)
    if node is None:
        return []
    alone = Definition("", meant.languages, (replace(node, relevant=None, path=(node.name,)),), meant.choices)
    return answers.judge(alone, {}, local_now(), spoken, complete=False).shown
