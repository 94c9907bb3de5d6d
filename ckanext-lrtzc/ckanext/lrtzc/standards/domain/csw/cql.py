"""The Common Query Language of CSW (OGC 07-006r1 §6.2.2 and annex B) read into a tree."""

import re
from dataclasses import dataclass

from .errors import INVALID, CswError
from .query import (
    MOST_CONDITIONS,
    MOST_LEVELS,
    And,
    Between,
    Compare,
    Condition,
    IsNull,
    Like,
    Not,
    Or,
    checked_box,
    find_property,
    pattern,
)

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^']|'')*')
      | (?P<quoted>"[^"]*")
      | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w:.-]))
      | (?P<operator><>|!=|<=|>=|=|<|>)
      | (?P<mark>[(),])
      | (?P<word>[\w:./-]+)
    )""",
    re.VERBOSE,
)
_LONGEST = 8000


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    value: str

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.value.upper() in words


def read_cql(source: str) -> Condition:
    """Read a filter such as `AnyText LIKE '%énergie%' AND modified > '2024-01-01'`.

    :raises CswError: with what was not understood.
    """
    if len(source) > _LONGEST:
        raise CswError(INVALID, "Constraint", "The filter is too long.")
    reader = _Reader(_tokens(source))
    found = reader.any_of(0)
    reader.end()
    return found


def _tokens(source: str) -> list[_Token]:
    found: list[_Token] = []
    position = 0
    while source[position:].strip():
        match = _TOKEN.match(source, position)
        if not match or match.lastgroup is None:
            raise CswError(INVALID, "Constraint", f"Not understood: “{source[position : position + 40].strip()}”.")
        found.append(_Token(match.lastgroup, match.group(match.lastgroup)))
        position = match.end()
        if len(found) > MOST_CONDITIONS * 5:
            raise CswError(INVALID, "Constraint", "The filter has too many conditions.")
    return found


class _Reader:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def _peek(self) -> _Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _Token("end", "the end")

    def _next(self) -> _Token:
        token = self._peek()
        self._at += 1
        return token

    def _fail(self, wanted: str, found: _Token) -> CswError:
        return CswError(INVALID, "Constraint", f"{wanted} is wanted where “{found.value[:40]}” stands.")

    def end(self) -> None:
        if self._peek().kind != "end":
            raise self._fail("The end", self._peek())

    def any_of(self, level: int) -> Condition:
        if level > MOST_LEVELS:
            raise CswError(INVALID, "Constraint", "The filter is nested too deeply.")
        parts = [self._all_of(level)]
        while self._peek().is_word("OR"):
            self._next()
            parts.append(self._all_of(level))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all_of(self, level: int) -> Condition:
        parts = [self._one(level)]
        while self._peek().is_word("AND"):
            self._next()
            parts.append(self._one(level))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self, level: int) -> Condition:
        if level > MOST_LEVELS:
            raise CswError(INVALID, "Constraint", "The filter is nested too deeply.")
        token = self._next()
        if token.is_word("NOT"):
            return Not(self._one(level + 1))
        if token.kind == "mark" and token.value == "(":
            found = self.any_of(level + 1)
            self._mark(")")
            return found
        if token.is_word("BBOX", "INTERSECTS") and self._peek().value == "(":
            return self._box(token.value.upper())
        if token.kind in {"word", "quoted"}:
            return self._comparison(token)
        raise self._fail("A property", token)

    def _mark(self, mark: str) -> None:
        token = self._next()
        if token.kind != "mark" or token.value != mark:
            raise self._fail(f"“{mark}”", token)

    def _literal(self) -> str:
        token = self._next()
        if token.kind == "text":
            return token.value[1:-1].replace("''", "'")
        if token.kind == "number" or (token.kind == "word" and token.value[:1].isdigit()):
            return token.value
        raise self._fail("A value", token)

    def _comparison(self, name: _Token) -> Condition:
        of = find_property(name.value.strip('"'))
        token = self._next()
        if token.kind == "operator":
            return Compare(of, "!=" if token.value == "<>" else token.value, self._literal())
        negated = token.is_word("NOT")
        if negated:
            token = self._next()
        found: Condition
        if token.is_word("LIKE", "ILIKE"):
            found = Like(of, pattern(self._literal(), "%", "_", "\\"))
        elif token.is_word("BETWEEN"):
            lower = self._literal()
            if not self._next().is_word("AND"):
                raise CswError(INVALID, "Constraint", "BETWEEN wants two values with AND between them.")
            found = Between(of, lower, self._literal())
        elif token.is_word("IS") and not negated:
            negated = self._peek().is_word("NOT")
            if negated:
                self._next()
            if not self._next().is_word("NULL"):
                raise CswError(INVALID, "Constraint", "IS wants NULL or NOT NULL.")
            found = IsNull(of)
        elif token.is_word("AFTER", "BEFORE") and not negated:
            found = Compare(of, ">" if token.is_word("AFTER") else "<", self._literal())
        else:
            raise self._fail("An operator", token)
        return Not(found) if negated else found

    def _box(self, name: str) -> Condition:
        if name != "BBOX":
            raise CswError(INVALID, "Constraint", "Of spatial operators, BBOX is offered in CQL.")
        self._mark("(")
        find_property(self._next().value.strip('"'))
        corners: list[float] = []
        while self._peek().value == ",":
            self._next()
            token = self._next()
            if token.kind == "number":
                corners.append(float(token.value))
            elif token.kind not in {"text", "word"}:
                raise self._fail("A coordinate", token)
        self._mark(")")
        if len(corners) != 4:
            raise CswError(INVALID, "Constraint", "BBOX wants a property and four coordinates.")
        return checked_box(*corners)
