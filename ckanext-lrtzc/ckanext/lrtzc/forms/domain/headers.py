"""The columns of the sheets: the names that XLSForm knows them by, and the language of those that hold texts."""

from __future__ import annotations

import re

_ALIASES = {
    "caption": "label",
    "command": "type",
    "tag": "name",
    "relevance": "relevant",
    "constraining_message": "constraint_message",
    "requiredmsg": "required_message",
    "calculate": "calculation",
    "readonly": "read_only",
    "count": "repeat_count",
    "jr:count": "repeat_count",
    "bind:relevant": "relevant",
    "bind:required": "required",
    "bind:constraint": "constraint",
    "bind:calculate": "calculation",
    "bind:readonly": "read_only",
    "bind:jr:constraintmsg": "constraint_message",
    "bind:jr:requiredmsg": "required_message",
    "control:appearance": "appearance",
    "list name": "list_name",
    "image": "media:image",
    "big-image": "media:big-image",
    "audio": "media:audio",
    "video": "media:video",
    "default": "default",
}
_TRANSLATED = (
    *("label", "hint", "constraint_message", "required_message"),
    *("media:image", "media:big-image", "media:audio", "media:video"),
)


def canonical(header: str) -> tuple[str, str]:
    """Give the name of a column and the language of its texts, empty where it names none.

    >>> canonical("label::Français (fr)"), canonical("Relevance"), canonical("media::image::fr")
    (('label', 'Français (fr)'), ('relevant', ''), ('media:image', 'fr'))
    """
    parts = [part.strip() for part in header.split("::")]
    if len(parts) == 1 and ":" in header and not header.lower().startswith(("jr:", "bind:", "control:")):
        parts = [part.strip() for part in header.split(":")]
    first = re.sub(r"\s+", "_", parts[0].lower())
    if first == "media" and len(parts) > 1:
        first, parts = f"media:{parts[1].lower()}", parts[1:]
    first = _ALIASES.get(first, first)
    if len(parts) == 1:
        return first, ""
    if first in _TRANSLATED:
        return first, parts[1]
    joined = ":".join([first, *(part.lower() for part in parts[1:])])
    return _ALIASES.get(joined, joined), ""


def texts(cells: dict[tuple[str, str], str], name: str) -> dict[str, str]:
    """Give the texts of a column by language."""
    return {language: cell for (column, language), cell in cells.items() if column == name}
