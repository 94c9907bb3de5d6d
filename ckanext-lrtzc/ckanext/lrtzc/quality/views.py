"""Pages of quality: the rules of a file, their trial, and what they said of its batches. No JavaScript is needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.helpers import Page
from flask import Blueprint, jsonify, make_response

from ckanext.lrtzc import pages
from ckanext.lrtzc.access.api import request_context
from ckanext.lrtzc.batches.api import Reach, judged_by_people, stored
from ckanext.lrtzc.quality import forms
from ckanext.lrtzc.quality.domain.rules import CATALOGUE, Failure, Kind

_FILE = "/dataset/<id>/quality/<resource_id>"
_AT_ONCE = 50
lrtzc_quality = Blueprint("lrtzc_quality", __name__)


def _place(id: str, resource_id: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Give the dataset, the file and what is kept of its quality, for those who may change it."""
    try:
        package = tk.get_action("package_show")(request_context(), {"id": id})
        kept = tk.get_action("lrtzc_quality_rule_list")(request_context(), {"resource_id": resource_id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404, tk._("There is no such file, or you may not change it."))
    resource = next((one for one in package["resources"] if one["id"] == resource_id), None)
    if resource is None:
        return tk.abort(404, tk._("There is no such file, or you may not change it."))
    return package, resource, kept


def _render(template: str, package: dict[str, Any], resource: dict[str, Any], status: int = 200, **more: Any) -> Any:
    shown = {"pkg_dict": package, "pkg": package, "dataset_type": package["type"], "resource": resource, **more}
    return pages.page(f"quality/{template}", status, **shown)


def _back(package: dict[str, Any], resource: dict[str, Any]) -> Any:
    return pages.redirect(tk.h.url_for("lrtzc_quality.page", id=package["name"], resource_id=resource["id"]))


def _columns(resource: dict[str, Any]) -> list[str]:
    table = stored(resource["id"])
    return list(table.types) if table else []


def _page(package: Any, resource: Any, kept: Any, status: int = 200, **more: Any) -> Any:
    asked = {"resource_id": resource["id"]}
    history = tk.get_action("lrtzc_quality_history")(request_context(), asked)
    return _render(
        "page.html",
        package,
        resource,
        status,
        kept=kept,
        history=history,
        kinds=forms.kinds(),
        columns=_columns(resource),
        errors=more.pop("errors", {}),
        failures=forms.failures(Kind.UNIQUE),
        may_be_moderated=judged_by_people(package["id"], resource["id"]) is not Reach.NOTHING,
        **more,
    )


@lrtzc_quality.get(_FILE)
def page(id: str, resource_id: str) -> Any:
    """Show the rules of a file, and what they said of its batches."""
    return _page(*_place(id, resource_id))


def _kind(name: str | None) -> Kind:
    try:
        return Kind(name or "")
    except ValueError:
        return tk.abort(404, tk._("There is no such rule."))


def _form(package: Any, resource: Any, rule: dict[str, Any], errors: dict[str, Any], **more: Any) -> Any:
    kind = Kind(rule["kind"])
    return _render(
        "rule.html",
        package,
        resource,
        400 if errors else 200,
        rule=rule,
        kind=kind,
        kind_title=dict(forms.kinds())[kind.value],
        bounds=CATALOGUE[kind].columns,
        fields=forms.fields(kind),
        failures=forms.failures(kind),
        may_replace=Failure.REPLACE in CATALOGUE[kind].failures,
        may_refuse=Failure.REFUSE_BATCH in CATALOGUE[kind].failures and kind is not Kind.FRESH,
        columns=_columns(resource),
        errors=errors,
        **more,
    )


def _asked(kind: Kind, rule_id: str = "") -> dict[str, Any]:
    return {**forms.asked(tk.request.form, kind), "id": rule_id}


def _saved(package: Any, resource: Any, rule: dict[str, Any], action: str, whose: dict[str, Any]) -> Any:
    """Save a rule or try it, as the button says; the form comes back as it was where something is wrong."""
    try:
        if tk.request.form.get("try"):
            # what is tried isn't kept
            tried = {key: value for key, value in rule.items() if key != "id"}
            given = {"resource_id": resource["id"], "rule": tried}
            found = tk.get_action("lrtzc_quality_try")(request_context(), given)
            return _form(package, resource, rule, {}, found=found)
        tk.get_action(action)(request_context(), {**rule, **whose})
    except tk.ValidationError as error:
        return _form(package, resource, rule, error.error_dict)
    except tk.NotAuthorized as error:
        return tk.abort(403, str(error))
    tk.h.flash_success(tk._("The rule is saved: the next data of this file is judged by it."))
    return _back(package, resource)


@lrtzc_quality.route(_FILE + "/rule", methods=["GET", "POST"])
def add(id: str, resource_id: str) -> Any:
    """Add a rule of a kind that was chosen."""
    package, resource, _kept = _place(id, resource_id)
    kind = _kind(tk.request.values.get("kind"))
    if tk.request.method == "POST":
        return _saved(package, resource, _asked(kind), "lrtzc_quality_rule_create", {"resource_id": resource["id"]})
    # a rule that is offered comes with its settings in the address
    offered = forms.asked(tk.request.args, kind)
    rule = {**offered, "id": "", "failure": "flag", "least": 1.0}
    return _form(package, resource, rule, {})


@lrtzc_quality.get(_FILE + "/suggestions")
def suggestions(id: str, resource_id: str) -> Any:
    """Offer rules that the rows of a file keep already."""
    package, resource, _kept = _place(id, resource_id)
    try:
        found = tk.get_action("lrtzc_quality_suggest")(request_context(), {"resource_id": resource["id"]})
    except tk.ValidationError as error:
        return _render("suggestions.html", package, resource, 400, offered=[], rows=0, sentence=pages.said(error))
    offered = [{**each, "address": forms.as_arguments(each)} for each in found["rules"]]
    return _render("suggestions.html", package, resource, offered=offered, rows=found["rows"], sentence="")


@lrtzc_quality.route(_FILE + "/rule/<rule_id>", methods=["GET", "POST"])
def change(id: str, resource_id: str, rule_id: str) -> Any:
    """Change a rule."""
    package, resource, kept = _place(id, resource_id)
    rule = next((one for one in kept["rules"] if one["id"] == rule_id), None)
    if rule is None:
        return tk.abort(404, tk._("There is no such rule."))
    if tk.request.method == "POST":
        asked = _asked(Kind(rule["kind"]), rule_id)
        return _saved(package, resource, asked, "lrtzc_quality_rule_update", {"id": rule_id})
    return _form(package, resource, rule, {})


@lrtzc_quality.post(_FILE + "/rule/<rule_id>/remove")
def remove(id: str, resource_id: str, rule_id: str) -> Any:
    """Remove a rule."""
    package, resource, kept = _place(id, resource_id)
    if all(one["id"] != rule_id for one in kept["rules"]):
        return tk.abort(404, tk._("There is no such rule."))
    tk.get_action("lrtzc_quality_rule_delete")(request_context(), {"id": rule_id})
    tk.h.flash_success(tk._("The rule is removed."))
    return _back(package, resource)


@lrtzc_quality.post(_FILE + "/threshold")
def threshold(id: str, resource_id: str) -> Any:
    """Say which share of rows must be good."""
    package, resource, kept = _place(id, resource_id)
    typed = tk.request.form.get("minimum", "").strip()
    asked = {"resource_id": resource["id"], "below": tk.request.form.get("below", "")}
    asked["minimum"] = forms.share_typed(typed) if typed else ""
    try:
        tk.get_action("lrtzc_quality_threshold_update")(request_context(), asked)
    except tk.ValidationError:
        errors = {"minimum": [tk._("A number between 0 and 100 is expected.")]}
        return _page(package, resource, kept, 400, errors=errors, typed=typed)
    tk.h.flash_success(tk._("The share of good rows is saved."))
    return _back(package, resource)


@lrtzc_quality.get(_FILE + "/try")
def trial(id: str, resource_id: str) -> Any:
    """Judge the rows that a file has, or those of a batch, by all its rules."""
    package, resource, _kept = _place(id, resource_id)
    asked = {"resource_id": resource["id"], "batch_id": tk.request.args.get("batch", "")}
    try:
        found = tk.get_action("lrtzc_quality_try")(request_context(), asked)
    except tk.NotAuthorized as error:
        return tk.abort(403, str(error))
    except tk.ValidationError as error:
        sentences = [str(each) for each in error.error_summary.values()]
        return _render("trial.html", package, resource, 400, found=None, sentences=sentences)
    return _render("trial.html", package, resource, found=found, sentences=[])


@lrtzc_quality.get(_FILE + "/schema.json")
def schema(id: str, resource_id: str) -> Any:
    """Give the file's Table Schema."""
    _package, resource, _kept = _place(id, resource_id)
    try:
        found = tk.get_action("lrtzc_quality_schema_show")(request_context(), {"resource_id": resource["id"]})
    except tk.ObjectNotFound as error:
        return tk.abort(404, str(error))
    answer = jsonify(found)
    answer.headers.set("Content-Disposition", "attachment", filename="schema.json")
    return answer


@lrtzc_quality.post(_FILE + "/schema")
def take(id: str, resource_id: str) -> Any:
    """Add the rules of a Table Schema that was sent or pasted."""
    package, resource, kept = _place(id, resource_id)
    if tk.request.form.get("name"):
        return _took(
            package, resource, {"name": tk.request.form["name"]}, lambda errors: _national(package, resource, errors)
        )
    file = tk.request.files.get("file")
    text = file.stream.read(2_000_000).decode("utf-8-sig", "replace") if file and file.filename else ""
    given = {"schema": text or tk.request.form.get("schema", "")}
    return _took(
        package, resource, given, lambda errors: _page(package, resource, kept, 400, errors={"schema": errors})
    )


def _took(package: Any, resource: Any, given: dict[str, str], again: Callable[[list[str]], Any]) -> Any:
    """Add the rules of a schema that is given by its text or its name; the page comes back where it can't be taken."""
    asked = {**given, "resource_id": resource["id"], "failure": tk.request.form.get("failure", "flag")}
    try:
        found = tk.get_action("lrtzc_quality_schema_import")(request_context(), asked)
    except (tk.ValidationError, tk.ObjectNotFound) as error:
        texts = error.error_summary.values() if isinstance(error, tk.ValidationError) else [str(error)]
        return again([str(each) for each in texts])
    number = len(found["rules"])
    tk.h.flash_success(tk.ungettext("{n} rule is added.", "{n} rules are added.", number).format(n=number))
    if found["left"]:
        tk.h.flash_notice(tk._("Not taken: {list}").format(list=", ".join(found["left"][:20])))
    return _back(package, resource)


def _national(package: Any, resource: Any, errors: list[str]) -> Any:
    try:
        listed = tk.get_action("lrtzc_quality_schema_list")(request_context(), {})
    except tk.ValidationError as error:
        listed, errors = [], errors or [" ".join(each) for each in error.error_dict.values()]
    failures = forms.failures(Kind.UNIQUE)
    code = 400 if errors else 200
    return _render("schemas.html", package, resource, code, listed=listed, errors=errors, failures=failures)


@lrtzc_quality.get(_FILE + "/schemas")
def schemas(id: str, resource_id: str) -> Any:
    """Choose among the schemas that a catalogue keeps for all."""
    package, resource, _kept = _place(id, resource_id)
    return _national(package, resource, [])


@lrtzc_quality.get("/quality")
def overview() -> Any:
    """Show how one's files stand that have rules; those of all to an administrator."""
    try:
        number = max(int(tk.request.args.get("page", 1)), 1)
    except ValueError:
        number = 1
    asked = {"limit": _AT_ONCE, "offset": min(number - 1, 10_000) * _AT_ONCE}
    try:
        found = tk.get_action("lrtzc_quality_overview")(request_context(), asked)
    except tk.NotAuthorized as error:
        return tk.abort(403, str(error))
    listed = Page(
        found["files"],
        number,
        url=tk.h.pager_url,
        item_count=found["count"],
        items_per_page=_AT_ONCE,
        presliced_list=True,
    )
    answer = make_response(pages.page("quality/overview.html", **found, page=listed))
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
