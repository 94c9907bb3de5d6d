"""Pages of partner portals, for administrators and editors of organisations."""

import csv
import io
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.common import streaming_response
from flask import Blueprint
from flask.typing import ResponseReturnValue

from ckanext.lrtzc.partners import helpers
from ckanext.lrtzc.partners.logic.auth import PERMISSION

lrtzc_partners = Blueprint("lrtzc_partners", __name__, url_prefix="/partners")

LINES = 50
RUNS = 20
# ckanext-harvest registers every function and class of its modules of actions as an action.
NOT_ACTIONS = (
    "InactiveSource",
    "auth_allow_anonymous_access",
    "get_mail_extra_vars",
    "harvest_get_notifications_recipients",
    "prepare_error_mail",
    "prepare_summary_mail",
    "send_error_email",
    "send_mail",
    "send_summary_email",
)


@lrtzc_partners.before_app_request
def refuse_what_is_no_action() -> None:
    """Refuse calls to what isn't meant to be called from outside."""
    if tk.request.endpoint == "api.action" and (tk.request.view_args or {}).get("logic_function") in NOT_ACTIONS:
        tk.abort(404, tk._("There is no such action."))


@contextmanager
def _told() -> Generator[None]:
    """Answer refusals and absences as pages: who isn't signed in is asked to."""
    try:
        yield
    except tk.NotAuthorized:
        tk.abort(403, tk._("Only editors of the organisation may do this with its partner portals."))
    except tk.ObjectNotFound:
        tk.abort(404, tk._("There is no such partner portal."))


def _call(action: str, **data: Any) -> Any:
    with _told():
        return tk.get_action(action)({"user": tk.current_user.name}, data)


def _check(action: str, **data: Any) -> None:
    with _told():
        tk.check_access(action, {"user": tk.current_user.name}, data)


@lrtzc_partners.route("/")
def index() -> ResponseReturnValue:
    """List the partners that one may see."""
    return tk.render("partners/index.html", {"partners": _call("partner_list")})


def _organizations() -> list[dict[str, str]]:
    found = tk.get_action("organization_list_for_user")({"user": tk.current_user.name}, {"permission": PERMISSION})
    return [{"value": o["id"], "text": o["display_name"]} for o in found]


def _form(values: dict[str, Any], errors: dict[str, Any], **more: Any) -> str:
    return tk.render(
        "partners/edit.html",
        {
            "values": values,
            "errors": errors,
            "organizations": _organizations(),
            "preview": None,
            "partner": None,
            **more,
        },
    )


def _submitted() -> dict[str, Any]:
    values = {name: value for name, value in tk.request.form.items() if not name.startswith("_")}
    return {name: value for name, value in values.items() if name not in ("csrf_token", "save", "try")}


@lrtzc_partners.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Declare a partner, having tried it first if one wants."""
    _check("partner_create")
    if tk.request.method == "GET":
        return _form({"schedule": "daily", "purge_days": 30, "owner_org": tk.request.args.get("owner_org", "")}, {})
    values = _submitted()
    if "try" in tk.request.form:
        return _tried(values)
    try:
        partner = _call("partner_create", **values)
    except tk.ValidationError as err:
        return _form(values, err.error_dict)
    tk.h.flash_success(tk._("The partner portal is declared. You can look at its first records, then run it."))
    return tk.redirect_to("lrtzc_partners.read", id=partner["name"])


def _tried(values: dict[str, Any], **more: Any) -> str:
    try:
        wanted = {k: v for k, v in values.items() if k in ("kind", "address", "owner_org", "licence", "axis")}
        wanted |= {k: v for k, v in values.items() if k.startswith("option_")}
        preview = _call("partner_preview", **wanted)
    except tk.ValidationError as err:
        return _form(values, err.error_dict, **more)
    return _form(values, {}, **{"preview": preview, **more})


@lrtzc_partners.route("/<id>")
def read(id: str) -> ResponseReturnValue:
    """Show a partner: its state, its settings, its runs."""
    partner = _call("partner_show", id=id)
    page = tk.h.get_page_number(tk.request.args)
    runs = _call("partner_run_list", id=id, offset=(page - 1) * RUNS, limit=RUNS)
    return tk.render(
        "partners/read.html",
        {"partner": partner, "runs": runs, "page": page, "pages": _pages(runs["count"], RUNS)},
    )


def _pages(count: int, size: int) -> int:
    return max(1, -(-count // size))


@lrtzc_partners.route("/<id>/progress")
def progress(id: str) -> ResponseReturnValue:
    """Give the part of the page that tells how the latest run goes."""
    return tk.render("partners/snippets/progress.html", {"partner": _call("partner_show", id=id)})


@lrtzc_partners.route("/<id>/edit", methods=["GET", "POST"])
def edit(id: str) -> ResponseReturnValue:
    """Change a partner's settings."""
    partner = _call("partner_show", id=id)
    _check("partner_update", id=id)
    if tk.request.method == "GET":
        values = {**partner, **{f"option_{name}": value for name, value in partner["options"].items()}}
        return _form(values, {}, partner=partner)
    values = _submitted()
    if "try" in tk.request.form:
        return _tried({**values, "owner_org": partner["owner_org"]}, partner=partner)
    try:
        changed = _call("partner_update", **{**values, "id": partner["id"]})
    except tk.ValidationError as err:
        return _form(values, err.error_dict, partner=partner)
    tk.h.flash_success(tk._("The settings are saved."))
    return tk.redirect_to("lrtzc_partners.read", id=changed["name"])


@lrtzc_partners.route("/<id>/preview")
def preview(id: str) -> ResponseReturnValue:
    """Show the first records as they would be here."""
    partner = _call("partner_show", id=id)
    try:
        found, fault = _call("partner_preview", id=id), ""
    except tk.ValidationError as err:
        found, fault = None, "; ".join(str(text) for texts in err.error_dict.values() for text in texts)
    return tk.render("partners/preview.html", {"partner": partner, "preview": found, "fault": fault})


@lrtzc_partners.route("/<id>/run", methods=["POST"])
def run(id: str) -> ResponseReturnValue:
    """Start a run."""
    try:
        _call("partner_run", id=id)
    except tk.ValidationError as err:
        tk.h.flash_notice("; ".join(str(text) for texts in err.error_dict.values() for text in texts))
    return tk.redirect_to("lrtzc_partners.read", id=id)


@lrtzc_partners.route("/<id>/pause", methods=["POST"])
def pause(id: str) -> ResponseReturnValue:
    """Put the schedule to sleep, or wake it."""
    _call("partner_update", id=id, paused=tk.request.form.get("paused") == "yes")
    return tk.redirect_to("lrtzc_partners.read", id=id)


@lrtzc_partners.route("/<id>/delete", methods=["GET", "POST"])
def delete(id: str) -> ResponseReturnValue:
    """Stop harvesting a partner, after saying what becomes of its datasets."""
    partner = _call("partner_show", id=id)
    _check("partner_delete", id=id)
    if tk.request.method == "GET":
        return tk.render("partners/delete.html", {"partner": partner, "errors": {}})
    try:
        _call("partner_delete", id=id, datasets=tk.request.form.get("datasets", ""))
    except tk.ValidationError as err:
        return tk.render("partners/delete.html", {"partner": partner, "errors": err.error_dict})
    tk.h.flash_success(tk._("The partner portal is no longer harvested."))
    return tk.redirect_to("lrtzc_partners.index")


@lrtzc_partners.route("/<id>/reports/<run_id>")
def report(id: str, run_id: str) -> ResponseReturnValue:
    """Show the report of a run, filtered."""
    partner = _call("partner_show", id=id)
    page = tk.h.get_page_number(tk.request.args)
    chosen = {"kind": tk.request.args.get("kind", ""), "q": tk.request.args.get("q", "").strip()}
    try:
        found = _call("partner_report_show", id=run_id, offset=(page - 1) * LINES, limit=LINES, **chosen)
    except tk.ValidationError:
        return tk.redirect_to("lrtzc_partners.report", id=id, run_id=run_id)
    return tk.render(
        "partners/report.html",
        {"partner": partner, "run": found, "chosen": chosen, "page": page, "pages": _pages(found["count"], LINES)},
    )


@lrtzc_partners.route("/<id>/reports/<run_id>.csv")
def report_csv(id: str, run_id: str) -> ResponseReturnValue:
    """Give all lines of a report as a table."""
    partner = _call("partner_show", id=id)
    first = _call("partner_report_show", id=run_id, limit=1)
    response = streaming_response(_rows(run_id, first["count"]), mimetype="text/csv; charset=utf-8", with_context=True)
    name = f"{partner['name']}-{first['started'][:10]}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _rows(run_id: str, count: int) -> Iterator[str]:
    kinds = helpers.lrtzc_partner_line_kinds()
    yield "\ufeff" + _csv([tk._("Line"), tk._("Record"), tk._("Title"), tk._("Field"), tk._("Reason")])
    for offset in range(0, count, 500):
        for line in _call("partner_report_show", id=run_id, offset=offset, limit=500)["lines"]:
            reason = helpers.lrtzc_partner_sentence(line["sentence"], line["params"])
            field = helpers.lrtzc_partner_field(line["field"])
            yield _csv([kinds.get(line["kind"], line["kind"]), line["guid"], line["title"], field, reason])


def _csv(values: list[str]) -> str:
    """Write one row; a cell that a spreadsheet would take for a formula is told as text."""
    target = io.StringIO()
    csv.writer(target, delimiter=";").writerow(
        ["'" + value if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value for value in values]
    )
    return target.getvalue()
