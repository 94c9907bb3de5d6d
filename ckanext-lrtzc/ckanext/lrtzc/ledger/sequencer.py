"""The one sequencer: drains the outbox into the tree and signs its head. Safe to kill and to start twice.

Everything a step does (places in the tree, full tiles, checkpoint) is one transaction. A lock lets one sequencer work
at a time; should the lock fail, the tables' keys still refuse a second leaf at one place, so the tree can't fork.
"""

from psycopg2.extensions import connection as Connection

from ckanext.lrtzc.ledger import store
from ckanext.lrtzc.ledger.domain.merkle import EMPTY_ROOT, leaf_hash, node_hash
from ckanext.lrtzc.ledger.domain.note import Checkpoint, Signer
from ckanext.lrtzc.ledger.domain.tiles import HEIGHT, WIDTH, Edge, tile_width

# Any number of our own: the key of the advisory lock.
LOCK = 0x6C_72_74_7A_63
BATCH = 10_000


class TreeError(RuntimeError):
    """The stored tree isn't the one that was signed: somebody changed the ledger's tables."""


def tile_root(hashes: bytes) -> bytes:
    """Give the hash above the 256 joined hashes of a full tile."""
    row = [hashes[at : at + 32] for at in range(0, len(hashes), 32)]
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def load_edge(db: Connection) -> Edge:
    """Read the tree's right edge from the tables, and check it against the last signed head.

    :raises TreeError: where they differ.
    """
    size, read = store.tree_size(db), store.tile_reader(db)
    rows: list[list[bytes]] = []
    level = 0
    while size >> (HEIGHT * level):
        width = (size >> (HEIGHT * level)) % WIDTH
        index = (size >> (HEIGHT * level)) // WIDTH
        data = read(level, index, tile_width(level, index, size)) if width else b""
        rows.append([data[at : at + 32] for at in range(0, len(data), 32)])
        level += 1
    edge = Edge(size, rows)
    signed = store.latest_checkpoint(db)
    try:
        root = edge.root()
    except LookupError as error:
        raise TreeError(f"the tables lack a part of the tree of {size} entries") from error
    if (signed[0], signed[1]) != (size, root) if signed else size:
        raise TreeError(f"the tables hold a tree of {size} entries that the last signed checkpoint doesn't know")
    return edge


def step(db: Connection, signer: Signer, limit: int = BATCH) -> int:
    """Sequence up to `limit` entries and sign the new head, in one transaction; give how many.

    :raises TreeError: where the tables were changed by somebody; nothing is written then.
    """
    with db, db.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", (LOCK,))
        if not cursor.fetchone()[0]:  # pyright: ignore[reportOptionalSubscript]
            return 0
        rows = store.pending(db, limit)
        if not rows and store.latest_checkpoint(db):
            return 0
        edge = load_edge(db)
        start, hashes = edge.size, [leaf_hash(row.leaf) for row in rows]
        tiles = [(level, index, data, tile_root(data)) for level, index, data in edge.append(hashes)]
        store.append(db, start, rows, hashes)
        store.add_tiles(db, tiles)
        root = edge.root() if edge.size else EMPTY_ROOT
        text = Checkpoint(signer.name, edge.size, root).text
        store.add_checkpoint(db, edge.size, root, text + "\n" + signer.sign(text))
        return len(rows)
