"""Tables of text: any delimiter, any encoding, read by Arrow in blocks."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv as pc

from .coltypes import ColumnType
from .encodings import Utf8Stream, detect_encoding
from .headers import clean_headers
from .limits import Limits, readable_size
from .problems import BatchError, Problem
from .tables import POSITION, Frame, Source

DELIMITERS = ";,\t|"
_SAMPLE_RECORDS = 200
# read at once: with more, memory grows and nothing goes faster; larger rows are read again with room for them
_BLOCK = 1 << 20
_BREAK = re.compile(rb"\n")
# signs that part cells, from which on a cell of several lines looks like rows rather than like prose
_FEW = 4
# places where rows stand in one cell that are told
_TOLD = 5


def _records(stream: Utf8Stream, delimiter: str, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    """Give (line the record starts on, cells), blank lines left out."""
    csv.field_size_limit(limits.row_bytes)
    text = io.TextIOWrapper(io.BufferedReader(_Raw(stream)), encoding="utf-8", errors="replace", newline="")
    reader = csv.reader(text, delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise BatchError("row_too_large", limit=f"{limits.row_bytes >> 20} Mo", line=line) from error


class _Raw(io.RawIOBase):
    """Gives a `Utf8Stream` to the standard library, which wants reads of exact sizes."""

    def __init__(self, stream: Utf8Stream):
        self._stream = stream
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            self._left = self._stream.read(1 << 20)
        part = self._left[: len(buffer)]
        self._left = self._left[len(part) :]
        buffer[: len(part)] = part
        return len(part)


def _sample(source: Source, encoding: str, delimiter: str, limits: Limits) -> list[tuple[int, list[str]]]:
    stream = Utf8Stream(source.path, encoding)
    try:
        found: list[tuple[int, list[str]]] = []
        for record in _records(stream, delimiter, limits):
            found.append(record)
            if len(found) >= _SAMPLE_RECORDS:
                break
        return found
    finally:
        stream.close()


def _usual_width(records: list[tuple[int, list[str]]]) -> tuple[int, float]:
    """Give the commonest number of cells above one, and the share of records that have it."""
    widths = Counter(len(cells) for _line, cells in records)
    if not widths:
        return 0, 0.0
    width, times = max(widths.items(), key=lambda item: (item[1], item[0]))
    return width, times / len(records)


def detect_delimiter(source: Source, encoding: str, limits: Limits) -> str:
    """Give the delimiter under which records most often have the same number of cells, more than one."""
    scores: dict[str, tuple[float, int]] = {}
    for delimiter in DELIMITERS:
        try:
            width, share = _usual_width(_sample(source, encoding, delimiter, limits))
        except BatchError:
            continue
        if width > 1:
            scores[delimiter] = (round(share, 1), width)
    return max(scores, key=lambda delimiter: scores[delimiter], default=";")


def _after(frame: Frame, given: int) -> Frame | None:
    """Give what a frame has after a position; None where that is nothing."""
    if not given:
        return frame
    data = frame.data.filter(pl.col(POSITION) > given)
    refused = [problem for problem in frame.refused if (problem.line or 0) > given]
    return Frame(data, refused, frame.done) if len(data) or refused else None


class DelimitedTable:
    """A CSV or TSV file. Settings: `encoding`, `delimiter`, `header_line` (counted from 1)."""

    def __init__(self, source: Source, settings: dict[str, Any], limits: Limits):
        self.source, self.limits = source, limits
        self.native: dict[str, ColumnType] = {}
        self.problems: list[Problem] = []
        # of refused rows: the last that may lack a mark of quotation, and those that hold others, with how many
        self._open_at, self._took_in = 0, list[tuple[int, int]]()
        encoding = settings.get("encoding") or detect_encoding(source.path)
        delimiter = settings.get("delimiter") or detect_delimiter(source, encoding, limits)
        records = _sample(source, encoding, delimiter, limits)
        if not records:
            raise BatchError("empty_file")
        self._refuse_prose(records)
        header_line, headers, self._skip = self._header(records, settings.get("header_line"))
        self.headers = headers
        self.names, changes = clean_headers(headers)
        self.problems += changes
        self.settings: dict[str, Any] = {"encoding": encoding, "delimiter": delimiter, "header_line": header_line}

    def _refuse_prose(self, records: list[tuple[int, list[str]]]) -> None:
        width, _share = _usual_width(records)
        if width == 1 and max(len(cells[0]) for _line, cells in records) > 2_000:
            raise BatchError("not_csv", detected="text", name=self.source.name)

    def _header(self, records: list[tuple[int, list[str]]], asked: int | None) -> tuple[int, list[str], int]:
        """Give the header's line, its cells and the number of lines to skip to reach the data."""
        width, _share = _usual_width(records)
        for place, (line, cells) in enumerate(records):
            named = sum(1 for cell in cells if cell.strip())
            fits = len(cells) >= width and named >= max(1, min(width, len(cells)) // 2)
            if line == asked or (asked is None and fits):
                after = records[place + 1][0] if place + 1 < len(records) else None
                last = after - 1 if after else line + sum(cell.count("\n") for cell in cells)
                return line, cells, last
        line, cells = records[0]
        return line, cells, line + sum(cell.count("\n") for cell in cells)

    def frames(self) -> Iterator[Frame]:
        """Give the rows; those with too few or too many cells are refused."""
        given = 0
        for block in (min(_BLOCK, self.limits.row_bytes), self.limits.row_bytes):
            try:
                for frame in self._read(block):
                    if frame := _after(frame, given):
                        given = max([given, *frame.data[POSITION].tail(1), *(p.line or 0 for p in frame.refused)])
                        yield frame
            except pa.ArrowInvalid as error:
                if "Empty CSV" in str(error):
                    return
                if "block" not in str(error) or block >= self.limits.row_bytes:
                    raise BatchError("row_too_large", limit=readable_size(block)) from error
            else:
                return

    def _read(self, block: int) -> Iterator[Frame]:
        """Give the rows, read so many bytes at once: no row may be larger."""
        stream = Utf8Stream(self.source.path, self.settings["encoding"])
        skipped: list[tuple[int, Problem]] = []

        def refuse(row: Any) -> str:
            position = row.number - self._skip
            text = row.text or ""
            lines, signs = text.rstrip("\r\n").count("\n"), text.count(self.settings["delimiter"])
            self._open_at = position if lines or text.count('"') % 2 else 0
            if lines and signs >= _FEW and abs(signs - (lines + 1) * (len(self.names) - 1)) <= max(1, lines // 10):
                self._took_in.append((position, lines))
            params = {"found": row.actual_columns, "expected": row.expected_columns, "row": text[:1000]}
            skipped.append((position, Problem("ragged_row", params, line=position)))
            return "skip"

        try:
            reader = pc.open_csv(
                pa.PythonFile(stream, "r"),
                read_options=pc.ReadOptions(
                    use_threads=False, block_size=block, column_names=self.names, skip_rows=self._skip
                ),
                parse_options=pc.ParseOptions(
                    delimiter=self.settings["delimiter"], newlines_in_values=True, invalid_row_handler=refuse
                ),
                convert_options=pc.ConvertOptions(
                    column_types=dict.fromkeys(self.names, pa.string()), null_values=[""], strings_can_be_null=True
                ),
            )
            yield from self._batches(reader, stream, skipped)
        finally:
            stream.close()

    def _batches(self, reader: Any, stream: Utf8Stream, skipped: list[tuple[int, Problem]]) -> Iterator[Frame]:
        last = 0
        ending = False
        for batch in reader:
            # the reader is ahead: what it refused further on belongs to later rows
            ahead = sum(position - last - 1 - place >= len(batch) for place, (position, _problem) in enumerate(skipped))
            refused = skipped[: len(skipped) - ahead]
            del skipped[: len(refused)]
            gaps = np.array([position for position, _problem in refused], dtype=np.int64)
            places = np.setdiff1d(np.arange(last + 1, last + len(batch) + len(gaps) + 1), gaps)
            last = max([last, *places[-1:].tolist(), *gaps[-1:].tolist()])
            data = pl.DataFrame(pl.from_arrow(batch)).with_columns(pl.Series(POSITION, places, dtype=pl.Int64))
            ending = len(data) > 0 and any("\n" in cell for cell in data.row(-1) if isinstance(cell, str))
            self._tell_swallowed(batch, data)
            for problem in (stream.mixed, stream.zeros):
                if problem is not None and problem not in self.problems:
                    self.problems.append(problem)
            yield Frame(data, [problem for _position, problem in refused], stream.done)
        if skipped:
            last = max(last, skipped[-1][0])
            yield Frame(self._none(), [problem for _position, problem in skipped], 1.0)
            skipped.clear()
        # the last record may be one that was refused: it took in all that came after its mark
        if (ending or (last and self._open_at == last)) and (line := self._open_quote()):
            raise BatchError("quote_never_closed", line=line)

    def _tell_swallowed(self, batch: Any, data: pl.DataFrame) -> None:
        """Tell of the first cells that hold other rows, as one does whose mark of quotation isn't closed in its place.

        It takes in all up to the next mark: the cell has about as many signs that part cells as so many rows would.
        """
        told = sum(problem.code == "rows_swallowed" for problem in self.problems)
        broken = [
            name
            for name, column in zip(batch.schema.names, batch.columns, strict=True)
            if told < _TOLD and (bytes_ := column.buffers()[-1]) is not None and _BREAK.search(bytes_)
        ]
        found, self._took_in = self._took_in, []
        for name in broken:
            lines = pl.col(name).str.count_matches("\n", literal=True).cast(pl.Int64)
            signs = pl.col(name).str.count_matches(self.settings["delimiter"], literal=True).cast(pl.Int64)
            # a text that was taken in may hold some more
            near = (signs - lines * (len(self.names) - 1)).abs() * 10 <= lines
            rows = (lines > 0) & (signs >= _FEW) & near
            found += data.filter(rows).select(POSITION, lines).rows()
        if found and told < _TOLD:
            found = sorted(found)[: _TOLD - told]
            places = self.locate([position for position, _lines in found])
            new = [Problem("rows_swallowed", {"count": lines}, line=places.get(each)) for each, lines in found]
            self.problems += [problem for problem in new if problem not in self.problems]

    def _none(self) -> pl.DataFrame:
        return pl.DataFrame(schema=dict.fromkeys(self.names, pl.String) | {POSITION: pl.Int64})

    def _open_quote(self) -> int | None:
        """Give the line of the last record if its quotation mark is never closed."""
        stream = Utf8Stream(self.source.path, self.settings["encoding"])
        text = io.TextIOWrapper(io.BufferedReader(_Raw(stream)), encoding="utf-8", errors="replace", newline="")
        reader = csv.reader(text, delimiter=self.settings["delimiter"], strict=True)
        line = 1
        try:
            for _cells in reader:
                line = reader.line_num + 1
        except csv.Error as error:
            return line if "unexpected end" in str(error) else None
        finally:
            stream.close()
        return None

    def locate(self, positions: list[int]) -> dict[int, int]:
        """Give the line on which each record starts; `positions` count data records from 1.

        Where a record can't be read, lines are given as far as it: rows that are in already don't fail of their report.
        """
        if not positions:
            return {}
        wanted, found = set(positions), dict[int, int]()
        stream = Utf8Stream(self.source.path, self.settings["encoding"])
        try:
            position = 0
            for line, _cells in _records(stream, self.settings["delimiter"], self.limits):
                if line <= self._skip:
                    continue
                position += 1
                if position in wanted:
                    found[position] = line
                    if len(found) == len(wanted):
                        break
        except BatchError:
            return found
        finally:
            stream.close()
        return found
