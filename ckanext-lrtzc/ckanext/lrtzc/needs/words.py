"""Words of needs, in the language of the request."""

import ckan.plugins.toolkit as tk
from flask import has_request_context

from ckanext.lrtzc.needs.domain.status import Status
from ckanext.lrtzc.territory import get_territory


def status_words(status: Status) -> str:
    """Say where a need stands."""
    match status:
        case Status.OPEN:
            return tk._("Without an answer yet")
        case Status.ANSWERED:
            return tk._("Answered")
        case Status.MET:
            return tk._("Met")
        case Status.DECLINED:
            return tk._("Declined")


def axis_words(code: str) -> str:
    """Name an axis of the territory; its code where there is none such."""
    axis = get_territory().axes_by_code.get(code)
    return (
        axis.label.say(str(tk.h.lang() or "") if has_request_context() else tk.config["ckan.locale_default"])
        if axis
        else code
    )


def commune_words(code: str) -> str:
    """Name a commune of the territory; its code where there is none such."""
    commune = get_territory().communes_by_code.get(code)
    return commune.name if commune else code
