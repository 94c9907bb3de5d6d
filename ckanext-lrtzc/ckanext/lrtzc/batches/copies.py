"""Copies of a resource's rows as a version left them, beside the raw forms; whatever destroys rows destroys these."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import ckan.plugins.toolkit as tk
import file_keeper as fk
import pyarrow as pa
import pyarrow.parquet as pq
from psycopg2 import sql

from . import storage
from .domain.tables import GEOMETRY
from .loading.tables import work
from .proposal import table_of

KEY = "_id"
"""The column of a copy that holds the number of a row."""
PLACE = "geometry"
GONE = "lrtzc:copies_gone"
"""The signal that the copies of a resource were removed; nothing is committed by who hears it."""
_AT_ONCE = 20_000


def _path(resource_id: str, number: int) -> str:
    return f"versions/{resource_id}/{number}.parquet"


def keep_copy(resource_id: str, number: int, most: int) -> tuple[int, int] | None:
    """Copy a resource's rows as they are now: each value as its text, in Parquet, rows in the order of their numbers.

    Memory holds some thousand rows at a time.

    :param number: of the version that they are
    :param most: cells (rows × columns) at most
    :returns: how many rows, and how large the copy is in bytes; None where there is no table, or it is larger
    """
    table = table_of(resource_id)
    if table is None:
        return None
    names = list(table.types)
    read: list[sql.Composable] = [sql.SQL("{}::text").format(sql.Identifier(name)) for name in names]
    if GEOMETRY in table.hidden:
        names.append(_free(PLACE, names))
        read.append(sql.SQL("ST_AsGeoJSON({}, 7)").format(sql.Identifier(GEOMETRY)))
    query = sql.SQL("SELECT {} FROM {} ORDER BY _id").format(
        sql.SQL(", ").join([sql.Identifier(KEY), *read]), sql.Identifier(resource_id)
    )
    schema = pa.schema([pa.field(KEY, pa.int64()), *(pa.field(name, pa.string()) for name in names)])
    count = 0
    with TemporaryDirectory(prefix="lrtzc-version-") as folder:
        path = Path(folder) / "rows.parquet"
        with (
            pq.ParquetWriter(path, schema, compression="zstd") as writer,
            work() as cursor,
            cursor.connection.cursor("lrtzc_keep_copy") as reader,
        ):
            reader.itersize = _AT_ONCE
            reader.execute(query)
            while rows := reader.fetchmany(_AT_ONCE):
                count += len(rows)
                if count * max(1, len(names)) > most:
                    return None
                columns = list(zip(*rows, strict=True))
                arrays = [pa.array(values, kind) for values, kind in zip(columns, schema.types, strict=True)]
                writer.write_table(pa.table(arrays, schema=schema))
        size = path.stat().st_size
        with path.open("rb") as content:
            storage.put(_path(resource_id, number), content, size, f"{number}.parquet")
    return count, size


def _free(name: str, names: list[str]) -> str:
    while name in names:
        name += "_"
    return name


@contextmanager
def copy_of(resource_id: str, number: int) -> Generator[Path | None]:
    """Give the copy of a version as a file of this machine; None where it isn't kept."""
    with storage.as_local(_path(resource_id, number)) as path:
        yield path


def forget_copy(resource_id: str, number: int) -> None:
    """Remove the copy of a version, if there is one."""
    with suppress(fk.exc.MissingFileError):
        storage.store().remove(fk.FileData(fk.Location(_path(resource_id, number))))


def forget_copies(resource_id: str) -> None:
    """Remove all copies of a resource; the signal `lrtzc:copies_gone` tells so in the caller's transaction."""
    kept = storage.store()
    for name in list(kept.filtered_scan(prefix=f"versions/{resource_id}/")):
        with suppress(fk.exc.MissingFileError):
            kept.remove(fk.FileData(fk.Location(str(name))))
    tk.signals.ckanext.signal(GONE).send(resource_id)
