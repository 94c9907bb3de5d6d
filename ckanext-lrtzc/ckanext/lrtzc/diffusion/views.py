"""The pages of subscriptions: of a dataset, one's own, one and its messages, and all of them for administrators."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.pagination import Page
from flask import Blueprint
from werkzeug.wrappers import Response

from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.delivery.api import keep_personal
from ckanext.lrtzc.diffusion import hub as hubs
from ckanext.lrtzc.diffusion import jobs
from ckanext.lrtzc.diffusion.domain import websub
from ckanext.lrtzc.pages import Answer, page, redirect, said, sign_in_first
from ckanext.lrtzc.translation import mark

lrtzc_diffusion = Blueprint("lrtzc_diffusion", __name__)
# Where programs without an account ask to be sent feeds: they send no token of a form.
lrtzc_hub = Blueprint("lrtzc_hub", __name__)

PER_PAGE = 50


def _call(name: str, **data: Any) -> Any:
    return tk.get_action(f"lrtzc_subscription_{name}")(request_context(), data)


def _dataset(id: str) -> dict[str, Any]:
    try:
        return tk.get_action("package_show")(request_context(), {"id": id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return tk.abort(404, tk._("There is no such object, or you may not see it."))


def _secret(subscription: dict[str, Any], secret: str) -> Response:
    """Show a secret, once: the answer is kept nowhere."""
    keep_personal()
    body = tk.render("diffusion/secret.html", {"subscription": subscription, "secret": secret})
    answer = Response(body, 200, mimetype="text/html")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def subscribe(id: str) -> Answer:
    """Show one's subscriptions to a dataset, and a form (GET); add one (POST), and show its secret."""
    if refused := sign_in_first(tk.h.url_for("lrtzc_diffusion.subscribe", id=id)):
        return refused
    dataset, code, errors, fields = _dataset(id), 200, {}, tk.request.form
    given = {name: fields.get(name, "").strip() for name in ("address", "title")}
    if tk.request.method == "POST":
        try:
            made = _call("create", id=dataset["id"], **given)
        except tk.ValidationError as refusal:
            code, errors = 422, refusal.error_dict
        else:
            return _secret(made, made["secret"])
    found = _call("list", id=dataset["id"])
    shown = {"pkg_dict": dataset, "subscriptions": found, "values": given, "errors": errors}
    return page("diffusion/subscribe.html", code, **shown)


def mine() -> Answer:
    """List one's own subscriptions."""
    if refused := sign_in_first(tk.h.url_for("lrtzc_diffusion.mine")):
        return refused
    return page("diffusion/mine.html", subscriptions=_call("list"))


def _shown(subscription_id: str, offset: int = 0) -> dict[str, Any]:
    try:
        return _call("show", id=subscription_id, limit=PER_PAGE, offset=offset)
    except (tk.ObjectNotFound, tk.ValidationError):
        return tk.abort(404, tk._("You have no such subscription."))


def read(subscription_id: str) -> Answer:
    """Show a subscription and its messages (GET); test, pause, resume it, or give it a new secret (POST)."""
    if refused := sign_in_first(tk.h.url_for("lrtzc_diffusion.read", subscription_id=subscription_id)):
        return refused
    number = tk.h.get_page_number(tk.request.args)
    subscription, code, error = _shown(subscription_id, PER_PAGE * (number - 1)), 200, ""
    if tk.request.method == "POST":
        try:
            done = _do(subscription, tk.request.form.get("do", ""))
        except tk.ObjectNotFound:
            return tk.abort(404, tk._("You have no such subscription."))
        except tk.ValidationError as refusal:
            code, error = 422, said(refusal)
        else:
            return done
    shown = Page(
        subscription["messages"], number, item_count=subscription["count"], items_per_page=PER_PAGE,
        presliced_list=True,
    )  # fmt: skip
    own = subscription["account"] == tk.current_user.id
    return page("diffusion/read.html", code, subscription=subscription, page=shown, own=own, error=error)


def push(id: str) -> Answer:
    """Ask for what a place needs (GET), then try it and keep it (POST)."""
    if refused := sign_in_first(tk.h.url_for("lrtzc_diffusion.push", id=id)):
        return refused
    dataset, kind = _dataset(id), tk.request.values.get("kind", "")
    try:
        tk.check_access("lrtzc_push_create", request_context(), {"id": dataset["id"]})
    except tk.NotAuthorized as refusal:
        return tk.abort(403, str(refusal.message))
    if not tk.h.lrtzc_push_place(kind):
        return redirect(tk.h.url_for("lrtzc_diffusion.subscribe", id=id))
    typed, code, errors = _typed(kind), 200, {}
    if tk.request.method == "GET":
        # messages are for what is new; who wants all rows in each says so
        typed["delta"] = tk.h.lrtzc_push_place(kind)["messages"]
    if tk.request.method == "POST":
        try:
            made = tk.get_action("lrtzc_push_create")(request_context(), {**typed, "id": dataset["id"], "kind": kind})
        except tk.ValidationError as refusal:
            code, errors = 422, refusal.error_dict
        else:
            tk.h.flash_success(tk._("The place is kept: each new version is sent there."))
            return redirect(tk.h.url_for("lrtzc_diffusion.read", subscription_id=made["id"]))
    shown = {"pkg_dict": dataset, "kind": kind, "values": typed, "errors": errors, "subscription": None}
    return page("diffusion/push.html", code, **shown)


def _typed(kind: str) -> dict[str, Any]:
    form = tk.request.form
    fields = [field["name"] for field in tk.h.lrtzc_push_place(kind)["fields"]]
    return {
        "address": form.get("address", ""),
        "title": form.get("title", ""),
        "settings": {name: form.get(f"setting-{name}", "") for name in fields},
        "format": form.get("format", "csv"),
        "delta": form.get("delta") == "yes",
        "audience": form.get("audience", "everybody"),
        "naming": form.get("naming", "numbered"),
    }


def edit(subscription_id: str) -> Answer:
    """Change how a place is reached and what is sent there."""
    here = tk.h.url_for("lrtzc_diffusion.read", subscription_id=subscription_id)
    if refused := sign_in_first(here):
        return refused
    subscription, code, errors = _shown(subscription_id), 200, {}
    kind, dataset = subscription["kind"], subscription["dataset"]
    own = subscription["account"] == tk.current_user.id
    if not own or not tk.h.lrtzc_push_place(kind) or not dataset["name"]:
        return tk.abort(404, tk._("You have no such subscription."))
    kept = {name: subscription[name] for name in ("address", "title")}
    typed = {**kept, "settings": subscription["options"], **subscription["plan"]}
    if tk.request.method == "POST":
        typed = _typed(kind)
        try:
            tk.get_action("lrtzc_push_update")(request_context(), {**typed, "id": subscription_id})
        except tk.ValidationError as refusal:
            code, errors = 422, refusal.error_dict
        else:
            tk.h.flash_success(tk._("The settings are saved."))
            return redirect(here)
    shown = {"pkg_dict": _dataset(dataset["name"]), "kind": kind, "values": typed, "errors": errors}
    return page("diffusion/push.html", code, **shown, subscription=subscription)


def _do(subscription: dict[str, Any], what: str) -> Response:
    number = subscription["id"]
    match what:
        case "test":
            _call("test", id=number)
            tk.h.flash_success(tk._("A test is on its way: read this page again in a moment to see what came of it."))
        case "pause" | "resume":
            _call("pause", id=number, paused=what == "pause")
            tk.h.flash_success(
                tk._("Paused: what comes meanwhile waits.") if what == "pause" else tk._("Resumed: what waits is sent.")
            )
        case "send":
            count = tk.get_action("lrtzc_push_send")(request_context(), {"id": number})["count"]
            words = tk.ungettext("{n} file is on its way.", "{n} files are on their way.", count)
            tk.h.flash_success(words.format(n=count) if count else tk._("All there is was sent already."))
        case "secret":
            return _secret(subscription, _call("renew_secret", id=number)["secret"])
        case _:
            raise tk.ValidationError({"do": [tk._("Choose what to do.")]})
    return redirect(tk.h.url_for("lrtzc_diffusion.read", subscription_id=number))


def delete(subscription_id: str) -> Answer:
    """Ask whether to delete a subscription (GET), and delete it (POST)."""
    here = tk.h.url_for("lrtzc_diffusion.read", subscription_id=subscription_id)
    if refused := sign_in_first(here):
        return refused
    subscription = _shown(subscription_id)
    if tk.request.method == "GET":
        return page("diffusion/delete.html", subscription=subscription)
    if not tk.request.form.get("delete"):
        return redirect(here)
    own = subscription["account"] == tk.current_user.id
    _call("delete", id=subscription_id)
    tk.h.flash_success(tk._("Deleted: this program is told no more."))
    return redirect(tk.h.url_for("lrtzc_diffusion.mine" if own else "lrtzc_diffusion.everyone"))


def everyone() -> Answer:
    """Show administrators all subscriptions."""
    number = tk.h.get_page_number(tk.request.args)
    try:
        found = _call("overview", limit=PER_PAGE, offset=PER_PAGE * (number - 1))
    except tk.NotAuthorized as refusal:
        return tk.abort(403, str(refusal))
    except tk.ValidationError:
        return tk.abort(404, tk._("There is no such page."))
    shown = Page(found["results"], number, item_count=found["count"], items_per_page=PER_PAGE, presliced_list=True)
    return page("diffusion/everyone.html", subscriptions=found["results"], page=shown)


def hub() -> Response:
    """Take what a program asks of the hub (WebSub, section 5.1): 202, or why not as plain text."""
    try:
        if (tk.request.content_length or 0) > websub.LARGEST_REQUEST:
            raise websub.Wrong(mark("The request is too large."), 413)
        if tk.request.mimetype != websub.MEDIA_TYPE:
            raise websub.Wrong(mark("The request must be a form: application/x-www-form-urlencoded."), 415)
        longest = int(tk.config["ckanext.lrtzc.diffusion.hub_lease_days"]) * websub.DAY
        hubs.ask(websub.asked(tk.request.form.to_dict(flat=False), longest))
    except websub.Wrong as wrong:
        answer = Response(f"{tk._(wrong.sentence)}\n", wrong.status, mimetype="text/plain")
        if wrong.status in (429, 503):
            answer.headers["Retry-After"] = "60"
        return answer
    jobs.hub_soon()
    return Response(status=202, mimetype="text/plain")


lrtzc_hub.add_url_rule("/websub", "hub", hub, methods=["POST"])
lrtzc_diffusion.add_url_rule("/subscriptions", "mine", mine)
lrtzc_diffusion.add_url_rule("/subscriptions/<subscription_id>", "read", read, methods=["GET", "POST"])
lrtzc_diffusion.add_url_rule("/subscriptions/<subscription_id>/edit", "edit", edit, methods=["GET", "POST"])
lrtzc_diffusion.add_url_rule("/dataset/<id>/subscriptions/new-place", "push", push, methods=["GET", "POST"])
lrtzc_diffusion.add_url_rule("/subscriptions/<subscription_id>/delete", "delete", delete, methods=["GET", "POST"])
lrtzc_diffusion.add_url_rule("/dataset/<id>/subscriptions", "subscribe", subscribe, methods=["GET", "POST"])
lrtzc_diffusion.add_url_rule("/ckan-admin/subscriptions", "everyone", everyone)
