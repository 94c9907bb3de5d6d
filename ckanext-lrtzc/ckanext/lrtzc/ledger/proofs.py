"""Reading the tree of a signed head for proofs, with what was read before of the very same tree."""

from collections import OrderedDict
from collections.abc import Callable

from psycopg2.extensions import connection as Connection

from ckanext.lrtzc.ledger import store
from ckanext.lrtzc.ledger.domain.tiles import Cache, node_reader

# Trees and tiles that a process keeps: 256 tiles of 16 KB each.
_TREES, _TILES = 2, 256
_kept: OrderedDict[tuple[int, bytes], Cache] = OrderedDict()


def reader(db: Connection, size: int, root: bytes) -> Callable[[int, int], bytes]:
    """Give a function that reads any node of the tree of this size and root.

    What is kept is named by the root, which no other tree has: it can't be of another tree.
    """
    cache = _kept.get((size, root))
    if cache is None:
        cache = _kept[size, root] = {}
        while len(_kept) > _TREES:
            _kept.popitem(last=False)
    return node_reader(size, store.tile_reader(db), cache, _TILES)
