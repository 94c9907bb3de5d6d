"""What can be wrong with a file, in the words of the person who sent it.

A problem carries a stable code, the parameters of its sentence and its place. Sentences are English message ids;
the page translates them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

# code -> sentence; the names in braces are the problem's parameters
SENTENCES: dict[str, str] = {
    "empty_file": "The file is empty.",
    "header_only": "The file has column names but no row of data.",
    "no_header": "No row of column names was found.",
    "not_a_table": "This is not a table: {detected} was found in a file named {name}.",
    "unknown_format": "The content of this file is of no known kind. Send CSV, XLSX, ODS, JSON, GeoJSON, XML, "
    "Parquet, GeoPackage, SIARD, a Shapefile in a ZIP, or a ZIP that holds one of the others.",
    "not_csv": "This file is named .csv but it is not a table of text: its content looks like {detected}.",
    "binary_in_text": "The file holds characters that no text has (byte 0). They were left out.",
    "mixed_encodings": "Some lines are not written in {encoding} as the rest is; they were read as {fallback}.",
    "bad_encoding": "The file says or seems to be written in {encoding}, but a part of it is not.",
    "too_many_columns": "The table has {count} columns; a table can have {limit} at most. "
    "Split it, or give one row per value.",
    "too_many_keys": "The first records have more than {limit} different keys, and a table can have no more columns. "
    "Where the keys are values, such as names or dates, make each of them a record of its own.",
    "keys_left_out": "Not all keys of the records are columns: a table can have {limit} at most, of {longest} "
    "characters at most. What stands under the others ({names}) is left out, and listed by record in the report.",
    "key_left_out": "There is no column for what stands under {names}: it was left out.",
    "row_too_large": "A row is larger than {limit}; often a quotation mark is opened and never closed.",
    "quote_never_closed": "A quotation mark is opened and never closed.",
    "rows_swallowed": "A quotation mark is opened here and closed {count} lines further on: they stand in one cell. "
    "Where they are rows, put the mark right and send the file again.",
    "ragged_row": "The row has {found} cells where {expected} are expected.",
    "blank_headers": "Columns without a name, which took that of their place: {count}.",
    "duplicate_headers": "Several columns had the same name; a number was added to theirs.",
    "long_headers": "Some column names were too long and were shortened.",
    "blank_rows": "Empty rows left out: {count}.",
    "bad_value": "“{value}” is not {expected}.",
    "value_out_of_range": "“{value}” is too large to be stored as {expected}.",
    "value_emptied": "“{value}” is not {expected}; the cell was left empty.",
    "duplicate_key": "Another row further on has the same key; that one was kept.",
    "missing_key": "The row has no value for the key.",
    "geometry_unreadable": "The geometry can't be read: {reason}.",
    "geometry_repaired": "The geometry was not valid ({reason}); it was repaired.",
    "geometry_outside": "The position is outside the world: coordinates may be swapped or in another reference system.",
    "too_deep": "The content is nested more than {limit} levels deep.",
    "bad_json": "This is not valid JSON: {reason}.",
    "no_records": "No list of records was found in this file.",
    "bad_xml": "This is not valid XML: {reason}.",
    "xml_entities": "The XML declares entities. For safety such files are not read: save it without them.",
    "bad_spreadsheet": "The spreadsheet can't be read: {reason}.",
    "spreadsheet_protected": "The spreadsheet is protected by a password. Save it without one.",
    "no_sheet": "There is no sheet named “{sheet}” in this file.",
    "too_many_cells": "The spreadsheet spans {count} cells; at most {limit} are read. Save it as CSV.",
    "bad_parquet": "The Parquet file can't be read: {reason}.",
    "bad_zip": "The ZIP can't be read: {reason}.",
    "zip_encrypted": "The ZIP is protected by a password. Send it without one.",
    "zip_bomb": "The ZIP would unpack to more than {limit}, or shrinks too well to be data. It was not unpacked.",
    "zip_entries": "The ZIP holds {count} files; at most {limit} are accepted.",
    "zip_unsafe_name": "The ZIP holds a file whose name points outside it: {name}.",
    "zip_nothing": "The ZIP holds no table that can be read.",
    "zip_several": "The ZIP holds several tables ({names}); the first was read. Send them apart to publish each.",
    "shapefile_alone": "A Shapefile is several files (.shp, .dbf, .shx, .prj). Put them together in one ZIP.",
    "bad_shapefile": "The Shapefile can't be read: {reason}.",
    "bad_geopackage": "The GeoPackage can't be read: {reason}.",
    "bad_siard": "The SIARD archive can't be read: {reason}.",
    "no_layer": "There is no layer or table named “{name}” in this file.",
    "several_layers": "The file holds {count} layers or tables; “{name}” was read. Another one can be chosen where the "
    "columns are checked.",
    "columns_left_out": "The columns {names} hold no text, number or date; they were left out.",
    "projection_guessed": "The file doesn't say in which system its coordinates are. They look like {name} "
    "(EPSG:{code}) and were read so; another code can be given where the columns are checked.",
    "projection_unknown": "The file doesn't say in which system its coordinates are, and they can't be guessed: the "
    "rows have no place on the map. Give the EPSG code where the columns are checked, or send the file with its .prj.",
    "too_large": "The file is larger than the {limit} accepted here.",
    "infected": "The antivirus refused this file: {reason}.",
    "antivirus_away": "The antivirus did not answer, so the file can't be accepted now. Try again later.",
    "lost_columns": "The new file has no column {names}, which the data now has.",
    "changed_types": "These columns would change type: {names}.",
    "no_good_row": "No row could be accepted.",
    "rule_required": "The cell is empty and should be filled.",
    "rule_unique": "“{value}” stands in another row already.",
    "rule_type": "“{value}” is not of the type that is asked for.",
    "rule_format": "“{value}” is not written in the form that is asked for.",
    "rule_range": "“{value}” is outside the bounds.",
    "rule_length": "“{value}” is too short or too long.",
    "rule_pattern": "“{value}” doesn't follow the pattern.",
    "rule_values": "“{value}” is not in the list of values.",
    "rule_reference": "“{value}” is not in the reference data.",
    "rule_compare": "“{value}” doesn't agree with the column {other}.",
    "rule_outliers": "“{value}” is far from the other values.",
    "rule_placed": "The row has no place on the map.",
    "rule_territory": "The place is outside the territory.",
    "rule_overlap": "The surface overlaps another.",
    "rule_overlap_there": "The surface overlaps that of row {value}, which is in the file already.",
    "rule_gap": "There is a hole between this surface and others.",
    "to_be_judged": "Moderators decide on all data that comes into this dataset.",
    "quality_low": "{share} % of the rows are good; {minimum} % at least are asked for.",
    "quality_rule": "A rule of quality that decides on the whole file isn't kept: {share} % of the rows keep it, "
    "{minimum} % at least should.",
    "quality_old": "The newest date is more than {days} days old.",
    "quality_unchecked": "A rule of quality that decides on the whole file can't be checked with this file.",
    "step_column": "Transformation {number} can't be made: there is no column {names}.",
    "step_no_column": "Transformation {number} can't be made: it leaves no column.",
    "step_columns": "Transformation {number} can't be made: a table can have {limit} columns at most.",
    "step_taken": "Transformation {number} can't be made: there is a column {name} already.",
    "step_groups": "Transformation {number} can't be made: it puts the rows into more than {limit} groups.",
    "step_large": "Transformation {number} can't be made: it would make more than {limit} of text at once.",
    "step_expression": "Transformation {number} can't be made: its expression can't be computed with these columns.",
    "step_reference": "Transformation {number} can't be made: its reference data is not there, has no such column, or "
    "may not be read by whoever declared it.",
    "step_reference_large": "Transformation {number} can't be made: its reference data has more than {limit} rows.",
    "step_geocoder_none": "Transformation {number} can't be made: this portal has no geocoding service. Its "
    "administrators name one on the page of settings.",
    "step_geocoder_away": "Transformation {number} can't be made now: the geocoding service {host} doesn't answer. "
    "Nothing was changed; try again later.",
    "step_geocoder_busy": "Transformation {number} can't be made now: the geocoding service {host} has too much to do "
    "or is out of order (error {status}). Nothing was changed; try again later.",
    "step_geocoder_refused": "Transformation {number} can't be made: the address of the geocoding service {host} is "
    "none that the portal may call. Its administrators correct it on the page of settings.",
    "step_geocoder_answer": "Transformation {number} can't be made: what {host} answered is not what a geocoding "
    "service answers. No row was placed by it; try again later, or tell the administrators of this portal.",
    "step_geocoder_many": "Transformation {number} asks for the places of more than {limit} addresses, which is too "
    "many to wait for here.",
    "step_nothing": "The transformations leave no row.",
    "step_away": "Transformations are declared for this data, and can't be made now. Nothing was changed.",
    "lost_key": "The file has no column {names}, which tells rows apart.",
    "no_good_file": "No file could be accepted.",
    "no_file": "There is no file in this archive.",
    "form_gone": "The form that this answers is no longer there.",
    "collection_gone": "The collection that these files are for is no longer there.",
    "file_gone": "The file that was sent is no longer in store. Send it again.",
    "later": "The file waits to go in.",
    "file_replaced": "Another file took the place of this one before its rows went in.",
    "resource_gone": "The resource that this was for was deleted while it waited to go in.",
    "interrupted": "Loading was interrupted. Nothing was changed; it can be started again.",
    "internal": "Loading failed for a reason of ours. Nothing was changed. Reference: {reference}.",
}
# whose `line` is one of the file, also where those of other problems are numbers of records
OF_LINES = frozenset({"bad_xml", "xml_entities", "too_deep", "mixed_encodings", "binary_in_text"})


@dataclass(frozen=True)
class Problem:
    """One thing to say about a file.

    `line` and `byte` count from 1 and 0; for spreadsheets and records, `line` is the row or record number.
    """

    code: str
    params: dict[str, Any] = field(default_factory=dict[str, Any])
    line: int | None = None
    column: str | None = None
    byte: int | None = None

    def sentence(self, translate: Callable[[str], str] = str) -> str:
        """Say the problem, through `translate` (a function from message id to text)."""
        params = {name: translate(value) if name == "expected" else value for name, value in self.params.items()}
        return translate(SENTENCES[self.code]).format(**params)

    def as_dict(self) -> dict[str, Any]:
        """Give a form that JSON can hold; `from_dict` reads it back."""
        found: dict[str, Any] = {"code": self.code, "params": self.params}
        for name in ("line", "column", "byte"):
            value = getattr(self, name)
            if value is not None:
                found[name] = value
        return found

    @classmethod
    def from_dict(cls, found: dict[str, Any]) -> Problem:
        """Read what `as_dict` gave."""
        return cls(
            found["code"], dict(found.get("params") or {}), found.get("line"), found.get("column"), found.get("byte")
        )


class BatchError(Exception):
    """The file can't be taken; `problem` says why, `report` what else is to be told of it."""

    def __init__(
        self, code: str, *, line: int | None = None, column: str | None = None, byte: int | None = None, **params: Any
    ):
        self.report: dict[str, Any] = {}
        self.problem = Problem(code, params, line, column, byte)
        super().__init__(self.problem.sentence())


class HeldError(BatchError):
    """The file is put aside until somebody decides whether it goes in as it is."""


class AskedError(BatchError):
    """The file is good to go in once those who judge it have accepted it; `seen` is what is shown to them."""

    def __init__(self, code: str, *, column: str | None = None, **params: Any):
        super().__init__(code, column=column, **params)
        self.seen: dict[str, Any] = {}
        self.settings: dict[str, Any] = {}


class LaterError(BatchError):
    """The file passed its checks, and goes in later; `settings` are those it was read by."""

    def __init__(self) -> None:
        super().__init__("later")
        self.settings: dict[str, Any] = {}
