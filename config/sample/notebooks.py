"""Notebooks of the shore: the documents of the collection `carnets-du-littoral`, as PDF and as plain text.

The words are in notebooks.yaml. A PDF is written as ISO 32000-1 has it, in one of the fourteen standard fonts
(section 9.6.2.2) and in WinAnsiEncoding, so that it needs no font of its own; the same bytes each time.
"""

import textwrap
from collections.abc import Callable

import yaml
from kit import FOLDER

_LINES, _SIGNS = 44, 82
_PAGE = (595, 842)
"""A4, in points (1/72 inch)."""


def _lines(text: str) -> list[str]:
    found: list[str] = []
    for paragraph in text.strip().split("\n\n"):
        found += [*textwrap.wrap(" ".join(paragraph.split()), _SIGNS), ""]
    return found[:-1]


def _written(text: str) -> bytes:
    """Give a string of a PDF: its delimiters are escaped (section 7.3.4.2)."""
    signs = text.encode("cp1252")
    for sign in (b"\\", b"(", b")"):
        signs = signs.replace(sign, b"\\" + sign)
    return b"(" + signs + b")"


def _content(title: str, lines: list[str]) -> bytes:
    drawn = [b"BT /F1 11 Tf 15 TL 62 764 Td"]
    if title:
        drawn[0] = b"BT /F2 17 Tf 62 790 Td " + _written(title) + b" Tj /F1 11 Tf 15 TL 0 -38 Td"
    return b"\n".join([*drawn, *(_written(line) + b" Tj T*" for line in lines), b"ET"])


def pdf(title: str, text: str) -> bytes:
    """Write a text as a PDF of as many pages as it takes."""
    lines = _lines(text)
    pages = [lines[start : start + _LINES] for start in range(0, len(lines), _LINES)]
    kids = " ".join(f"{6 + 2 * number} 0 R" for number in range(len(pages)))
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /{} /Encoding /WinAnsiEncoding >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (fr) >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        font.format("Helvetica").encode(),
        font.format("Helvetica-Bold").encode(),
        b"<< /Title " + _written(title) + b" >>",
    ]
    for number, page in enumerate(pages):
        content = _content("" if number else title, page)
        fonts = "/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >>"
        box = f"/MediaBox [0 0 {_PAGE[0]} {_PAGE[1]}]"
        objects.append(f"<< /Type /Page /Parent 2 0 R {box} {fonts} /Contents {7 + 2 * number} 0 R >>".encode())
        objects.append(f"<< /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream")
    return _file(objects)


def _file(objects: list[bytes]) -> bytes:
    """Put objects into a file, with the table of where each begins (section 7.5.4)."""
    out, places = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 5 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def _document(name: str, title: str, text: str) -> bytes:
    if name.endswith(".pdf"):
        return pdf(title, text)
    return ("\n".join([title, "", *_lines(text)]) + "\n").encode()


_TEXTS: dict[str, dict[str, str]] = yaml.safe_load((FOLDER / "notebooks.yaml").read_text("utf-8"))
FILES: dict[str, Callable[[], bytes]] = {
    name: lambda name=name, one=one: _document(name, one["title"], one["text"]) for name, one in _TEXTS.items()
}
