"""The pages of retention: the rules of a dataset, and all of them for administrators."""

from collections import Counter
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.batches.api import columns_of
from ckanext.lrtzc.pages import Answer, page, redirect, said, sign_in_first

lrtzc_retention = Blueprint("lrtzc_retention", __name__)

FIELDS = ("kind", "rows", "emptied", "days", "age", "on_day", "warn_days")


def _call(name: str, **data: Any) -> Any:
    return tk.get_action(f"lrtzc_retention_{name}")(request_context(), data)


def _own(id: str) -> dict[str, Any]:
    """Give a dataset to those who may change it; the others get the page that says why not."""
    try:
        package = tk.get_action("package_show")(request_context(), {"id": id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        tk.abort(404, tk._("There is no such dataset."))
    try:
        tk.check_access("lrtzc_retention_list", request_context(), {"id": package["id"]})
    except tk.NotAuthorized as refused:
        tk.abort(403, str(refused))
    return package


def _titles(package: dict[str, Any], *, dates: bool) -> dict[str, str]:
    """Say what the columns of all files are called, or those of dates, by `<file>|<column>`; no two alike in a file."""
    found = {}
    for resource in package["resources"]:
        if resource.get("datastore_active"):
            known = columns_of(resource["id"], dates=dates)
            often = Counter(known.values())
            for name, title in known.items():
                found[f"{resource['id']}|{name}"] = title if often[title] == 1 else f"{title} ({name})"
    return found


def _choices(package: dict[str, Any], titles: dict[str, str]) -> list[tuple[str, str]]:
    """Give columns with the name of their file: (`<file>|<column>`, words)."""
    files = {resource["id"]: resource.get("name") or tk._("File") for resource in package["resources"]}
    return [(key, f"{files[key.partition('|')[0]]} – {title}") for key, title in titles.items()]


def _asked(package: dict[str, Any], fields: dict[str, str]) -> dict[str, Any]:
    """Read the form: what the actions take."""
    asked: dict[str, Any] = {"id": package["id"], "kind": fields["kind"], "warn_days": fields["warn_days"] or 30}
    if fields["kind"] == "rows":
        asked["resource_id"], _bar, asked["column"] = fields["rows"].partition("|")
        file, _bar, emptied = fields["emptied"].partition("|")
        if fields["emptied"] and file != asked["resource_id"]:
            raise tk.ValidationError({"emptied": [tk._("Choose another column of the same file to be emptied.")]})
        asked |= {"emptied": emptied, "days": fields["days"]}
    else:
        asked |= {"days": fields["age"], "on_day": fields["on_day"]}
    return {name: value for name, value in asked.items() if value != ""}


def rules(id: str) -> Answer:
    """Show the rules of a dataset (GET); see what one would destroy, declare, hold, release or remove one (POST)."""
    if refused := sign_in_first(tk.h.url_for("lrtzc_retention.rules", id=id)):
        return refused
    package, code, error, seen = _own(id), 200, "", None
    fields = {name: tk.request.form.get(name, "").strip() for name in FIELDS}
    if tk.request.method == "POST":
        try:
            seen = _do(package, fields)
        except tk.ValidationError as refusal:
            code, error = 422, said(refusal)
        except tk.NotAuthorized as refusal:
            code, error = 403, str(refusal.message or refusal)
        except tk.ObjectNotFound as refusal:
            code, error = 404, str(refusal.message or refusal)
        else:
            if seen is None:
                return redirect(tk.h.url_for("lrtzc_retention.rules", id=package["name"]))
    found, titles = _call("list", id=package["id"]), _titles(package, dates=False)
    return page(
        "retention/rules.html", code, pkg_dict=package, values=fields, error=error, seen=seen, titles=titles,
        columns=_choices(package, _titles(package, dates=True)), others=_choices(package, titles), **found,
    )  # fmt: skip


def _do(package: dict[str, Any], fields: dict[str, str]) -> dict[str, Any] | None:
    """Do what a button says; give what a rule would destroy where that was asked."""
    form = tk.request.form
    number = form.get("rule", "")
    match form.get("do"):
        case "preview":
            return _call("preview", **_asked(package, fields))
        case "declare":
            _call("declare", **_asked(package, fields))
            tk.h.flash_success(tk._("Declared: people will be warned before anything is destroyed."))
        case "hold":
            _call("hold", id=number, reason=form.get("reason", ""))
            tk.h.flash_success(tk._("Kept: nothing of it is destroyed until you release it."))
        case "release":
            _call("release", id=number)
            tk.h.flash_success(tk._("Released: people will be warned anew before anything is destroyed."))
        case "remove":
            _call("remove", id=number)
            tk.h.flash_success(tk._("Removed: this rule destroys nothing more."))
        case _:
            raise tk.ValidationError({"do": [tk._("Choose what to do.")]})
    return None


def everything() -> Answer:
    """Show administrators the rules of all datasets, and what was destroyed."""
    try:
        found = _call("overview")
    except tk.NotAuthorized as refusal:
        return tk.abort(403, str(refusal))
    return page("retention/everything.html", **found)


lrtzc_retention.add_url_rule("/dataset/<id>/retention", "rules", rules, methods=["GET", "POST"])
lrtzc_retention.add_url_rule("/ckan-admin/retention", "everything", everything)
