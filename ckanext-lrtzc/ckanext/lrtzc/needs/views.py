"""The pages of needs: the inventory, one with its discussion, one's own, saying, changing and taking away."""

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.moderation.api import ProposedPages
from ckanext.lrtzc.needs.moderated import KIND
from ckanext.lrtzc.pages import Answer, page, redirect, sign_in_first

lrtzc_needs = Blueprint("lrtzc_needs", __name__)

PAGES = ProposedPages(KIND, "needs", lrtzc_needs)
PER_PAGE = 20
FACETS = ("status", "axis", "commune")
FOUND = 8
"""Objects that a search of the answer's form offers."""


def index() -> Answer:
    """Show the inventory of needs, filtered by the address."""
    titles = {"status": tk._("Where it stands"), "axis": tk._("Axis"), "commune": tk._("Commune")}
    return page("needs/index.html", facet_titles=titles, **PAGES.listed(("q", *FACETS, "sort"), PER_PAGE))


def read(name: str) -> Answer:
    """Show a need and its discussion."""
    return _read(PAGES.shown(name))


def _read(need: dict[str, Any], code: int = 200, **more: Any) -> Answer:
    organisations = []
    if tk.current_user.is_authenticated:
        organisations = tk.get_action("organization_list_for_user")(request_context(), {"permission": "create_dataset"})
    given = {"errors": {}, "at": "", "given": {}, "found": None, **more}
    return page("needs/read.html", code, need=need, organisations=organisations, **given)


def new() -> Answer:
    """Say a need (POST), by a form (GET)."""
    if refused := sign_in_first():
        return refused
    return _form({}, None)


def edit(name: str) -> Answer:
    """Change a need of one's own (POST), by a form (GET)."""
    if refused := sign_in_first():
        return refused
    need = PAGES.own(name)
    return _form({**need, **need.get("proposal", {})}, need)


def _form(values: dict[str, Any], need: dict[str, Any] | None) -> Answer:
    errors: dict[str, Any] = {}
    form = tk.request.form
    if tk.request.method == "POST":
        asked = {name: form.get(name, "") for name in ("title", "why", "axis")}
        asked |= {"communes": form.getlist("communes")}
        answer, errors = PAGES.save(need, **asked)
        if answer is not None:
            return answer
        values = {**values, **asked}
    return page("needs/form.html", 422 if errors else 200, need=need, values=values, errors=errors)


def act(name: str, verb: str) -> Answer:
    """Support a need, discuss or answer it: the forms of its page."""
    if refused := sign_in_first():
        return refused
    need, form = PAGES.shown(name), tk.request.form
    if verb == "answer" and "find" in form:
        return _read(need, at="answer", given=form, found=_found(form.get("words", "")))
    asked: dict[str, Any] = {"id": need["id"]}
    match verb:
        case "support":
            action, asked["support"] = "lrtzc_need_support", form.get("support", "yes")
        case "comment":
            action, asked["text"] = "lrtzc_need_comment", form.get("text", "")
        case "delete":
            action, asked["id"] = "lrtzc_need_comment_delete", form.get("comment", "")
        case "report":
            action, asked["id"], asked["reason"] = (
                "lrtzc_need_comment_report",
                form.get("comment", ""),
                form.get("reason", ""),
            )
        case "answer":
            action = "lrtzc_need_answer"
            asked |= {each: form.get(each, "") for each in ("organization", "status", "text", "object")}
        case _:
            return PAGES.missing()
    try:
        tk.get_action(action)(request_context(), asked)
    except tk.ObjectNotFound:
        return PAGES.missing()
    except tk.NotAuthorized as refusal:
        return tk.abort(403, str(refusal))
    except tk.ValidationError as refusal:
        found = _found(form.get("words", "")) if form.get("words") else None
        return _read(need, 422, errors=refusal.error_dict, at=verb, given=form, found=found)
    tk.h.flash_success(_done(verb, asked))
    return redirect(PAGES.url("read", name=need["name"]))


def _done(verb: str, asked: dict[str, Any]) -> str:
    match verb:
        case "support":
            return tk._("You support this need.") if asked["support"] == "yes" else tk._("You support it no more.")
        case "comment":
            return tk._("What you said is shown.")
        case "delete":
            return tk._("Your comment is taken away.")
        case "report":
            return tk._("Thank you. Moderators will read this comment.")
        case _:
            return tk._("Your answer is shown; who said this need is told.")


def _found(words: str) -> list[dict[str, Any]]:
    """Look for public objects that may meet a need."""
    asked = {"q": words[:300], "rows": FOUND, "facet": False}
    asked["fq"] = "+dataset_type:(dataset OR algorithm OR restitution OR use-case)"
    try:
        return tk.get_action("package_search")({"user": ""}, asked)["results"]
    except tk.ValidationError:
        return []


PAGES.route(index, read, new, edit)
lrtzc_needs.add_url_rule("/needs/<name>/<verb>", "act", act, methods=["POST"])
