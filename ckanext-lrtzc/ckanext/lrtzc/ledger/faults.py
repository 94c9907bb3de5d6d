"""What people and programs are told where the database can't keep a trace, so that nothing was done."""

import logging

import ckan.plugins.toolkit as tk
import psycopg2
from ckan import model
from flask import Blueprint, Response, g, jsonify
from psycopg2.errorcodes import DISK_FULL
from sqlalchemy.exc import OperationalError

from ckanext.lrtzc.ledger.api import NotRecorded

log = logging.getLogger(__name__)


def register(blueprint: Blueprint) -> None:
    """Have the whole portal answer so."""
    for kind in (NotRecorded, OperationalError, psycopg2.errors.DiskFull):
        blueprint.app_errorhandler(kind)(_answer)
    blueprint.after_app_request(_api)


def _api(response: Response) -> Response:
    """Answer a program in the place of CKAN's API, which calls every fault that it doesn't know one of its own."""
    if response.status_code == 500 and g.get("lrtzc_ledger_not_recorded") and tk.request.path.startswith("/api/"):
        return _answer(NotRecorded())
    return response


def _answer(error: Exception) -> Response:
    if isinstance(error, OperationalError) and getattr(error.orig, "pgcode", None) != DISK_FULL:
        raise error
    log.critical("%s", error)
    model.Session.rollback()
    text = tk._("The portal can't write at this moment, so nothing was done. Try again later; we have been told.")
    if tk.request.path.startswith("/api/"):
        fault = {"__type": "Not Recorded", "message": text}
        answer = jsonify({"help": "", "success": False, "error": fault})
    else:
        shown = {"code": 503, "content": text, "name": tk._("Nothing was done")}
        answer = Response(tk.render("error_document_template.html", shown))
    answer.status_code = 503
    answer.headers["Retry-After"] = "120"
    answer.headers["Cache-Control"] = "no-store"
    return answer
