"""All that waits for a moderator, in one archive: a table for each file of a dataset, and a list of what came."""

import csv
import io
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import IO, Any

import ckan.plugins.toolkit as tk
import polars as pl
import shapely

from ckanext.lrtzc.batches.api import (
    BatchError,
    load_of_batch,
    load_of_small,
    raw_form,
    rows_of_batch,
    rows_of_small,
    safe_name,
    without_formula,
)
from ckanext.lrtzc.explore.api import written_as
from ckanext.lrtzc.moderation import api as moderation
from ckanext.lrtzc.people import author_name, public_names
from ckanext.lrtzc.validation import seen
from ckanext.lrtzc.validation.asking import KIND

MOST = 500
"""Batches taken at once, the oldest first."""
BYTES = 512 << 20
"""Bytes of their raw forms, altogether."""
_ROWS = 10_000_000
_FORMULA = r"^[=+\-@\t\r]"
_NUMBER = r"^[+-]?[0-9]*[.,]?[0-9]+([eE][+-]?[0-9]+)?$"
_PLACE = "_geometry"


class Form(StrEnum):
    """How tables are written."""

    CSV = "csv"
    XLSX = "xlsx"
    GEOJSON = "geojson"


@dataclass
class _Table:
    """The batches for one file of a dataset, and the columns that they have together."""

    name: str
    form: Form
    types: dict[str, str] = field(default_factory=dict[str, str])
    batches: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    placed: bool = False

    @property
    def columns(self) -> list[str]:
        """Its columns, in order."""
        return list(self.types)


def write(context: Any, user: Any, out: IO[bytes], dataset_id: str = "", form: Form = Form.CSV) -> int:
    """Write what waits for a person's decision as a ZIP; gives how many batches it holds.

    Files of rows and answers to forms become a table for each file of a dataset, with the batch, its author and its
    date before each row. CSV is in UTF-8 with semicolons; values that a spreadsheet would take for formulas have an
    apostrophe before them. In GeoJSON, tables without places are CSV. What is too much is listed and left out.

    :param dataset_id: only what is for this dataset
    :param form: how tables are written
    """
    waiting = _waiting(context, user, dataset_id)
    names = public_names({batch["author"] for batch in waiting})
    tables: dict[str, _Table] = {}
    listed: list[list[Any]] = []
    left = BYTES
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for batch in waiting:
            left -= batch["size"]
            author = author_name(batch["author"], names)
            place = (
                _placed(archive, tables, {**batch, "author": author}, form)
                if left >= 0
                else tk._("left out: too much at once")
            )
            when = batch["created"].isoformat()
            listed.append(
                [place, batch["dataset"]["title"], batch["name"], author, when, batch["rows_read"], batch["sha256"]]
            )
        for table in tables.values():
            _write_table(archive, table)
        heads = [
            tk._("place"),
            tk._("dataset"),
            tk._("file"),
            tk._("author"),
            tk._("received"),
            tk._("rows"),
            "SHA-256",
        ]
        archive.writestr("batches.csv", _csv([heads, *listed], mark=True))
    return len(waiting)


def _waiting(context: Any, user: Any, dataset_id: str) -> list[dict[str, Any]]:
    ids = moderation.theirs(user, KIND, MOST)
    return [
        batch
        for batch in seen.all_of(context, user, ids)
        if not dataset_id or dataset_id in (batch["dataset"]["id"], batch["dataset"]["name"])
    ]


def _placed(archive: zipfile.ZipFile, tables: dict[str, _Table], batch: dict[str, Any], form: Form) -> str:
    """Put a batch in a table of its file, or in the archive as it was sent; give the name of the place."""
    load = (load_of_small if batch["kind"] else load_of_batch)(batch["id"])
    folder = batch["dataset"]["name"]
    if load is None:
        try:
            with raw_form(batch["id"]) as (path, name):
                place = f"{folder}/{batch['id'][:8]}-{safe_name(name)}"
                archive.write(path, place)
        except BatchError as error:
            return error.problem.sentence(tk._)
        return place
    shown = safe_name(batch["resource"] or batch["name"].rpartition(".")[0] or batch["name"])
    written = form if load.placed or form is not Form.GEOJSON else Form.CSV
    name = f"{folder}/{shown}-{batch['resource_id'][:8]}.{written}"
    table = tables.setdefault(batch["resource_id"], _Table(name, written))
    for column, kind in load.types.items():
        # what batches read in several ways is told as text
        table.types[column] = kind.value if table.types.get(column, kind.value) == kind.value else "text"
    table.placed = table.placed or load.placed
    table.batches.append(batch)
    return table.name


def _write_table(archive: zipfile.ZipFile, table: _Table) -> None:
    before, place = [tk._("batch"), tk._("author"), tk._("received")], [tk._("place")] if table.placed else []
    with archive.open(table.name, "w", force_zip64=True) as out:
        if table.form is not Form.CSV:
            heads = dict.fromkeys([_free(head, table.types) for head in before], "text") | table.types
            if table.form is Form.XLSX:
                heads |= dict.fromkeys([_free(head, table.types) for head in place], "text")
            title = table.name.rpartition("/")[2].rpartition("-")[0]
            for part in written_as(table.form.value, title, heads, _typed(table)):
                out.write(part)
            return
        out.write(_csv([[*before, *table.columns, *place]], mark=True))
        for batch in table.batches:
            for part in _rows(table, batch):
                out.write(part)


def _free(head: str, taken: Collection[str]) -> str:
    while head in taken:
        head = f"_{head}"
    return head


def _frames(batch: Mapping[str, Any]) -> Iterator[pl.DataFrame]:
    return rows_of_small(batch["id"]) if batch["kind"] else rows_of_batch(batch["id"], _ROWS)


def _typed(table: _Table) -> Iterator[list[tuple[Any, ...]]]:
    """Give the rows of a table as exports take them; of a batch that can't be read, the reason in its first cell."""
    for batch in table.batches:
        before = (batch["id"], batch["author"], batch["created"].isoformat())
        ends = 1 if table.placed else 0
        try:
            for data in _frames(batch):
                cells = [_values(data, name, kind).to_list() for name, kind in table.types.items()]
                if table.form is Form.GEOJSON:
                    cells.append(_geojson(data))
                elif table.placed:
                    cells.append(_places(data).to_list())
                yield [(*before, *row) for row in zip(*cells, strict=True)]
        except BatchError as error:
            yield [(*before, error.problem.sentence(tk._), *[None] * (len(table.types) - 1 + ends))]


def _values(data: pl.DataFrame, name: str, kind: str) -> pl.Series:
    if name not in data.columns:
        return pl.Series([None] * len(data), dtype=pl.String)
    values = data[name]
    if values.dtype == pl.Datetime:
        return values.dt.strftime("%Y-%m-%dT%H:%M:%S")
    return values.cast(pl.String, strict=False) if values.dtype == pl.Date or kind == "text" else values


def _geojson(data: pl.DataFrame) -> list[str | None]:
    if _PLACE not in data.columns:
        return [None] * len(data)
    found = shapely.orient_polygons(shapely.from_wkb(data[_PLACE].to_numpy()))
    return [*shapely.to_geojson(found)]


def _rows(table: _Table, batch: Mapping[str, Any]) -> Iterator[bytes]:
    before = [batch["id"], batch["author"], batch["created"].isoformat()]
    try:
        for data in _frames(batch):
            texts = [
                _safe(data[name].cast(pl.String, strict=False))
                if name in data.columns
                else pl.Series([None] * len(data), dtype=pl.String)
                for name in table.columns
            ]
            if table.placed:
                texts.append(_places(data))
            frame = pl.DataFrame([column.alias(str(number)) for number, column in enumerate(texts)])
            said = [pl.lit(without_formula(text)).alias(f"_{number}") for number, text in enumerate(before)]
            yield frame.select([*said, pl.all()]).write_csv(separator=";", include_header=False).encode()
    except BatchError as error:
        yield _csv([[*before, error.problem.sentence(tk._)]])


def _safe(values: pl.Series) -> pl.Series:
    wrong = values.str.contains(_FORMULA) & ~values.str.contains(_NUMBER)
    return pl.select(pl.when(wrong).then("'" + values).otherwise(values)).to_series()


def _places(data: pl.DataFrame) -> pl.Series:
    if _PLACE not in data.columns:
        return pl.Series([None] * len(data), dtype=pl.String)
    found = shapely.to_wkt(shapely.from_wkb(data[_PLACE].to_numpy()), rounding_precision=6)
    return pl.Series([*found], dtype=pl.String)


def _csv(rows: Sequence[Sequence[Any]], *, mark: bool = False) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([without_formula(cell) for cell in row] for row in rows)
    return (b"\xef\xbb\xbf" if mark else b"") + out.getvalue().encode()
