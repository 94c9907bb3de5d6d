"""A question as the page that builds a form shows it: read from its row, taken from what was typed, written back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .building import (
    Item,
    cells_of,
    free_name,
    header_for,
    insert,
    item_at,
    name_from,
    names_in,
    outline,
    put,
    rename,
    survey_of,
)
from .choosing import Option, fault_of, free_list, options_of, put_options
from .conditions import (
    EMAIL,
    WITHOUT_VALUE,
    Condition,
    ConditionError,
    Limits,
    condition_of,
    limits_of,
    parsed,
    written,
    written_limits,
)
from .definition import Definition, code_of
from .kinds import CHOSEN, NAMES, Kind
from .reading import PERSONAL
from .sorts import YES_NO, YES_NO_TEXTS, Bounded, Sort
from .workbook import SURVEY, Sheet, Workbook

TEXTS = ("label", "hint", "required_message", "constraint_message")
_YES = ("yes", "true", "true()", "oui", "vrai", "1")
_NO = ("no", "false", "false()", "non", "faux", "0", "")
_NAME = re.compile(r"[^\W\d][\w.-]*")
_SCALE = ("start", "end", "step")
_SPOKEN = frozenset(
    [
        "type",
        "name",
        "required",
        "relevant",
        "constraint",
        "default",
        "appearance",
        "calculation",
        "parameters",
        PERSONAL,
        "repeat_count",
        *TEXTS,
    ]
)


class QuestionError(ValueError):
    """A question can't be written: `errors` say why, as a code and the part at fault, by field."""

    def __init__(self, errors: Mapping[str, tuple[str, str]]):
        self.errors = dict(errors)
        super().__init__(str(self.errors))


@dataclass
class Question:
    """The fields of the page of a question; `kept` are the cells that the page shows and leaves as they are.

    `required` is `yes`, nothing, or an expression; `bound` the constraint where limits can't say it. `group` is the
    name of its list of choices, `own` asks for a list of its own in place of a shared one. `rows` are the questions
    that a new matrix begins with.
    """

    sort: Sort
    name: str = ""
    texts: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    required: str = ""
    condition: Condition = field(default_factory=Condition)
    limits: Limits = field(default_factory=Limits)
    bound: str = ""
    default: str = ""
    look: str = ""
    calculation: str = ""
    repeat_count: str = ""
    scale: dict[str, str] = field(default_factory=dict[str, str])
    personal: bool = False
    group: str = ""
    own: bool = False
    rows: list[str] = field(default_factory=list[str])
    options: list[Option] = field(default_factory=list[Option])
    kept: dict[str, str] = field(default_factory=dict[str, str])

    new: bool = False

    @property
    def kind(self) -> Kind:
        """The kind of its answers, by which limits are written."""
        return NAMES.get(self.sort.type, Kind.TEXT)

    @property
    def choosing(self) -> bool:
        """Whether its page shows a list of choices: that of a matrix is asked for when it is made."""
        return self.sort.chosen or (self.new and self.sort.code == "matrix")


def kinds_of(definition: Definition) -> dict[str, Kind]:
    """Give the kinds of the questions that a condition may speak of, by name."""
    return {node.name: node.kind for node in definition.questions() if node.kind not in (Kind.NOTE, Kind.ABSENT)}


def new_question(workbook: Workbook, definition: Definition, sort: Sort) -> Question:
    """Give the question that the page shows for a new one."""
    question = Question(sort, personal=sort.code == "email", new=True)
    if sort.code == "scale":
        question.scale = {"start": "0", "end": "10", "step": "1"}
    if sort.code == "yesno":
        question.group = YES_NO
        question.options = options_of(workbook, YES_NO)
        if not question.options:
            question.options = [
                Option(None, name, {one: texts.get(code_of(one), texts[""]) for one in definition.languages or [""]})
                for name, texts in YES_NO_TEXTS.items()
            ]
    return question


def question_of(workbook: Workbook, definition: Definition, row: int) -> tuple[Item, Question]:
    """Read the question of a row. Raises BuildError where none begins there.

    :raises QuestionError: where the page offers nothing like it
    """
    item = item_at(outline(workbook, definition), row)
    sheet = workbook.sheet(SURVEY)
    if item.sort is None or item.node is None or sheet is None:
        raise QuestionError({"sort": ("not_offered", item.told)})
    cells = cells_of(sheet, row)

    def cell(name: str) -> str:
        return cells.get((name, ""), "")

    sort, constraint = item.sort, cell("constraint")
    found = Question(sort, cell("name"))
    found.texts = {where: text for where, text in cells.items() if where[0] in TEXTS}
    found.required = "yes" if cell("required").lower() in _YES else ""
    if cell("required").lower() not in (*_YES, *_NO):
        found.required = cell("required")
    found.condition = condition_of(cell("relevant"), kinds_of(definition))
    limits = limits_of(constraint, found.kind) if sort.bounded or sort.code == "email" else None
    found.limits, found.bound = (Limits(), constraint) if limits is None else (limits, "")
    if sort.code == "email":
        found.limits = Limits()
    found.default, found.calculation = cell("default"), cell("calculation")
    found.look = " ".join(word for word in cell("appearance").split() if word != sort.appearance)
    found.repeat_count = cell("repeat_count")
    found.personal = cell(PERSONAL).lower() in _YES
    found.group = item.node.list
    found.options = options_of(workbook, found.group)
    if sort.code == "scale" and item.node.scale is not None:
        scale = item.node.scale
        found.scale = {name: f"{getattr(scale, name):.10g}" for name in _SCALE}
    spoken = _SPOKEN - ({"parameters"} if sort.code != "scale" else set())
    found.kept = {header_for(sheet, *where): text for where, text in cells.items() if where[0] not in spoken}
    return item, found


def _constraint(question: Question) -> str:
    if question.bound:
        return question.bound
    if question.sort.code == "email":
        return written_limits(Limits(pattern=EMAIL), Kind.TEXT)
    limits = question.limits
    match question.sort.bounded:
        case Bounded.TEXT:
            limits = replace(limits, least="", most="")
        case None:
            limits = Limits()
        case _:
            limits = replace(limits, longest="", pattern="")
    return written_limits(limits, question.kind)


def _checked(question: Question, workbook: Workbook, definition: Definition, old: str) -> dict[str, str]:
    """Give the expressions of a question. Raises QuestionError with all that is wrong with it."""
    errors: dict[str, tuple[str, str]] = {}
    found: dict[str, str] = {}
    taken = names_in(workbook) - {old.lower()}
    if question.name and not _NAME.fullmatch(question.name):
        errors["name"] = ("bad_name", question.name)
    elif question.name.lower() in taken:
        errors["name"] = ("same_name", question.name)
    told = any(text for (column, _language), text in question.texts.items() if column in ("label", "hint"))
    silent = question.sort.nesting or question.sort.code == "calculation" or question.calculation
    if not told and not silent and not any("image" in header for header in question.kept):
        errors["label"] = ("no_text", "")
    if question.sort.code == "calculation" and not question.calculation:
        errors["calculation"] = ("no_calculation", "")
    for name, write in (
        ("condition", lambda: written(question.condition, kinds_of(definition))),
        ("limits", lambda: _constraint(question)),
    ):
        try:
            found[name] = write()
        except ConditionError as error:
            errors[name] = (error.code, error.found)
    for line in question.condition.lines:
        node = definition.named(line.question)
        if node is None or node.kind not in CHOSEN or line.sign in WITHOUT_VALUE or not line.value:
            continue
        if line.value not in [choice.name for choice in definition.choices.get(node.list, ())]:
            errors["condition"] = ("no_such_choice", line.value)
    if question.choosing and (wrong := fault_of(question.options)):
        errors["choices"] = wrong
    if question.new and question.sort.code == "matrix" and not question.rows:
        errors["rows"] = ("no_rows", "")
    if errors:
        raise QuestionError(errors)
    return found


def save(
    workbook: Workbook, definition: Definition, question: Question, *, row: int | None = None, after: int = 1
) -> tuple[Workbook, int]:
    """Write a question: in its row, or as a new one behind a line.

    :returns: the workbook, and the row of the question
    :raises QuestionError: with all that is wrong with it, by field
    :raises BuildError: where nothing begins at the row any more
    """
    item = item_at(outline(workbook, definition), row) if row is not None else None
    expressions = _checked(question, workbook, definition, item.name if item else "")
    copy, sheet = survey_of(workbook)
    old = item.name if item else ""
    said = next((text for (column, _one), text in question.texts.items() if column == "label" and text), "")
    name = question.name or old or free_name(name_from(said, question.sort.code), names_in(workbook))
    group = _list_of(question, copy, name)
    at = item.row if item else _begun(sheet, after, question, group, name, workbook)
    put(sheet, at, _cells(question, name, group, expressions, item))
    if item and item.name and name != item.name:
        rename(copy, item.name, name)
    if question.choosing:
        put_options(copy, group, question.options)
    return copy, at


def _begun(sheet: Sheet, after: int, question: Question, group: str, name: str, workbook: Workbook) -> int:
    """Make the rows of a new question, and give the first: a group has its end, a matrix its questions."""
    if not question.sort.nesting:
        return insert(sheet, after, [[]])
    matrix = question.sort.code == "matrix"
    rows = question.rows if matrix else []
    at = insert(sheet, after, [[] for _each in range(len(rows) + 2)])
    taken = names_in(workbook) | {name.lower()}
    first = next((one for column, one in question.texts if column == "label"), "")
    for place, text in enumerate(rows, at + 1):
        cells = {("type", ""): f"select_one {group}", ("name", ""): free_name(name_from(text), taken)}
        put(sheet, place, cells | {("label", first): text})
    put(sheet, at + len(rows) + 1, {("type", ""): f"end {question.sort.type}"})
    return at


def _list_of(question: Question, workbook: Workbook, name: str) -> str:
    if not question.choosing:
        return ""
    if question.own or not question.group:
        for option in question.options:
            option.row = None
        return free_list(workbook, name)
    return question.group


def _cells(
    question: Question, name: str, group: str, expressions: Mapping[str, str], item: Item | None
) -> dict[tuple[str, str], str]:
    sort = question.sort
    told = f"{sort.type} {group}" if sort.chosen else f"begin {sort.type}" if sort.nesting else sort.type
    # what was written stays as it was written, where it means the same
    if item is not None and item.sort is sort and (not sort.chosen or item.node is None or item.node.list == group):
        told = item.told
    plain = {
        "type": told,
        "name": name,
        "required": question.required if sort.asked else "",
        "relevant": expressions["condition"],
        "constraint": expressions["limits"] if sort.asked else "",
        "default": question.default,
        "appearance": f"{_look(sort, item)} {question.look}".strip(),
        "calculation": question.calculation,
        PERSONAL: "yes" if question.personal else "",
        "repeat_count": question.repeat_count if sort.code == "repeat" else "",
    }
    if sort.code == "scale":
        before = item.cells.get(("parameters", ""), "") if item is not None else ""
        others = [part for part in before.split() if part.partition("=")[0] not in _SCALE]
        said = [f"{key}={question.scale[key]}" for key in _SCALE if question.scale.get(key)]
        plain["parameters"] = " ".join(said + others)
    if item is not None:
        _unchanged(plain, item)
    return {(column, ""): value for column, value in plain.items()} | question.texts


def _look(sort: Sort, item: Item | None) -> str:
    """Give the word of appearance that a sort needs: a text of so many rows is long without it."""
    ruled = item is not None and item.node is not None and item.node.rows and sort.code == "long"
    return "" if ruled else sort.appearance


def _unchanged(plain: dict[str, str], item: Item) -> None:
    """Leave cells that mean the same as they were written, such as “true()” for a question that needs an answer."""

    def before(name: str) -> str:
        return item.cells.get((name, ""), "")

    asked = before("required").lower()
    if (asked in _YES and plain["required"] == "yes") or (asked in _NO and not plain["required"]):
        plain["required"] = before("required")
    if (before(PERSONAL).lower() in _YES) == (plain[PERSONAL] == "yes"):
        plain[PERSONAL] = before(PERSONAL)
    for name in ("relevant", "constraint"):
        if plain[name] and (meant := parsed(before(name))) is not None and meant == parsed(plain[name]):
            plain[name] = before(name)
    for name in ("appearance", "parameters"):
        if name in plain and sorted(plain[name].split()) == sorted(before(name).split()):
            plain[name] = before(name)
