"""Files of every kind are read, or refused in words that help."""

import contextlib
import csv
import io
import json
import zipfile
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ckanext.lrtzc.batches.domain.analysis import analyse
from ckanext.lrtzc.batches.domain.coltypes import ColumnType
from ckanext.lrtzc.batches.domain.limits import Limits
from ckanext.lrtzc.batches.domain.opening import open_table
from ckanext.lrtzc.batches.domain.problems import SENTENCES, BatchError, Problem
from ckanext.lrtzc.batches.domain.tables import Source


@pytest.fixture
def read(tmp_path):
    def read(data: bytes | Path, name="x.csv", **options):
        path = data
        if isinstance(data, bytes):
            path = tmp_path / "sent"
            path.write_bytes(data)
        return analyse(Source(path, name), options.pop("settings", None), Limits(**options))

    return read


def test_a_row_larger_than_what_is_read_at_once_is_read_once_and_in_its_place(tmp_path):
    lines = [f"{i};{'x' * (3 << 20) if i == 100_000 else 'court'}" for i in range(150_000)]
    path = tmp_path / "sent"
    path.write_text("n;texte\n" + "\n".join([*lines[:50_000], "seul", *lines[50_000:]]) + "\n")
    with open_table(Source(path, "x.csv")) as table:
        frames = list(table.frames())
        places = pl.concat([frame.data for frame in frames])
        refused = [problem.line for frame in frames for problem in frame.refused]
    assert places["n"].cast(int).to_list() == list(range(150_000))
    assert places["_position"].to_list() == [*range(1, 50_001), *range(50_002, 150_002)]
    assert refused == [50_001]


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


COLLECTION = {
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "properties": {"n": "a"}, "geometry": {"type": "Point", "coordinates": [-1, 46]}},
        {"type": "Feature", "properties": {"n": "b"}, "geometry": None},
    ],
}


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "x.csv", "empty_file"),
        (b"\xef\xbb\xbf \r\n", "x.csv", "empty_file"),
        (b"a;b\n", "x.csv", "header_only"),
        (b"%PDF-1.7 ...", "x.csv", "not_csv"),
        (b"\x89PNG\r\n\x1a\n...", "x.csv", "not_csv"),
        (b"<!DOCTYPE html><html><body>404", "x.csv", "not_a_table"),
        (bytes(range(256)) * 20, "x.csv", "not_csv"),
        ((",".join(f"c{i}" for i in range(2000)) + "\n").encode() + b"1," * 1999, "x.csv", "too_many_columns"),
        (b'a,b\n1,"open\n' + b"2,3\n" * 10, "x.csv", "quote_never_closed"),
        (b'a,b,c\n1,2,3\n1,"open,2\n' + b"2,3,4\n" * 10, "x.csv", "quote_never_closed"),
        (b'a,b\n"' + b"x" * (9 << 20) + b'",2\n', "x.csv", "row_too_large"),
        (b"[" * 10_000 + b"]" * 10_000, "x.json", "too_deep"),
        (b'[{"a":' * 10_000 + b"1" + b"}]" * 10_000, "x.json", "too_deep"),
        (b'[{"a":1},', "x.json", "bad_json"),
        (b"[]", "x.json", "no_records"),
        (b"<r><i>", "x.xml", "bad_xml"),
        (b"<r>" + b"<a>" * 10_000, "x.xml", "too_deep"),
        (b'<!DOCTYPE r [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><r><i><n>&b;</n></i></r>', "x.xml", "xml_entities"),
        (b'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><r><i><n>&a;</n></i></r>', "x.xml", "xml_entities"),
        (
            '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE r [<!ENTITY a "x">]><r><i><n>&a;</n></i></r>'.encode(
                "utf-16"
            ),
            "x.xml",
            "xml_entities",
        ),
        (b"PAR1 not really", "x.parquet", "bad_parquet"),
        (b"PK\x03\x04 not really", "x.zip", "bad_zip"),
        (zipped(**{"../../etc/a.csv": b"a"}), "x.zip", "zip_unsafe_name"),
        (zipped(**{"readme.md": b"a"}), "x.zip", "zip_nothing"),
        (zipped(**{"a.csv": b"0" * (60 << 20)}), "x.zip", "zip_bomb"),
        (zipped(**{f"{i}.csv": b"a" for i in range(1001)}), "x.zip", "zip_entries"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_files_are_refused_in_words(read, data, name, code):
    with pytest.raises(BatchError) as refusal:
        read(data, name)
    assert refusal.value.problem.code == code
    assert "{" not in refusal.value.problem.sentence()


@pytest.mark.parametrize("after", [b"", b"2,3,4\n" * 300_000], ids=["the last row", "amid rows"])
def test_a_mark_of_quotation_that_is_never_closed_is_found_wherever_it_stands(tmp_path, after):
    """The rest of the file would else be one row that is refused, and all other rows published without it."""
    path = tmp_path / "sent"
    path.write_bytes(b"a,b,c\n" + b"1,2,3\n" * 300_000 + b'1,"open,2\n' + after)
    with open_table(Source(path, "x.csv")) as table, pytest.raises(BatchError) as refusal:
        list(table.frames())
    assert (refusal.value.problem.code, refusal.value.problem.line) == ("quote_never_closed", 300_002)


def test_a_zip_that_lies_about_its_size_is_stopped(read):
    bomb = bytearray(zipped(**{"a.csv": b"0" * (60 << 20)}))
    with zipfile.ZipFile(io.BytesIO(bomb)) as archive:
        start = archive.start_dir
    bomb[start + 24 : start + 28] = (1000).to_bytes(4, "little")
    with pytest.raises(BatchError) as refusal:
        read(bytes(bomb), "x.zip")
    assert refusal.value.problem.code in ("zip_bomb", "bad_zip", "row_too_large", "header_only")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_any_delimiter_and_encoding(read, encoding, delimiter):
    text = f"é{delimiter}b\nà l'été{delimiter}2\nœuvre{delimiter}3\n"
    found = read(text.encode(encoding))
    assert [column.name for column in found.columns] == ["é", "b"]
    assert found.preview == [["à l'été", "2"], ["œuvre", "3"]]


def test_mixed_encodings_are_read_and_said(read):
    data = "é;b\nà;2\n".encode() * 50 + "ç;é\n".encode("cp1252") + "é;b\n".encode() * 50
    found = read(data)
    assert found.rows == 150
    (problem,) = [p for p in found.problems if p.code == "mixed_encodings"]
    assert problem.line == 101


def test_ragged_rows_are_said_with_their_line(read):
    found = read(b'a;b\n1;2\n\n1;2;3\n"x\ny";3\n4\n5;6\n')
    assert found.rows == 3
    assert [(p.code, p.line) for p in found.problems] == [("ragged_row", 4), ("ragged_row", 7)]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b'n;a;b\n0;x;y\n1;"x;y\n2;x;y\n3;x";y\n4;x;y\n', [(3, 2)]),
        (b'n,a,b,c,d\r\n1,"x,y,z,t\r\n2,x",y,z,t\r\n', [(2, 1)]),
        (b'n;a;b\n1;"x;y\n2;x;y\n3;x";y\n4;"x;y\n5;x;y\n6;x";y\n', [(2, 2), (5, 2)]),
        (b'n;a;b\n1;"x;y\n2;x;y\n3;x";y\n' + b"4;x;y\n" * 300_000, [(2, 2)]),
        # those whose cells aren't as many as they should be are refused besides
        (b'n;a;b\n0;x;y\n1;"x;y\n2;x;y\n3;x;y"\n4;x;y\n', [(3, 2)]),
        ('n;a;b\n1;"Bonjour ;\n\nmerci ; \u00e0 bient\u00f4t";y\n'.encode(), []),
        (b'n,where,b\n1,"12, rue Haute, bat. A\n17000, La Rochelle",y\n', []),
        (b'n;a\n1;"one\ntwo\nthree"\n2;"x;\ny;"\n', []),
        (b'n;a;b\n1;"";y\n', []),
    ],
)
def test_rows_that_a_mark_of_quotation_took_in_are_told_with_their_line(read, data, told):
    found = [(p.line, p.params["count"]) for p in read(data).problems if p.code == "rows_swallowed"]
    assert found == told


def test_rows_that_are_refused_leave_all_others_in_their_place_across_blocks(tmp_path):
    """The reader looks a block ahead: what it refuses there is of later rows."""
    bad = {0, 5, 174_759, 174_760, 174_761, 174_762, 250_000, 399_998, 399_999}
    path = tmp_path / "sent"
    path.write_bytes(b"a,b,c\n" + b"".join(b"%d,2%s\n" % (n, b"" if n in bad else b",3") for n in range(400_000)))
    with open_table(Source(path, "x.csv")) as table:
        frames = list(table.frames())
    places = pl.concat([frame.data for frame in frames])
    assert (places["a"].cast(int) + 1).to_list() == places["_position"].to_list()
    assert [problem.line for frame in frames for problem in frame.refused] == [n + 1 for n in sorted(bad)]


def test_titles_above_the_table_are_passed_over(read):
    found = read("Comptages 2024\n\ncommune;n\nAytré;1\nDompierre;2\n".encode())
    assert [column.name for column in found.columns] == ["commune", "n"]
    assert found.rows == 2


def test_blank_duplicate_and_hidden_headers(read):
    found = read(b"id,,id,_id\n1,2,3,4\n")
    assert [column.name for column in found.columns] == ["id", "colonne_2", "id_2", "id_3"]


def test_a_spreadsheet_named_csv_is_read_as_what_it_is(read, tmp_path):
    path = tmp_path / "w.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("vide")
        sheet = book.add_worksheet("D")
        sheet.write_row(0, 0, ["Titre"])
        sheet.write_row(2, 0, ["code", "n", "v"])
        sheet.write_row(3, 0, ["01000", 1, 2.5])
    found = read(path, "x.csv")
    assert found.settings["sheet"] == "D"
    assert [column.type for column in found.columns] == [ColumnType.TEXT, ColumnType.INTEGER, ColumnType.DECIMAL]
    assert read(path, "x.xlsx", settings={"sheet": "D"}).rows == 1
    with pytest.raises(BatchError):
        read(path, "x.xlsx", settings={"sheet": "absente"})


def test_a_sheet_with_one_far_cell_is_refused(read, tmp_path):
    path = tmp_path / "w.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "a")
        sheet.write(1_048_575, 16_383, 1)
    with pytest.raises(BatchError) as refusal:
        read(path, "x.xlsx")
    assert refusal.value.problem.code == "too_many_cells"


@pytest.mark.parametrize(
    ("value", "path", "names"),
    [
        ([{"a": 1, "b": {"c": "x"}}, {"a": 2.5, "d": [1, 2]}], "", ["a", "b.c", "d"]),
        ({"meta": {"n": 2}, "results": [{"a": 1}, {"a": 2}]}, "results", ["a"]),
        ([1, 2, 3], "", ["value"]),
    ],
)
def test_json_records_are_found(read, value, path, names):
    found = read(json.dumps(value).encode(), "x.json")
    assert found.settings["path"] == path
    assert [column.name for column in found.columns] == names


def test_json_lines(read):
    assert read(b'{"a":1}\n{"a":2}\n', "x.jsonl").rows == 2


def test_geojson_gives_its_geometry(read):
    found = read(json.dumps(COLLECTION).encode(), "x.json")
    assert found.settings["kind"] == "geojson"
    assert found.geometry.kind == "feature"
    assert found.rows == 2


def test_xml_records(read):
    found = read(b'<r><meta><x>1</x></meta><l><i id="1"><n>a</n></i><i id="2"><n>b</n></i></l></r>', "x.xml")
    assert found.settings["path"] == "r/l/i"
    assert [column.name for column in found.columns] == ["@id", "n"]


def test_parquet_keeps_its_types(read, tmp_path):
    path = tmp_path / "x"
    pl.DataFrame({"a": [1, 2], "code": ["17300", "1"], "f": [1.5, None]}).write_parquet(path)
    assert [c.type for c in read(path).columns] == [ColumnType.INTEGER, ColumnType.TEXT, ColumnType.FLOAT]


def test_the_table_inside_a_zip(read):
    found = read(zipped(**{"d/a.csv": b"a;b\n1;2\n", "readme.md": b"x"}), "x.zip")
    assert found.settings["entry"] == "d/a.csv"
    assert found.rows == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(st.binary(max_size=400), st.sampled_from(["x.csv", "x.json", "x.xml", "x.zip", "x"]))
def test_no_bytes_break_reading(tmp_path, data, name):
    path = tmp_path / "sent"
    path.write_bytes(data)
    with contextlib.suppress(BatchError):
        analyse(Source(path, name))


cells = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=20)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=30))
def test_what_a_csv_writer_wrote_is_read_back(tmp_path, rows):
    path = tmp_path / "sent"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL)
        writer.writerow(["alpha", "beta", "gamma"])
        writer.writerows(rows)
    opened = {"encoding": "utf-8", "delimiter": ";", "header_line": 1}
    with open_table(Source(path, "x.csv"), opened) as table:
        frames = list(table.frames())
    got = [row[:3] for frame in frames for row in frame.data.iter_rows()]
    assert got == [tuple(cell or None for cell in row) for row in rows]


def test_charging_points_are_read_whole(read, shared_data):
    path = shared_data / "irve" / "bornes-irve-2018.csv"
    found = read(path, path.name)
    types = {column.name: column.type for column in found.columns}
    assert types["code_insee"] is ColumnType.TEXT
    assert types["date_maj"] is ColumnType.DATE
    assert found.geometry.columns == ("Xlongitude", "Ylatitude")
    with path.open(encoding="utf-8", newline="") as file:
        records = sum(1 for row in csv.reader(file, delimiter=";") if row) - 1
    assert found.rows + len([p for p in found.problems if p.code == "ragged_row"]) == records


def test_hostile_strings_come_through_unchanged(tmp_path, shared_data):
    strings = json.loads((shared_data / "hostile" / "blns.json").read_text())
    strings = [s for s in strings if s.strip() and "\0" not in s]
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([["n", "texte"], *([str(i), s] for i, s in enumerate(strings))])
    path = tmp_path / "sent"
    path.write_bytes(out.getvalue().encode("utf-8", "surrogatepass"))
    with open_table(Source(path, "x.csv"), {"encoding": "utf-8", "delimiter": ","}) as table:
        got = [row[1] for frame in table.frames() for row in frame.data.iter_rows()]
    assert got == strings


def test_every_sentence_is_whole():
    for code, sentence in SENTENCES.items():
        assert sentence.endswith("."), code
    problem = Problem("bad_value", {"value": "x", "expected": "a number"}, line=3, column="n")
    assert Problem.from_dict(json.loads(json.dumps(problem.as_dict()))) == problem
