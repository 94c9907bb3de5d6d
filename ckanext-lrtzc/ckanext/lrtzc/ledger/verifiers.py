"""What verifiers and witnesses fetch: checkpoint, key, tiles (C2SP tlog-tiles)."""

import re

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response

from ckanext.lrtzc.ledger import keys, store
from ckanext.lrtzc.ledger.domain import tiles
from ckanext.lrtzc.ledger.logic.action import connection

log = Blueprint("lrtzc_ledger_log", __name__, url_prefix="/ledger")
_INDEX = re.compile(r"(?:x[0-9]{3}/)*[0-9]{3}")


@log.get("/checkpoint")
def checkpoint() -> Response:
    """Give the newest signed head, with the witnesses' signatures (C2SP tlog-checkpoint)."""
    db = connection()
    head = store.latest_checkpoint(db)
    if not head:
        tk.abort(404, tk._("The ledger has no checkpoint yet."))
    return _plain(head[2] + store.cosignatures(db, head[0]), "no-cache")


@log.get("/key")
def key() -> Response:
    """Give the key that verifies checkpoints."""
    return _plain(f"{keys.signer().verifier}\n", "public, max-age=3600")


@log.get("/tile/<int:level>/<path:place>")
def tile(level: int, place: str) -> Response:
    """Give a tile of hashes (C2SP tlog-tiles); full tiles never change."""
    index_text, _, width_text = place.partition(".p/")
    width = int(width_text) if re.fullmatch(r"[1-9]\d{0,2}", width_text) else tiles.WIDTH
    if level > 6 or not _INDEX.fullmatch(index_text) or width > tiles.WIDTH or (width_text and width == tiles.WIDTH):
        tk.abort(404, tk._("The ledger has no such tile."))
    index = int(index_text.replace("x", "").replace("/", ""))
    db = connection()
    if index > store.MAX_INDEX or tiles.tile_width(level, index, store.tree_size(db)) < width:
        tk.abort(404, tk._("The ledger has no such tile."))
    response = Response(store.tile_reader(db)(level, index, width), mimetype="application/octet-stream")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _plain(text: str, cache: str) -> Response:
    response = Response(text, mimetype="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = cache
    return response
