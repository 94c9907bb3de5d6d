"""The order in which a person puts the blocks of their workspace."""

from collections.abc import Iterable


def arranged(known: Iterable[str], order: Iterable[str]) -> list[str]:
    """Give the known names in the order that was chosen; those it doesn't name come last, as they are."""
    there = list(known)
    first = [name for name in dict.fromkeys(order) if name in there]
    return [*first, *(name for name in there if name not in first)]


def moved(order: Iterable[str], name: str, way: str) -> list[str]:
    """Give the order with one name a place `up` or `down`; as it is where it can't go further or isn't there."""
    names = list(order)
    if name not in names or way not in ("up", "down"):
        return names
    here = names.index(name)
    there = min(max(here + (-1 if way == "up" else 1), 0), len(names) - 1)
    names[here], names[there] = names[there], names[here]
    return names
