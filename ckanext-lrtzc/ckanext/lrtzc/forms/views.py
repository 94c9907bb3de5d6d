"""Pages of forms: those of who looks after the dataset, that of who answers, and the private page of an answer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, send_file

from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.clock import zone
from ckanext.lrtzc.delivery.api import keep_personal
from ckanext.lrtzc.forms import answering, inviting, wording
from ckanext.lrtzc.forms.answer_views import answered, contributions, correct, fill, follow, fresh, send
from ckanext.lrtzc.forms.building_views import build, question
from ckanext.lrtzc.forms.definitions import workbook_of
from ckanext.lrtzc.forms.domain import workbook
from ckanext.lrtzc.forms.file_views import file, own_file
from ckanext.lrtzc.forms.media_views import asked_file
from ckanext.lrtzc.forms.model import Form, Invitation, State
from ckanext.lrtzc.forms.result_views import results
from ckanext.lrtzc.pages import Answer, page, redirect, said

lrtzc_forms = Blueprint("lrtzc_forms", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _dataset(id: str) -> dict[str, Any]:
    try:
        tk.check_access("lrtzc_form_list", request_context(), {"id": id})
        return tk.get_action("package_show")(request_context(), {"id": id})
    except tk.ObjectNotFound:
        tk.abort(404, tk._("There is no such dataset."))
    except tk.NotAuthorized as refusal:
        tk.abort(403, str(refusal))


def _form(form_id: str) -> tuple[Form, dict[str, Any]]:
    """Give a form and its dataset to those who may change it; for others there is none."""
    form = Form.get(form_id)
    try:
        tk.check_access("lrtzc_form_show", request_context(), {"form": form_id})
        if form is not None:
            return form, tk.get_action("package_show")(request_context(), {"id": form.package_id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        pass
    tk.abort(404, tk._("There is no such form."))


def index(id: str) -> Answer:
    """List the forms of a dataset."""
    package = _dataset(id)
    forms = tk.get_action("lrtzc_form_list")(request_context(), {"id": package["id"]})
    return page("forms/index.html", pkg_dict=package, forms=forms)


def new(id: str) -> Answer:
    """Make a form (POST), by a form (GET)."""
    package = _dataset(id)
    errors: dict[str, Any] = {}
    fields = tk.request.form
    if tk.request.method == "POST":
        asked = {"id": package["id"], "title": fields.get("title", ""), "upload": tk.request.files.get("upload")}
        if asked["upload"] is not None and not asked["upload"].filename:
            asked["upload"] = None
        try:
            made = tk.get_action("lrtzc_form_create")(request_context(), asked)
        except tk.ValidationError as refusal:
            errors = refusal.error_dict
        else:
            tk.h.flash_success(tk._("The form is made. Look it through, then open it."))
            if not asked["upload"]:
                return redirect(tk.h.url_for("lrtzc_forms.build", form_id=made["id"]))
            return redirect(tk.h.url_for("lrtzc_forms.manage", form_id=made["id"]))
    code = 422 if errors else 200
    return page("forms/new.html", code, pkg_dict=package, errors=errors, values=fields)


def manage(form_id: str) -> Answer:
    """Show a form to those who look after it, and change its settings (POST)."""
    form, package = _form(form_id)
    errors: dict[str, Any] = {}
    values: dict[str, Any] = {}
    if tk.request.method == "POST":
        verb, fields = tk.request.form.get("verb", "settings"), tk.request.form
        try:
            told = _do(form, verb, fields)
        except tk.ValidationError as refusal:
            model.Session.rollback()
            errors, values = refusal.error_dict, dict(fields)
            if verb != "settings":
                several = verb in ("define", "files")
                errors = {verb: refusal.error_dict.get("upload", []) if several else [said(refusal)]}
        except tk.ObjectNotFound as refusal:
            tk.abort(404, str(refusal))
        else:
            tk.h.flash_success(told)
            if verb == "delete":
                return redirect(tk.h.url_for("lrtzc_forms.index", id=package["name"]))
            return redirect(tk.h.url_for("lrtzc_forms.manage", form_id=form_id))
    shown = tk.get_action("lrtzc_form_show")(request_context(), {"form": form_id})
    found = Form.get(form_id) or form
    code = tk.h.lang() or ""
    links = {one.id: inviting.address(found, one, code) for one in Invitation.of_form(form_id)}
    standing = answering.standing(found)
    return page(
        "forms/manage.html",
        422 if errors else 200,
        pkg_dict=package,
        form=shown,
        values=values or _values(found),
        errors=errors,
        links=links,
        standing=wording.refusal(standing) if standing and found.state == "open" else "",
        address=tk.h.url_for("lrtzc_forms.fill", form_id=form_id, qualified=True),
    )


def _values(form: Form) -> dict[str, Any]:
    def local(at: Any) -> str:
        return at.astimezone(zone()).strftime("%Y-%m-%dT%H:%M") if at else ""

    return {
        "title": form.title,
        "intro": form.intro,
        "openness": form.openness,
        "opens": local(form.opens),
        "closes": local(form.closes),
        "quota": form.quota or "",
        "once": form.once,
        "keeps_position": form.keeps_position,
    }


def _do(form: Form, verb: str, fields: Any) -> str:
    """Do what a button of the page asks; give what is said of it."""
    context, asked = request_context(), {"form": form.id}
    match verb:
        case "open":
            tk.get_action("lrtzc_form_open")(context, asked)
            found = Form.get(form.id)
            if found is not None:
                inviting.write(found)
            return tk._("The form is open.")
        case "close":
            tk.get_action("lrtzc_form_close")(context, asked)
            return tk._("The form is closed. What was answered stays in the dataset.")
        case "delete":
            tk.get_action("lrtzc_form_delete")(context, asked)
            return tk._("The form is deleted.")
        case "define":
            upload = tk.request.files.get("upload")
            tk.get_action("lrtzc_form_define")(context, {**asked, "upload": upload if upload else ""})
            return tk._("The workbook's questions are the form's now.")
        case "files":
            uploads = [upload for upload in tk.request.files.getlist("files") if upload.filename]
            if not uploads:
                raise tk.ValidationError({"upload": [tk._("Choose a file.")]})
            taken, refused = [], []
            for upload in uploads:
                try:
                    taken.append(tk.get_action("lrtzc_form_file_add")(context, {**asked, "upload": upload})["name"])
                except tk.ValidationError as error:
                    refused.append(tk._("{name}: {sentence}").format(name=upload.filename, sentence=said(error)))
            if refused:
                raise tk.ValidationError({"upload": refused})
            return tk._("Kept: {names}.").format(names=", ".join(taken))
        case "unfile":
            name = fields.get("name", "")
            tk.get_action("lrtzc_form_file_remove")(context, {**asked, "name": name})
            return tk._("“{name}” is taken away.").format(name=name)
        case "invite":
            done = tk.get_action("lrtzc_form_invite")(context, {**asked, "emails": fields.get("emails", "")})
            told = tk.ungettext("{n} person was added", "{n} people were added", done["added"]).format(n=done["added"])
            if form.state != State.OPEN:
                return tk._("{told}. Letters leave when the form is opened.").format(told=told)
            letters = tk.ungettext("{n} letter was sent", "{n} letters were sent", done["sent"])
            return f"{told}, {letters.format(n=done['sent'])}."
        case "uninvite":
            given = {**asked, "invitation": fields.get("invitation", "")}
            tk.get_action("lrtzc_form_uninvite")(context, given)
            return tk._("The invitation is taken back.")
        case _:
            names = ("title", "intro", "openness", "opens", "closes", "quota")
            given = {name: fields.get(name, "") for name in names} | {
                name: fields.get(name) == "yes" for name in ("once", "keeps_position")
            }
            tk.get_action("lrtzc_form_update")(context, {**asked, **given})
            return tk._("The settings are kept.")


def worker() -> Response:
    """Give the script by which pages of forms open without a network; browsers let it see the paths beside it only."""
    answer = send_file(Path(__file__).parent / "assets" / "worker.js", mimetype="text/javascript", max_age=0)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def export(form_id: str) -> Response:
    """Give the definition as an XLSForm workbook."""
    form, _package = _form(form_id)
    name = re.sub(r"[^a-z0-9]+", "-", form.title.lower()).strip("-")[:60] or "form"
    answer = Response(workbook.write(workbook_of(form)), mimetype=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    keep_personal()
    return answer


lrtzc_forms.add_url_rule("/dataset/<id>/forms", "index", index)
lrtzc_forms.add_url_rule("/dataset/<id>/forms/new", "new", new, methods=["GET", "POST"])
lrtzc_forms.add_url_rule("/form/<form_id>", "fill", fill, methods=["GET", "POST"])
lrtzc_forms.add_url_rule("/form/<form_id>/manage", "manage", manage, methods=["GET", "POST"])
lrtzc_forms.add_url_rule("/form/<form_id>/build", "build", build, methods=["GET", "POST"])
lrtzc_forms.add_url_rule("/form/<form_id>/build/question", "build_question", question, methods=["GET", "POST"])
lrtzc_forms.add_url_rule("/form/<form_id>/form.xlsx", "export", export)
lrtzc_forms.add_url_rule("/form/worker.js", "worker", worker)
lrtzc_forms.add_url_rule("/form/<form_id>/media/<name>", "asked_file", asked_file)
lrtzc_forms.add_url_rule("/form/<form_id>/send", "send", send, methods=["POST"])
lrtzc_forms.add_url_rule("/form/<form_id>/follow", "follow", follow, methods=["POST"])
lrtzc_forms.add_url_rule("/form/<form_id>/fresh", "fresh", fresh)
lrtzc_forms.add_url_rule("/form/<form_id>/results", "results", results)
lrtzc_forms.add_url_rule("/answers", "contributions", contributions)
lrtzc_forms.add_url_rule("/answer/<token>", "answered", answered, methods=["GET", "POST"])
lrtzc_forms.add_url_rule("/answer/<token>/file/<file_id>", "own_file", own_file)
lrtzc_forms.add_url_rule("/form-file/<file_id>/<name>", "file", file)
lrtzc_forms.add_url_rule("/answer/<token>/correct", "correct", correct, methods=["GET", "POST"])
