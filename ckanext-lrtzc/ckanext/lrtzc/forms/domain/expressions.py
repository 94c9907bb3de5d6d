"""Conditions, constraints and calculations: the part of XPath that XForms are written in, parsed and computed safely.

What is read is what XLSForm allows in its cells: `${question}`, `.`, texts, numbers, operators and functions, and rows
of files and lists (`instance('x')/root/item[…]/column`); no path into the document, and nothing that could run longer
than its own length times the rows it names.

Sources: XPath 1.0 (W3C, sections 3 and 4); ODK XForms specification, “XPath functions”, “Secondary instances”.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

LONGEST = 4_000
"""Characters of an expression."""
DEEPEST = 60
"""Levels of brackets in an expression."""

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<ref>\$\{\s*[^{}]*?\s*\})
    | (?P<text>"[^"]*"|'[^']*')
    | (?P<number>\d+(?:\.\d*)?|\.\d+)
    | (?P<sign>!=|<=|>=|//|\.\.|::|[-+*=<>()\[\],./|@])
    | (?P<name>[^\W\d][\w.-]*(?::[^\W\d][\w.-]*)?)
    )""",
    re.VERBOSE,
)
_WORDS = ("and", "or", "div", "mod")


class ExpressionError(ValueError):
    """An expression can't be read: `code` says why, `found` is the part at fault."""

    def __init__(self, code: str, found: str = ""):
        self.code, self.found = code, found
        super().__init__(f"{code}: {found}")


@dataclass(frozen=True)
class Literal:
    """A text or a number."""

    value: str | float


@dataclass(frozen=True)
class Ref:
    """The answer to a question, by its name."""

    name: str


@dataclass(frozen=True)
class Column:
    """In a filter of choices, what the choice says in one of its columns."""

    name: str


@dataclass(frozen=True)
class Current:
    """The answer that is judged."""


@dataclass(frozen=True)
class Call:
    """A function or an operator, and what it is given."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Rows:
    """Rows of a file or a list that hold to conditions, and the cells of one of their columns.

    `source` is its name, `steps` the two names that lead to its rows; without a `column` the rows themselves are meant.
    """

    source: str
    steps: tuple[str, str]
    where: tuple[Expression, ...] = ()
    column: str = ""


Expression = Literal | Ref | Column | Current | Call | Rows

#: How strongly operators bind, and how they are called.
_BINDING: dict[str, int] = {
    "or": 1, "and": 2, "=": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "div": 6, "mod": 6,
}  # fmt: skip


class _Tokens:
    def __init__(self, text: str):
        self.found: list[tuple[str, str]] = []
        place = 0
        text = text.rstrip()
        while place < len(text):
            match = _TOKEN.match(text, place)
            if match is None:
                raise ExpressionError("unreadable", text[place:].strip()[:20])
            kind = str(match.lastgroup)
            self.found.append((kind, match.group(kind)))
            place = match.end()
        self.place = 0

    def peek(self) -> tuple[str, str]:
        return self.found[self.place] if self.place < len(self.found) else ("end", "")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.place += 1
        return token

    def expect(self, sign: str) -> None:
        kind, found = self.take()
        if found != sign or kind != "sign":
            raise ExpressionError("expected", sign)


def parse(text: str, functions: Callable[[str], tuple[int, int] | None]) -> Expression:
    """Read an expression.

    :param functions: gives how many arguments a function takes, at least and at most; None where it isn't known
    :raises ExpressionError: where it can't be read or asks for something that isn't computed here
    """
    if len(text) > LONGEST:
        raise ExpressionError("too_long")
    tokens = _Tokens(text)
    if not tokens.found:
        raise ExpressionError("unreadable")
    found = _Parser(tokens, functions).expression(0, 0)
    kind, rest = tokens.peek()
    if kind != "end":
        raise ExpressionError("path" if rest in ("/", "//", "[", "::", "@") else "unexpected", rest)
    return found


class _Parser:
    def __init__(self, tokens: _Tokens, functions: Callable[[str], tuple[int, int] | None]):
        self.tokens, self.functions = tokens, functions

    def expression(self, binding: int, depth: int) -> Expression:
        if depth > DEEPEST:
            raise ExpressionError("too_deep")
        left = self.operand(depth)
        while True:
            kind, sign = self.tokens.peek()
            strength = _BINDING.get(sign, 0) if kind == "sign" or sign in _WORDS else 0
            if strength <= binding:
                return left
            self.tokens.take()
            left = Call(sign, (left, self.expression(strength, depth + 1)))

    def operand(self, depth: int) -> Expression:
        kind, found = self.tokens.take()
        match kind:
            case "text":
                return Literal(found[1:-1])
            case "number":
                return Literal(float(found))
            case "ref":
                name = found[2:-1].strip()
                if not name or "#" in name:
                    raise ExpressionError("unreadable", found)
                return Ref(name)
            case "name" if found == "instance" and self.tokens.peek() == ("sign", "("):
                return self.rows(depth)
            case "name" if self.tokens.peek() == ("sign", "("):
                return self.call(found, depth)
            case "name" if found not in _WORDS:
                return Column(found)
            case "sign" if found == ".":
                return Current()
            case "sign" if found == "-":
                return Call("negative", (self.expression(6, depth + 1),))
            case "sign" if found == "(":
                inner = self.expression(0, depth + 1)
                self.tokens.expect(")")
                return inner
            case "end":
                raise ExpressionError("cut")
            case _:
                raise ExpressionError("path" if found in ("/", "//", "..", "@") else "unexpected", found)

    def rows(self, depth: int) -> Expression:
        self.tokens.expect("(")
        kind, source = self.tokens.take()
        if kind != "text":
            raise ExpressionError("bad_instance", source)
        self.tokens.expect(")")
        steps = (self.step(), self.step())
        where: list[Expression] = []
        while self.tokens.peek() == ("sign", "["):
            self.tokens.take()
            where.append(self.condition(depth))
            self.tokens.expect("]")
        column = self.step() if self.tokens.peek() == ("sign", "/") else ""
        return Rows(source[1:-1].strip(), steps, tuple(where), column)

    def step(self) -> str:
        (_kind, sign), (kind, name) = self.tokens.take(), self.tokens.take()
        if sign != "/" or kind != "name":
            raise ExpressionError("bad_instance", name or sign)
        return name

    def condition(self, depth: int) -> Expression:
        """Read what rows hold to. Rows within rows would multiply, and a row isn't told by where the form stands."""
        found = self.expression(0, depth + 1)
        match found:
            case Call("=", (Call("position", ()), place)) | Call("=", (place, Call("position", ()))):
                found = Call("number", (place,))
            case _:
                pass
        for part in walk(found):
            if isinstance(part, Rows | Current) or (isinstance(part, Call) and part.name == "position"):
                said = "instance()" if isinstance(part, Rows) else "." if isinstance(part, Current) else "position()"
                raise ExpressionError("bad_instance", said)
        return found

    def call(self, name: str, depth: int) -> Expression:
        self.tokens.expect("(")
        arguments: list[Expression] = []
        if self.tokens.peek() == ("sign", ")"):
            self.tokens.take()
        elif name == "position" and self.tokens.peek() == ("sign", ".."):
            self.tokens.take()
            self.tokens.expect(")")
        else:
            while True:
                arguments.append(self.expression(0, depth + 1))
                kind, sign = self.tokens.take()
                if (kind, sign) == ("sign", ")"):
                    break
                if (kind, sign) != ("sign", ","):
                    path = sign in ("/", "[")
                    raise ExpressionError("path" if path else "expected", sign if path else ")")
        bounds = self.functions(name)
        if bounds is None:
            raise ExpressionError("unknown_function", f"{name}()")
        if not bounds[0] <= len(arguments) <= bounds[1]:
            raise ExpressionError("arguments", f"{name}()")
        return Call(name, tuple(arguments))


def walk(expression: Expression, *, inside: bool = True) -> list[Expression]:
    """Give an expression and all that it is made of; what rows hold to only where `inside` says so."""
    found: list[Expression] = [expression]
    parts: tuple[Expression, ...] = ()
    if isinstance(expression, Call):
        parts = expression.arguments
    elif isinstance(expression, Rows) and inside:
        parts = expression.where
    for part in parts:
        found += walk(part, inside=inside)
    return found


def refs(expression: Expression | None) -> list[str]:
    """Give the names of the questions that an expression asks for."""
    return [one.name for one in walk(expression) if isinstance(one, Ref)] if expression is not None else []


Value = Any
"""What an expression gives: a text (empty where there is no answer), a number, a truth, a date, or a list of these."""
