"""How levels, badges and points are said, in the language of who reads."""

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.reward.domain.levels import MANY, USEFUL, Badge
from ckanext.lrtzc.reward.domain.points import Because


def level(number: int) -> str:
    """Name a level, from that of who begins (0)."""
    return [tk._("Seed"), tk._("Shoot"), tk._("Shrub"), tk._("Tree"), tk._("Grove"), tk._("Forest")][number]


def badge(name: str) -> tuple[str, str]:
    """Name a badge, and say what it is for."""
    match Badge(name):
        case Badge.FIRST:
            return tk._("First contribution"), tk._("A contribution of yours was accepted.")
        case Badge.FAITHFUL:
            return tk._("Faithful"), tk._("{n} contributions of yours were accepted.").format(n=MANY)
        case Badge.PUBLISHER:
            return tk._("Sharing"), tk._("You share an object with everybody.")
        case Badge.ALL_ROUND:
            return tk._("All-round"), tk._("You contributed to data, and share a dataset and an algorithm.")
        case Badge.USEFUL:
            return tk._("Useful to others"), tk._("Others use what you share, {n} times or more.").format(n=USEFUL)


def because(name: str) -> str:
    """Say why a deed gives what it gives; nothing where it gives all it can."""
    match Because(name):
        case Because.WHOLE:
            return ""
        case Because.DAY:
            return tk._("The most for such deeds was reached that day.")
        case Because.MONTH:
            return tk._("The most for a month was reached.")
        case Because.NOTHING:
            return tk._("Such deeds gave no points then.")
