"""Find how text is encoded, and read it as UTF-8 whatever it was, line by line where it was mixed."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import BinaryIO

from charset_normalizer import from_bytes

from .problems import BatchError, Problem

SAMPLE = 256 << 10
FALLBACK = "cp1252"
_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# what charset-normalizer may answer and French files may really be
_PLAUSIBLE = {"cp1252", "latin_1", "iso8859_15", "mac_roman", "cp850", "cp437", "iso8859_1"}


def bom_length(head: bytes) -> int:
    """Give the number of bytes of the byte order mark that `head` starts with."""
    return next((len(mark) for mark, _name in _BOMS if head.startswith(mark)), 0)


def detect_encoding(path: Path) -> str:
    """Give a Python codec name for the file: a byte order mark, else UTF-8 if it fits, else the likeliest.

    Looks at the start, the middle and the end of the file (256 KiB each).
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(SAMPLE)
        for mark, name in _BOMS:
            if head.startswith(mark):
                return name
        if head[1:200:2].count(0) > 60:
            return "utf-16-le"
        if head[0:200:2].count(0) > 60:
            return "utf-16-be"
        rest = b""
        for start in (size // 2, size - SAMPLE):
            if start > SAMPLE:
                file.seek(start)
                rest += file.read(SAMPLE).partition(b"\n")[2]
    return likeliest(head + rest)


def likeliest(sample: bytes) -> str:
    """Give the Python codec name that lines of text without byte order mark are likeliest written in."""
    wrong = _wrong_utf8_lines(sample)
    if wrong == 0:
        return "utf-8"
    lines_with_accents = sum(1 for line in sample.splitlines() if not line.isascii())
    if lines_with_accents and wrong / lines_with_accents < 0.5:
        return "utf-8"
    accented = b"\n".join(line for line in sample.splitlines() if not line.isascii())[:20_000]
    best = from_bytes(accented).best()
    found = best.encoding if best is not None else FALLBACK
    return found if found in _PLAUSIBLE - {"latin_1", "iso8859_1", "cp437"} else FALLBACK


def _wrong_utf8_lines(sample: bytes) -> int:
    try:
        sample.decode()
    except UnicodeDecodeError:
        lines = sample.splitlines()
        return sum(1 for line in lines[:-1] if not _is_utf8(line))
    return 0


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


# bytes of a line that are kept until its end is found: a whole file may be one line of JSON
_LONGEST = 8 << 20


def _whole(block: bytes) -> int:
    """Give the bytes of a block of UTF-8 up to the end of its last whole character (RFC 3629, section 3)."""
    for back in range(1, min(len(block), 4) + 1):
        byte = block[-back]
        if byte >= 0xC0:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(block) - (back if back < needed else 0)
        if byte < 0x80:
            break
    return len(block)


class Utf8Stream:
    """A binary file that gives UTF-8 whatever `path` is written in; has `read`, as Arrow's readers want.

    Lines that aren't in the encoding are read as `cp1252`; `mixed` holds the first such place. Zero bytes, which the
    database can't hold, are left out and noted in `zeros`.
    """

    closed = False

    def __init__(self, path: Path, encoding: str):
        self.path, self.encoding = path, encoding
        self.size = max(path.stat().st_size, 1)
        self._file: BinaryIO = path.open("rb")
        self._file.seek(bom_length(self._file.read(4)))
        self._decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)(errors="strict")
        self._left = b""
        self._over = False
        self.mixed: Problem | None = None
        self.zeros: Problem | None = None
        self._lines = 0

    @property
    def done(self) -> float:
        """The share of the file that was read, 0 to 1."""
        return min(self._file.tell() / self.size, 1.0)

    def read(self, size: int = -1) -> bytes:
        """Give about `size` bytes of UTF-8: whole lines but at the end and of lines above 8 MB; empty at the end."""
        # some readers ask for nothing, to see what kind of thing they get
        if self._over or size == 0:
            return b""
        wanted = size if size > 0 else 1 << 20
        raw = self._file.read(wanted)
        if self._decoder is not None:
            return self._recoded(raw, self._decoder)
        parts, length = [self._left, raw], len(self._left) + len(raw)
        while raw and b"\n" not in raw and length < _LONGEST:
            raw = self._file.read(wanted)
            parts.append(raw)
            length += len(raw)
        block = b"".join(parts)
        self._over = not raw
        cut = len(block) if self._over else block.rfind(b"\n") + 1 or _whole(block)
        block, self._left = block[:cut], block[cut:]
        return self._clean(self._checked(block))

    def _recoded(self, raw: bytes, decoder: codecs.IncrementalDecoder) -> bytes:
        start = self._file.tell() - len(raw)
        try:
            text = decoder.decode(raw, final=not raw)
        except UnicodeDecodeError as error:
            if self.encoding.startswith("utf-"):
                raise BatchError("bad_encoding", encoding=self.encoding, byte=start + error.start) from error
            text = raw.decode("latin-1")
            decoder.reset()
            self._note(raw, start, "latin-1")
        self._over = not raw
        if raw and not text:
            return self._recoded(self._file.read(4096), decoder)
        block = self._clean(text.encode(errors="replace"))
        self._lines += block.count(b"\n")
        return block

    def _note(self, block: bytes, start: int, fallback: str, line: int | None = None) -> None:
        if self.mixed is None:
            self.mixed = Problem(
                "mixed_encodings", {"encoding": self.encoding, "fallback": fallback}, line=line, byte=start
            )

    def _checked(self, block: bytes) -> bytes:
        try:
            block.decode()
        except UnicodeDecodeError as error:
            line = self._lines + block.count(b"\n", 0, error.start) + 1
            place = self._file.tell() - len(self._left) - len(block) + error.start
            self._note(block, place, FALLBACK, line)
            lines = block.split(b"\n")
            block = b"\n".join(
                one if _is_utf8(one) else one.decode(FALLBACK, errors="replace").encode() for one in lines
            )
        self._lines += block.count(b"\n")
        return block

    def _clean(self, block: bytes) -> bytes:
        if b"\0" in block:
            if self.zeros is None:
                self.zeros = Problem("binary_in_text", line=self._lines or 1)
            block = block.replace(b"\0", b"")
            return block or self.read(1 << 20)
        return block

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def close(self) -> None:
        """Close the file."""
        self.closed = True
        self._file.close()
