"""The tree as tiles: rows of 256 hashes, written once (C2SP tlog-tiles, tile height 8).

Tile (level, index) holds the hashes of tree level 8 × level, from 256 × index on. A full tile never changes; the last
tile of each level is partial and is given by its width. A node above a tile's row is found by hashing the row up.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from ckanext.lrtzc.ledger.domain.merkle import HASH_SIZE, node_hash, root_hash

HEIGHT = 8
WIDTH = 1 << HEIGHT

# Reads the hashes of a tile, joined: level, index, width wanted (at least so many hashes are given).
ReadTile = Callable[[int, int, int], bytes]


def path(level: int, index: int, width: int = WIDTH) -> str:
    """Give the address of a tile: `tile/<level>/<index by thousands>[.p/<width>]`."""
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03d}")
    suffix = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(groups)}{suffix}"


def tile_width(level: int, index: int, size: int) -> int:
    """Give how many hashes a tile has in a tree of `size` leaves, 0 to 256."""
    return max(0, min(WIDTH, (size >> (HEIGHT * level)) - index * WIDTH))


# The rows of tiles read before, each row's hashes joined: what a reader of the same tree may go on from.
Cache = dict[tuple[int, int], list[bytes]]


def rows_above(data: bytes) -> list[bytes]:
    """Give a tile's hashes and each row of nodes above them, joined; a node that isn't complete is left out."""
    rows = [data]
    while len(data) >= 2 * HASH_SIZE:
        data = b"".join(
            [sha256(b"\x01" + data[at : at + 64]).digest() for at in range(0, len(data) - HASH_SIZE, 2 * HASH_SIZE)]
        )
        rows.append(data)
    return rows


def node_reader(
    size: int, read_tile: ReadTile, cache: Cache | None = None, keep: int = 64
) -> Callable[[int, int], bytes]:
    """Give a function that reads any node of the tree of `size` leaves from its tiles.

    :param cache: tiles read before, of a tree of this very size and root; threads may share it.
    :param keep: how many tiles are kept in memory (16 KB each).
    """
    kept: Cache = {} if cache is None else cache

    def read(level: int, index: int) -> bytes:
        tile_level, above = divmod(level, HEIGHT)
        number, place = divmod(index << above, WIDTH)
        rows = kept.get((tile_level, number))
        if rows is None:
            width = tile_width(tile_level, number, size)
            rows = rows_above(read_tile(tile_level, number, width)[: width * HASH_SIZE])
            if len(kept) >= keep:
                kept.clear()
            kept[tile_level, number] = rows
        at = (place >> above) * HASH_SIZE
        return rows[above][at : at + HASH_SIZE]

    return read


@dataclass
class Edge:
    """The growing right edge of a tree: what is needed to add leaves, and nothing else.

    `rows[level]` holds the hashes of the partial tile of that level, so memory is at most 255 hashes a level.
    """

    size: int = 0
    rows: list[list[bytes]] = field(default_factory=list[list[bytes]])

    def append(self, leaves: Sequence[bytes]) -> Iterator[tuple[int, int, bytes]]:
        """Add leaf hashes; give each tile that they complete, as (level, index, 256 joined hashes)."""
        for leaf in leaves:
            self.size += 1
            level, value = 0, leaf
            while True:
                if level == len(self.rows):
                    self.rows.append([])
                row = self.rows[level]
                row.append(value)
                if len(row) < WIDTH:
                    break
                yield level, (self.size >> (HEIGHT * (level + 1))) - 1, b"".join(row)
                while len(row) > 1:
                    row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
                value = row[0]
                self.rows[level] = []
                level += 1

    def root(self) -> bytes:
        """Give the root of the tree as it stands: every peak of a tree stands in the partial tile of its level."""

        def read_tile(level: int, _index: int, width: int) -> bytes:
            return b"".join(self.rows[level][:width])

        return root_hash(self.size, node_reader(self.size, read_tile))
