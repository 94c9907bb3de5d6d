"""What was typed on the page of a question, as a question; and what its buttons do before anything is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .choosing import CHOICES_MOST, Option, moved, options_of
from .conditions import LINES, Condition, Limits, Line, Sign, signs_of
from .kinds import Kind
from .questions import TEXTS, Question
from .sorts import SORTS, exchangeable
from .workbook import Workbook, clean

Given = Mapping[str, str]


def typed_question(given: Given, base: Question, languages: list[str], kinds: Mapping[str, Kind]) -> Question:
    """Give the question that the fields of its page say.

    :param given: the fields: texts as `label.0`, lines of the condition as `line.0.sign`, choices as `option.0.name`
    :param base: the question before, of which the page doesn't change `kept`
    :param kinds: of the questions that a condition may speak of, by name
    """

    def one(name: str, usual: str = "") -> str:
        return clean(given.get(name, usual))

    sort = SORTS.get(one("sort"), base.sort)
    if sort not in exchangeable(base.sort):
        sort = base.sort
    found = replace(base, sort=sort, name=one("name"))
    found.texts = dict(base.texts) | {
        (column, language): one(f"{column}.{place}")
        for column in TEXTS
        for place, language in enumerate(languages)
        if f"{column}.{place}" in given
    }
    found.required = one("required_when") or ("yes" if one("required") else "")
    found.condition = _condition(given, kinds)
    found.limits = Limits(*(one(name) for name in ("least", "most", "longest", "pattern")))
    found.bound, found.default, found.look = one("bound"), one("default"), one("look")
    found.calculation, found.repeat_count = one("calculation"), one("repeat_count")
    found.scale = {name: one(name) for name in ("start", "end", "step")}
    found.personal = bool(one("personal"))
    found.group, found.own = one("group"), bool(one("own"))
    # longer lists than the page shows are left as they are
    found.options = base.options if "options_kept" in given else _options(given, languages)
    found.rows = [text for text in map(clean, given.get("rows", "").splitlines()[:100]) if text]
    return found


def _numbered(given: Given, prefix: str, most: int) -> list[int]:
    """Give the places of fields such as `option.3.name`, in order."""
    places = {key.split(".")[1] for key in given if key.startswith(f"{prefix}.") and key.count(".") > 1}
    return sorted(int(place) for place in places if place.isdecimal() and len(place) < 5)[:most]


def _options(given: Given, languages: list[str]) -> list[Option]:
    found: list[Option] = []
    for place in _numbered(given, "option", CHOICES_MOST):
        row = given.get(f"option.{place}.row", "")
        labels = {one: clean(given.get(f"option.{place}.label.{at}", "")) for at, one in enumerate(languages)}
        number = int(row) if row.isdecimal() and len(row) < 7 else None
        found.append(Option(number, clean(given.get(f"option.{place}.name", "")), labels))
    return found


def _condition(given: Given, kinds: Mapping[str, Kind]) -> Condition:
    """Give the condition: an expression that was written takes the place of lines that were chosen."""
    expression = clean(given.get("relevant", ""))
    if expression:
        return Condition(expression=expression)
    found: list[Line] = []
    for place in _numbered(given, "line", LINES):
        name, value = (clean(given.get(f"line.{place}.{part}", "")) for part in ("question", "value"))
        offered = signs_of(kinds[name]) if name in kinds else list(Sign)
        sign = given.get(f"line.{place}.sign", "")
        found.append(Line(name, Sign(sign) if sign in offered else offered[0], value))
    return Condition(tuple(found), given.get("every", "all") != "any")


def focus_after(button: str, question: Question) -> str:
    """Give the id of what one goes on with once a button of the page of a question was pressed; nothing where it stays.

    :param question: as the button left it
    """
    verb, _, at = button.partition(".")
    place = int(at) if at.isdecimal() and len(at) < 5 else 0
    last = len(question.options) - 1
    match verb:
        case "option-up" if place > 1:
            return f"option-up-{place - 1}"
        case "option-up":
            return "option-down-0"
        case "option-down" if place < last - 1:
            return f"option-down-{place + 1}"
        case "option-down":
            return f"option-up-{last}"
        case "option-remove":
            return f"option-remove-{min(place, last)}" if last >= 0 else "option-add"
        case "option-add":
            # the first of those that came: none of them has a text or a name
            empty = len(question.options)
            while empty and question.options[empty - 1] == Option():
                empty -= 1
            return f"option-{min(empty, max(last, 0))}-0"
        case "line-add":
            return f"line-{len(question.condition.lines) - 1}-question"
        case "line-remove":
            return "line-add"
        case "look":
            return "as-asked"
        case _:
            return ""


def pressed(question: Question, button: str, given: Given, workbook: Workbook, kinds: Mapping[str, Kind]) -> Question:
    """Give the question once a button of its page was pressed: `option-up.2`, `line-add`; another list was chosen."""
    verb, _, at = button.partition(".")
    place = int(at) if at.isdecimal() and len(at) < 5 else -1
    lines = list(question.condition.lines)
    match verb:
        case "option-up" | "option-down":
            question.options = moved(question.options, place, verb == "option-down")
        case "option-remove":
            question.options = [one for index, one in enumerate(question.options) if index != place]
        case "option-add":
            question.options = [*question.options, Option(), Option(), Option()][:CHOICES_MOST]
        case "line-add" if kinds:
            first = next(iter(kinds))
            added = Line(first, signs_of(kinds[first])[0])
            question.condition = Condition((*lines, added)[:LINES], question.condition.every)
        case "line-remove":
            left = tuple(line for index, line in enumerate(lines) if index != place)
            question.condition = Condition(left, question.condition.every)
        case _:
            pass
    if question.choosing and question.group != given.get("shown_group", question.group):
        question.options = options_of(workbook, question.group) or question.options
    return question
