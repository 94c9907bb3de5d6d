"""The room's pages, doors of CKAN that give whole files or former states, and how a refusal is told."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, current_app
from werkzeug.exceptions import NotFound

from ckanext.lrtzc.access import opening, pages
from ckanext.lrtzc.access.api import AccessRefused, Action, record_use, request_context, require, require_all, told
from ckanext.lrtzc.delivery.api import details, is_for_machine

lrtzc_access = Blueprint("lrtzc_access", __name__)


@lrtzc_access.app_errorhandler(AccessRefused)
def refused(error: AccessRefused) -> Any:
    """Say why and what one can do: on a page, or in problem details; what can't be found doesn't exist."""
    if not error.findable:
        return current_app.handle_http_exception(NotFound(str(error)))
    if is_for_machine():
        return problem(error)
    package, resource = _named(error)
    shown = {"pkg_dict": package, "resource": resource, "reasons": told(error.decision)}
    answer = Response(tk.render("access/refused.html", shown), 403)
    if tk.request.headers.get("HX-Request") == "true":
        # a part of a page can't hold this one: the browser is told to ask for it whole
        answer.headers["HX-Refresh"] = "true"
    return answer


def problem(error: AccessRefused) -> Response:
    """Give a refusal as problem details; its `code` is the first reason's."""
    reasons = told(error.decision)
    code = reasons[0]["code"] if reasons else "refused"
    return details(403, code, tk._("This data is not open to you"), str(error), reasons=reasons)


def _named(error: AccessRefused) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Give the dataset and the resource that were refused, as far as whoever asks may see them."""
    if not error.dataset_id:
        return None, None
    try:
        package = tk.get_action("package_show")(request_context(), {"id": error.dataset_id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return None, None
    found = (each for each in package["resources"] if each["id"] == error.resource_id)
    return package, next(found, None)


@lrtzc_access.before_app_request
def guard() -> None:
    """Ask before CKAN gives a file as it was sent, sends to where it lies, or shows a dataset as it was."""
    endpoint, values = tk.request.endpoint or "", tk.request.view_args or {}
    if endpoint.endswith("resource.download"):
        resource = model.Resource.get(values.get("resource_id") or "")
        if resource is not None:
            decision = require(request_context(), resource.package_id, resource.id, Action.TAKE, whole=True)
            record_use(decision, resource.id, Action.TAKE, by="file")
    elif endpoint in ("activity.package_history", "activity.resource_history"):
        package = model.Package.get(values.get("id") or "")
        if package is not None:
            require_all(request_context(), package.id)


lrtzc_access.add_url_rule("/access/mine", "mine", pages.mine)
lrtzc_access.add_url_rule("/dataset/<id>/access", "owner", pages.owner, methods=["GET", "POST"])
lrtzc_access.add_url_rule("/dataset/<id>/access/grant", "grant", opening.grant, methods=["GET", "POST"])
lrtzc_access.add_url_rule(
    "/dataset/<id>/access/withdraw/<grant_id>", "withdraw", pages.withdraw, methods=["GET", "POST"]
)
lrtzc_access.add_url_rule("/ckan-admin/access-rules", "rules", pages.rules, methods=["GET", "POST"])
