"""Documents: pages, title and text, within bounds.

Sources: ISO 32000-1 (PDF, by pypdf), ECMA-376 part 1 (docx), OASIS OpenDocument 1.3 (odt).
"""

import contextlib
import logging
import re
import zipfile
from pathlib import Path
from typing import Any

from ckanext.lrtzc import safexml
from ckanext.lrtzc.collection.domain.kinds import Format
from ckanext.lrtzc.collection.domain.outcome import Outcome
from ckanext.lrtzc.collection.domain.problems import Code, Refused

TEXT = 40_000
"""Characters kept of a document's text, for the search."""
_PDF_PAGES = 200
_ENTRY = 24 << 20
_TITLE = 200
_WHITE = re.compile(r"[\s\x00-\x1f\x7f\ufffe\uffff\ud800-\udfff]+")


def read(path: Path, form: Format) -> Outcome:
    """Look at a document; the file is kept as it came.

    :raises Refused: where it isn't what it says it is
    """
    outcome = Outcome(form.code)
    match form.code:
        case "pdf":
            _pdf(path, outcome)
        case "docx":
            _zipped(path, outcome, "word/document.xml", ("docProps/core.xml", "title"), {"p", "tab", "br"})
        case "odt":
            _zipped(path, outcome, "content.xml", ("meta.xml", "title"), {"p", "h", "tab", "line-break"})
        case _:
            outcome.words = _plain(_decoded(path.read_bytes()[: TEXT * 4]), TEXT)
    if not outcome.words:
        outcome.said.append(Code.NO_TEXT)
    return outcome


def _plain(text: str, most: int) -> str:
    return _WHITE.sub(" ", text).strip()[:most].strip()


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        with contextlib.suppress(UnicodeDecodeError):
            # the cut may stand within a sign
            return data.decode(encoding) if encoding == "cp1252" else data[: len(data) - _cut(data)].decode(encoding)
    return data.decode("latin-1")


def _cut(data: bytes) -> int:
    """Give how many bytes at the end are the beginning of a sign of UTF-8 that isn't whole."""
    for back in range(1, min(4, len(data) + 1)):
        byte = data[-back]
        if byte >= 0xC0:
            whole = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return back if back < whole else 0
        if byte < 0x80:
            return 0
    return 0


def _pdf(path: Path, outcome: Outcome) -> None:
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(path, strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            return
        outcome.pages = len(reader.pages)
    except Exception as error:  # a file may make the library raise anything
        raise Refused(Code.UNREADABLE) from error
    with contextlib.suppress(Exception):
        outcome.title = _plain(str((reader.metadata or {}).get("/Title") or ""), _TITLE)
    parts, size = [], 0
    for page in reader.pages[:_PDF_PAGES]:
        # a page that can't be read leaves the others
        with contextlib.suppress(Exception):
            parts.append(_plain(page.extract_text(), TEXT))
            size += len(parts[-1])
        if size > TEXT:
            break
    outcome.words = " ".join(parts)[:TEXT].strip()


def _zipped(path: Path, outcome: Outcome, body: str, head: tuple[str, str], breaks: set[str]) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            outcome.words = _plain(_text(safexml.parse(_entry(archive, body)), breaks), TEXT)
            with contextlib.suppress(KeyError, Refused, ValueError):
                outcome.title = _plain(_first(safexml.parse(_entry(archive, head[0])), head[1]), _TITLE)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, NotImplementedError, RuntimeError) as error:
        raise Refused(Code.UNREADABLE) from error


def _entry(archive: zipfile.ZipFile, name: str) -> bytes:
    """Read an entry, never more of it than the bound, whatever size it declares."""
    with archive.open(name) as packed:
        data = packed.read(_ENTRY + 1)
    if len(data) > _ENTRY:
        raise Refused(Code.TOO_HEAVY)
    return data


def _text(root: Any, breaks: set[str]) -> str:
    parts: list[str] = []
    for node in root.iter():
        if node.text:
            parts.append(node.text)
        if safexml.local(node.tag) in breaks:
            parts.append(" ")
        if node.tail:
            parts.append(node.tail)
    return "".join(parts)


def _first(root: Any, name: str) -> str:
    return next((node.text or "" for node in root.iter() if safexml.local(node.tag) == name), "")
