"""Texts as they are searched."""

import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss"})


def folded(text: str) -> str:
    """Give the words of a text for searching: lower case, without accents and signs, between single spaces."""
    # Compatible forms first: what they stand for may have capitals of its own.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).lower().translate(_LIGATURES))
    kept = (each if each.isalnum() else " " for each in plain if not unicodedata.combining(each))
    return " ".join("".join(kept).split())


def asked(text: str, most: int = 10) -> list[str]:
    """Give the words to look for, without their plural; at most `most` of them."""
    words = folded(text).split()[:most]
    return [word[:-1] if len(word) > 3 and word[-1] in "sx" else word for word in words]
