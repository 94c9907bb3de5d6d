"""Pages of the ledger, and what verifiers fetch: checkpoint, tiles, proofs."""

import json
import re
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from ckan.common import streaming_response
from flask import Blueprint, Response

from ckanext.lrtzc.ledger import keys, search, store
from ckanext.lrtzc.ledger.api import chosen, record
from ckanext.lrtzc.ledger.domain import tiles
from ckanext.lrtzc.ledger.domain.traces import ALWAYS, Kind
from ckanext.lrtzc.ledger.logic import schema
from ckanext.lrtzc.ledger.logic.action import connection, filters

ledger = Blueprint("lrtzc_ledger", __name__, url_prefix="/ledger")
FIELDS = ("operation", "outcome", "actor", "object_id", "since", "until")
_INDEX = re.compile(r"(?:x\d{3}/)*\d{3}")


def _context() -> dict[str, Any]:
    return {"user": tk.current_user.name if tk.current_user.is_authenticated else ""}


def _allow(name: str) -> None:
    """Let pass who has the right of an action; show the others why not."""
    try:
        tk.check_access(name, _context(), {})
    except tk.NotAuthorized as error:
        tk.abort(403, str(error))


@ledger.get("")
def about() -> str:
    """Say what the ledger is, its key and its newest head, and how to check it."""
    head = store.latest_checkpoint(connection())
    return tk.render(
        "ledger/about.html",
        {"size": head[0] if head else 0, "key": str(keys.signer().verifier), "checkpoint": head[2] if head else ""},
    )


@ledger.get("/entries")
def entries() -> str:
    """Search, for administrators."""
    asked = {name: tk.request.args.get(name, "").strip() for name in FIELDS}
    number = tk.request.args.get("page", "1")
    errors: dict[str, list[str]] = {}
    answer: dict[str, Any] = {"entries": [], "more": False}
    _allow("lrtzc_ledger_search")
    try:
        answer = tk.get_action("lrtzc_ledger_search")(_context(), {**asked, "page": number})
    except tk.ValidationError as error:
        errors = error.error_dict
    shown = {"asked": asked, "errors": errors, "page": number}
    return tk.render("ledger/entries.html", {**answer, **_named(answer), **shown})


@ledger.get("/mine")
def mine() -> str:
    """Show what was done to the account and the datasets of whoever asks."""
    _allow("lrtzc_ledger_mine")
    number = tk.request.args.get("page", "1")
    try:
        answer = tk.get_action("lrtzc_ledger_mine")(_context(), {"page": number})
    except tk.ValidationError:
        tk.abort(404)
    return tk.render("ledger/mine.html", {**answer, **_named(answer), "page": number})


def _named(answer: dict[str, Any]) -> dict[str, Any]:
    """Give the names of the people and datasets of a page of entries, by two queries."""
    people = {entry["actor"] for entry in answer["entries"] if entry["actor"]}
    things = {entry["object_id"] for entry in answer["entries"] if entry["object_id"]}
    users = model.Session.query(model.User.id, model.User.fullname, model.User.name).filter(model.User.id.in_(people))
    packages = model.Session.query(model.Package.id, model.Package.title, model.Package.name)
    return {
        "people": {user.id: user.fullname or user.name for user in users},
        "datasets": {dataset.id: dataset for dataset in packages.filter(model.Package.id.in_(things))},
    }


@ledger.get("/entries/export")
def export() -> Response:
    """Give what a search finds, with proofs, one JSON text a line, for `lrtzc-verify`."""
    _allow("lrtzc_ledger_search")
    asked = {name: tk.request.args.get(name, "").strip() for name in FIELDS}
    data, errors = tk.navl_validate(asked, schema.lrtzc_ledger_search(), {})
    if errors:
        tk.abort(400, "; ".join(f"{field}: {' '.join(texts)}" for field, texts in errors.items()))
    wanted = filters(data)
    record("ledger.export", details={name: value for name, value in asked.items() if value})
    model.Session.commit()
    lines = (json.dumps(line, ensure_ascii=False) + "\n" for line in search.export(connection(), wanted))
    response = streaming_response(lines, mimetype="application/jsonl", with_context=True)
    response.headers["Content-Disposition"] = 'attachment; filename="ledger.jsonl"'
    return response


@ledger.route("/traces", methods=["GET", "POST"])
def traces() -> Any:
    """Choose what leaves a trace."""
    _allow("lrtzc_ledger_traces_update")
    if tk.request.method == "POST":
        try:
            tk.get_action("lrtzc_ledger_traces_update")(_context(), {"kinds": tk.request.form.getlist("kinds")})
        except tk.ValidationError as error:
            tk.h.flash_error(" ".join(error.error_dict.get("kinds", [])))
        else:
            tk.h.flash_success(tk._("What leaves a trace is saved."))
        return tk.redirect_to("lrtzc_ledger.traces")
    optional = [kind for kind in Kind if kind not in ALWAYS]
    return tk.render("ledger/traces.html", {"optional": optional, "always": sorted(ALWAYS), "chosen": chosen()})


@ledger.get("/checkpoint")
def checkpoint() -> Response:
    """Give the newest signed head, with the witnesses' signatures (C2SP tlog-checkpoint)."""
    db = connection()
    head = store.latest_checkpoint(db)
    if not head:
        tk.abort(404, tk._("The ledger has no checkpoint yet."))
    return _plain(head[2] + store.cosignatures(db, head[0]), "no-cache")


@ledger.get("/key")
def key() -> Response:
    """Give the key that verifies checkpoints."""
    return _plain(f"{keys.signer().verifier}\n", "public, max-age=3600")


@ledger.get("/tile/<int:level>/<path:place>")
def tile(level: int, place: str) -> Response:
    """Give a tile of hashes (C2SP tlog-tiles); full tiles never change."""
    index_text, _, width_text = place.partition(".p/")
    width = int(width_text) if re.fullmatch(r"[1-9]\d{0,2}", width_text) else tiles.WIDTH
    if level > 6 or not _INDEX.fullmatch(index_text) or width > tiles.WIDTH or (width_text and width == tiles.WIDTH):
        tk.abort(404)
    index = int(index_text.replace("x", "").replace("/", ""))
    db = connection()
    if index > store.MAX_INDEX or tiles.tile_width(level, index, store.tree_size(db)) < width:
        tk.abort(404)
    response = Response(store.tile_reader(db)(level, index, width), mimetype="application/octet-stream")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _plain(text: str, cache: str) -> Response:
    response = Response(text, mimetype="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = cache
    return response
