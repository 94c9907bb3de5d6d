"""Suggestions while one types, as a list that the page puts under its field; and the filters by place and period."""

from urllib.parse import urlencode

import ckan.plugins.toolkit as tk
from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue

from ckanext.lrtzc.access.api import request_context
from ckanext.lrtzc.objects.api import TYPES, BadValueError, clean_date
from ckanext.lrtzc.search import administration
from ckanext.lrtzc.search.domain import narrowing
from ckanext.lrtzc.territory import get_territory

lrtzc_search = Blueprint("lrtzc_search", __name__)


@lrtzc_search.route("/search/suggest")
def suggest() -> ResponseReturnValue:
    """Give the options of a search field for what is typed in it."""
    found = tk.get_action("search_suggest")(request_context(), {"q": tk.request.args.get("q", ""), "limit": 6})
    return tk.render("search/suggestions.html", {"found": found})


def _date(text: str) -> str:
    try:
        return clean_date(text)
    except BadValueError as error:
        raise ValueError(text) from error


@lrtzc_search.route("/search/where")
def where() -> ResponseReturnValue:
    """Ask where and when; what is sent leads to the search, its other words and filters kept."""
    kind = tk.request.args.get("of", "")
    kind = kind if kind in TYPES else "dataset"
    asked = narrowing.asked_by(tk.request.args.items(multi=True))
    errors = {}
    if "go" in tk.request.args:
        found, errors = narrowing.search_of(asked, _date)
        if not errors:
            address = tk.h.url_for(f"{kind}.search")
            return tk.redirect_to(f"{address}?{urlencode(found)}" if found else address)
    territory = get_territory()
    page = tk.render(
        "search/where.html",
        {
            "asked": asked,
            "kind": kind,
            "errors": {name: [tk._(message)] for name, message in errors.items()},
            "communes": sorted((one.name, one.code) for one in territory.communes),
            "bbox": ",".join(f"{number:.4f}" for number in territory.bbox),
            "contours": tk.h.url_for("lrtzc_explore.contours") if _has_contours() else "",
        },
    )
    return page, (400 if errors else 200)


def _has_contours() -> bool:
    return "lrtzc_explore.contours" in current_app.view_functions


lrtzc_search.add_url_rule("/ckan-admin/search-index", "index", administration.index, methods=["GET", "POST"])
lrtzc_search.add_url_rule("/ckan-admin/search-index/progress", "progress", administration.progress)
lrtzc_search.add_url_rule("/ckan-admin/synonyms", "synonyms", administration.synonyms, methods=["GET", "POST"])
