"""Steps declared for a file: tried, kept, made of each later batch, told in its report, undone."""

import io
from html import unescape

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories

from ckanext.lrtzc.access.api import Action
from ckanext.lrtzc.transforming import preparing

pytestmark = [
    pytest.mark.usefixtures("rooms_db", "clean_redis"),
    pytest.mark.filterwarnings("default::DeprecationWarning"),
]

ROWS = "code;lieu;jour;kWh\n17300; la rochelle ;31/12/2024;1,5\n17028;AYTRÉ;01/01/2025;2\n17300;La Rochelle;;x\n"
STEPS = [
    {"kind": "normalise", "params": {"columns": ["lieu"], "case": "title"}},
    {"kind": "convert", "params": {"column": "kWh", "from": "kWh", "to": "MJ"}},
    {"kind": "rename", "params": {"column": "kWh", "to": "MJ"}},
    {"kind": "filter", "params": {"column": "jour", "operator": "filled"}},
]


def test_each_later_batch_is_made_by_the_steps_and_its_report_says_what_they_did(send, act, rows):
    file = send(ROWS)["resource_id"]
    tried = act("lrtzc_steps_try", resource_id=file, steps=STEPS)
    assert (tried["before"]["count"], tried["after"]["count"], tried["whole"]) == (3, 2, True)
    assert tried["after"]["names"] == ["code", "lieu", "jour", "MJ"]
    assert tried["after"]["rows"][0] == {
        "line": 2,
        "cells": ["17300", "La Rochelle", "31/12/2024", "5.4"],
        "at": [1, 3],
    }
    assert act("lrtzc_steps_show", resource_id=file)["steps"] == [], "what is tried isn't kept"
    kept = act("lrtzc_steps_update", resource_id=file, steps=STEPS)
    assert kept["number"] == 1
    assert kept["steps"][1]["sentence"] == "Convert “kWh” from kWh to MJ."
    # a column would be lost: whoever sends it is asked
    batch = send(ROWS, resource_id=file)
    assert batch["state"] == "analysed"
    assert [column["name"] for column in batch["settings"]["columns"]] == ["code", "lieu", "jour", "MJ"]
    act("batch_confirm", id=batch["id"], accept_changes=True)
    from ckanext.lrtzc.batches import jobs

    jobs.advance(batch["id"])
    batch = act("batch_show", id=batch["id"])
    assert batch["state"] == "integrated", batch["report"]
    assert rows(file) == [
        {"code": "17300", "lieu": "La Rochelle", "jour": "2024-12-31", "MJ": 5.4},
        {"code": "17028", "lieu": "Aytré", "jour": "2025-01-01", "MJ": 7.2},
    ]
    told = [
        (step["kind"], step["changed"], step["dropped"], step["left"]) for step in batch["report"]["transformations"]
    ]
    assert told == [("normalise", 2, 0, 0), ("convert", 2, 0, 1), ("rename", 0, 0, 0), ("filter", 0, 1, 0)]
    # and the next, which nobody has to confirm
    assert send("code;lieu;jour;kWh\n1;a;2025-02-01;10\n", resource_id=file)["state"] == "integrated"
    assert rows(file) == [{"code": "1", "lieu": "A", "jour": "2025-02-01", "MJ": 36}]


def test_a_step_that_does_not_apply_stops_the_batch_and_a_retry_takes_the_steps_of_then(send, act, rows):
    file = send(ROWS)["resource_id"]
    before = rows(file)
    act(
        "lrtzc_steps_update",
        resource_id=file,
        steps=[{"kind": "cast", "params": {"column": "absente", "type": "date"}}],
    )
    batch = send(ROWS, resource_id=file)
    assert (batch["state"], rows(file)) == ("failed", before)
    assert batch["error"] == "Transformation 1 can't be made: there is no column absente."
    with pytest.raises(tk.ValidationError, match="absente"):
        act("lrtzc_steps_try", resource_id=file)
    act("lrtzc_steps_update", resource_id=file, steps=[STEPS[0]])
    act("batch_retry", id=batch["id"])
    from ckanext.lrtzc.batches import jobs

    jobs.advance(batch["id"])
    assert act("batch_show", id=batch["id"])["state"] == "integrated"
    assert rows(file)[0]["lieu"] == "La Rochelle"
    nothing = {"kind": "filter", "params": {"column": "code", "operator": "is", "values": ["0"]}}
    act("lrtzc_steps_update", resource_id=file, steps=[nothing])
    stopped = send(ROWS, resource_id=file)
    assert (stopped["state"], stopped["error"]) == ("failed", "The transformations leave no row.")


def test_a_key_that_the_steps_take_away_stops_the_batch(send, act, rows):
    file = send(ROWS)["resource_id"]
    by_key = {"resource_id": file, "mode": "upsert", "key": ("code",)}
    assert send("code;lieu;jour;kWh\n17028;Aytré;;3\n", **by_key)["state"] == "integrated"
    before = rows(file)
    act("lrtzc_steps_update", resource_id=file, steps=[{"kind": "drop", "params": {"columns": ["code"]}}])
    batch = send("code;lieu;jour;kWh\n17028;Aytré;;4\n", **by_key)
    assert (batch["state"], rows(file)) == ("failed", before)
    assert batch["error"] == "The file has no column code, which tells rows apart."


def test_a_file_that_waits_to_be_confirmed_is_read_again_with_new_steps(send, act, package, rows):
    from werkzeug.datastructures import FileStorage

    upload = FileStorage(io.BytesIO(ROWS.encode()), filename="table.csv")
    batch = act("batch_create", package_id=package["id"], upload=upload)
    # it is a resource of the dataset only once it is published
    aggregate = {"kind": "aggregate", "params": {"roles": {"code": "group", "kWh": "sum"}, "count": "nombre"}}
    act("lrtzc_steps_update", resource_id=batch["resource_id"], steps=[aggregate])
    shown = act("batch_show", id=batch["id"])
    assert [column["name"] for column in shown["settings"]["columns"]] == ["code", "kWh", "nombre"]
    assert shown["analysis"]["preview"] == [["17300", "1.5", "2"], ["17028", "2", "1"]]
    act("batch_confirm", id=batch["id"])
    from ckanext.lrtzc.batches import jobs

    jobs.advance(batch["id"])
    shown = act("batch_show", id=batch["id"])
    assert shown["state"] == "integrated", shown["report"]
    assert rows(batch["resource_id"]) == [
        {"code": "17300", "kWh": 1.5, "nombre": 2},
        {"code": "17028", "kWh": 2, "nombre": 1},
    ]


def test_reference_data_is_read_as_far_as_who_declares_it_may(send, act, package, monkeypatch, rows):
    file = send(ROWS)["resource_id"]
    known = send("insee;commune\n17300;La Rochelle\n17028;Aytré\n")["resource_id"]
    lookup = {"column": "code", "resource": known, "match": "insee", "take": "commune", "into": "commune"}
    steps = [{"kind": "lookup", "params": lookup}]
    act("lrtzc_steps_update", resource_id=file, steps=steps)
    assert send(ROWS, resource_id=file)["state"] == "integrated"
    assert [row["commune"] for row in rows(file)] == ["La Rochelle", "Aytré", "La Rochelle"]
    for wrong in ({"resource": "absente"}, {"take": "absente"}):
        with pytest.raises(tk.ValidationError):
            act("lrtzc_steps_update", resource_id=file, steps=[{"kind": "lookup", "params": lookup | wrong}])
    asked = []

    def held_back(context, package_id, resource_id, action):
        asked.append((context["user"], resource_id, action))
        return type("Decision", (), {"whole": False})

    monkeypatch.setattr(preparing, "decide", held_back)
    with pytest.raises(tk.ValidationError, match="that you may read"):
        act("lrtzc_steps_update", resource_id=file, steps=steps)
    batch = send(ROWS, resource_id=file)
    assert batch["state"] == "failed"
    assert "may not be read by whoever declared it" in batch["error"]
    assert set(asked) == {(package["editor"], known, Action.READ)}


def test_only_those_who_may_change_the_file_touch_its_steps_and_not_over_others_changes(send, act):
    file = send(ROWS)["resource_id"]
    stranger = factories.User()
    for name, asked in (
        ("lrtzc_steps_show", {}), ("lrtzc_steps_update", {"steps": []}), ("lrtzc_steps_try", {"steps": []}),
    ):  # fmt: skip
        for user in (stranger["name"], ""):
            with pytest.raises(tk.NotAuthorized):
                tk.get_action(name)({"user": user, "ignore_auth": False}, {"resource_id": file, **asked})
        with pytest.raises(tk.NotAuthorized):
            act(name, resource_id="absente", **asked)
    act("lrtzc_steps_update", resource_id=file, steps=[], number=0)
    with pytest.raises(tk.ValidationError, match="Somebody has changed"):
        act("lrtzc_steps_update", resource_id=file, steps=STEPS, number=0)
    for wrong in ([STEPS[0]] * 1_000, "x", [{"kind": "burn"}], [{"kind": "compute", "params": {"into": "z"}}]):
        with pytest.raises(tk.ValidationError):
            act("lrtzc_steps_update", resource_id=file, steps=wrong)


class TestPages:
    @pytest.fixture
    def page(self, send, package, app):
        file = send(ROWS)["resource_id"]
        app.set_session_user(model.User.get(package["editor"]).id)
        return f"/en/dataset/{package['name']}/resource/{file}/transformations"

    def test_a_step_is_seen_before_it_is_saved_moved_taken_out_and_brought_back(self, page, app):
        assert "There is no step yet" in app.get(page).body
        assert "kWh" in app.get(f"{page}/step?kind=convert").body
        typed = {"param-column": "kWh", "param-from": "kWh", "param-to": "MJ", "number": "0"}
        tried = unescape(app.post(f"{page}/step?kind=convert", data={**typed, "try": "yes"}).body)
        assert "5.4" in tried
        assert "2 cells changed" in tried
        assert "There is no step yet" in app.get(page).body
        saved = app.post(f"{page}/step?kind=convert", data=typed, follow_redirects=False)
        assert saved.status_code == 303
        tidy = {"param-columns": "lieu", "param-case": "upper", "number": "1"}
        app.post(f"{page}/step?kind=normalise", data=tidy, follow_redirects=False)
        shown = unescape(app.get(page).body)
        assert shown.index("Convert “kWh”") < shown.index("Tidy the texts of lieu: ")
        assert "LA ROCHELLE" in shown
        app.post(page, data={"do": "up-1", "number": "2"}, follow_redirects=False)
        shown = unescape(app.get(page).body)
        assert shown.index("Tidy the texts of lieu: ") < shown.index("Convert “kWh”")
        late = app.post(page, data={"do": "remove-0", "number": "2"})
        assert late.status_code == 400
        app.post(page, data={"do": "remove-0", "number": "3"}, follow_redirects=False)
        shown = app.get(page).body
        assert "Tidy the texts" not in unescape(shown)
        token = shown.partition('name="token" value="')[2].partition('"')[0]
        assert "Tidy the texts" in unescape(app.post("/en/undo", data={"token": token}).body)

    def test_a_step_that_cannot_be_made_is_shown_at_its_place(self, page, app):
        app.post(f"{page}/step?kind=normalise", data={"param-columns": "lieu", "number": "0"}, follow_redirects=False)
        typed = {"param-into": "MJ", "param-expression": "${kwh} * 3.6", "number": "1"}
        app.post(f"{page}/step?kind=compute", data=typed, follow_redirects=False)
        shown = unescape(app.get(page).body)
        assert shown.count("there is no column kwh") == 1
        assert shown.index("${kwh}") < shown.index("there is no column kwh") < shown.index("Step 2 can't be made of it")
        missing = {"param-into": "MJ", "param-expression": "round(kWh * 3.6", "number": "2"}
        assert "A ) is missing." in unescape(app.post(f"{page}/step?kind=compute", data=missing).body)

    def test_what_is_wrong_is_said_by_its_field_and_the_form_comes_back(self, page, app):
        for kind, typed in (
            ("compute", {"param-into": "z", "param-expression": "1 +"}),
            ("convert", {"param-column": "kWh", "param-from": "kWh", "param-to": "m"}),
            ("replace", {"param-column": "lieu", "param-pairs": "sans flèche"}),
            ("aggregate", {"param-role-1": "sum"}),
            ("lookup", {"param-column": "code", "param-resource": "x", "param-match": "a", "param-take": "b",
                        "param-into": "c"}),
        ):  # fmt: skip
            for button in ({}, {"try": "yes"}):
                answer = app.post(f"{page}/step?kind={kind}", data={**typed, **button, "number": "0"})
                assert "error" in answer.body or "alert" in answer.body, (kind, button)
        assert app.get(f"{page}/step?kind=burn").status_code == app.get(f"{page}/step/7").status_code == 404
        assert app.post(page, data={"do": "remove-9"}).status_code == 400
        app.set_session_user(factories.User()["id"])
        assert app.get(page).status_code == 404
