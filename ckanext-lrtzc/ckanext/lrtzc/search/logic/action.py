"""Actions of the room."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.search import asking, jobs, rounds, standing, synonyms
from ckanext.lrtzc.search.domain.synonyms import GROUPS, LETTERS, TERMS, Fault, WrongGroupError
from ckanext.lrtzc.search.logic import schema

__all__ = [
    "lrtzc_search_index_again",
    "lrtzc_search_index_show",
    "lrtzc_synonym_create",
    "lrtzc_synonym_delete",
    "lrtzc_synonym_list",
    "lrtzc_synonym_update",
    "search_suggest",
]


@tk.side_effect_free
@tk.validate_action_data(schema.search_suggest)
def search_suggest(context: Context, data_dict: dict[str, Any]) -> list[dict[str, str]]:
    """Suggest objects while one types: those whose title or tags have words that begin so.

    :param q: what was typed, two letters at least
    :param limit: how many at most (6 by default, 20 at most)
    :returns: `name`, `title` and `type` of each, the likest first
    """
    tk.check_access("search_suggest", context, data_dict)
    found = asking.suggest(context, data_dict["q"], data_dict["limit"])
    return [{"name": one.name, "title": one.title, "type": one.type} for one in found]


@tk.side_effect_free
def lrtzc_search_index_show(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Tell administrators how the index of the search stands.

    :returns: `answers` (whether the engine does), `objects` of the catalogue, `indexed` of them; `missing` and `older`
        than the catalogue (`count`, `objects`), `gone` (a number); `files` whose words are kept (`count`, `cut` where
        there were too many, `read` last); `waiting` to be read (`count`, `since`); `failures` (`count`, `objects` with
        `reason`, `words`, `moment`); `round`, the last time it was indexed again: `id`, `scope` (an object, or nothing
        for all), `asked`, `finished`, `total`, `done`, `failed`, `percent`
    """
    tk.check_access("lrtzc_search_index_show", context, data_dict)
    return standing.state()


@tk.validate_action_data(schema.lrtzc_search_index_again)
def lrtzc_search_index_again(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Have objects indexed again in the background; searches find them all meanwhile.

    :param id: name or identifier of one object; all of them where it lacks
    :param rows: read the rows of tables and the files of collections again too (no by default)
    :returns: the round that began, as in `lrtzc_search_index_show`
    :raises ValidationError: where a round that holds the same objects goes on
    """
    tk.check_access("lrtzc_search_index_again", context, data_dict)
    scope = ""
    if data_dict.get("id"):
        package = model.Package.get(data_dict["id"])
        if package is None or package.state == "deleted" or package.type in rounds.NOT_OBJECTS:
            raise tk.ObjectNotFound(tk._("No object has this name."))
        scope = package.id
    try:
        made = rounds.begin(scope, rows=data_dict["rows"])
    except rounds.UnderWayError:
        model.Session.rollback()
        said = tk._("The index is being made again already. Wait until that is over.")
        raise tk.ValidationError({"round": [said]}) from None
    record(
        "search.index",
        object_type="dataset" if scope else "portal",
        object_id=scope or tk.config["ckan.site_id"],
        details={"objects": made.total, "rows": data_dict["rows"]},
    )
    model.Session.commit()
    rounds.enqueue(made.id)
    if data_dict["rows"]:
        jobs.wake()
    return standing.shown(made) or {}


@tk.side_effect_free
def lrtzc_synonym_list(context: Context, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """List the groups of synonyms of the search.

    :returns: for each `id`, `terms`, `default` (its terms in the configuration's file, where it is there), `state`:
        `added`, `default`, `changed` or `removed`
    """
    tk.check_access("lrtzc_synonym_list", context, data_dict)
    return synonyms.told()


@tk.validate_action_data(schema.lrtzc_synonym_create)
def lrtzc_synonym_create(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Add a group of synonyms; it holds at the next search.

    :param terms: a list of at least two words or groups of words, or a text with commas between them
    :param id: a UUID to know it by; made where it lacks
    :returns: `id`, `terms`
    """
    tk.check_access("lrtzc_synonym_create", context, data_dict)
    if data_dict.get("id") in {one["id"] for one in synonyms.told()}:
        raise tk.ValidationError({"id": [tk._("There is a group of this identifier already.")]})
    return _written(data_dict.get("id") or "", data_dict["terms"])


@tk.validate_action_data(schema.lrtzc_synonym_update)
def lrtzc_synonym_update(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Change a group of synonyms, or put one of the file back that was taken away; it holds at the next search.

    :param id: of a group of `lrtzc_synonym_list`
    :param terms: a list of at least two words or groups of words, or a text with commas between them
    :returns: `id`, `terms`
    """
    tk.check_access("lrtzc_synonym_update", context, data_dict)
    _known(data_dict["id"])
    return _written(data_dict["id"], data_dict["terms"])


@tk.validate_action_data(schema.lrtzc_synonym_delete)
def lrtzc_synonym_delete(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Take a group of synonyms away; it holds at the next search. One of the file may be put back.

    :param id: of a group of `lrtzc_synonym_list`
    :returns: `id`
    """
    tk.check_access("lrtzc_synonym_delete", context, data_dict)
    _known(data_dict["id"])
    synonyms.write(data_dict["id"], [])
    return {"id": data_dict["id"]}


def _known(group_id: str) -> None:
    if group_id not in {one["id"] for one in synonyms.told()}:
        raise tk.ObjectNotFound(tk._("There is no such group of synonyms."))


def _written(group_id: str, terms: list[str]) -> dict[str, Any]:
    if not terms:
        raise tk.ValidationError({"terms": [_said(WrongGroupError(Fault.FEW))]})
    try:
        made = synonyms.write(group_id, terms)
    except WrongGroupError as error:
        model.Session.rollback()
        raise tk.ValidationError({"terms": [_said(error)]}) from None
    return {"id": made.id, "terms": list(made.terms)} if made else {}


def _said(error: WrongGroupError) -> str:
    """Say what is wrong with a group, and what to do."""
    said = {
        Fault.FEW: tk._("Give at least two terms that mean the same."),
        Fault.MANY: tk._("Give at most {number} terms; make two groups of it, or leave some out."),
        Fault.LONG: tk._("“{term}” is too long: a term has at most {letters} letters and a few words."),
        Fault.SIGNS: tk._("“{term}” isn't a word: write letters, digits, spaces, apostrophes and hyphens only."),
        Fault.ELSEWHERE: tk._("“{term}” stands in another group already: add your terms there."),
        Fault.FULL: tk._("There are {groups} groups, which is the most: take one away first."),
    }
    return said[error.fault].format(number=TERMS, term=error.term, letters=LETTERS, groups=GROUPS)
