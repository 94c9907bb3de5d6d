"""Template helpers of quality."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.quality import wording
from ckanext.lrtzc.quality.check import percent
from ckanext.lrtzc.quality.domain.judging import as_rules
from ckanext.lrtzc.quality.measured import Measured, measured


def lrtzc_quality_percent(share: float) -> str:
    """Write a share (0 to 1) in per cent, as the language writes it: `66,66 %` in French, `66.66%` elsewhere."""
    sign = "\u00a0%" if tk.h.lang() == "fr" else "%"
    return f"{lrtzc_quality_figure(share)}{sign}"


def lrtzc_quality_figure(share: float) -> str:
    """Write a share (0 to 1) in per cent without its sign, as the language writes numbers."""
    return percent(share).replace(".", "," if tk.h.lang() == "fr" else ".")


def lrtzc_quality_trend(change: float) -> str:
    """Say by how much a share (0 to 1) changed: `+1,5 points` in French, `+1.5 points` in English."""
    points = percent(abs(change)).replace(".", "," if tk.h.lang() == "fr" else ".")
    if points == "0":
        return tk._("the same")
    return tk._("{change} points").format(change=f"{'+' if change > 0 else '−'}{points}")


def lrtzc_quality_measured(package: dict[str, Any], resource_id: str = "") -> list[Measured]:
    """Give what the rules say of the published files of a dataset, or of one, to whoever may take them whole."""
    return measured(package, resource_id)


def lrtzc_quality_sentence(reported: dict[str, Any]) -> str:
    """Say a rule as a report tells of it."""
    return wording.say_rule(as_rules([reported])[0])


def lrtzc_quality_failure(reported: dict[str, Any]) -> str:
    """Say what breaking a rule does, as a report tells of it."""
    return wording.say_failure(as_rules([reported])[0])


def lrtzc_quality_unchecked(code: str) -> str:
    """Say why a rule could not be checked."""
    return wording.say_unchecked(code)


def lrtzc_quality_verdict(verdict: str) -> str:
    """Say what the rules decided of a batch."""
    words = {
        "good": tk._("accepted"),
        "quarantined": tk._("put aside"),
        "refused": tk._("refused"),
        "sent": tk._("sent to moderators"),
        "released": tk._("published by decision"),
    }
    return words[verdict]
