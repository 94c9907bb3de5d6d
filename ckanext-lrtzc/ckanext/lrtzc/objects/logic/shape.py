"""What stands at the door of every writing: strings that can be stored, lists where lists are expected."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.objects.domain.errors import BadValueError
from ckanext.lrtzc.objects.domain.text import misshapen, scrub
from ckanext.lrtzc.objects.logic.validators.cleaning import say

ROWS = (
    "contact",
    "publisher",
    "creator",
    "temporal_coverage",
    "spatial_coverage",
    "resources",
    "tags",
    "extras",
    "groups",
)


def check_shape(data: dict[str, Any]) -> dict[str, list[str]]:
    """Clean the strings of `data` in place and drop empty lists given as nothing.

    :returns: errors by field, where a list of records is expected and something else is given; CKAN's own checks
        would fail on them
    """
    try:
        data.update(scrub(data))
    except BadValueError as error:
        return {"__junk": [say(error)]}
    for name in ROWS:
        if name in data and data[name] is None:
            del data[name]
    # CKAN's own error for tags expects an error a tag
    return {
        "tag_string" if name == "tags" else name: [tk._("A list of records is expected here.")]
        for name in misshapen(data, ROWS)
    }
