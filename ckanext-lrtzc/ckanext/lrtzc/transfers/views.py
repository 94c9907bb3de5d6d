"""The pages of transfers: what waits for me, what I offered, and a new offer."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from ckan.lib.pagination import Page
from flask import Blueprint

from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.pages import Answer, page, redirect, said, sign_in_first
from ckanext.lrtzc.transfers.listing import transferable
from ckanext.lrtzc.undo import api as undo

lrtzc_transfers = Blueprint("lrtzc_transfers", __name__)

ANSWERS = ("accept", "refuse", "withdraw")
PER_PAGE = 50


def mine() -> Answer:
    """List what waits for an answer and what was answered (GET); answer some (POST)."""
    if refused := sign_in_first(tk.h.url_for("lrtzc_transfers.mine")):
        return refused
    code, error = 200, ""
    if tk.request.method == "POST":
        answer, ids = tk.request.form.get("answer", ""), tk.request.form.getlist("ids")
        if answer not in ANSWERS:
            return tk.abort(400, tk._("Say whether to accept, to refuse or to withdraw."))
        try:
            changed = tk.get_action(f"lrtzc_transfer_{answer}")(request_context(), {"ids": ids})
        except tk.ObjectNotFound:
            code, error = 404, tk._("There is no such offer for you to answer.")
        except tk.ValidationError as refusal:
            code, error = 422, said(refusal) if ids else tk._("Tick at least one object.")
        else:
            _tell(answer, changed)
            return redirect(tk.h.url_for("lrtzc_transfers.mine"))
    found = tk.get_action("lrtzc_transfer_list")(request_context(), {})
    return page("transfers/mine.html", code, error=error, **found)


def _tell(answer: str, offers: list[dict[str, Any]]) -> None:
    words = {
        "accept": tk._("Accepted: you now own them."),
        "refuse": tk._("Refused: they stay with their owner."),
        "withdraw": tk._("Withdrawn: they stay yours."),
    }
    if any(offer["state"] != "void" for offer in offers):
        tk.h.flash_success(words[answer])
        if answer != "accept":
            ids = [offer["id"] for offer in offers]
            undo.offer(f"transfer.{answer}", ("transfer", ids[0]), ids=ids)
    for offer in offers:
        if offer["state"] == "void":
            message = tk._("“{title}” was deleted or changed hands meanwhile: its offer is void.")
            tk.h.flash_notice(message.format(title=offer["package"]["title"]))


def new() -> Answer:
    """Choose what to offer, and to whom (GET); offer it (POST)."""
    if refused := sign_in_first(tk.h.url_for("lrtzc_transfers.new")):
        return refused
    code, error, fields = 200, "", tk.request.args
    if tk.request.method == "POST":
        fields = tk.request.form
        given = {name: fields.get(name, "").strip() for name in ("to", "organization")}
        try:
            tk.get_action("lrtzc_transfer_offer")(request_context(), {"ids": fields.getlist("ids"), **given})
        except tk.NotAuthorized as refusal:
            code, error = 403, str(refusal.message or refusal)
        except tk.ValidationError as refusal:
            code, error = 422, said(refusal) if fields.getlist("ids") else tk._("Tick at least one object.")
        else:
            tk.h.flash_success(tk._("Offered: nothing changes until the other side accepts."))
            return redirect(tk.h.url_for("lrtzc_transfers.mine"))
    user = model.User.get(tk.current_user.name)
    organisations = tk.get_action("organization_list_for_user")(request_context(), {"permission": "create_dataset"})
    return page(
        "transfers/new.html",
        code,
        error=error,
        objects=transferable(user),
        chosen=fields.getlist("ids"),
        values={name: fields.get(name, "") for name in ("to", "organization")},
        organisations=organisations,
    )


def orphans() -> Answer:
    """Show administrators the objects whose owner is gone (GET); hand some over (POST)."""
    try:
        tk.check_access("lrtzc_transfer_orphan_list", request_context(), {})
    except tk.NotAuthorized as refusal:
        return tk.abort(403, str(refusal))
    code, error, fields = 200, "", tk.request.form
    given = {name: fields.get(name, "").strip() for name in ("to", "organization", "reason")}
    if tk.request.method == "POST":
        try:
            done = tk.get_action("lrtzc_transfer_hand_over")(request_context(), {"ids": fields.getlist("ids"), **given})
        except tk.ValidationError as refusal:
            code, error = 422, said(refusal) if fields.getlist("ids") else tk._("Tick at least one object.")
        else:
            told = tk.ungettext("{number} object is handed over.", "{number} objects are handed over.", len(done))
            tk.h.flash_success(told.format(number=len(done)))
            return redirect(tk.h.url_for("lrtzc_transfers.orphans"))
    number = tk.h.get_page_number(tk.request.args)
    asked = {"limit": PER_PAGE, "offset": PER_PAGE * (number - 1)}
    try:
        found = tk.get_action("lrtzc_transfer_orphan_list")(request_context(), asked)
    except tk.ValidationError:
        return tk.abort(404, tk._("There is no such page."))
    return page(
        "transfers/orphans.html",
        code,
        error=error,
        objects=found["results"],
        page=Page(found["results"], number, item_count=found["count"], items_per_page=PER_PAGE, presliced_list=True),
        chosen=fields.getlist("ids"),
        values=given,
        organisations=tk.get_action("organization_list_for_user")(request_context(), {"permission": "create_dataset"}),
    )


lrtzc_transfers.add_url_rule("/transfers", "mine", mine, methods=["GET", "POST"])
lrtzc_transfers.add_url_rule("/transfers/new", "new", new, methods=["GET", "POST"])
lrtzc_transfers.add_url_rule("/ckan-admin/transfers", "orphans", orphans, methods=["GET", "POST"])
