"""Values that people type, read by the kind of their column, and written back for an address.

Numbers and days are read as French people write them too (`1 234,5`, `31/12/2024`); addresses always hold the
international form (`1234.5`, `2024-12-31`).
"""

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import assert_never

from ckanext.lrtzc.tabular.domain.columns import Column, Kind
from ckanext.lrtzc.tabular.domain.problems import Code, Wrong

Value = str | bool | Decimal | date | datetime

TEXT_LIMIT = 1000
# Wide enough for any measure, narrow enough for every database type to compare with.
_EXPONENT_LIMIT = 300
_NUMBER_LIMIT = 80
_NUMBER = re.compile(r"[-+]?(\d{1,80}(\.\d{0,80})?|\.\d{1,80})([eE][-+]?\d{1,3})?")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_FRENCH_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_SPACES = re.compile(r"[\s\u00a0\u202f]")
_TRUE = frozenset({"true", "1", "yes", "oui", "vrai"})
_FALSE = frozenset({"false", "0", "no", "non", "faux"})


def read_text(raw: str) -> str:
    """Give the text, or refuse what a database can't hold: a NUL, half a character, more than 1,000 characters."""
    if len(raw) > TEXT_LIMIT:
        raise Wrong(Code.TOO_LONG, limit=TEXT_LIMIT)
    if "\0" in raw or any("\ud800" <= char <= "\udfff" for char in raw):
        raise Wrong(Code.WRONG_TEXT)
    return raw


def read_number(raw: str) -> Decimal:
    """Read a decimal number, with a point or a French comma, spaces between thousands allowed."""
    if len(raw) > _NUMBER_LIMIT:
        raise Wrong(Code.WRONG_NUMBER)
    text = _SPACES.sub("", raw).replace("\N{MINUS SIGN}", "-")
    if "." not in text:
        text = text.replace(",", ".", 1)
    if not text.isascii() or not _NUMBER.fullmatch(text):
        raise Wrong(Code.WRONG_NUMBER)
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise Wrong(Code.WRONG_NUMBER) from error
    if abs(number.adjusted()) > _EXPONENT_LIMIT:
        raise Wrong(Code.WRONG_NUMBER)
    return number


def read_date(raw: str) -> date:
    """Read a day, `2024-12-31` or `31/12/2024` (day first)."""
    text = raw.strip()
    if not text.isascii():
        raise Wrong(Code.WRONG_DATE)
    if match := _DAY.fullmatch(text):
        year, month, day = match.groups()
    elif match := _FRENCH_DAY.fullmatch(text):
        day, month, year = match.groups()
    else:
        raise Wrong(Code.WRONG_DATE)
    try:
        return date(int(year), int(month), int(day))
    except ValueError as error:
        raise Wrong(Code.WRONG_DATE) from error


def read_moment(raw: str, zoned: bool) -> date | datetime:
    """Read a day, or a day and a time (`2024-12-31T08:30`); a zone is accepted only where the column has one."""
    text = raw.strip()
    if len(text) <= len("31/12/2024"):
        return read_date(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Wrong(Code.WRONG_DATE) from error
    if moment.tzinfo is not None and (not zoned or moment.utcoffset() is None):
        raise Wrong(Code.WRONG_DATE)
    return moment


def read_boolean(raw: str) -> bool:
    """Read true or false, in English or French."""
    text = raw.strip().casefold()
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise Wrong(Code.WRONG_BOOLEAN, ("true", "false"))


def read(raw: str, column: Column) -> Value:
    """Read one value for a column; raises `Wrong`."""
    match column.kind:
        case Kind.INTEGER | Kind.NUMBER:
            return read_number(raw)
        case Kind.DATE:
            return read_date(raw)
        case Kind.DATETIME:
            return read_moment(raw, column.zoned)
        case Kind.BOOLEAN:
            return read_boolean(raw)
        case Kind.TEXT | Kind.OTHER:
            return read_text(raw)
        case _:
            assert_never(column.kind)


def write(value: Value) -> str:
    """Write a value for an address, so that reading it gives the same."""
    match value:
        case bool():
            return "true" if value else "false"
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}" if abs(value.adjusted()) < 20 and len(value.as_tuple().digits) < 20 else str(value)
        case str():
            return value
