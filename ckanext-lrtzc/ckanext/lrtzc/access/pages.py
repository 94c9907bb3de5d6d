"""Pages of access: what owners decide, what was opened to whoever is signed in, and the administrators' rules."""

from collections.abc import Iterable
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.access import granting, wording
from ckanext.lrtzc.access.api import Perimeter, request_context
from ckanext.lrtzc.access.logic.action import PAGE_SIZE
from ckanext.lrtzc.access.model import AccessGrant
from ckanext.lrtzc.access.perimeters import read_perimeter
from ckanext.lrtzc.access.undoing import held
from ckanext.lrtzc.interfaces import IAccessRule
from ckanext.lrtzc.tabular.domain.columns import Table
from ckanext.lrtzc.tabular.reading import ReadingFailed
from ckanext.lrtzc.undo.api import offer

MOST_PAGES = 100_000


def own_package(id: str) -> dict[str, Any]:
    """Give a dataset to those who may decide on it; the others get the page that says why not."""
    try:
        package = tk.get_action("package_show")(request_context(), {"id": id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        tk.abort(404, tk._("There is no such dataset."))
    try:
        tk.check_access("lrtzc_access_show", request_context(), {"id": package["id"]})
    except tk.NotAuthorized as refused:
        tk.abort(403, str(refused))
    return package


def tables(resource_ids: Iterable[str | None]) -> dict[str | None, Table]:
    """Describe tables for the words of a page; without the database, columns keep their technical names."""
    try:
        return granting.tables_of(resource_ids)
    except ReadingFailed:
        return {}


def worded(grants: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give grants with what a page says of them: `part`, `until` and `from`, in words."""
    known = tables(grant["resource_id"] for grant in grants)
    return [
        {
            **grant,
            "part": wording.perimeter(_perimeter(grant), known.get(grant["resource_id"])),
            "until": wording.until(grant["ends"]),
        }
        for grant in grants
    ]


def _perimeter(grant: dict[str, Any]) -> Perimeter:
    return read_perimeter(grant)


def owner(id: str) -> Any:
    """Show what is open, held back and opened of a dataset; take the decision to hold back or to open to all."""
    package = own_package(id)
    errors: dict[str, Any] = {}
    if tk.request.method == "POST":
        errors = _decide(package)
        if not errors:
            return tk.redirect_to("lrtzc_access.owner", id=package["name"])
    number = _page_number()
    shown = tk.get_action("lrtzc_access_show")(request_context(), {"id": package["id"], "page": number})
    last = max(1, -(-shown["count"] // PAGE_SIZE))
    if number > last and not errors:
        return tk.redirect_to("lrtzc_access.owner", id=package["name"], page=last)
    held = {each["resource_id"]: each for each in shown["restrictions"]}
    extra = {
        "pkg_dict": package,
        "held": held,
        "names": {each["id"]: tk.h.resource_display_name(each) for each in package["resources"]},
        "grants": worded(shown["grants"]),
        "count": shown["count"],
        "pages": {"page": number, "page_count": last},
        "given": tk.request.form if errors else {},
        "errors": errors,
    }
    body = tk.render("access/owner.html", extra)
    return (body, 400) if errors else body


def _page_number() -> int:
    given = tk.request.args.get("page", "1")
    return min(max(1, int(given)), MOST_PAGES) if given.isascii() and given.isdigit() and len(given) < 9 else 1


def _decide(package: dict[str, Any]) -> dict[str, Any]:
    """Hold back or open to all what a form names; give what is wrong with it."""
    form = tk.request.form
    asked: dict[str, Any] = {"id": package["id"], "resource_id": form.get("resource") or None}
    thing = ("resource", asked["resource_id"]) if asked["resource_id"] else (package["type"], package["id"])
    before = {**asked, "reason": held(package["id"], asked["resource_id"])}
    try:
        if form.get("go") == "lift":
            done = tk.get_action("lrtzc_access_lift")(request_context(), asked)
            tk.h.flash_success(tk._("It is open to all now."))
            if done["lifted"]:
                offer("access.open", thing, **before)
        else:
            asked["reason"] = form.get("reason", "")
            if form.get("confirm_breaks"):
                # what stands on the data was shown beside the box
                asked["confirm_breaks"] = True
            tk.get_action("lrtzc_access_restrict")(request_context(), asked)
            tk.h.flash_success(tk._("It is held back now: others see only what is opened to them."))
            offer("access.restrict", thing, **before)
    except tk.ValidationError as error:
        return error.error_dict
    return {}


def withdraw(id: str, grant_id: str) -> Any:
    """Ask whether to withdraw, and do it."""
    package = own_package(id)
    grant = AccessGrant.get(grant_id)
    if grant is None or grant.package_id != package["id"]:
        tk.abort(404, tk._("There is no such grant."))
    if tk.request.method == "POST":
        tk.get_action("lrtzc_access_withdraw")(request_context(), {"id": grant_id})
        tk.h.flash_success(tk._("It is withdrawn: from now on it opens nothing any more."))
        offer("access.withdraw", (package["type"], package["id"]), id=package["id"], grant=grant_id)
        return tk.redirect_to("lrtzc_access.owner", id=package["name"])
    names = {each["id"]: tk.h.resource_display_name(each) for each in package["resources"]}
    shown = worded(granting.described([grant]))[0]
    return tk.render("access/withdraw.html", {"pkg_dict": package, "grant": shown, "names": names})


def mine() -> Any:
    """Show what others opened to whoever is signed in."""
    if tk.current_user.is_anonymous:
        return tk.redirect_to("user.login", came_from=tk.h.url_for("lrtzc_access.mine"))
    number = _page_number()
    asked = {"limit": PAGE_SIZE, "offset": (number - 1) * PAGE_SIZE}
    found = tk.get_action("lrtzc_access_mine")(request_context(), asked)
    last = max(1, -(-found["count"] // PAGE_SIZE))
    if number > last:
        return tk.redirect_to("lrtzc_access.mine", page=last)
    pages = {"page": number, "page_count": last}
    return tk.render("access/mine.html", {"grants": worded(found["grants"]), "pages": pages})


def rules() -> Any:
    """Show administrators which rules decide, and which of them failed or were slow; empty that list."""
    try:
        tk.check_access("lrtzc_access_faults", request_context(), {})
    except tk.NotAuthorized as refused:
        tk.abort(403, str(refused))
    if tk.request.method == "POST":
        tk.get_action("lrtzc_access_faults_forget")(request_context(), {})
        tk.h.flash_success(tk._("The list of faults is empty now."))
        return tk.redirect_to("lrtzc_access.rules")
    plugins = p.PluginImplementations(IAccessRule)
    own = {"rights": tk._("Rights on an object, what its owner holds back and what they opened")}
    known = [
        (name, own.get(name, name.replace("_", " ").capitalize()), plugin.name)
        for plugin in plugins
        for name in plugin.get_access_rules()
    ]
    faults = tk.get_action("lrtzc_access_faults")(request_context(), {})
    return tk.render("access/rules.html", {"rules": known, "faults": faults})
