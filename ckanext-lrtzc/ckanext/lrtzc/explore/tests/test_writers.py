"""Files that others open: typed, harmless, and complete whatever the rows hold."""

import csv
import io
import json
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
import python_calamine
from hypothesis import given
from hypothesis import strategies as st

from ckanext.lrtzc.explore.domain.spreadsheet import column_name, harmless, serial
from ckanext.lrtzc.explore.export.columnar import ParquetWriter
from ckanext.lrtzc.explore.export.text import CsvWriter, GeoJsonWriter, JsonWriter
from ckanext.lrtzc.explore.export.workbook import XlsxWriter
from ckanext.lrtzc.explore.export.writer import Options
from ckanext.lrtzc.tabular.domain.columns import Column, Kind

COLUMNS = (
    Column("code", Kind.TEXT),
    Column("n", Kind.INTEGER),
    Column("x", Kind.NUMBER),
    Column("ok", Kind.BOOLEAN),
    Column("day", Kind.DATE),
)
ROWS = [
    ("01004", 1, Decimal("1.50"), True, "2024-02-29"),
    ("=cmd|' /C calc'!A0", 2**62, Decimal("NaN"), False, "12000-01-01"),
    (None, None, None, None, None),
]


def made(writer_class, rows, columns=COLUMNS, geometry=False, title="Un: titre [a/b]", **options):
    writer = writer_class(columns, geometry, title, Options(**options))
    return b"".join(writer.write(iter([rows[:2], rows[2:]])))


class TestCsv:
    def test_values_and_missing(self):
        text = made(CsvWriter, ROWS, delimiter=";").decode()
        assert list(csv.reader(io.StringIO(text), delimiter=";")) == [
            ["code", "n", "x", "ok", "day"],
            ["01004", "1", "1.50", "true", "2024-02-29"],
            ["'=cmd|' /C calc'!A0", str(2**62), "", "false", "12000-01-01"],
            ["", "", "", "", ""],
        ]

    @pytest.mark.parametrize(
        "text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "\n=1", "=", "+33 6 12", "-"]
    )
    def test_no_formula_survives(self, text):
        assert harmless(text) == "'" + text

    @pytest.mark.parametrize("text", ["", "-5", "+33", "-1,5", "12 %", "a=b", "été", "-3.2%"])
    def test_plain_values_are_left_alone(self, text):
        assert harmless(text) == text

    @given(st.text())
    def test_whatever_the_text(self, text):
        safe = harmless(text)
        assert safe in (text, "'" + text)
        assert safe[:1] not in "=@" or not safe


class TestXlsx:
    @staticmethod
    def sheets(data):
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}

    def test_types(self):
        rows = next(iter(self.sheets(made(XlsxWriter, ROWS)).values()))
        assert rows[1] == ["01004", 1, 1.5, True, date(2024, 2, 29)]
        assert rows[2] == ["=cmd|' /C calc'!A0", str(2**62), "NaN", False, "12000-01-01"]

    def test_several_sheets_when_one_is_full(self, monkeypatch):
        monkeypatch.setattr(XlsxWriter, "rows_limit", 4)
        rows = [(str(number), number, None, None, None) for number in range(8)]
        sheets = self.sheets(made(XlsxWriter, rows))
        assert [len(found) for found in sheets.values()] == [4, 4, 3]
        assert [row[0] for found in sheets.values() for row in found[1:]] == [str(number) for number in range(8)]
        assert all(found[0][0] == "code" for found in sheets.values())

    def test_no_rows(self):
        assert next(iter(self.sheets(made(XlsxWriter, [])).values())) == [["code", "n", "x", "ok", "day"]]

    @given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20))
    def test_any_text_comes_back(self, text):
        rows = next(iter(self.sheets(made(XlsxWriter, [(f"[{text}]", 1)], columns=COLUMNS[:2], title=text)).values()))
        kept = rows[1][0]
        if text.isprintable() and "_x" not in text:
            assert kept == f"[{text}]"
        else:
            assert kept.startswith("[")

    def test_days_before_1900_stay_texts(self):
        assert serial("1899-12-31") is None
        assert serial("1900-03-01") == 61
        assert serial("2024-01-01 12:00:00") == 45292.5
        assert serial("infinity") is None

    def test_letters_of_columns(self):
        assert [column_name(index) for index in (0, 25, 26, 701, 702, 16383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


class TestJson:
    def test_numbers_stay_numbers_and_codes_texts(self):
        records = json.loads(made(JsonWriter, ROWS))
        assert records[0] == {"code": "01004", "n": 1, "x": 1.5, "ok": True, "day": "2024-02-29"}
        assert records[1]["x"] is None
        assert records[1]["n"] == 2**62

    def test_features(self):
        rows = [("a", 1, '{"type":"Point","coordinates":[1,2]}'), ("b", 2, None)]
        found = json.loads(made(GeoJsonWriter, rows, columns=COLUMNS[:2], geometry=True))
        assert [feature["geometry"] for feature in found["features"]] == [
            {"type": "Point", "coordinates": [1, 2]},
            None,
        ]
        assert json.loads(made(GeoJsonWriter, [], columns=COLUMNS[:2], geometry=True))["features"] == []


class TestParquet:
    def test_types_and_odd_days(self):
        rows = [("01004", 1, 1.5, True, 19782), ("x", None, None, None, 3_663_000), (None,) * 5]
        frame = pl.read_parquet(io.BytesIO(made(ParquetWriter, rows)))
        assert frame.schema == {
            "code": pl.String,
            "n": pl.Int64,
            "x": pl.Float64,
            "ok": pl.Boolean,
            "day": pl.Date,
        }
        assert frame["day"].cast(pl.Int32).to_list() == [19782, 3_663_000, None]

    def test_no_rows(self):
        assert pl.read_parquet(io.BytesIO(made(ParquetWriter, []))).shape == (0, 5)
