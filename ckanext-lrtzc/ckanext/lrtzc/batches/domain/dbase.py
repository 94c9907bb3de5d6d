"""Rows of a dBASE table (.dbf), the half of a Shapefile that holds its values.

Written after the levels III+ to 7 of dBASE that programs of geography write: text, numbers, dates, yes or no.
"""

from __future__ import annotations

import codecs
import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

from .coltypes import ColumnType
from .encodings import FALLBACK, likeliest
from .problems import BatchError, Problem

_HEADER = 32
_AT_ONCE = 1 << 20
# codecs that are plain tables of characters: what a file names must not choose just any of Python's
_TEXT_CODEC = re.compile(
    r"utf-8|utf-16(-[bl]e)?|ascii|iso8859-\d+|cp(125\d|437|7\d\d|8\d\d|9\d\d)|mac-[a-z]+|koi8-[rtu]|big5|gbk|gb18030|"
    r"shift_jis|euc_(jp|kr)"
)
# code pages by the language driver of the header (dBASE, FoxPro; the list that ESRI's ArcPad documents)
_DRIVERS = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x08: "cp865", 0x09: "cp437", 0x0A: "cp850", 0x0B: "cp437",
    0x0D: "cp437", 0x0E: "cp850", 0x0F: "cp437", 0x10: "cp850", 0x11: "cp437", 0x12: "cp850", 0x14: "cp850",
    0x15: "cp437", 0x16: "cp850", 0x17: "cp865", 0x18: "cp437", 0x19: "cp437", 0x1A: "cp850", 0x1B: "cp437",
    0x1D: "cp850", 0x1F: "cp852", 0x22: "cp852", 0x23: "cp852", 0x24: "cp860", 0x25: "cp850", 0x26: "cp866",
    0x37: "cp850", 0x40: "cp852", 0x57: "cp1252", 0x58: "cp1252", 0x59: "cp1252", 0x64: "cp852", 0x65: "cp866",
    0x66: "cp865", 0x67: "cp861", 0x6A: "cp737", 0x6B: "cp857", 0x6C: "cp863", 0x86: "cp737", 0x87: "cp852",
    0x88: "cp857", 0xC8: "cp1250", 0xC9: "cp1251", 0xCA: "cp1254", 0xCB: "cp1253", 0xCC: "cp1257",
}  # fmt: skip
_BOOLEANS = {letter: word for word, letters in (("true", "TtYy"), ("false", "FfNn")) for letter in letters}


def _broken(reason: str) -> BatchError:
    return BatchError("bad_shapefile", reason=f".dbf: {reason}")


def named_codec(text: str) -> str | None:
    """Give the Python codec that a .cpg file names (`UTF-8`, `1252`, `ANSI 1252`, `ISO-8859-15`, `88591`); None else.

    >>> named_codec("ANSI 1252"), named_codec("88591"), named_codec("65001"), named_codec("rot13")
    ('cp1252', 'iso8859-1', 'utf-8', None)
    """
    name = text.strip(" \t\r\n\0\ufeff").lower()
    digits = re.fullmatch(r"(?:ansi|oem|cp|windows|system|ldid/)?[ _-]?(\d{3,5})", name)
    if digits:
        number = digits[1]
        name = "utf-8" if number == "65001" else f"iso8859-{number[4:]}" if number.startswith("8859") else f"cp{number}"
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return found if _TEXT_CODEC.fullmatch(found) else None


@dataclass(frozen=True)
class _Field:
    name: bytes
    kind: str
    start: int
    length: int
    decimals: int

    @property
    def type(self) -> ColumnType | None:
        """The column's type, where the file decides it: text is looked at, for it holds whatever has no type here."""
        match self.kind:
            case "N":
                # wider numbers may be larger than what eight bytes hold
                return ColumnType.INTEGER if not self.decimals and self.length <= 18 else ColumnType.DECIMAL
            case "F":
                return ColumnType.FLOAT
            case "L":
                return ColumnType.BOOLEAN
            case "D":
                return ColumnType.DATE
            case _:
                return None


def _number(raw: bytes) -> str | None:
    text = raw.strip(b" \0")
    # a number too wide for its field is written as asterisks: there is no value
    return None if not text or text.startswith(b"*") else text.decode("ascii", "replace")


def _date(raw: bytes) -> str | None:
    text = raw.strip(b" \0").decode("ascii", "replace")
    if not text or not text.strip("0"):
        return None
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if len(text) == 8 and text.isdecimal() else text


def _boolean(raw: bytes) -> str | None:
    text = raw.strip(b" \0?").decode("ascii", "replace")
    return _BOOLEANS.get(text, text) or None


class DbaseFile:
    """The header of a .dbf, then its rows. `read` raises BatchError where the file isn't what its header says."""

    def __init__(self, file: IO[bytes], asked: str | None, cpg: str | None):
        head = file.read(_HEADER)
        if len(head) < _HEADER or head[0] & 0x07 not in (2, 3, 4):
            raise _broken("its header is cut or of another kind")
        self.count, length, self._width = struct.unpack_from("<IHH", head, 4)
        described = file.read(max(length - _HEADER, 0))
        if length <= _HEADER or len(described) < length - _HEADER:
            raise _broken("its header is cut")
        self._file = file
        self._fields, self.left_out = self._described(described)
        self.asked = asked or (named_codec(cpg) if cpg else None) or _DRIVERS.get(head[29])
        self._ahead = b""
        if self.asked is None:
            self._ahead = file.read(max(256 << 10, self._width))
        self.encoding = self.asked or self._likeliest()
        self.mixed: Problem | None = None
        names = [self._text(field.name) or "" for field in self._fields]
        self.headers = names
        self.types = [field.type for field in self._fields]

    def _described(self, described: bytes) -> tuple[list[_Field], list[str]]:
        fields: list[_Field] = []
        out: list[str] = []
        start = 1
        for place in range(0, len(described) - 31, 32):
            field = described[place : place + 32]
            if field[0] == 0x0D:
                break
            name, kind, length = field[:11].split(b"\0")[0], chr(field[11]), field[16]
            if kind in "CNFLD":
                fields.append(_Field(name, kind, start, length, field[17]))
            else:
                # memos and images are in files apart, numbers in binary belong to database programs
                out.append(name.decode("ascii", "replace"))
            start += length
        if self._width < start or start == 1:
            raise _broken("its columns don't fit into its rows")
        return fields, out

    def _likeliest(self) -> str:
        """Infer the encoding from the text of the first rows."""
        rows = self._ahead
        texts = [(field.start, field.length) for field in self._fields if field.kind == "C"]
        parts = [
            rows[row + start : row + start + length].rstrip(b" \0")
            for row in range(0, len(rows) - self._width + 1, self._width)
            for start, length in texts
        ]
        return likeliest(b"\n".join([*(field.name for field in self._fields), *parts, b""]))

    def _text(self, raw: bytes, line: int | None = None) -> str | None:
        raw = raw.rstrip(b" \0")
        if not raw:
            return None
        try:
            text = raw.decode(self.encoding)
        except UnicodeDecodeError:
            text = raw.decode(FALLBACK, errors="replace")
            if self.mixed is None:
                self.mixed = Problem("mixed_encodings", {"encoding": self.encoding, "fallback": FALLBACK}, line=line)
        return text.replace("\0", "") or None

    def _blocks(self) -> Iterator[bytes]:
        left = self.count * self._width
        ahead, self._ahead = self._ahead, b""
        at_once = max(_AT_ONCE // self._width, 1) * self._width
        while left > 0:
            wanted = min(at_once, left)
            block = ahead[:wanted]
            ahead = ahead[wanted:]
            while len(block) < wanted:
                more = self._file.read(wanted - len(block))
                if not more:
                    raise _broken(f"it ends before its {self.count} rows")
                block += more
            left -= wanted
            yield block

    def rows(self) -> Iterator[list[str | None] | None]:
        """Give each row as text, None where it was deleted; once only. Raises BatchError."""
        ways: dict[str, Callable[[bytes], str | None]] = {
            "N": _number, "F": _number, "L": _boolean, "D": _date,
        }  # fmt: skip
        line = 0

        def text(raw: bytes) -> str | None:
            return self._text(raw, line)

        plan = [(field.start, field.start + field.length, ways.get(field.kind, text)) for field in self._fields]
        width = self._width
        for block in self._blocks():
            for place in range(0, len(block), width):
                line += 1
                row = block[place : place + width]
                yield None if row[:1] == b"*" else [read(row[start:end]) for start, end, read in plan]
