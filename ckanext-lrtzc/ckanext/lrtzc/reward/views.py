"""The pages of points: what they are and the boards, one's own, the rules."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.pagination import Page
from flask import Blueprint

from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.delivery.api import keep_personal
from ckanext.lrtzc.pages import Answer, page, redirect, sign_in_first
from ckanext.lrtzc.undo.api import offer

lrtzc_reward = Blueprint("lrtzc_reward", __name__)
PER_PAGE = 20


def _act(verb: str, **asked: Any) -> Any:
    return tk.get_action(f"lrtzc_reward_{verb}")(request_context(), asked)


def _part(verb: str, **asked: Any) -> Page:
    """Give the page of a list that the address asks for."""
    number = tk.h.get_page_number(tk.request.args)
    found = _act(verb, **asked, limit=PER_PAGE, offset=PER_PAGE * (number - 1))
    return Page(found["results"], page=number, item_count=found["count"], items_per_page=PER_PAGE, presliced_list=True)


def index() -> Answer:
    """Show what points are, and a board."""
    # who leaves a board is on it no more, for nobody
    keep_personal()
    period = tk.request.args.get("period", "month")
    try:
        board = _part("board", period=period)
    except tk.ValidationError:
        return tk.abort(404, tk._("There is no such page."))
    shown = {"page": board, "period": period, "rules": _act("rules_show")}
    return page("reward/index.html", challenges=_act("challenge_list")["results"], **shown)


def mine() -> Answer:
    """Show one's points (GET); begin, change one's pseudonym, or leave (POST)."""
    if refused := sign_in_first(tk.h.url_for("lrtzc_reward.mine")):
        return refused
    code, errors, form = 200, {}, tk.request.form
    if tk.request.method == "POST":
        try:
            said = _change(form)
        except tk.ObjectNotFound as missing:
            return tk.abort(404, str(missing))
        except tk.ValidationError as refusal:
            code, errors = 422, refusal.error_dict
        else:
            tk.h.flash_success(said)
            return redirect(tk.h.url_for("lrtzc_reward.mine"))
    try:
        gains = _part("gain_list")
    except tk.ValidationError:
        return tk.abort(404, tk._("There is no such page."))
    shown = {"me": _act("show"), "page": gains, "rules": _act("rules_show")}
    return page("reward/mine.html", code, **shown, errors=errors, given=form)


def _change(form: Any) -> str:
    """Do what the form asks, and say it.

    :raises ValidationError: where it can't be done
    """
    match form.get("do"):
        case "leave":
            _act("leave")
            return tk._("Your points and your pseudonym are erased.")
        case "candidate":
            offered = _act("candidate", offer=form.get("offer", "no"))["candidate"]
            if offered:
                return tk._("You offer yourself: who names moderators sees it.")
            return tk._("You offer yourself no more.")
        case _:
            _act("join", pseudonym=form.get("pseudonym", ""), listed=form.get("listed", "no"))
            return tk._("Kept. These are your points.")


def rules() -> Answer:
    """Show what gives points (GET); change it (POST)."""
    try:
        tk.check_access("lrtzc_reward_rules_update", request_context(), {})
    except tk.NotAuthorized as refused:
        return tk.abort(403, str(refused))
    code, errors, form = 200, {}, tk.request.form
    if tk.request.method == "POST":
        try:
            _act("rules_update", **_asked(form))
        except tk.ValidationError as refusal:
            code, errors = 422, refusal.error_dict
        else:
            tk.h.flash_success(tk._("Kept: it holds for what is done from now on."))
            return redirect(tk.h.url_for("lrtzc_reward.rules"))
    return page("reward/rules.html", code, rules=_act("rules_show"), errors=errors, given=form)


def _asked(form: Any) -> dict[str, Any]:
    deeds: dict[str, dict[str, str]] = {}
    for field, value in form.items():
        kind, _, name = field.partition("-")
        if kind in ("points", "daily") and name:
            deeds.setdefault(name, {})[kind] = value
    return {
        "deeds": deeds,
        "levels": form.getlist("levels[]"),
        **{name: form[name] for name in ("monthly", "candidates") if name in form},
    }


_FIELDS = ("title", "why", "resource", "selection", "target", "ends", "from_nothing")


def challenges() -> Answer:
    """Show challenges to administrators (GET); begin one or take one away (POST)."""
    try:
        tk.check_access("lrtzc_reward_challenge_create", request_context(), {})
    except tk.NotAuthorized as refused:
        return tk.abort(403, str(refused))
    code, errors, form = 200, {}, tk.request.form
    if tk.request.method == "POST":
        try:
            if "delete" in form:
                _act("challenge_delete", id=form["delete"])
                said = tk._("The challenge is taken away.")
            else:
                asked = {field: form[field] for field in _FIELDS if field in form}
                # the address of the explorer says which file, too
                _act("challenge_create", **asked | {"resource": form.get("resource") or form.get("selection", "")})
                said = tk._("The challenge has begun.")
        except tk.ObjectNotFound as missing:
            return tk.abort(404, str(missing))
        except tk.ValidationError as refusal:
            code, errors = 422, refusal.error_dict
        else:
            tk.h.flash_success(said)
            return redirect(tk.h.url_for("lrtzc_reward.challenges"))
    known = _act("challenge_list", limit=100)["results"]
    return page("reward/challenges.html", code, challenges=known, errors=errors, given=form if errors else {})


def refused() -> Answer:
    """Show administrators the pseudonyms that were taken down (GET); take one down or allow it again (POST)."""
    try:
        tk.check_access("lrtzc_reward_take_down", request_context(), {})
    except tk.NotAuthorized as refusal:
        return tk.abort(403, str(refusal))
    code, errors, form = 200, {}, tk.request.form
    if tk.request.method == "POST":
        try:
            said = _refuse(form)
        except tk.ObjectNotFound as missing:
            code, errors = 422, {"pseudonym": [str(missing)]}
        except tk.ValidationError as refusal:
            code, errors = 422, refusal.error_dict
        else:
            tk.h.flash_success(said)
            return redirect(tk.h.url_for("lrtzc_reward.refused"))
    try:
        known = _part("refused_list")
    except tk.ValidationError:
        return tk.abort(404, tk._("There is no such page."))
    return page("reward/refused.html", code, page=known, errors=errors, given=form if errors else tk.request.args)


def _refuse(form: Any) -> str:
    """Take a pseudonym down or allow it again, as the form asks, and say it.

    :raises ValidationError: where it can't be done; ObjectNotFound where there is no such pseudonym
    """
    if "allow" in form:
        _act("refused_allow", pseudonym=form["allow"])
        return tk._("The pseudonym is allowed again.")
    done = _act("take_down", pseudonym=form.get("pseudonym", ""), reason=form.get("reason", ""))
    offer("reward.take_down", ("pseudonym", ""), pseudonym=done["pseudonym"])
    return tk._("The pseudonym is taken down, and whoever went by it is told.")


FORM = ["GET", "POST"]
lrtzc_reward.add_url_rule("/reward", "index", index)
lrtzc_reward.add_url_rule("/reward/mine", "mine", mine, methods=FORM)
lrtzc_reward.add_url_rule("/ckan-admin/reward", "rules", rules, methods=FORM)
lrtzc_reward.add_url_rule("/ckan-admin/challenges", "challenges", challenges, methods=FORM)
lrtzc_reward.add_url_rule("/ckan-admin/pseudonyms", "refused", refused, methods=FORM)
