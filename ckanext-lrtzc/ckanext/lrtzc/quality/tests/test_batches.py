"""Batches are judged by the rules of their file before anything is published."""

import csv
import io

import ckan.plugins.toolkit as tk
import pytest
import shapely
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.lrtzc.batches import jobs, lying, storage
from ckanext.lrtzc.batches.api import overlapped
from ckanext.lrtzc.quality.tests.tables import BAD, GOOD

# CKAN's DataStore uses what Python and SQLAlchemy retire
pytestmark = pytest.mark.filterwarnings("default::DeprecationWarning")


def rows(file):
    return call_action("datastore_search", resource_id=file, sort="_id")["records"]


def test_each_rule_does_what_it_says_and_the_report_tells(send, file, rule):
    rule("unique", ["code"], "refuse_row")
    rule("range", ["n"], "replace", maximum=100, replacement="100")
    rule("compare", ["debut", "fin"], operator="le")
    rule("required", ["code"], "replace", replacement="inconnu")
    rule("reference", ["n"], resource=file, column="n")
    batch = send(BAD, resource_id=file)
    assert batch["state"] == "integrated", batch
    assert [row["code"] for row in rows(file)] == ["17300", "inconnu"]
    counts = (batch["rows_read"], batch["rows_accepted"], batch["rows_corrected"], batch["rows_refused"])
    assert counts == (3, 2, 1, 1)
    quality = batch["report"]["quality"]
    assert (quality["rows"], quality["good"], quality["verdict"]) == (3, 1, "good")
    assert [(one["kind"], one["checked"], one["failed"]) for one in quality["rules"]] == [
        ("unique", 2, 1),
        ("range", 3, 1),
        ("compare", 3, 1),
        ("required", 3, 1),
        ("reference", 3, 2),
    ]
    faults = batch["report"]["faults"]
    assert faults["names"] == ["code", "n", "debut", "fin"]
    assert [(row["line"], row["cells"][0], sorted(row["at"])) for row in faults["rows"]] == [
        (3, "17300", [0, 1, 2]),
        (4, None, [0, 1]),
    ]
    told = b"".join(storage.read_refused(batch["id"]) or ()).decode("utf-8-sig")
    assert [line[0] for line in csv.reader(io.StringIO(told), delimiter=";")][1:].count("3") == 4


def test_rows_joined_by_a_new_column_are_still_told_apart(send, file, rule):
    rule("unique", [], "refuse_row")
    more = (
        GOOD.replace("fin\n", "fin;neuf\n").replace("02-01\n17028;2", "02-01;\n17028;3").replace("02-01\n", "02-01;x\n")
    )
    batch = send(more, resource_id=file, mode="append")
    assert (batch["state"], batch["rows_refused"]) == ("integrated", 1), batch


def surface(x, y=0):
    """Give a square of about 86 by 124 metres, by its south-west corner in sides."""
    west, south, east, north = (-1.2 + x / 900, 46.1 + y / 900, -1.2 + (x + 1) / 900, 46.1 + (y + 1) / 900)
    return f"POLYGON (({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}))"


def parcels(*found):
    return "code;forme\n" + "".join(f"{code};{surface(*place)}\n" for code, *place in found)


class TestSurfacesThere:
    @pytest.fixture
    def file(self, send):
        batch = send(parcels(("A", 0), ("B", 1), ("C", 4)))
        assert batch["state"] == "integrated", batch
        return batch["resource_id"]

    def told(self, batch):
        return [
            (reason["code"], reason["count"], [each["params"]["value"] for each in reason["examples"]])
            for reason in batch["report"]["reasons"]
        ]

    def test_what_is_appended_is_refused_where_it_overlaps_a_row_there_which_is_named(self, send, file, rule):
        rule("overlap", failure="refuse_row")
        batch = send(parcels(("D", 2), ("E", 4.5), ("F", 9), ("G", 9.5)), resource_id=file, mode="append")
        assert batch["state"] == "integrated", batch
        assert [row["code"] for row in rows(file)] == ["A", "B", "C", "D"]
        assert self.told(batch) == [("rule_overlap", 2, ["", ""]), ("rule_overlap_there", 1, ["3"])]
        sent = b"".join(storage.read_refused(batch["id"]) or ()).decode("utf-8-sig")
        assert "row 3" in sent or "ligne 3" in sent
        (score,) = batch["report"]["quality"]["rules"]
        assert (score["checked"], score["failed"]) == (4, 3)

    def test_what_is_replaced_is_not_compared_with(self, send, file, rule):
        rule("overlap", failure="refuse_row")
        changed = parcels(("A", 0, 0.2), ("C", 1.5), ("E", 4.5))
        batch = send(changed, resource_id=file, mode="upsert", key=["code"])
        assert batch["state"] == "integrated", batch
        # C overlaps B, which stays; the place where C was is free for E
        assert self.told(batch) == [("rule_overlap_there", 1, ["2"])]
        assert sorted(row["code"] for row in rows(file)) == ["A", "B", "C", "E"]
        whole = send(parcels(("X", 0), ("Y", 4.5)), resource_id=file, mode="replace")
        assert (whole["state"], whole["rows_refused"]) == ("integrated", 0), whole

    def test_holes_are_seen_between_what_comes_and_what_is_there(self, send, file, rule):
        ring = [(name, 20 + x, y) for name, x, y in zip("HIJKLMNO", *zip(*RING, strict=True), strict=True)]
        send(parcels(*ring[1:]), resource_id=file, mode="append")
        rule("gap")
        batch = send(parcels(ring[0]), resource_id=file, mode="append")
        assert self.told(batch) == [("rule_gap", 1, [""])]
        filled = send(parcels(("P", 21, 1), ("Q", 23, 0)), resource_id=file, mode="append")
        assert self.told(filled) == []

    def test_many_surfaces_at_one_place_cost_no_more_than_as_many_elsewhere(self, send, file, rule):
        rule("overlap", failure="flag")
        many = parcels(*[(f"H{number}", 30) for number in range(3_000)])
        table = {"delimiter": ";"}
        assert send(many, resource_id=file, mode="append", table=table)["rows_accepted"] == 3_000
        found = overlapped(file, [wkb(30)] * 3_000, [0.0] * 3_000, [])
        assert all(found)
        assert overlapped(file, [wkb(30.5), wkb(60)], [0.0] * 2, range(1, 4_000)) == [0, 0]

    def test_what_takes_too_long_is_not_compared(self, file, monkeypatch):
        monkeypatch.setattr(lying, "MOST_SECONDS", -1)
        assert overlapped(file, [wkb(0)] * 2_000, [0.0] * 2_000, []) is None
        assert lying.lying_beside(file, [wkb(0)] * 2_000, [], 10, 10_000) is None

    def test_those_beside_are_bounded_in_number_and_size(self, file):
        assert len(lying.lying_beside(file, [wkb(0.5)], [], 2, 10_000)) == 2
        assert len(lying.lying_beside(file, [wkb(0.5)], [2], 2, 10_000)) == 1
        assert lying.lying_beside(file, [wkb(0.5)], [], 1, 10_000) is None
        assert lying.lying_beside(file, [wkb(0.5)], [], 2, 100) is None
        assert lying.lying_beside("no-such-file", [wkb(0.5)], [], 2, 100) == []
        assert overlapped("no-such-file", [wkb(0.5)], [0.0], []) == [0]


RING = [(x, y) for x in range(3) for y in range(3) if (x, y) != (1, 1)]


def wkb(x):
    shape = shapely.set_srid(shapely.from_wkt(surface(x)), 4326)
    return shapely.to_wkb(shape, hex=True, include_srid=True)


def test_what_was_withdrawn_leaves_no_row(send, file, rule, package):
    rule("range", ["n"], "refuse_batch", maximum=100)
    batch = send(BAD, resource_id=file)
    assert batch["report"]["reasons"]
    gone = call_action("batch_withdraw", {"user": package["editor"]}, id=batch["id"])
    assert (gone["state"], gone["report"], gone["analysis"]) == ("withdrawn", {}, {})


def test_a_batch_below_the_share_waits_for_a_decision(send, file, rule, package, drain_outboxes):
    one = rule("required", ["code"], "refuse_row")
    editor = {"user": package["editor"]}
    call_action("lrtzc_quality_threshold_update", editor, resource_id=file, minimum=0.9)
    before = rows(file)
    held = send(BAD, resource_id=file)
    assert held["state"] == "quarantined", held
    assert "66.66" in held["error"]
    assert (held["rows_read"], held["rows_refused"], held["rows_accepted"]) == (3, 1, None)
    assert {"release", "retry", "withdraw"} <= set(held["possible"])
    assert rows(file) == before
    # corrected: the rule fills what is empty, and the same file is judged again
    changed = {"kind": "required", "columns": ["code"], "params": {"replacement": "99999"}, "failure": "replace"}
    call_action("lrtzc_quality_rule_update", editor, id=one["id"], **changed)
    call_action("batch_retry", editor, id=held["id"])
    jobs.advance(held["id"])
    again = call_action("batch_show", id=held["id"])
    assert again["state"] == "integrated", again
    assert [row["code"] for row in rows(file)] == ["17300", "17300", "99999"]
    # let in by decision
    call_action("lrtzc_quality_rule_update", editor, id=one["id"], **{**changed, "failure": "flag"})
    other = send(BAD, resource_id=file)
    assert other["state"] == "quarantined"
    call_action("batch_release", editor, id=other["id"])
    jobs.advance(other["id"])
    released = call_action("batch_show", id=other["id"])
    assert (released["state"], released["report"]["quality"]["verdict"]) == ("integrated", "released")
    history = call_action("lrtzc_quality_history", resource_id=file)
    assert [each["report"]["verdict"] for each in history[:2]] == ["released", "good"]


def test_empty_rows_of_a_file_make_its_share_no_better(send, file, rule, package):
    """They were taken from the rows twice: two of three good rows were two of one."""
    rule("required", ["code"], "refuse_row")
    editor = {"user": package["editor"]}
    call_action("lrtzc_quality_threshold_update", editor, resource_id=file, minimum=0.9)
    held = send(BAD + ";;;\n" * 2, resource_id=file)
    assert held["state"] == "quarantined", held
    found = held["report"]["quality"]
    assert (found["rows"], found["good"]) == (3, 2)


def test_a_rule_may_refuse_the_whole_batch_and_nothing_is_lost(send, file, rule, package):
    rule("range", ["n"], "refuse_batch", least=0.9, maximum=100)
    before = rows(file)
    batch = send(BAD, resource_id=file)
    assert (batch["state"], batch["report"]["quality"]["verdict"]) == ("failed", "refused")
    assert rows(file) == before
    assert "retry" in batch["possible"]
    assert batch["report"]["reasons"][0]["examples"][0]["line"] == 3
    call_action(
        "lrtzc_quality_threshold_update", {"user": package["editor"]}, resource_id=file, minimum=1, below="refuse"
    )
    for one in call_action("lrtzc_quality_rule_list", resource_id=file)["rules"]:
        call_action("lrtzc_quality_rule_delete", id=one["id"])
    rule("required", ["code"])
    assert send(BAD, resource_id=file)["state"] == "failed"


def test_appended_rows_must_differ_from_those_there_are(send, file, rule):
    rule("unique", ["code"], "refuse_row")
    batch = send(GOOD.replace("17028", "17010"), resource_id=file, mode="append")
    assert batch["state"] == "integrated", batch
    assert [row["code"] for row in rows(file)] == ["17300", "17028", "17010"]


def test_extreme_values_are_told_by_the_whole_file(send, file, rule):
    rule("outliers", ["n"], "refuse_row", method="iqr")
    lines = "".join(f"17{n:03};{n};2024-01-01;2024-02-01\n" for n in range(50))
    batch = send(f"code;n;debut;fin\n17999;9999;2024-01-01;2024-02-01\n{lines}", resource_id=file)
    assert (batch["rows_accepted"], batch["rows_refused"]) == (50, 1)


def test_rules_are_tried_without_changing_anything(send, file, rule, package):
    rule("required", ["code"])
    call_action("lrtzc_quality_threshold_update", resource_id=file, minimum=1)
    held = send(BAD, resource_id=file)
    editor = {"user": package["editor"]}
    asked = {"kind": "range", "columns": ["n"], "params": {"maximum": 1}}
    found = call_action("lrtzc_quality_try", editor, resource_id=file, rule=asked)
    assert (found["rows"], found["good"], found["whole"]) == (2, 1, True)
    assert found["rules"][0]["faults"] == [{"position": 2, "value": "2"}]
    assert found["shown"]["rows"][0]["cells"][:2] == ["17028", "2"]
    assert found["shown"]["rows"][0]["at"] == [1]
    found = call_action("lrtzc_quality_try", editor, resource_id=file, batch_id=held["id"])
    assert (found["rows"], found["good"]) == (3, 2)
    with pytest.raises(tk.ValidationError):
        call_action("lrtzc_quality_try", editor, resource_id=file, batch_id="no such batch")


def test_a_schema_comes_in_and_goes_out(file, package):
    schema = {
        "fields": [
            {"name": "code", "type": "string", "constraints": {"required": True, "pattern": r"\d{5}"}},
            {"name": "absent", "type": "string", "constraints": {"required": True}},
        ]
    }
    editor = {"user": package["editor"]}
    found = call_action("lrtzc_quality_schema_import", editor, resource_id=file, schema=schema)
    assert [one["kind"] for one in found["rules"]] == ["required", "pattern"]
    assert found["left"] == ["absent: required"]
    assert call_action("lrtzc_quality_schema_import", editor, resource_id=file, schema=schema)["rules"] == []
    given = call_action("lrtzc_quality_schema_show", resource_id=file)["fields"][0]
    assert given == {"name": "code", "type": "string", "constraints": {"required": True, "pattern": r"\d{5}"}}


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"kind": "required", "columns": ["absent"]}, "columns"),
        ({"kind": "pattern", "columns": ["code"], "params": {"pattern": "(a"}}, "pattern"),
        ({"kind": "reference", "columns": ["code"], "params": {"resource": "x", "column": "y"}}, "resource"),
        ({"kind": "required", "columns": ["n"], "params": {"replacement": "abc"}, "failure": "replace"}, "replacement"),
        ({"kind": "required", "columns": ["n"], "params": "{"}, "params"),
    ],
)
def test_a_rule_that_cant_hold_is_refused_in_words(file, package, asked, field):
    with pytest.raises(tk.ValidationError) as refusal:
        call_action("lrtzc_quality_rule_create", {"user": package["editor"]}, resource_id=file, **asked)
    assert refusal.value.error_dict[field][0]


def test_rows_that_one_may_not_read_are_no_reference(file, package):
    other = factories.User()
    organisation = factories.Organization(users=[{"name": other["name"], "capacity": "editor"}])
    private = factories.Dataset(owner_org=organisation["id"], private=True)
    fields = [{"id": "code", "type": "text"}]
    context = {"user": other["name"]}
    made = call_action("datastore_create", context, resource={"package_id": private["id"]}, fields=fields)
    asked = {"kind": "reference", "columns": ["code"], "params": {"resource": made["resource_id"], "column": "code"}}
    with pytest.raises(tk.ValidationError) as refusal:
        call_action("lrtzc_quality_rule_create", {"user": package["editor"]}, resource_id=file, **asked)
    assert "resource" in refusal.value.error_dict


class TestPages:
    def test_an_owner_adds_tries_changes_and_removes_a_rule(self, app, file, package):
        user = factories.User()
        organisation = package["organization"]["id"]
        call_action("organization_member_create", id=organisation, username=user["name"], role="editor")
        address = f"/en/dataset/{package['name']}/quality/{file}"
        app.set_session_user(user["name"])
        assert "no rule yet" in app.get(address)
        form = {"columns": "n", "param-minimum": "2", "param-maximum": "", "failure": "refuse_row"}
        tried = app.post(f"{address}/rule?kind=range", data=form | {"try": "yes"})
        assert "1 row of 2" in tried
        assert "is-wrong" in tried
        wrong = app.post(f"{address}/rule?kind=range", data=form | {"param-minimum": "x"}, status=400)
        assert "A number is expected." in wrong
        page = app.post(f"{address}/rule?kind=range", data=form)
        assert "“n” is 2 at least." in page
        kept = call_action("lrtzc_quality_rule_list", resource_id=file)["rules"][0]
        page = app.post(f"{address}/rule/{kept['id']}", data=form | {"param-maximum": "9"})
        assert "“n” is between 2 and 9." in page
        assert "put aside" in app.post(f"{address}/threshold", data={"minimum": "95", "below": "quarantine"})
        assert "Good rows" not in app.post(
            f"{address}/threshold", data={"minimum": "x", "below": "quarantine"}, status=400
        )
        assert "1 row of 2 is good" in app.get(f"{address}/try")
        schema = {"file": (io.BytesIO(b'{"fields": [{"name": "code", "constraints": {"unique": true}}]}'), "s.json")}
        assert "1 rule is added." in app.post(f"{address}/schema", data=schema | {"failure": "flag"})
        assert app.get(f"{address}/schema.json").json["fields"][0]["constraints"] == {"unique": True}
        assert "The rule is removed." in app.post(f"{address}/rule/{kept['id']}/remove")

    def test_what_was_put_aside_says_why_and_is_published_by_decision(self, app, send, file, rule, package):
        rule("required", ["code"])
        call_action("lrtzc_quality_threshold_update", resource_id=file, minimum=1)
        held = send(BAD, resource_id=file)
        user = factories.User()
        organisation = package["organization"]["id"]
        call_action("organization_member_create", id=organisation, username=user["name"], role="editor")
        app.set_session_user(user["name"])
        page = app.get(f"/en/dataset/{package['name']}/batch/{held['id']}")
        assert "This file was put aside" in page
        assert "Cells at fault" in page
        app.post(f"/en/dataset/{package['name']}/batch/{held['id']}/release")
        jobs.advance(held["id"])
        page = app.get(f"/en/dataset/{package['name']}/batch/{held['id']}")
        assert "It was published by decision." in page
        assert "66.66" in app.get(f"/en/dataset/{package['name']}/quality/{file}")

    def test_others_see_nothing(self, app, file, package):
        user = factories.User()
        app.set_session_user(user["name"])
        app.get(f"/en/dataset/{package['name']}/quality/{file}", status=404)
