"""Making values harmless and true in spreadsheets."""

import re
from datetime import date, datetime

# A cell that starts so is run as a formula by spreadsheets (OWASP, CSV injection), the full-width forms included.
_FORMULA = re.compile(
    r"[\s\0]*[=+\-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}"
    r"\N{FULLWIDTH COMMERCIAL AT}]|[\t\r\n]"
)
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?%?")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")

CELL_LIMIT = 32_767
EXACT_DIGITS = 15
# Serial number of a day in spreadsheets: days since this one, right from 1 March 1900 on.
_EPOCH = date(1899, 12, 30)
_FIRST = date(1900, 3, 1)
_DAY_SECONDS = 86_400


def harmless(text: str) -> str:
    """Give a text that no spreadsheet runs when it opens a CSV file: an apostrophe stands before a would-be formula.

    Plain numbers are left alone (`-5`, `+33`): they can do no harm.
    """
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def xml_text(text: str) -> str:
    """Give a text for a cell, 32,767 characters at most; what XML lacks as `_xHHHH_` (ECMA-376 part 1, 22.9.2.19)."""
    if len(text) > CELL_LIMIT:
        text = text[: CELL_LIMIT - 1] + "…"
    text = _ESCAPED.sub(lambda match: "_x005F" + match.group(0), text)
    text = _UNWRITABLE.sub(lambda match: f"_x{ord(match.group(0)):04X}_", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r", "_x000D_")


def serial(iso: str) -> float | None:
    """Give the serial number of an ISO day or instant without zone; None for what spreadsheets can't date."""
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return None
    if moment.tzinfo is not None or moment.date() < _FIRST:
        return None
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second + moment.microsecond / 1e6
    return (moment.date() - _EPOCH).days + seconds / _DAY_SECONDS


def column_name(index: int) -> str:
    """Give the letters of a column, counted from 0."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
