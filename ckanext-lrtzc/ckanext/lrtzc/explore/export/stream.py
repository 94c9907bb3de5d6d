"""Reading a selection by a server-side cursor and writing it as a file, in constant memory and without limit."""

import logging
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from ckanext.lrtzc.explore.api import ReadingFailed, Selection, reading
from ckanext.lrtzc.explore.export.columnar import ParquetWriter
from ckanext.lrtzc.explore.export.text import CsvWriter, GeoJsonWriter, JsonWriter
from ckanext.lrtzc.explore.export.workbook import XlsxWriter
from ckanext.lrtzc.explore.export.writer import Options, Writer

log = logging.getLogger(__name__)

WRITERS: dict[str, type[Writer]] = {
    writer.name: writer for writer in (CsvWriter, XlsxWriter, JsonWriter, GeoJsonWriter, ParquetWriter)
}
# Values in memory at a time.
_BATCH_VALUES = 20_000


def file_name(title: str, extension: str) -> str:
    """Give a name that every file system takes, close to the title."""
    plain = unicodedata.normalize("NFKC", title)
    words = re.sub(r"[^\w.-]+", "-", plain).strip("-.")[:80] or "data"
    return f"{words}.{extension}"


def _batches(connection: sa.Connection, statement: sa.Select[Any], size: int) -> Iterator[Sequence[Any]]:
    yield from connection.execution_options(yield_per=size).execute(statement).partitions()


def stream(selection: Selection, writer_class: type[Writer], title: str, options: Options) -> Iterator[bytes]:
    """Give the chunks of the file of a selection.

    The first chunk is made only when asked for. Closing the iterator ends the query: that is what the server does
    when the person leaves. A statement has no time limit here, since what takes long is the person's line.

    :raises ReadingFailed: when the database refuses, before or between chunks.
    """
    columns = selection.columns()
    writer = writer_class(columns, selection.table.has_geometry, title, options)
    source = selection.source
    expressions = [
        writer.expression(source.column(column.id), column).label(f"v{index}") for index, column in enumerate(columns)
    ]
    if selection.table.has_geometry:
        geometry = writer.geometry(source.geometry)
        if geometry is not None:
            expressions.append(geometry.label("geometry"))
    statement = selection.ordered(expressions)
    size = max(20, min(5000, _BATCH_VALUES // max(1, len(expressions))))
    try:
        with reading(timeout=0) as connection:
            yield from (chunk for chunk in writer.write(_batches(connection, statement, size)) if chunk)
    except ReadingFailed as failed:
        log.warning("The export of %s stopped: %s", selection.table.resource_id, failed.failure)
        raise
