"""What templates ask of needs."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.needs import store
from ckanext.lrtzc.needs.domain.status import Status
from ckanext.lrtzc.needs.words import axis_words, commune_words, status_words
from ckanext.lrtzc.territory import get_territory


def lrtzc_needs_met(package: dict[str, Any]) -> list[Any]:
    """Give the needs that the object of a page meets."""
    return store.met_by(package["id"])


def lrtzc_need_status(status: str) -> str:
    """Say where a need stands."""
    return status_words(Status(status))


def lrtzc_need_statuses() -> list[tuple[str, str]]:
    """Give what a producer may answer, as value and words."""
    return [
        (Status.MET.value, tk._("It is met by something of the catalogue")),
        (Status.ANSWERED.value, tk._("Here is an answer")),
        (Status.DECLINED.value, tk._("It can't be met")),
    ]


def lrtzc_need_axis(code: str) -> str:
    """Name an axis."""
    return axis_words(code) if code else ""


def lrtzc_need_communes(codes: list[str]) -> str:
    """Name communes, one after the other."""
    return ", ".join(commune_words(code) for code in codes)


def lrtzc_need_axes() -> list[tuple[str, str]]:
    """Give the axes of the territory, as code and name."""
    return [(code, axis_words(code)) for code in get_territory().axes_by_code]


def lrtzc_need_all_communes() -> list[tuple[str, str]]:
    """Give the communes of the territory, as code and name, by name."""
    communes = get_territory().communes_by_code
    return sorted(((code, each.name) for code, each in communes.items()), key=lambda each: each[1])
