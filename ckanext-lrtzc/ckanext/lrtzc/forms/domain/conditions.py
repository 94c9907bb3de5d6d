"""Conditions and limits that are chosen on a page, and the expressions that they are written as.

An expression that was typed is read back as choices only where these, written again, are the same expression: so
nothing of it is lost. Others stay as they were typed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .expressions import Call, Current, Expression, ExpressionError, Literal, Ref, parse
from .functions import bounds
from .kinds import PLACES, Kind
from .values import as_text

EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
"""The pattern that e-mail addresses are held to."""
TODAY = "today"
_NUMBERS = frozenset([Kind.INTEGER, Kind.DECIMAL, Kind.RANGE])
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
LINES = 20
"""Lines of a condition, at most."""


class Sign(StrEnum):
    """How an answer is compared."""

    IS = "is"
    NOT = "not"
    HAS = "has"
    LACKS = "lacks"
    LESS = "less"
    MOST = "most"
    MORE = "more"
    LEAST = "least"
    FILLED = "filled"
    EMPTY = "empty"


_WRITTEN = {Sign.IS: "=", Sign.NOT: "!=", Sign.LESS: "<", Sign.MOST: "<=", Sign.MORE: ">", Sign.LEAST: ">="}
_SIGNS = {written: sign for sign, written in _WRITTEN.items()}
_ORDERED = (Sign.LESS, Sign.MOST, Sign.MORE, Sign.LEAST)
WITHOUT_VALUE = (Sign.FILLED, Sign.EMPTY)


class ConditionError(ValueError):
    """A line can't be written: `code` says why, `found` is the part at fault."""

    def __init__(self, code: str, found: str = ""):
        self.code, self.found = code, found
        super().__init__(f"{code}: {found}")


@dataclass(frozen=True)
class Line:
    """One comparison: the name of a question, a sign, and a value as it is typed."""

    question: str
    sign: Sign
    value: str = ""


@dataclass(frozen=True)
class Condition:
    """Lines of which all must hold, or one of them; or an `expression` that lines can't say."""

    lines: tuple[Line, ...] = ()
    every: bool = True
    expression: str = ""


@dataclass(frozen=True)
class Limits:
    """What an answer is held to, as typed: the least and the most (numbers, or days), the length, a pattern."""

    least: str = ""
    most: str = ""
    longest: str = ""
    pattern: str = ""


def signs_of(kind: Kind) -> list[Sign]:
    """Give the signs by which answers to a kind of question can be compared."""
    match kind:
        case Kind.MANY:
            return [Sign.HAS, Sign.LACKS, Sign.FILLED, Sign.EMPTY]
        case Kind.ONE | Kind.TEXT | Kind.TIME:
            return [Sign.IS, Sign.NOT, Sign.FILLED, Sign.EMPTY]
        case kind if kind in PLACES or kind is Kind.TICK:
            return [Sign.FILLED, Sign.EMPTY]
        case _:
            return [Sign.IS, Sign.NOT, *_ORDERED, Sign.FILLED, Sign.EMPTY]


def quoted(text: str) -> str:
    """Write a text in an expression.

    :raises ConditionError: where it holds both kinds of quotation marks, which XPath 1.0 can't write
    """
    if "'" not in text:
        return f"'{text}'"
    if '"' in text:
        raise ConditionError("both_marks", text)
    return f'"{text}"'


def number(text: str) -> str:
    """Write a number, typed with a point or a comma.

    :raises ConditionError: where it is none
    """
    plain = re.sub(r"[\s\u00a0\u202f]", "", text).replace(",", ".")
    if not _NUMBER.fullmatch(plain):
        raise ConditionError("not_number", text)
    return plain


def day(text: str) -> str:
    """Write a day.

    :raises ConditionError: where it is none
    """
    if text.strip() == TODAY:
        return "today()"
    try:
        return f"date('{dt.date.fromisoformat(text.strip()).isoformat()}')"
    except ValueError as error:
        raise ConditionError("not_day", text) from error


def written(condition: Condition, kinds: Mapping[str, Kind]) -> str:
    """Write a condition as an expression.

    :param kinds: of the questions, by name
    :raises ConditionError: where a line speaks of no question, or its value isn't of the question's kind
    """
    if condition.expression:
        return condition.expression
    joint = " and " if condition.every else " or "
    return joint.join(_line(line, kinds) for line in condition.lines)


def _line(line: Line, kinds: Mapping[str, Kind]) -> str:
    kind = kinds.get(line.question)
    if kind is None:
        raise ConditionError("no_question", line.question)
    if line.sign not in signs_of(kind):
        raise ConditionError("not_comparable", line.question)
    asked, value = f"${{{line.question}}}", line.value.strip()
    match line.sign:
        case Sign.FILLED:
            return f"{asked} != ''"
        case Sign.EMPTY:
            return f"{asked} = ''"
        case _ if not value:
            raise ConditionError("no_value", line.question)
        case Sign.HAS:
            return f"selected({asked}, {quoted(value)})"
        case Sign.LACKS:
            return f"not(selected({asked}, {quoted(value)}))"
        case sign:
            return f"{asked} {_WRITTEN[sign]} {_value(value, kind, sign)}"


def _value(value: str, kind: Kind, sign: Sign) -> str:
    if kind in _NUMBERS:
        return number(value)
    if kind in (Kind.DATE, Kind.TODAY):
        return day(value)
    if sign in _ORDERED and kind is Kind.CALCULATE:
        return number(value)
    if kind is Kind.CALCULATE and _NUMBER.fullmatch(value):
        return value
    return quoted(value)


def parsed(expression: str) -> Expression | None:
    """Read an expression; None where it can't be read."""
    try:
        return parse(expression, bounds)
    except ExpressionError:
        return None


def condition_of(expression: str, kinds: Mapping[str, Kind]) -> Condition:
    """Read an expression as lines where they say the same; else as it is typed."""
    if not expression.strip():
        return Condition()
    as_typed = Condition(expression=expression)
    read = parsed(expression)
    if read is None:
        return as_typed
    every = not (isinstance(read, Call) and read.name == "or")
    lines = [_read_line(part) for part in _parts(read, "and" if every else "or")]
    found = Condition(tuple(line for line in lines if line is not None), every)
    if None in lines or len(lines) > LINES:
        return as_typed
    try:
        return found if parsed(written(found, kinds)) == read else as_typed
    except ConditionError:
        return as_typed


def _parts(expression: Expression, joint: str) -> list[Expression]:
    """Give what an expression joins, from left to right."""
    found: list[Expression] = []
    while isinstance(expression, Call) and expression.name == joint:
        expression, last = expression.arguments
        found.insert(0, last)
    return [expression, *found]


def _read_line(part: Expression) -> Line | None:
    match part:
        case Call("selected", (Ref(name), Literal(str() as value))):
            return Line(name, Sign.HAS, value)
        case Call("not", (Call("selected", (Ref(name), Literal(str() as value))),)):
            return Line(name, Sign.LACKS, value)
        case Call("=", (Ref(name), Literal(""))):
            return Line(name, Sign.EMPTY)
        case Call("!=", (Ref(name), Literal(""))):
            return Line(name, Sign.FILLED)
        case Call(sign, (Ref(name), right)) if sign in _SIGNS:
            value = _typed(right)
            return Line(name, _SIGNS[sign], value) if value else None
        case _:
            return None


def _typed(value: Expression) -> str:
    """Give a value as it is typed; nothing where it is none that is typed."""
    match value:
        case Literal(float() | str() as found):
            return as_text(found)
        case Call("negative", (Literal(float() as found),)):
            return f"-{as_text(found)}"
        case Call("date", (Literal(str() as found),)):
            return found
        case Call("today", ()):
            return TODAY
        case _:
            return ""


def written_limits(limits: Limits, kind: Kind) -> str:
    """Write what an answer is held to as an expression.

    :raises ConditionError: where a limit isn't of the question's kind
    """
    write = day if kind is Kind.DATE else number
    parts = [f". >= {write(limits.least)}"] if limits.least else []
    parts += [f". <= {write(limits.most)}"] if limits.most else []
    if limits.longest:
        if not limits.longest.isdecimal():
            raise ConditionError("not_length", limits.longest)
        parts.append(f"string-length(.) <= {int(limits.longest)}")
    parts += [f"regex(., {quoted(limits.pattern)})"] if limits.pattern else []
    return " and ".join(parts)


def limits_of(expression: str, kind: Kind) -> Limits | None:
    """Read an expression as limits where they say the same; None where they can't."""
    if not expression.strip():
        return Limits()
    read = parsed(expression)
    if read is None:
        return None
    found: dict[str, str] = {}
    for part in _parts(read, "and"):
        match part:
            case Call(">=" | "<=" as sign, (Current(), right)):
                found.setdefault("least" if sign == ">=" else "most", _typed(right))
            case Call("<=", (Call("string-length", (Current(),)), Literal(float() as most))):
                found.setdefault("longest", as_text(most))
            case Call("regex", (Current(), Literal(str() as pattern))):
                found.setdefault("pattern", pattern)
            case _:
                return None
    limits = Limits(**found)
    try:
        return limits if parsed(written_limits(limits, kind) or "''") == read else None
    except ConditionError:
        return None
