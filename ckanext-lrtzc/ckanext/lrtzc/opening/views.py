"""The pages of automatic opening: of a dataset, and the switch of an organisation."""

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.opening.model import is_on
from ckanext.lrtzc.pages import Answer, page, redirect, said, sign_in_first

lrtzc_opening = Blueprint("lrtzc_opening", __name__)


def _call(name: str, **data: Any) -> Any:
    return tk.get_action(f"lrtzc_opening_{name}")(request_context(), data)


@lrtzc_opening.route("/dataset/<id>/opening", methods=["GET", "POST"])
def dataset(id: str) -> Answer:
    """Say what holds a dataset back (GET); choose whether it opens by itself, or withhold it again (POST)."""
    here = tk.h.url_for("lrtzc_opening.dataset", id=id)
    if refused := sign_in_first(here):
        return refused
    try:
        package = tk.get_action("package_show")(request_context(), {"id": id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404, tk._("There is no such dataset."))
    try:
        found = _call("show", id=package["id"])
    except (tk.ObjectNotFound, tk.ValidationError):
        return tk.abort(404, tk._("There is no such dataset."))
    except tk.NotAuthorized as refusal:
        return tk.abort(403, str(refusal.message))
    if tk.request.method == "GET":
        return page("opening/dataset.html", pkg_dict=package, found=found, error="")
    try:
        if tk.request.form.get("do") == "withhold":
            # its breaks are asked about where objects of others stand on it
            tk.get_action("lrtzc_objects_withhold")(request_context(), {"id": package["id"]})
            tk.h.flash_success(tk._("It is withheld, and opens by hand only."))
        else:
            _call("choose", id=package["id"], choice=tk.request.form.get("choice", ""))
            tk.h.flash_success(tk._("The settings are saved."))
    except tk.ValidationError as refusal:
        return page("opening/dataset.html", 422, pkg_dict=package, found=found, error=said(refusal))
    return redirect(here)


@lrtzc_opening.route("/organization/<id>/opening", methods=["GET", "POST"])
def organisation(id: str) -> Answer:
    """Show whether an organisation's data opens by itself (GET), and change it (POST)."""
    here = tk.h.url_for("lrtzc_opening.organisation", id=id)
    if refused := sign_in_first(here):
        return refused
    try:
        group = tk.get_action("organization_show")(request_context(), {"id": id})
        tk.check_access("lrtzc_opening_switch", request_context(), {"id": group["id"]})
    except (tk.ObjectNotFound, tk.ValidationError):
        return tk.abort(404, tk._("There is no such organisation."))
    except tk.NotAuthorized as refusal:
        return tk.abort(403, str(refusal.message))
    if tk.request.method == "POST":
        on = tk.request.form.get("on") == "yes"
        _call("switch", id=group["id"], on=on)
        tk.h.flash_success(
            tk._("Data is published once nothing holds it back.") if on else tk._("Data is published by hand only.")
        )
        return redirect(here)
    return page("opening/organisation.html", group_dict=group, on=is_on(group["id"]))
