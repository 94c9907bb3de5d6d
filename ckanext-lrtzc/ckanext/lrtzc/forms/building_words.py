"""What the page that builds a form says, in words."""

from __future__ import annotations

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.forms.domain.building import Item
from ckanext.lrtzc.forms.domain.conditions import WITHOUT_VALUE, Condition, Line, Sign, condition_of
from ckanext.lrtzc.forms.domain.definition import Definition, Node, said
from ckanext.lrtzc.forms.domain.faults import Fault
from ckanext.lrtzc.forms.domain.kinds import CHOSEN
from ckanext.lrtzc.forms.domain.questions import kinds_of


def sort_name(code: str) -> str:
    """Say what a kind of question is called."""
    return {
        "text": tk._("Short text"),
        "long": tk._("Long text"),
        "email": tk._("E-mail address"),
        "integer": tk._("Whole number"),
        "decimal": tk._("Number"),
        "date": tk._("Date"),
        "time": tk._("Time"),
        "instant": tk._("Date and time"),
        "yesno": tk._("Yes or no"),
        "one": tk._("One choice"),
        "dropdown": tk._("Drop-down list"),
        "many": tk._("Several choices"),
        "scale": tk._("Scale"),
        "tick": tk._("Box to tick"),
        "point": tk._("Place: a point"),
        "line": tk._("Place: a line"),
        "area": tk._("Place: an area"),
        "photo": tk._("Photo"),
        "note": tk._("Text to read"),
        "calculation": tk._("Calculated value"),
        "group": tk._("Group of questions"),
        "repeat": tk._("Repeated group"),
        "matrix": tk._("Grid of choices"),
    }[code]


def families() -> list[tuple[str, list[str]]]:
    """Give the kinds of questions as they are offered, by family."""
    return [
        (tk._("Write"), ["text", "long", "email", "integer", "decimal", "date", "time", "instant"]),
        (tk._("Choose"), ["one", "dropdown", "many", "yesno", "tick", "scale", "matrix"]),
        (tk._("Locate and show"), ["point", "line", "area", "photo"]),
        (tk._("Arrange"), ["note", "group", "repeat", "calculation"]),
    ]


def sign(code: Sign) -> str:
    """Say how an answer is compared."""
    return {
        Sign.IS: tk._("is"),
        Sign.NOT: tk._("isn't"),
        Sign.HAS: tk._("includes"),
        Sign.LACKS: tk._("doesn't include"),
        Sign.LESS: tk._("is less than"),
        Sign.MOST: tk._("is at most"),
        Sign.MORE: tk._("is more than"),
        Sign.LEAST: tk._("is at least"),
        Sign.FILLED: tk._("is answered"),
        Sign.EMPTY: tk._("isn't answered"),
    }[code]


def label(node: Node, language: str) -> str:
    """Give the text of a question, or its name where it has none."""
    return said(node.label, language) or said(node.hint, language) or node.name


def condition(item: Item, definition: Definition, language: str) -> str:
    """Say on which condition a question is asked, in words where lines say it."""
    found = condition_of(item.cells.get(("relevant", ""), ""), kinds_of(definition))
    if found.expression or not found.lines:
        return found.expression
    return lines(found, definition, language)


def lines(found: Condition, definition: Definition, language: str) -> str:
    """Say the lines of a condition."""
    joint = tk._(" and ") if found.every else tk._(" or ")
    return joint.join(_line(line, definition, language) for line in found.lines)


def _line(line: Line, definition: Definition, language: str) -> str:
    node = definition.named(line.question)
    asked = label(node, language) if node else line.question
    if line.sign in WITHOUT_VALUE:
        return tk._("“{question}” {sign}").format(question=asked, sign=sign(line.sign))
    value = line.value
    if node is not None and node.kind in CHOSEN:
        choices = {one.name: said(one.label, language) for one in definition.choices.get(node.list, ())}
        value = choices.get(value, value)
    return tk._("“{question}” {sign} “{value}”").format(question=asked, sign=sign(line.sign), value=value)


def error(code: str, found: str) -> str:
    """Say what is wrong with a field of a question's page."""
    return {
        "bad_name": tk._(
            "“{found}” can't be a name: it begins with a letter or a low line, and holds letters, digits, “-”, “_” and "
            "“.” only."
        ),
        "same_name": tk._("The name “{found}” is taken by another question: give this one a name of its own."),
        "no_text": tk._("Write the question, in one language at least."),
        "no_calculation": tk._("Write what is to be calculated."),
        "no_choices": tk._("Give one choice at least."),
        "bad_choice_name": tk._("The value of a choice can't hold spaces: “{found}”."),
        "same_choice_name": tk._("Two choices have the value “{found}”: give each one of its own."),
        "no_rows": tk._("Give one row at least."),
        "both_marks": tk._("A value can't hold both kinds of quotation marks (' and \"): “{found}”."),
        "not_number": tk._("“{found}” isn't a number."),
        "not_day": tk._("“{found}” isn't a date, such as 2024-12-31."),
        "not_length": tk._("“{found}” isn't a number of characters."),
        "no_question": tk._("No question is named “{found}”: choose another."),
        "not_comparable": tk._("The answers to “{found}” can't be compared so: choose another comparison."),
        "no_value": tk._("Say what the answer to “{found}” is compared with."),
        "no_such_choice": tk._("In the condition, “{found}” is no choice of the question it speaks of: choose again."),
        "bad_language": tk._("Give the name of a language."),
        "same_language": tk._("The form has this language already."),
        "into_itself": tk._("A group can't be moved into itself."),
        "gone": tk._("This question isn't in the form any more: somebody took it away."),
    }[code].format(found=found)


def fault(found: Fault) -> str:
    """Say what is wrong with a definition without speaking of sheets, where a page shows the question itself."""
    column = {
        "relevant": tk._("Condition"),
        "required": tk._("Answer needed"),
        "constraint": tk._("Limits"),
        "calculation": tk._("Calculation"),
        "choice_filter": tk._("Choices offered"),
        "repeat_count": tk._("Number of repeats"),
    }
    params = dict(found.params)
    if "column" in params:
        params["column"] = column.get(params["column"], params["column"])
    return Fault(found.code, found.sheet, found.row, params, found.warning).sentence(tk._)


def column_type(code: str) -> str:
    """Say what a column holds."""
    return {
        "text": tk._("text"),
        "int8": tk._("whole number"),
        "numeric": tk._("number"),
        "date": tk._("date"),
        "timestamp": tk._("date and time"),
        "bool": tk._("yes or no"),
    }.get(code, code)
