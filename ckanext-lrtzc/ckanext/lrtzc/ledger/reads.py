"""Sees data leave by the routes of others, and records it: files, exports, reads by programs, harvests of us.

What isn't open is always recorded (LED-1); of open data what the administrator chooses: `download` (files and
exports), `reuse` (other portals that read the catalogue), `query` (reads of rows by programs). Pages that a cache in
front of the portal answers aren't seen.
"""

import logging
import re
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import psycopg2
import sqlalchemy as sa
from flask import Flask, Response

from ckanext.lrtzc.ledger.api import NotRecorded, chosen, record, said

log = logging.getLogger(__name__)

# Operation and the part of the address that names the file, by route.
_FILES = {
    "dataset_resource.download": ("download.file", "resource_id"),
    "resource.download": ("download.file", "resource_id"),
    "lrtzc_explore.export": ("download.export", "resource_id"),
    "datastore.dump": ("download.export", "resource_id"),
}
_ROWS = frozenset({"datastore_search"})
_CATALOGUES = frozenset(
    {"lrtzc_standards.catalogue", "lrtzc_standards.catalogue_negotiated", "lrtzc_standards_csw.endpoint"}
)
_LISTS = frozenset({"package_search", "package_list", "current_package_list_with_resources"})
_PRODUCT = re.compile(r"compatible; ([\w.-]+)|^(?!Mozilla/)([\w.-]+(?: [\w.-]+)?)")
MAX_PROGRAM = 40


def start(app: Flask) -> None:
    """Begin to see answers leave."""
    app.after_request(seen)


def program(agent: str) -> str:
    """Give the name of the program that a User-Agent tells of, without its version; nothing for a browser."""
    match = _PRODUCT.search(agent)
    return (match[1] or match[2])[:MAX_PROGRAM] if match else ""


def seen(response: Response) -> Response:
    """Record what an answer gave away, where it did."""
    if response.status_code not in (200, 206, 301, 302, 303) or not tk.config.get("ckanext.lrtzc.ledger.key"):
        return response
    endpoint, parts = tk.request.endpoint or "", tk.request.view_args or {}
    if endpoint in _FILES and tk.request.method == "GET":
        operation, named = _FILES[endpoint]
        _file(operation, str(parts.get(named) or parts.get("id")))
    elif endpoint == "api.action":
        _api(str(parts.get("logic_function")))
    elif endpoint in _CATALOGUES:
        _catalogue()
    return response


def _api(action: str) -> None:
    if action in _LISTS:
        _catalogue()
    elif action in _ROWS and "query" in chosen():
        given: Any = tk.request.get_json(silent=True) or tk.request.form
        asked = given if isinstance(given, dict) and given else tk.request.args
        if isinstance(name := asked.get("resource_id") or asked.get("id"), str):
            _file("query.rows", name)


def _file(operation: str, resource_id: str) -> None:
    query = (
        sa.select(model.Package.private, model.Package.state)
        .join(model.Resource, model.Resource.package_id == model.Package.id)
        .where(model.Resource.id == resource_id)
    )
    if said(resource_id) or not (package := model.Session.execute(query).first()):
        return
    if package.private or package.state != "active":
        operation = "access.read" if operation == "query.rows" else "access.download"
    _keep(operation, "resource", resource_id)


def _catalogue() -> None:
    if name := program(tk.request.user_agent.string):
        _keep("reuse.catalogue", "catalogue", None, name)


def _keep(operation: str, kind: str, name: str | None, by: str = "") -> None:
    by = by or program(tk.request.user_agent.string)
    try:
        record(operation, object_type=kind, object_id=name, details={"program": by} if by else {})
        model.Session.commit()
    except (NotRecorded, psycopg2.Error, sa.exc.SQLAlchemyError):
        # The data has been given already; what is not open was recorded before it was.
        model.Session.rollback()
        log.exception("A use of the portal's data could not be recorded")
