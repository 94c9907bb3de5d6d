"""The pages of moderation: what waits for my decision, and who moderates what."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.pagination import Page
from flask import Blueprint

from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.moderation.domain.policy import Choice
from ckanext.lrtzc.pages import Answer, page, redirect, said, sign_in_first

lrtzc_moderation = Blueprint("lrtzc_moderation", __name__)

PER_PAGE = 20
FILTERS = ("kind", "dataset", "organization", "author", "days")
STATES = ("pending", "decided")
NAMED = 3
"""Votes of one outcome that are each told of by title; more are counted."""


def console() -> Answer:
    """Show what waits for a decision of whoever is signed in, or was decided (GET); vote (POST)."""
    if refused := sign_in_first(tk.h.url_for("lrtzc_moderation.console")):
        return refused
    code, error, form = 200, "", tk.request.form
    state = tk.request.args.get("state", "pending")
    if state not in STATES:
        return tk.abort(404, tk._("There is no such page."))
    if tk.request.method == "POST":
        choice, ids = form.get("choice", ""), form.getlist("ids")
        # A case's own buttons judge it alone, whatever is ticked.
        if form.get("only"):
            choice, _, only = form["only"].partition(":")
            ids = [only]
        reason = form.get(f"reason-{ids[0]}" if form.get("only") else "reason", "")
        if choice not in [*Choice]:
            return tk.abort(400, tk._("Say whether to accept or to reject."))
        try:
            asked = {"ids": ids, "choice": choice, "reason": reason}
            answer = tk.get_action("lrtzc_moderation_vote")(request_context(), asked)
        except tk.ObjectNotFound:
            code, error = 404, tk._("There is no such case for you to judge.")
        except tk.ValidationError as refusal:
            code, error = 422, said(refusal) if ids else tk._("Tick at least one.")
        else:
            _tell(answer)
            return redirect(tk.h.url_for("lrtzc_moderation.console"))
    number = tk.h.get_page_number(tk.request.args)
    chosen = {name: tk.request.args.get(name, "") for name in FILTERS}
    asked = {"state": state, **chosen, "limit": PER_PAGE, "offset": PER_PAGE * (number - 1)}
    try:
        found = tk.get_action("lrtzc_moderation_list")(request_context(), asked)
    except tk.ValidationError:
        return tk.abort(404, tk._("There is no such page."))
    pages = Page(found["results"], page=number, item_count=found["count"], items_per_page=PER_PAGE, presliced_list=True)
    return page(
        "moderation/console.html",
        code,
        error=error,
        state=state,
        kind=chosen["kind"],
        chosen=chosen,
        page=pages,
        given=form,
        **found,
    )


def _tell(answer: dict[str, Any]) -> None:
    words = {
        "pending": tk._("Your vote on “{title}” is kept; others have to vote yet."),
        "accepted": tk._("“{title}” is accepted and shown."),
        "rejected": tk._("“{title}” is rejected; its author is told why."),
    }
    for state, sentence in words.items():
        titles = [case["subject"]["title"] for case in answer["voted"] if case["state"] == state]
        if len(titles) <= NAMED:
            for title in titles:
                tk.h.flash_success(sentence.format(title=title))
        else:
            tk.h.flash_success(_counted(state, len(titles)))
    for case in answer["late"]:
        late = tk._("“{title}” was decided, or changed by its author, before your vote.")
        tk.h.flash_notice(late.format(title=case["subject"]["title"]))


def _counted(state: str, number: int) -> str:
    """Say what became of many votes of one kind."""
    match state:
        case "pending":
            told = tk.ungettext(
                "{n} vote is kept; others have to vote yet.", "{n} votes are kept; others have to vote yet.", number
            )
        case "accepted":
            told = tk.ungettext("{n} is accepted and shown.", "{n} are accepted and shown.", number)
        case _:
            told = tk.ungettext(
                "{n} is rejected; its author is told why.", "{n} are rejected; their authors are told why.", number
            )
    return told.format(n=tk.h.lrtzc_number(number))


def boards() -> Answer:
    """Show who moderates what (GET); change it (POST)."""
    try:
        tk.check_access("lrtzc_moderation_board_list", request_context(), {})
    except tk.NotAuthorized as refused:
        return tk.abort(403, str(refused))
    code, errors, form = 200, {}, tk.request.form
    if tk.request.method == "POST":
        asked = {name: form.get(name, "") for name in ("kind", "rule", "share", "moderators")}
        try:
            tk.get_action("lrtzc_moderation_board_update")(request_context(), asked)
        except tk.ObjectNotFound:
            return tk.abort(404, tk._("There is no such kind of thing to moderate."))
        except tk.NotAuthorized as refused:
            return tk.abort(403, str(refused))
        except tk.ValidationError as refusal:
            code, errors = 422, refusal.error_dict
        else:
            tk.h.flash_success(tk._("Kept. What nobody voted on yet goes to these moderators."))
            return redirect(tk.h.url_for("lrtzc_moderation.boards"))
    found = tk.get_action("lrtzc_moderation_board_list")(request_context(), {})
    return page("moderation/boards.html", code, boards=found, errors=errors, given=form)


lrtzc_moderation.add_url_rule("/moderation", "console", console, methods=["GET", "POST"])
lrtzc_moderation.add_url_rule("/ckan-admin/moderation", "boards", boards, methods=["GET", "POST"])
