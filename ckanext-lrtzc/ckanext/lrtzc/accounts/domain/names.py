"""Names that people give themselves, and the names that addresses carry."""

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 100
_SLUG = 60
# Signs that can't be seen or that turn the direction of what follows would let one name pass for another.
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# Joiners that some scripts and pictures need.
_JOINERS = "\u200c\u200d"


def clean(text: str) -> str:
    """Give a name as it is kept: composed, without signs that can't be seen, single spaces."""
    spaced = "".join(" " if sign.isspace() else sign for sign in unicodedata.normalize("NFC", text))
    seen = (sign for sign in spaced if sign in _JOINERS or unicodedata.category(sign) not in _HIDDEN)
    return " ".join("".join(seen).split())


def key(name: str) -> str:
    """Give what two names that look alike have in common (compatibility forms, capitals)."""
    return unicodedata.normalize("NFKC", clean(name)).casefold()


def slug(name: str) -> str:
    """Give the beginning of an address for a name: lower-case letters, figures and hyphens; "" where none is left."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("œ", "oe").replace("æ", "ae"))
    ascii_ = plain.encode("ascii", "ignore").decode()
    found = re.sub(r"[^a-z0-9]+", "-", ascii_).strip("-")[:_SLUG].strip("-")
    return found if len(found) > 2 else ""


def is_generic(name: str, generic: Iterable[str]) -> bool:
    """Say whether a name is a function's, not a person's: `contact`, `admin2`, `Service-Info`."""
    known = {slug_or_key(each) for each in generic}
    plain = slug_or_key(name)
    parts = [part for part in re.split(r"[-_. ]+", re.sub(r"\d+", " ", plain)) if part]
    return bool(parts) and all(part in known for part in parts)


def slug_or_key(name: str) -> str:
    """Give a name without accents and capitals, whatever its length."""
    return unicodedata.normalize("NFKD", key(name)).encode("ascii", "ignore").decode()


def is_address(text: str) -> bool:
    """Say whether a text can be an e-mail address that a mailer takes: one sign @, no accent, no space, no line."""
    local, at, host = text.rpartition("@")
    if not at or not text.isascii() or len(text) > 254 or not local or len(local) > 64 or "@" in local:
        return False
    if any(unicodedata.category(sign) in _HIDDEN or sign.isspace() or sign in '<>,;:"()[]\\' for sign in text):
        return False
    return bool(re.fullmatch(r"[^.\s]+(\.[^.\s]+)+", host)) and not host.startswith("-")
