"""What templates ask of validation."""

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.moderation.api import AtEnd
from ckanext.lrtzc.territory import TerritoryError, get_territory
from ckanext.lrtzc.validation import judged
from ckanext.lrtzc.validation.domain.picture import drawn


def lrtzc_validation_size(batch: Mapping[str, Any]) -> str:
    """Say how much came with a batch."""
    return judged.size_words({**batch, "files": len(batch["seen"].get("files") or ())})


def lrtzc_validation_at_end(at_end: str) -> str:
    """Say what happens at a deadline."""
    match AtEnd(at_end):
        case AtEnd.WAIT:
            return tk._("It goes on waiting; moderators are reminded once more")
        case AtEnd.ACCEPT:
            return tk._("It is accepted")
        case AtEnd.REJECT:
            return tk._("It is rejected")
        case AtEnd.PASS_ON:
            return tk._("The administrators decide")


def lrtzc_validation_picture(places: list[dict[str, Any]]) -> Any:
    """Draw places as a small map with the outlines of the communes around; nothing where there is nothing to draw."""
    try:
        contours = [commune.contour for commune in get_territory().communes]
    except TerritoryError:
        contours = []
    label = tk._("Map of the places that came; the table holds the same rows.")
    picture = drawn(places, contours, label)
    return tk.literal(picture) if picture else ""
