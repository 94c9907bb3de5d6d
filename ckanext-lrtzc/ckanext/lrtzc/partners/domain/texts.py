"""Partners' texts made safe and plain: no markup, no control characters, no address that a page can't link to."""

import hashlib
import re
import unicodedata
from html.parser import HTMLParser
from urllib.parse import urlsplit

_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060-\u2069\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)
_TAG = re.compile(r"<[a-zA-Z!/][^>]*>")
_BLANKS = re.compile(r"[ \t\xa0]+")
_LINES = re.compile(r"\n{3,}")
_SURROGATES = re.compile("[\ud800-\udfff]")
_LINK_SCHEMES = frozenset({"http", "https", "ftp", "ftps"})
_BLOCKS = frozenset(
    {"p", "div", "br", "ul", "ol", "table", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "section", "blockquote"}
)
_SILENT = frozenset({"script", "style", "head", "noscript", "template", "iframe", "object", "svg", "math"})

MAX_TITLE = 500
MAX_TEXT = 60_000


class _Plain(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.silent = 0
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent += 1
        elif tag == "li":
            self.pieces.append("\n- ")
        elif tag in _BLOCKS:
            self.pieces.append("\n" if tag in ("br", "tr") else "\n\n")
        elif tag == "a":
            self.links.append(link(dict(attrs).get("href") or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in _BLOCKS and tag != "br":
            self.pieces.append("\n")
        elif tag == "a" and self.links:
            href = self.links.pop()
            if href and href not in "".join(self.pieces[-3:]):
                self.pieces.append(f" ({href})")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.pieces.append(data)


def plain(value: object, limit: int = MAX_TEXT) -> str:
    """Give `value` as a text of at most `limit` characters, its paragraphs kept, its markup and tricks gone."""
    if value is None or isinstance(value, (dict, list, tuple, bool)):
        return ""
    text = _SURROGATES.sub("", str(value)[: limit * 4])
    if "<" in text and _TAG.search(text):
        parser = _Plain()
        parser.feed(text)
        parser.close()
        text = "".join(parser.pieces)
    text = _CONTROL.sub("", unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")))
    text = "\n".join(_BLANKS.sub(" ", row).strip() for row in text.split("\n"))
    return _LINES.sub("\n\n", text).strip()[:limit]


def line(value: object, limit: int = MAX_TITLE) -> str:
    """Give `value` as one line of plain text."""
    return " ".join(plain(value, limit * 2).split())[:limit].strip()


def link(value: object) -> str:
    """Give `value` when a page may link to it (http, https, ftp), else an empty text."""
    if not isinstance(value, str):
        return ""
    text = _CONTROL.sub("", value.strip()).replace(" ", "%20")
    try:
        parts = urlsplit(text)
        if parts.scheme.lower() not in _LINK_SCHEMES or not parts.hostname or "@" in parts.netloc:
            return ""
    except ValueError:
        return ""
    if any(c in text for c in "<>\"'`\\\n\r\t"):
        for c, code in (("<", "%3C"), (">", "%3E"), ('"', "%22"), ("'", "%27"), ("`", "%60"), ("\\", "%5C")):
            text = text.replace(c, code)
        text = re.sub(r"\s", "", text)
    return text if len(text) <= 2000 else ""


def email(value: object) -> str:
    """Give `value` when it looks like an e-mail address (`mailto:` dropped), else an empty text."""
    if not isinstance(value, str):
        return ""
    text = value.strip().removeprefix("mailto:").partition("?")[0].strip()
    return text if re.fullmatch(r"[\w.+'-]{1,64}@[\w-]+(\.[\w-]+)+", text) and len(text) <= 254 else ""


def folded(text: str) -> str:
    """Give `text` without accents, case or punctuation, its words apart by one space: what likeness looks at."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", bare))


def keyword(value: object) -> str:
    """Give `value` as a keyword that the catalogue takes (letters, digits, `-_.` and spaces), 2 to 100 long."""
    text = re.sub(r"[^\w\-. ]+", " ", line(value, 200).replace("’", " ").replace("'", " "))
    text = " ".join(text.split())[:100].strip()
    return text if len(text) >= 2 else ""


def identity(guid: str) -> str:
    """Give a record's identity as one that can be kept: no control characters, at most 1,000 characters."""
    text = _SURROGATES.sub("", _CONTROL.sub("", guid)).strip()
    return text if len(text) <= 1000 else f"{text[:900]}#{digest(text)}"


def slug(title: str, guid: str) -> str:
    """Give a dataset name made of `title`, made unique by `guid`: at most 100 of a–z, 0–9 and `-`."""
    words = "-".join(re.findall(r"[a-z0-9]+", folded(title).encode("ascii", "ignore").decode()))
    return f"{words[:85].strip('-') or 'dataset'}-{digest(guid)[:8]}"


def digest(*parts: str) -> str:
    """Give a hexadecimal SHA-256 of texts, each kept apart from the next."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def likeness(title: str, producer: str) -> str:
    """Give a hash of what stays of a record when its partner renumbers it."""
    return digest(folded(title), folded(producer))
