"""Bounds that keep a file from costing more than it should."""

from __future__ import annotations

from dataclasses import dataclass

# PostgreSQL allows 1,600 columns in a table; ours adds _id, _full_text and _geometry.
MAX_COLUMNS = 1_597
# PostgreSQL cuts identifiers at 63 bytes (NAMEDATALEN - 1).
MAX_NAME_BYTES = 63


@dataclass(frozen=True)
class Limits:
    """Bounds of one reading; sizes in bytes."""

    file_bytes: int = 500 << 20
    row_bytes: int = 8 << 20
    depth: int = 64
    cells: int = 20_000_000
    zip_bytes: int = 2 << 30
    zip_ratio: int = 200
    zip_entries: int = 1_000
    analysis_rows: int = 100_000
    chunk_rows: int = 50_000


def readable_size(size: int) -> str:
    """Write a size in bytes for people, in French and English alike: `500 MB` style units are left to the page.

    >>> readable_size(524288000)
    '500 Mo'
    """
    value = float(size)
    for unit in ("o", "ko", "Mo", "Go"):
        if value < 1024 or unit == "Go":
            return f"{value:.0f} {unit}" if value >= 10 or value == int(value) else f"{value:.1f} {unit}"
        value /= 1024
    raise AssertionError("unreachable")
