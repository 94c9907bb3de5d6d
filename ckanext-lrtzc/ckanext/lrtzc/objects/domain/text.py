"""Text as people and programs send it, made safe to store and to index."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any, cast

from ckanext.lrtzc.objects.domain.errors import BadValueError

MAX_DEPTH = 12

# Control characters but tab, line feed and carriage return; lone surrogates; the two non-characters of the BMP.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_ELISION = re.compile(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’ʼ]", re.IGNORECASE)
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l"})

SLUG_LENGTH = 80


def storable(text: str) -> str:
    """Give `text` without the characters that PostgreSQL, XML or Solr can't hold."""
    return _UNSTORABLE.sub("", text)


def is_storable(value: object) -> bool:
    """Say whether `value` is a text, and one that PostgreSQL, XML and Solr can hold as it is."""
    return isinstance(value, str) and not _UNSTORABLE.search(value)


def clean_text(value: str, limit: int) -> str:
    """Give `value` stripped, in Unicode's NFC, without unstorable characters.

    :param limit: greatest length, in characters
    :raises BadValueError: when the text is longer
    """
    text = unicodedata.normalize("NFC", storable(value)).strip()
    if len(text) > limit:
        raise BadValueError(
            "This text is {length} characters long; at most {limit} are kept. Shorten it.",
            length=len(text),
            limit=limit,
        )
    return text


def scrub(value: Any, depth: int = 0) -> Any:
    """Give a copy of JSON-like `value` whose strings are all storable; other objects are left as they are.

    :raises BadValueError: when lists and mappings are nested more than `MAX_DEPTH` deep
    """
    if depth > MAX_DEPTH:
        raise BadValueError("The data is nested more than {depth} levels deep.", depth=MAX_DEPTH)
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        items = cast("Mapping[Any, Any]", value).items()
        return {(storable(key) if isinstance(key, str) else key): scrub(item, depth + 1) for key, item in items}
    if isinstance(value, list):
        return [scrub(item, depth + 1) for item in cast("list[Any]", value)]
    return value


def misshapen(data: Mapping[str, Any], names: Collection[str]) -> list[str]:
    """Give those of `names` whose value in `data` is neither absent nor a list of mappings."""
    return [name for name in names if data.get(name) is not None and not _rows(data[name])]


def _rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, Mapping) for item in cast("list[Any]", value))


def slug(title: str) -> str:
    """Give the readable part of an address for `title`: lower-case ASCII words joined by hyphens.

    Accents are folded, ligatures opened (œ → oe), elided articles left out (l'énergie → energie). At most
    `SLUG_LENGTH` characters, cut between words; empty when nothing of the title can be kept.
    """
    text = _ELISION.sub(" ", title.translate(_LIGATURES))
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = _NOT_SLUG.sub("-", folded).strip("-")
    if len(words) <= SLUG_LENGTH:
        return words
    cut = words[: SLUG_LENGTH + 1].rsplit("-", 1)[0]
    return cut[:SLUG_LENGTH].strip("-")
