"""Pages of links: all those of an object, their changes, and what would break before an object is deleted."""

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.links.breaking import CONFIRM
from ckanext.lrtzc.links.helpers import section
from ckanext.lrtzc.objects.api import TYPES, before_deletion
from ckanext.lrtzc.pages import Answer, page, redirect, said, sign_in_first
from ckanext.lrtzc.undo.api import offer

lrtzc_links = Blueprint("lrtzc_links", __name__)

PAGE = 100


def _object(type_: str, identifier: str) -> dict[str, Any]:
    """Give the object, or an error page that doesn't tell strangers whether it exists."""
    try:
        found = tk.get_action("package_show")(request_context(), {"id": identifier})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404, tk._("There is no such object, or you may not see it."))
    return found if found["type"] == type_ else tk.abort(404, tk._("There is no such object, or you may not see it."))


def _may_change(package: dict[str, Any]) -> bool:
    try:
        tk.check_access("package_update", request_context(), {"id": package["id"]})
    except tk.NotAuthorized:
        return False
    return True


def _target(typed: str) -> str:
    """Give the identifier or name that was typed, taken out of the address of a page where that was given."""
    return typed.strip().split("?")[0].split("#")[0].rstrip("/").rpartition("/")[2]


def _page(type_: str, package: dict[str, Any], code: int = 200, **more: Any) -> Answer:
    number = tk.request.args.get("page", "1")
    asked = int(number) if number.isascii() and number.isdecimal() and 0 < int(number[:6]) < 10_000 else 1
    found = section(request_context(), package, PAGE, PAGE * (asked - 1))
    last = max((-(-group.total // PAGE) for group in found.groups), default=1)
    variables = {
        "pkg": package,
        "pkg_dict": package,
        "section": found,
        "page_number": asked,
        "last": last,
        "can_change": _may_change(package),
        "error": "",
        "values": {},
    }
    return page("links/page.html", code, **{**variables, **more})


def links(type: str, id: str) -> Answer:
    """List the links of an object (GET), or add or take away one (POST)."""
    package = _object(type, id)
    if tk.request.method == "GET":
        return _page(type, package)
    values = {"kind": tk.request.form.get("kind", ""), "target": tk.request.form.get("target", "")}
    try:
        if remove := tk.request.form.get("remove"):
            gone = tk.get_action("lrtzc_link_delete")(request_context(), {"id": remove})
            tk.h.flash_success(tk._("The link is taken away."))
            offer("link.delete", (package["type"], gone["source_id"]), **gone)
        else:
            given = {"source_id": package["id"], "kind": values["kind"], "target_id": _target(values["target"])}
            tk.get_action("lrtzc_link_create")(request_context(), given)
            tk.h.flash_success(tk._("The link is added."))
    except tk.NotAuthorized:
        return tk.abort(403, tk._("Only those who may change this object may change its links."))
    except tk.ObjectNotFound:
        return _page(type, package, 422, error=tk._("There is no such object, or you may not see it."), values=values)
    except tk.ValidationError as error:
        return _page(type, package, 422, error=said(error), values=values)
    return redirect(tk.h.url_for("lrtzc_links.links", type=type, id=package["name"]))


def delete(type: str, id: str) -> Answer:
    """Show what would break (GET), then delete an object (POST)."""
    package = _object(type, id)
    if not _may_change(package):
        return tk.abort(403, tk._("Only its owner may delete this object."))
    error = ""
    if tk.request.method == "POST":
        if "cancel" in tk.request.form:
            return redirect(tk.h.url_for(f"{type}.read", id=package["name"]))
        given = {"id": package["id"], CONFIRM: bool(tk.request.form.get(CONFIRM))}
        kept = before_deletion(package["id"])
        try:
            tk.get_action("package_delete")(request_context(), given)
        except tk.NotAuthorized:
            return tk.abort(403, tk._("Only its owner may delete this object."))
        except tk.ValidationError:
            error = tk._("Tick the box to say that you have seen what will no longer work.")
        else:
            tk.h.flash_notice(tk._("“{title}” is deleted.").format(title=package.get("title") or package["name"]))
            offer("dataset.delete", (type, package["id"]), **kept)
            return redirect(tk.h.url_for(f"{type}.search"))
    return page("links/delete.html", 422 if error else 200, pkg_dict=package, error=error)


def delete_file(type: str, id: str, resource_id: str) -> Answer:
    """Show what would break (GET), then delete a file or a link of an object (POST)."""
    package = _object(type, id)
    resource = next((each for each in package["resources"] if each["id"] == resource_id), None)
    if not _may_change(package):
        return tk.abort(403, tk._("Only those who may change this object may delete its files."))
    if resource is None:
        return tk.abort(404, tk._("There is no such file."))
    error = ""
    if tk.request.method == "POST":
        if "cancel" in tk.request.form:
            return redirect(tk.h.url_for(f"{type}_resource.read", id=package["name"], resource_id=resource_id))
        given = {"id": resource_id, CONFIRM: bool(tk.request.form.get(CONFIRM))}
        try:
            tk.get_action("resource_delete")(request_context(), given)
        except tk.NotAuthorized:
            return tk.abort(403, tk._("Only those who may change this object may delete its files."))
        except tk.ValidationError:
            error = tk._("Tick the box to say that you have seen what will no longer work.")
        else:
            tk.h.flash_notice(tk._("“{title}” is deleted.").format(title=tk.h.resource_display_name(resource)))
            return redirect(tk.h.url_for(f"{type}.read", id=package["name"]))
    return page("links/delete_file.html", 422 if error else 200, pkg_dict=package, resource=resource, error=error)


def duplicate(type: str, id: str) -> Answer:
    """Say what is copied and ask for whom (GET), then make a draft after an object (POST)."""
    if refused := sign_in_first(tk.h.url_for("lrtzc_links.duplicate", type=type, id=id)):
        return refused
    package, error = _object(type, id), ""
    if tk.request.method == "POST":
        given = {name: tk.request.form.get(name, "").strip() for name in ("owner_org", "title")}
        try:
            made = tk.get_action("lrtzc_object_duplicate")(request_context(), {"id": package["id"], **given})
        except tk.NotAuthorized:
            return tk.abort(403, tk._("You may not publish for this organisation."))
        except tk.ValidationError as refusal:
            error = said(refusal)
        else:
            tk.h.flash_success(tk._("Your draft is made. Complete it, then publish it."))
            return redirect(tk.h.url_for("lrtzc_objects.edit", type=type, id=made["id"]))
    organisations = tk.get_action("organization_list_for_user")(request_context(), {"permission": "create_dataset"})
    variables = {"pkg": package, "error": error, "organisations": organisations, "values": tk.request.form}
    return page("links/duplicate.html", 422 if error else 200, **variables)


for _type in TYPES:
    # one rule a type, so that each stands before CKAN's own for it
    for _path, _name, _view in (
        ("<id>/links", "links", links),
        ("<id>/duplicate", "duplicate", duplicate),
        ("delete/<id>", "delete", delete),
        ("<id>/resource/<resource_id>/delete", "delete_file", delete_file),
    ):
        lrtzc_links.add_url_rule(
            f"/{_type}/{_path}", _name, _view, methods=["GET", "POST"], defaults={"type": str(_type)}
        )
