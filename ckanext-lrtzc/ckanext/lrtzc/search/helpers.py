"""Template helpers of the search."""

from typing import Any
from urllib.parse import urlencode

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.objects.api import TYPES
from ckanext.lrtzc.search import wording
from ckanext.lrtzc.search.finding import Correction
from ckanext.lrtzc.search.places import Place


def lrtzc_search_correction() -> Correction | None:
    """Give what was searched for instead of what this page was asked for, if anything was."""
    return getattr(tk.g, "lrtzc_correction", None)


def lrtzc_search_place(dataset: dict[str, Any]) -> Place | None:
    """Give the cell by which this page's search found a dataset, where its description doesn't tell."""
    return getattr(tk.g, "lrtzc_places", {}).get(dataset.get("id"))


def lrtzc_search_score(dataset: dict[str, Any]) -> wording.Shown | None:
    """Give the score of an object's metadata in words; nothing where it has none."""
    return wording.shown(dataset)


def lrtzc_search_where() -> str:
    """Give the address of the filters by place and period, for the search under way; nothing where it is another's."""
    kind = tk.request.blueprint
    if kind not in TYPES:
        return ""
    args = [(name, value) for name, value in tk.request.args.items(multi=True) if name not in ("page", "of")]
    return f"{tk.h.url_for('lrtzc_search.where')}?{urlencode([*args, ('of', kind)])}"
