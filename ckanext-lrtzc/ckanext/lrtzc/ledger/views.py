"""Pages of the ledger."""

from collections.abc import Iterator
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.common import streaming_response
from flask import Blueprint, Response

from ckanext.lrtzc.ledger import expiry, exports, faults, keys, store
from ckanext.lrtzc.ledger.api import chosen, record
from ckanext.lrtzc.ledger.domain.traces import ALWAYS, Kind
from ckanext.lrtzc.ledger.logic import schema
from ckanext.lrtzc.ledger.logic.action import connection, filters
from ckanext.lrtzc.ledger.search import Filters

ledger = Blueprint("lrtzc_ledger", __name__, url_prefix="/ledger")
faults.register(ledger)
FIELDS = ("operation", "outcome", "actor", "object_id", "since", "until")
# Months that the page offers for keeping details, 0 for without end.
KEPT = (1, 3, 6, 12, 24, 36, 60, 120, 0)


def _context() -> Any:
    return {"user": tk.current_user.name if tk.current_user.is_authenticated else ""}


def _allow(name: str) -> None:
    """Let pass who has the right of an action; show the others why not."""
    try:
        tk.check_access(name, _context(), {})
    except tk.NotAuthorized as error:
        tk.abort(403, str(error))


def _ask(action: str, **asked: str) -> dict[str, Any]:
    """Call a reading action with what the address says; there is no page for what it refuses."""
    _allow(action)
    try:
        return tk.get_action(action)(_context(), asked)
    except (tk.ValidationError, tk.ObjectNotFound):
        tk.abort(404, tk._("There is nothing here: the address says what nobody asked for."))


def _argument(name: str) -> str:
    return tk.request.args.get(name, "").strip()


@ledger.get("")
def about() -> str:
    """Say what the ledger is, its key and its newest head, and how to check it."""
    db = connection()
    head = store.latest_checkpoint(db)
    told = {"size": head[0] if head else 0, "key": str(keys.signer().verifier), "checkpoint": head[2] if head else ""}
    if tk.h.check_access("sysadmin"):
        told["waiting"], told["waiting_since"] = store.waiting(db)
    return tk.render("ledger/about.html", told)


@ledger.get("/entries")
def entries() -> str:
    """Search, for administrators."""
    asked = {name: _argument(name) for name in FIELDS}
    errors: dict[str, list[str]] = {}
    answer: dict[str, Any] = {"entries": [], "before": None}
    _allow("lrtzc_ledger_search")
    try:
        answer = tk.get_action("lrtzc_ledger_search")(_context(), {**asked, "before": _argument("before") or None})
    except tk.ValidationError as error:
        errors = error.error_dict
    shown = {"asked": asked, "errors": errors, "start": _argument("before")}
    return tk.render("ledger/entries.html", {**answer, **_named(answer), **shown})


@ledger.get("/mine")
def mine() -> str:
    """Show what was done to the account and the datasets of whoever asks."""
    start = _argument("before")
    answer = _ask("lrtzc_ledger_mine", **({"before": start} if start else {}))
    return tk.render("ledger/mine.html", {**answer, **_named(answer), "start": start})


@ledger.get("/accesses")
def accesses() -> str:
    """Show who had access to what isn't open of what belongs to whoever asks."""
    asked = {name: text for name in ("dataset", "before") if (text := _argument(name))}
    answer = _ask("lrtzc_ledger_accesses", **asked)
    return tk.render("ledger/accesses.html", {**answer, **_named(answer), "asked": asked})


@ledger.get("/reuses")
def reuses() -> str:
    """Show how what belongs to whoever asks is used."""
    asked = {name: text for name in ("dataset", "days") if (text := _argument(name))}
    answer = _ask("lrtzc_ledger_reuses", **asked)
    ids = {line["package_id"] for line in answer["datasets"]}
    kinds = [kind for kind in (Kind.DOWNLOAD, Kind.REUSE, Kind.QUERY) if kind not in chosen()]
    return tk.render("ledger/reuses.html", {**answer, "named": _datasets(ids), "untold": kinds, "asked": asked})


def _named(answer: dict[str, Any]) -> dict[str, Any]:
    """Give the names of the people, datasets and files of a page of entries, by three queries."""
    people = {entry["actor"] for entry in answer["entries"] if entry["actor"]}
    things = {entry["object_id"] for entry in answer["entries"] if entry["object_id"]}
    users = model.Session.execute(
        sa.select(model.User.id, model.User.fullname, model.User.name).where(model.User.id.in_(people))
    )
    files = model.Session.execute(
        sa.select(model.Resource.id, model.Resource.name, model.Resource.package_id).where(
            model.Resource.id.in_(things)
        )
    )
    resources = {file.id: file for file in files}
    return {
        "people": {user.id: user.fullname or user.name for user in users},
        "resources": resources,
        "datasets": _datasets(things | {file.package_id for file in resources.values()}),
    }


def _datasets(ids: set[str]) -> dict[str, Any]:
    columns = sa.select(model.Package.id, model.Package.title, model.Package.name)
    return {found.id: found for found in model.Session.execute(columns.where(model.Package.id.in_(ids)))}


@ledger.get("/entries/export")
def export() -> Response:
    """Give what a search finds: with proofs, one JSON text a line, for `lrtzc-verify`; or as a table (`format=csv`)."""
    _allow("lrtzc_ledger_search")
    asked = {name: _argument(name) for name in FIELDS}
    data, errors = tk.navl_validate(asked, schema.lrtzc_ledger_search(), {})
    form = _argument("format") or "jsonl"
    if form not in exports.FORMS:
        errors = {**errors, "format": [", ".join(exports.FORMS)]}
    if errors:
        tk.abort(400, "; ".join(f"{field}: {' '.join(texts)}" for field, texts in errors.items()))
    wanted = filters(data)
    record("ledger.export", details={"format": form, **{name: value for name, value in asked.items() if value}})
    model.Session.commit()
    write, mimetype = exports.FORMS[form]
    response = streaming_response(_on_its_own(write, wanted), mimetype=mimetype, with_context=True)
    response.headers["Content-Disposition"] = f'attachment; filename="ledger.{form}"'
    return response


def _on_its_own(write: exports.Write, wanted: Filters) -> Iterator[str]:
    """Stream on a connection that lasts as long as the file: the session's goes back when the answer begins."""
    with model.meta.engine.connect() as held:
        db: Any = held.connection.dbapi_connection
        yield from write(db, wanted)


@ledger.route("/traces", methods=["GET", "POST"])
def traces() -> Any:
    """Choose what leaves a trace, and for how long its details are kept."""
    _allow("lrtzc_ledger_traces_update")
    if tk.request.method == "POST":
        form = tk.request.form
        keep = {name.removeprefix("keep-"): value for name, value in form.items() if name.startswith("keep-")}
        try:
            wanted = {"kinds": form.getlist("kinds"), "keep": keep}
            tk.get_action("lrtzc_ledger_traces_update")(_context(), wanted)
        except tk.ValidationError as error:
            tk.h.flash_error(" ".join(text for texts in error.error_dict.values() for text in texts))
        else:
            tk.h.flash_success(tk._("What leaves a trace is saved."))
        return tk.redirect_to("lrtzc_ledger.traces")
    kinds = sorted(Kind, key=lambda kind: kind in ALWAYS)
    shown = {"kinds": kinds, "always": ALWAYS, "chosen": chosen(), "keep": expiry.months(), "offered": KEPT}
    return tk.render("ledger/traces.html", shown)
