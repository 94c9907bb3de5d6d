"""What may stand in a setting, as text."""

import re

WORDS = 10_000
"""Letters that a list may hold at most."""
MOST = 1_000_000
"""The greatest whole number that is taken."""

_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0", "")


def as_text(kind: str, value: object) -> str:
    """Give the text that is kept for a value of a kind: `bool`, `int`, `list` or anything else for one line.

    :raises ValueError: with `bool`, `int`, `long` or `line`, where the value can't be one
    """
    if kind == "list" and isinstance(value, list | tuple):
        value = " ".join(map(str, value))
    text = str(value).strip()
    if kind == "bool":
        if text.lower() not in _TRUE + _FALSE:
            raise ValueError("bool")
        return str(text.lower() in _TRUE).lower()
    if kind == "int":
        if not re.fullmatch(r"[0-9]{1,7}", text) or int(text) > MOST:
            raise ValueError("int")
        return str(int(text))
    if len(text) > WORDS:
        raise ValueError("long")
    if kind == "list":
        return " ".join(text.split())
    if not text.isprintable():
        raise ValueError("line")
    return text
