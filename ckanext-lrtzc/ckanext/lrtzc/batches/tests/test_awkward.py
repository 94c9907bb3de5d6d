"""Awkward tables that others collected, through the whole way in: by the action and by the page."""

import csv
import io
import re

import pytest
from ckan.tests.helpers import call_action

from ckanext.lrtzc.batches import jobs

pytestmark = pytest.mark.filterwarnings("default::DeprecationWarning")

# what each says, beside its rows: columns that are no text, and what the report tells, by its line
READ = {
    "accent.csv": (
        {
            "Xlongitude": "numeric",
            "Ylatitude": "numeric",
            "nbre_pdc": "int8",
            "puiss_max": "numeric",
            "date_maj": "date",
        },
        {},
    ),
    "ascii-notvalid.csv": ({"A": "int8"}, {}),
    "blank-headers.csv": ({"id": "int8", "age": "int8"}, {"blank_headers": 1}),
    "blank-rows-multiple.csv": ({"id": "int8", "age": "int8"}, {"blank_rows": None}),
    "bom.csv": ({"id": "int8"}, {}),
    "encoding-issue-274.csv": ({}, {}),
    # two marks of quotation that no other follows: 68 stations stand in one cell
    "issue-1066.csv": (
        {"idImpianto": "int8", "Latitudine": "numeric", "Longitudine": "numeric"},
        {"rows_swallowed": 35},
    ),
}
REFUSED = {
    "wide.csv": ("too_many_columns", "9074"),
    "merged-cells.xlsx": ("header_only", ""),
}


def records(path):
    """Give a table as Python's own reader gives it: its names, its rows that aren't empty."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        delimiter = ";" if ";" in file.readline() else ","
        file.seek(0)
        rows = [row for row in csv.reader(file, delimiter=delimiter) if any(row)]
    return [name or f"colonne_{place}" for place, name in enumerate(rows[0], 1)], rows[1:]


def same(kind, told, kept):
    """Say whether a value is what the table says."""
    if kind in ("int8", "numeric"):
        return (kept is None and told in ("", "NULL")) or float(kept) == float(told)
    if kind == "date":
        year, month, day = map(int, told.split("/"))
        return kept == f"{year}-{month:02}-{day:02}"
    return (kept or "") == told


@pytest.mark.parametrize("name", READ)
def test_each_value_is_in_its_place_and_what_is_odd_is_told(send, rows, shared_data, name):
    path = shared_data / "csv" / name
    types, told = READ[name]
    batch = send(path.read_bytes(), name)
    assert batch["state"] == "integrated", batch
    assert {each["code"]: each.get("line") for each in batch["report"]["problems"]} == told
    found = rows(batch["resource_id"], limit=32_000, sort="_id")
    names, expected = records(path)
    assert [field["id"] for field in found["fields"][1:]] == names
    assert {each["id"]: each["type"] for each in found["fields"][1:] if each["type"] != "text"} == types
    assert (batch["rows_read"], batch["rows_refused"]) == (len(expected), 0)
    assert found["total"] == len(expected)
    wrong = [
        (place, column, value, row[column])
        for place, (values, row) in enumerate(zip(expected, found["records"], strict=True))
        for column, value in zip(names, values, strict=True)
        if not same(types.get(column, "text"), value, row[column])
    ]
    assert wrong == []


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_table_is_refused_in_words(send, shared_data, name):
    code, word = REFUSED[name]
    batch = send((shared_data / "csv" / name).read_bytes(), name)
    assert (batch["state"], batch["report"]["error"]["code"]) == ("failed", code)
    assert word in batch["error"]


SAID = {"rows_swallowed": "they stand in one cell", "blank_headers": "without a name", "blank_rows": "Empty rows"}


def test_a_publisher_sends_them_by_page(app, package, shared_data, monkeypatch):
    import ckan.plugins.toolkit as tk

    monkeypatch.setattr(tk, "enqueue_job", lambda *_arguments, **_options: None)
    app.set_session_user(package["editor"])
    data = {"upload": [(io.BytesIO((shared_data / "csv" / name).read_bytes()), name) for name in (*READ, *REFUSED)]}
    app.post(f"/dataset/{package['name']}/upload", data=data, content_type="multipart/form-data")
    batches = {batch["name"]: batch["id"] for batch in call_action("batch_list", package_id=package["id"])}
    assert set(batches) == {*READ, *REFUSED}
    for name, batch_id in batches.items():
        jobs.advance(batch_id)
        address = f"/dataset/{package['name']}/batch/{batch_id}"
        page = app.get(f"/en{address}").body
        if name in REFUSED:
            assert call_action("batch_show", id=batch_id)["error"] in page
            continue
        # what is odd is said where the columns are confirmed, before anything is published
        for code in READ[name][1]:
            assert SAID[code] in page, name
        kinds = re.findall(r'name="type-\d+".*?value="([^"]+)" selected', page, re.S)
        assert len(kinds) == len(re.findall(r'name="type-\d+"', page))
        form = {"mode": "replace", "bad": "refuse"}
        for place, kind in enumerate(kinds):
            form |= {f"keep-{place}": "1", f"type-{place}": kind, f"label-{place}": ""}
        assert app.post(f"{address}/confirm", data=form, follow_redirects=False).status_code == 302
        jobs.advance(batch_id)
        shown = call_action("batch_show", id=batch_id)
        assert (shown["state"], shown["rows_refused"]) == ("integrated", 0), name
        page = app.get(f"/en{address}").body
        for code in READ[name][1]:
            assert SAID[code] in page, name
