"""CKAN's search as people use it: what is searched, how much each hit counts, typing errors forgiven."""

from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.search import asking, synonyms
from ckanext.lrtzc.search.domain import words
from ckanext.lrtzc.search.places import places


@dataclass(frozen=True)
class Correction:
    """What was searched for, and the words that were searched for instead."""

    asked: str
    searched: str


def weighted(params: dict[str, Any]) -> dict[str, Any]:
    """Have a search by words look where people expect it, unless the program that asks says where."""
    query = params.get("q")
    if isinstance(query, str) and query:
        params["q"] = words.essential(words.plain_query(query))
        params.setdefault("qf", asking.FIELDS)
        if not params.get("defType") and not params.get("mm") and (wider := synonyms.expand(params["q"])):
            params |= {"q": wider.query, "defType": "edismax"}
    return params


@tk.chained_action
@tk.side_effect_free
def package_search(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """Search; on a page, what finds nothing is searched for in the likest words that find something.

    Programs get what they asked for: a search by API is never rewritten.
    """
    asked, narrowed = data_dict.get("q"), dict(data_dict)
    found = up(context, data_dict)
    if not context.get("for_view") or not isinstance(asked, str) or ":" in asked or not asked.strip():
        return found
    if not found["count"] and (better := asking.correct(context, asked, _filters(narrowed))):
        again = up(context, {**narrowed, "q": better})
        if again["count"]:
            texts = [str(one.get(name) or "") for one in again["results"] for name in ("title", "notes")]
            tk.g.lrtzc_correction = Correction(asked, words.accented(better, texts))
            found, asked = again, better
    tk.g.lrtzc_places = places(context, asked, found["results"])
    return found


def _filters(data_dict: dict[str, Any]) -> list[str]:
    return [str(data_dict["fq"])] if data_dict.get("fq") else []
