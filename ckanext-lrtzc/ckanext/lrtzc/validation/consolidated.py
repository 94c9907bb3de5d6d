"""All that waits for a moderator, in one archive: a table for each file of a dataset, and a list of what came."""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

import ckan.plugins.toolkit as tk
import polars as pl
import shapely

from ckanext.lrtzc.batches.api import BatchError, load_of_batch, raw_form, rows_of_batch, safe_name, without_formula
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


@dataclass
class _Table:
    """The batches for one file of a dataset, and the columns that they have together."""

    name: str
    columns: list[str] = field(default_factory=list[str])
    batches: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    placed: bool = False


def write(context: Any, user: Any, out: IO[bytes], dataset_id: str = "") -> int:
    """Write what waits for a person's decision as a ZIP; gives how many batches it holds.

    Tables are CSV in UTF-8 with semicolons, with the batch, its author and its date before each row; values that a
    spreadsheet would take for formulas have an apostrophe before them. What is too much is listed and left out.

    :param dataset_id: only what is for this dataset
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
                _placed(archive, tables, {**batch, "author": author})
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


def _placed(archive: zipfile.ZipFile, tables: dict[str, _Table], batch: dict[str, Any]) -> str:
    """Put a batch in a table of its file, or in the archive as it was sent; give the name of the place."""
    load = None if batch["kind"] else load_of_batch(batch["id"])
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
    name = f"{folder}/{shown}-{batch['resource_id'][:8]}.csv"
    table = tables.setdefault(batch["resource_id"], _Table(name))
    table.columns += [column for column in load.types if column not in table.columns]
    table.placed = table.placed or load.placed
    table.batches.append(batch)
    return table.name


def _write_table(archive: zipfile.ZipFile, table: _Table) -> None:
    heads = [
        tk._("batch"),
        tk._("author"),
        tk._("received"),
        *table.columns,
        *([tk._("place")] if table.placed else []),
    ]
    with archive.open(table.name, "w", force_zip64=True) as out:
        out.write(_csv([heads], mark=True))
        for batch in table.batches:
            for part in _rows(table, batch):
                out.write(part)


def _rows(table: _Table, batch: Mapping[str, Any]) -> Iterator[bytes]:
    before = [batch["id"], batch["author"], batch["created"].isoformat()]
    try:
        for data in rows_of_batch(batch["id"], _ROWS):
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
