"""The pages by which administrators look after the search."""

from typing import Any
from urllib.parse import urlsplit

import ckan.plugins.toolkit as tk
from ckan import model
from flask import Response

from ckanext.lrtzc.access.api import request_context
from ckanext.lrtzc.search import standing
from ckanext.lrtzc.search.synonyms import OPERATION
from ckanext.lrtzc.undo.api import offer


def _page(template: str, code: int = 200, **variables: Any) -> Response:
    answer = Response(tk.render(template, variables), code, mimetype="text/html")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _may(action: str) -> None:
    try:
        tk.check_access(action, request_context(), {})
    except tk.NotAuthorized as refused:
        tk.abort(403, str(refused))


def index() -> Any:
    """Show how the index stands (GET); have objects indexed again (POST)."""
    _may("lrtzc_search_index_show")
    code, errors, form = 200, {}, tk.request.form
    if tk.request.method == "POST":
        one = form.get("go") == "one"
        try:
            asked = {"id": _named(form.get("id", "")) if one else "", "rows": form.get("rows") == "yes"}
            if one and not asked["id"]:
                raise tk.ObjectNotFound(tk._("Give the name or the address of an object."))
            tk.get_action("lrtzc_search_index_again")(request_context(), asked)
        except tk.ObjectNotFound as error:
            code, errors = 422, {"id": [error.message or ""]}
        except tk.ValidationError as error:
            errors = error.error_dict
            code = 409 if "round" in errors else 422
        else:
            tk.h.flash_success(tk._("It is being indexed again; searches find all meanwhile."))
            answer = tk.redirect_to("lrtzc_search.index")
            answer.status_code = 303
            return answer
    state = tk.get_action("lrtzc_search_index_show")(request_context(), {})
    scope = (state["round"] or {}).get("scope")
    about = model.Package.get(scope) if scope else None
    return _page("search/index.html", code, index=state, about=about, errors=errors, given=form if errors else {})


def progress() -> Any:
    """Give the piece of the page that says how far the round is."""
    _may("lrtzc_search_index_show")
    return _page("search/round.html", round=standing.last())


def synonyms() -> Any:
    """Show the groups of synonyms (GET); add, change, take away or put back one (POST)."""
    _may("lrtzc_synonym_list")
    code, errors, form = 200, {}, tk.request.form
    before = tk.get_action("lrtzc_synonym_list")(request_context(), {})
    if tk.request.method == "POST":
        try:
            done, group_id = _do(form)
        except tk.ObjectNotFound as error:
            tk.abort(404, error.message)
        except tk.ValidationError as error:
            code, errors = 422, error.error_dict
        else:
            tk.h.flash_success(done)
            stood = next((one for one in before if one["id"] == group_id), None)
            terms = stood["terms"] if stood and stood["state"] != "removed" else []
            offer(OPERATION, ("synonyms", group_id), id=group_id, terms=terms)
            answer = tk.redirect_to("lrtzc_search.synonyms")
            answer.status_code = 303
            return answer
    return _page("search/synonyms.html", code, groups=before, errors=errors, given=form if errors else {})


def _do(form: Any) -> tuple[str, str]:
    """Do what a form of the page asks; give what to say, and the group's identifier."""
    asked: dict[str, Any] = {"id": form.get("id", ""), "terms": form.get("terms", "")}
    match form.get("go", ""):
        case "delete":
            tk.get_action("lrtzc_synonym_delete")(request_context(), {"id": asked["id"]})
            return tk._("The group is taken away; searches do without it from now on."), asked["id"]
        case "keep":
            tk.get_action("lrtzc_synonym_update")(request_context(), asked)
            return tk._("The group is kept; it holds at the next search."), asked["id"]
        case _:
            made = tk.get_action("lrtzc_synonym_create")(request_context(), {"terms": asked["terms"]})
            return tk._("The group is added; it holds at the next search."), made["id"]


def _named(given: str) -> str:
    """Give the name of an object that was typed as its name, its identifier or the address of its page."""
    text = given.strip()
    try:
        path = urlsplit(text).path if "/" in text else text
    except ValueError:
        return text
    return path.rstrip("/").rpartition("/")[2]
