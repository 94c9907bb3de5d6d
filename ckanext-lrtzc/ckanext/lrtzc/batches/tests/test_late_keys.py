"""Keys that only some records have, wherever these stand in the file: their values are in the table, or are told."""

import csv
import io
import json
import tracemalloc

import pytest
from ckan.tests.helpers import call_action

from ckanext.lrtzc.batches.domain import keys
from ckanext.lrtzc.batches.domain.analysis import analyse
from ckanext.lrtzc.batches.domain.coltypes import ColumnType
from ckanext.lrtzc.batches.domain.encodings import Utf8Stream
from ckanext.lrtzc.batches.domain.keys import BEGINNING, LONGEST_KEY
from ckanext.lrtzc.batches.domain.limits import MAX_COLUMNS, Limits
from ckanext.lrtzc.batches.domain.opening import open_table
from ckanext.lrtzc.batches.domain.problems import BatchError
from ckanext.lrtzc.batches.domain.tables import Source

# CKAN's DataStore uses what Python and SQLAlchemy retire
pytestmark = pytest.mark.filterwarnings("default::DeprecationWarning")

LAST = 50_000
# of each record by its number: what it has besides its number
LATE = {2_001: {"tard": "ici"}, 30_000: {"dans": {"un": {"objet": 1}}}, LAST: {"fin": "là", "tard": "encore"}}
COLUMNS = ["n", "tard", "dans.un.objet", "fin"]


def records(last=LAST, late=LATE):
    return ({"n": number, **late.get(number, {})} for number in range(1, last + 1))


def as_json(all_records):
    return "[" + ",\n".join(map(json.dumps, all_records)) + "]"


def as_lines(all_records):
    return "\n".join(map(json.dumps, all_records))


def as_geojson(all_records):
    place = {"type": "Point", "coordinates": [-1, 46]}
    features = ({"type": "Feature", "properties": each, "geometry": place} for each in all_records)
    return f'{{"type": "FeatureCollection", "features": {as_json(features)}}}'


def as_within(all_records):
    return f'{{"meta": {{"n": 1}}, "results": {{"rows": {as_json(all_records)}}}}}'


def as_xml(all_records):
    def written(value):
        if isinstance(value, dict):
            return "".join(f"<{name}>{written(item)}</{name}>" for name, item in value.items())
        return str(value)

    return f"<r><meta><about>x</about></meta><l>{''.join(f'<i>{written(each)}</i>' for each in all_records)}</l></r>"


WAYS = {
    "x.json": as_json,
    "x.jsonl": as_lines,
    "x.geojson": as_geojson,
    "within.json": as_within,
    "x.xml": as_xml,
}


@pytest.fixture
def source(tmp_path):
    def source(text, name="x.json"):
        path = tmp_path / "sent"
        path.write_text(text)
        return Source(path, name)

    return source


def read(source, settings=None, limits=None):
    """Give the columns of a file, its rows by position, and what was told of them."""
    with open_table(source, settings, limits) as table:
        frames = list(table.frames())
        rows = {
            position: cells
            for frame in frames
            for position, cells in zip(frame.data["_position"], frame.data.select(table.names).iter_rows(), strict=True)
        }
        return table, rows, [problem for frame in frames for problem in frame.corrected]


@pytest.mark.parametrize("name", WAYS)
def test_keys_of_all_records_are_columns(source, name):
    sent = source(WAYS[name](records()), name)
    table, rows, told = read(sent)
    assert table.names == COLUMNS
    assert (len(rows), told) == (LAST, [])
    assert rows[2_000] == ("2000", None, None, None)
    assert rows[2_001] == ("2001", "ici", None, None)
    assert rows[30_000] == ("30000", None, "1", None)
    assert rows[LAST] == (str(LAST), "encore", None, "là")
    # what was found is read by from then on, as it is kept: by JSON
    again, same, _told = read(sent, json.loads(json.dumps(table.settings)))
    assert (again.names, same) == (table.names, rows)


@pytest.mark.parametrize("name", ["x.json", "x.xml"])
def test_a_file_that_was_looked_at_is_read_once_to_be_loaded(source, name, monkeypatch):
    sent = source(WAYS[name](records()), name)
    found = analyse(sent)
    monkeypatch.setattr("ckanext.lrtzc.batches.domain.jsonrecords.columns_of", None)
    monkeypatch.setattr("ckanext.lrtzc.batches.domain.xmlrecords.columns_of", None)
    table, rows, _told = read(sent, found.settings)
    assert (table.names, len(rows)) == (COLUMNS, LAST)


def test_keys_of_another_list_of_the_file_are_not_taken_for_those_of_the_one_chosen(source):
    sent = source(json.dumps({"a": [{"x": 1}, {"x": 2}], "b": [{"y": 1}]}))
    found = analyse(sent)
    assert (found.settings["path"], found.headers) == ("a", ["x"])
    table, _rows, _told = read(sent, {**found.settings, "path": "b"})
    assert table.names == ["y"]


def test_a_column_without_a_value_among_the_rows_looked_at_is_said_to_be_so(source):
    found = analyse(source(as_json(records())), limits=Limits(analysis_rows=1_000, chunk_rows=1_000))
    late = found.columns[-1]
    assert (late.name, late.type, late.reason) == ("fin", ColumnType.TEXT, "unseen")


def test_a_key_with_a_point_is_another_than_one_within_an_object(source):
    table, rows, _told = read(source('[{"a.b": 1}, {"a": {"b": 2}}, {"a": {"b": 3}, "a.b": 4}]'))
    assert table.names == ["a.b", "a.b_2"]
    assert list(rows.values()) == [("1", None), (None, "2"), ("4", "3")]


@pytest.mark.parametrize("late", ["cinq", [1, 2], 5, None])
def test_what_is_no_object_among_records_is_kept(source, late):
    others = ",".join('{"n": 1}' for _each in range(BEGINNING))
    table, rows, _told = read(source(f"[{others}, {json.dumps(late)}]"))
    assert table.names == ["n", "value"]
    expected = json.dumps(late) if isinstance(late, list) else None if late is None else str(late)
    assert rows[BEGINNING + 1] == (None, expected)


def test_records_with_too_many_keys_from_the_first_are_no_table(source):
    for text in (
        json.dumps([{str(number): 1 for number in range(100_000)}]),
        as_json({f"k{number}": number} for number in range(100_000)),
    ):
        with pytest.raises(BatchError) as refusal:
            analyse(source(text))
        assert refusal.value.problem.code == "too_many_keys"
        assert refusal.value.problem.line in (1, MAX_COLUMNS + 1)


def beyond(last):
    """Give records that each have a key of their own from the 2,001st on."""
    late = range(BEGINNING + 1, last + 1)
    return records(last, {number: {f"k{number}": f"v{number}"} for number in late})


@pytest.mark.parametrize("name", ["x.json", "x.xml"])
def test_of_a_hundred_thousand_different_keys_those_that_fit_are_columns(source, name):
    with open_table(source(WAYS[name](beyond(102_000)), name)) as table:
        assert len(table.names) == MAX_COLUMNS
        assert table.names[-1] == f"k{BEGINNING + MAX_COLUMNS - 1}"
        (problem,) = table.problems
    first = BEGINNING + MAX_COLUMNS
    assert (problem.code, problem.line) == ("keys_left_out", first)
    assert problem.params["names"] == ", ".join([*(f"k{first + one}" for one in range(5)), "…"])


@pytest.mark.parametrize("name", ["x.json", "x.xml"])
def test_what_stands_under_keys_beyond_the_columns_is_told_by_record(source, name):
    last, first = 5_000, BEGINNING + MAX_COLUMNS
    _table, rows, told = read(source(WAYS[name](beyond(last)), name), limits=Limits(chunk_rows=700))
    assert rows[first - 1][-1] == f"v{first - 1}"
    # each record is told, once
    assert [each.line for each in told] == list(range(first, last + 1))
    assert told[0].params == {"names": f"k{first}", "row": f"k{first}: v{first}"}
    assert {each.code for each in told} == {"key_left_out"}


def test_a_key_too_long_for_a_column_is_told(source):
    long, longest = "x" * (LONGEST_KEY + 1), "y" * LONGEST_KEY
    text = json.dumps([{"n": 1, longest: 2}, {"n": 2, long: "perdu"}, {"n": 3, long: None}])
    table, rows, told = read(source(text))
    assert table.names == ["n", "y" * 63]
    assert rows[1] == ("1", "2")
    assert [(each.line, "perdu" in each.params["row"]) for each in told] == [(2, True)]
    assert [problem.code for problem in table.problems] == ["long_headers", "keys_left_out"][::-1]


@pytest.mark.parametrize("way", [as_json, as_xml])
def test_memory_is_the_same_for_few_and_many_keys_and_records(tmp_path, way):
    """Whatever the keys, no more is kept than the columns: what is measured is Python's own."""

    def peak(last):
        path = tmp_path / str(last)
        path.write_text(way(beyond(last)))
        tracemalloc.start()
        with open_table(Source(path, "x"), None, Limits(chunk_rows=500)) as table:
            for _frame in table.frames():
                pass
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    few = peak(4_000)
    assert peak(12_000) < few * 1.2


@pytest.mark.parametrize("size", [1 << 12, 1 << 20])
def test_a_file_that_is_one_line_is_given_in_parts_of_whole_characters(tmp_path, size):
    """It was gathered whole before, and copied with each part: 26 MB took 5 GB."""
    text = "é€𝄞x" * (2 << 20)
    path = tmp_path / "sent"
    path.write_text(text)
    stream, found = Utf8Stream(path, "utf-8"), []
    tracemalloc.start()
    while part := stream.read(size):
        found.append(len(part.decode()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    stream.close()
    assert (sum(found), stream.mixed) == (len(text), None)
    assert peak < 100 << 20


def test_elements_beside_the_records_of_an_xml_are_let_go_of(tmp_path):
    from ckanext.lrtzc import safexml

    path = tmp_path / "sent"
    lists = "".join(f"<other><deep><x>{n}</x></deep></other>" for n in range(20_000))
    path.write_text(f"<r><l><i><n>1</n></i><i><n>2</n></i></l>{lists}<l><i><n>3</n></i></l></r>")
    seen, events = [], safexml.events

    def watched(file):
        for event, element in events(file):
            yield event, element
            if event == "end" and element.tag == "other":
                seen.append(len(element.getparent()))

    with pytest.MonkeyPatch.context() as patch, open_table(Source(path, "x.xml"), {"path": "r/l/i"}) as table:
        patch.setattr(safexml, "events", watched)
        assert [row[0] for frame in table.frames() for row in frame.data.iter_rows()] == ["1", "2", "3"]
    # the parser itself reads some kilobytes ahead
    assert max(seen) < 2_000


@pytest.mark.parametrize("name", ["x.json", "x.geojson", "x.xml"])
def test_late_keys_go_into_the_table(send, rows, name):
    batch = send(WAYS[name](records(3_000, {2_500: {"tard": "ici"}})), name)
    assert batch["state"] == "integrated", batch
    (found,) = rows(batch["resource_id"], filters={"tard": "ici"})["records"]
    assert int(found["n"]) == 2_500


@pytest.fixture
def few_columns(monkeypatch):
    """Have tables that take three columns, and are judged by ten records."""
    monkeypatch.setattr(keys, "MAX_COLUMNS", 3)
    monkeypatch.setattr(keys, "BEGINNING", 10)
    late = range(11, 51)
    return list(records(50, {number: {f"k{number}": f"v{number}"} for number in late}))


def test_a_report_lists_by_record_what_found_no_column(few_columns, send, rows, app, package):
    batch = send(as_json(few_columns), "x.json")
    assert batch["state"] == "integrated", batch
    without = range(13, 51)
    assert (batch["rows_accepted"], batch["rows_corrected"], batch["rows_refused"]) == (50, len(without), 0)
    (reason,) = batch["report"]["reasons"]
    assert (reason["code"], reason["count"]) == ("key_left_out", len(without))
    assert [example["line"] for example in reason["examples"]] == list(without[:20])
    assert [field["id"] for field in rows(batch["resource_id"])["fields"]] == ["_id", "n", "k11", "k12"]
    app.set_session_user(package["editor"])
    address = f"/dataset/{package['name']}/batch/{batch['id']}"
    assert "record 13" in app.get(f"/en{address}").body
    assert "enregistrement 13" in app.get(f"/fr{address}").body
    told = list(csv.reader(io.StringIO(app.get(f"{address}/refused.csv").body.lstrip("\ufeff")), delimiter=";"))
    assert [(int(row[0]), row[3]) for row in told[1:]] == [(n, f"k{n}: v{n}") for n in without]


def test_what_found_no_column_is_told_where_transformations_are_made(few_columns, send, package):
    first = send(as_json(records(10)), "x.json")
    steps = [{"kind": "rename", "params": {"column": "n", "to": "numero"}}]
    asked_by = {"user": package["editor"], "ignore_auth": False}
    call_action("lrtzc_steps_update", asked_by, resource_id=first["resource_id"], steps=steps, number=0)
    batch = send(as_json(few_columns), "x.json")
    again = send(as_json(few_columns), "x.json", resource_id=first["resource_id"], mode="append")
    for each in (batch, again):
        assert [(reason["code"], reason["count"]) for reason in each["report"]["reasons"]] == [("key_left_out", 38)]
    assert "numero" in {column["name"] for column in again["settings"]["columns"]}
