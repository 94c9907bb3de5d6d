"""What comes into a dataset waits for those whom its owner named, and goes in or nowhere as they decide."""

import csv
import datetime as dt
import io
import json
import zipfile

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.tests import factories
from ckan.tests.helpers import call_action
from python_calamine import CalamineWorkbook
from werkzeug.datastructures import FileStorage

from ckanext.lrtzc.batches import jobs, storage, upkeep
from ckanext.lrtzc.batches.model import Batch
from ckanext.lrtzc.moderation import cases
from ckanext.lrtzc.moderation.model import Case
from ckanext.lrtzc.objects.tests.test_datasets import run

# Letters name pages: `app` makes the addresses known. CKAN's DataStore uses what Python and SQLAlchemy retire.
pytestmark = [
    pytest.mark.usefixtures("rooms_db", "app"),
    pytest.mark.filterwarnings("default::DeprecationWarning"),
]

FIRST = "code;nom;haut;lon;lat\n1;Tilleul;12;-1.15;46.16\n2;Érable;9;-1.16;46.17\n3;Orme;7;-1.17;46.15\n"
NEXT = "code;nom;haut;lon;lat\n2;Érable;11;-1.16;46.17\n3;Orme;7;-1.17;46.15\n4;Frêne;3;-1.18;46.15\n"
NEXT += "4;frene ;3;-1.18;46.15\n"


def state(batch):
    return call_action("batch_show", id=batch["id"])["state"]


def rows(resource_id):
    return [row["nom"] for row in call_action("datastore_search", resource_id=resource_id, sort="_id")["records"]]


def case_of(batch):
    query = sa.select(Case).where(Case.kind == "batch", Case.subject_id == batch["id"]).order_by(Case.opened.desc())
    return model.Session.scalars(query.execution_options(populate_existing=True)).first()


def vote(user, batch, choice="accept", reason=""):
    return run("lrtzc_moderation_vote", user, ids=[case_of(batch).id], choice=choice, reason=reason)


def traces(batch):
    query = sa.text(
        "SELECT operation FROM lrtzc_ledger.detail WHERE object_id = :batch AND operation LIKE 'vote.%' "
        "ORDER BY outbox_id"
    )
    return list(model.Session.scalars(query, {"batch": batch["id"]}))


class TestWaiting:
    def test_what_is_accepted_by_all_goes_in_and_every_step_is_traced(self, place, demand, send, told, integrated):
        first = send(FIRST)
        assert first["state"] == "integrated"
        demand()
        batch = send(NEXT, resource_id=first["resource_id"], mode="upsert", key=["code"])
        assert batch["state"] == "waiting", batch
        assert rows(first["resource_id"]) == ["Tilleul", "Érable", "Orme"]
        assert {each[0] for each in told} == {place.one["email"], place.two["email"]}
        assert all(f"/moderation/batch/{batch['id']}" in each[2] for each in told)
        told.clear()
        assert vote(place.one, batch)["voted"][0]["state"] == "pending"
        assert state(batch) == "waiting"
        assert vote(place.two, batch)["voted"][0]["state"] == "accepted"
        # in the place of the worker that the vote woke
        jobs.advance(batch["id"])
        assert state(batch) == "integrated"
        assert rows(first["resource_id"]) == ["Tilleul", "Érable", "Orme", "frene "]
        assert [each[0] for each in told] == [place.editor["email"]]
        assert "is being published" in told[0][2]
        assert integrated(batch) == 1
        model.Session.rollback()
        assert "seen" not in Batch.get(batch["id"]).analysis

    def test_what_is_rejected_goes_nowhere_and_its_author_reads_why(self, place, demand, send, told, app):
        first = send(FIRST)
        demand()
        batch = send(NEXT, resource_id=first["resource_id"], mode="append")
        new = send(FIRST.replace("Orme", "Charme"))
        told.clear()
        for each in (batch, new):
            vote(place.one, each, "reject", "Le code 4 y est deux fois")
            jobs.advance(each["id"])
            assert state(each) == "rejected"
        assert rows(first["resource_id"]) == ["Tilleul", "Érable", "Orme"]
        assert model.Resource.get(new["resource_id"]) is None
        with pytest.raises(tk.ObjectNotFound):
            call_action("datastore_search", resource_id=new["resource_id"])
        assert [each[0] for each in told] == [place.editor["email"]] * 2
        assert "Le code 4 y est deux fois" in told[0][2]
        app.set_session_user(place.editor["id"])
        body = app.get(f"/dataset/{place.dataset['name']}/batch/{batch['id']}").body
        assert "Le code 4 y est deux fois" in body
        # what was sent is erased when its author wishes
        gone = run("batch_withdraw", place.editor, id=batch["id"])
        assert (gone["state"], gone["report"], gone["analysis"]) == ("withdrawn", {}, {})

    def test_a_batch_taken_back_is_judged_by_nobody(self, place, demand, send):
        demand()
        batch = send(FIRST)
        case = case_of(batch).id
        run("batch_withdraw", place.editor, id=batch["id"])
        assert case_of(batch).state == "cancelled"
        with pytest.raises(tk.ValidationError):
            run("lrtzc_moderation_vote", place.one, ids=[case], choice="accept")
        assert state(batch) == "withdrawn"

    def test_what_is_cut_off_after_the_outcome_is_loaded_by_the_scheduler(self, place, demand, send, monkeypatch):
        demand(rule="one")
        batch = send(FIRST)
        monkeypatch.setattr(cases, "go_on", lambda _ids: None)
        vote(place.one, batch)
        assert state(batch) == "confirmed"
        monkeypatch.setattr(upkeep, "PATIENCE", dt.timedelta(0))
        assert batch["id"] in upkeep.resume()
        jobs.advance(batch["id"])
        assert state(batch) == "integrated"

    def test_nobody_decides_on_their_own_batch(self, place, demand, send):
        demand(place.one, place.editor)
        batch = send(FIRST)
        assert case_of(batch).moderators == [place.one["id"]]
        with pytest.raises(tk.ObjectNotFound):
            vote(place.editor, batch)
        assert vote(place.one, batch)["voted"][0]["state"] == "accepted"

    def test_two_moderators_at_once_decide_once(self, place, demand, send, at_once):
        demand(rule="one")
        batch = send(FIRST)
        case = case_of(batch).id
        model.Session.rollback()

        def go(user, choice):
            return lambda: run("lrtzc_moderation_vote", user, ids=[case], choice=choice, reason="Non")["voted"]

        found = at_once(go(place.one, "accept"), go(place.two, "accept"))
        decided = [each for each in found if not isinstance(each, Exception)]
        assert len(decided) == 1, found
        assert state(batch) == "confirmed"
        assert traces(batch) == ["vote.ask", "vote.cast", "vote.outcome"]

    def test_moderators_named_later_get_what_nobody_voted_on(self, place, demand, send, told):
        demand()
        voted, fresh = send(FIRST), send(FIRST)
        vote(place.one, voted)
        three = factories.User()
        told.clear()
        demand(three, rule="one")
        assert [each[0] for each in told] == [three["email"]]
        assert case_of(fresh).moderators == [three["id"]]
        assert sorted(case_of(voted).moderators) == sorted([place.one["id"], place.two["id"]])
        assert vote(three, fresh)["voted"][0]["state"] == "accepted"
        run("lrtzc_validation_demand_delete", place.editor, id=place.dataset["id"])
        assert send(FIRST)["state"] == "integrated"
        assert vote(place.two, voted)["voted"][0]["state"] == "accepted"

    def test_a_demand_that_ends_while_a_batch_is_read_lets_it_in(self, place, demand, send, monkeypatch):
        demand()
        monkeypatch.setattr("ckanext.lrtzc.validation.asking.Demand.on", lambda *_: None)
        batch = send(FIRST)
        assert batch["state"] == "integrated"

    def test_a_file_may_have_moderators_of_its_own(self, place, demand, send):
        first = send(FIRST)
        demand(place.one, resource_id=first["resource_id"])
        demand(place.two)
        assert case_of(send(FIRST)).moderators == [place.two["id"]]
        assert case_of(send(NEXT, resource_id=first["resource_id"])).moderators == [place.one["id"]]
        listed = run("lrtzc_validation_demand_list", place.editor, id=place.dataset["name"])
        assert [(each["resource_id"], each["moderators"][0]["id"]) for each in listed] == [
            ("", place.two["id"]),
            (first["resource_id"], place.one["id"]),
        ]

    def test_photos_are_seen_before_they_are_published(self, place, app):
        from PIL import Image

        from ckanext.lrtzc.collection.api import make_collection

        out = io.BytesIO()
        Image.new("RGB", (320, 240), "green").save(out, "JPEG")
        run("lrtzc_validation_demand_update", place.editor, id=place.dataset["id"], moderators=[place.one["name"]])
        photos = [("arbre.jpg", out.getvalue())]
        batch = make_collection(place.dataset["id"], "photo", photos, place.editor["name"])
        address = f"/moderation/batch/{batch['id']}/picture/0"
        app.set_session_user(place.one["id"])
        assert address in app.get(f"/moderation/batch/{batch['id']}").body
        answer = app.get(address)
        assert (answer.data[8:12], answer.headers["Content-Type"]) == (b"WEBP", "image/webp")
        app.get(address.replace("/0", "/1"), status=404)
        app.set_session_user(place.editor["id"])
        app.get(address, status=404)
        vote(place.one, batch)
        jobs.advance(batch["id"])
        assert run("lrtzc_collection_file_list", place.editor, id=place.dataset["id"])["count"] == 1
        assert storage.read_seen(batch["id"], 0) is None

    def test_files_of_other_kinds_wait_too(self, place):
        from ckanext.lrtzc.collection.api import make_collection

        run("lrtzc_validation_demand_update", place.editor, id=place.dataset["id"], moderators=[place.one["name"]])
        files = [("releve.txt", b"Un arbre")]
        batch = make_collection(place.dataset["id"], "document", files, place.editor["name"])
        assert batch["state"] == "waiting"
        shown = run("lrtzc_validation_batch_show", place.one, id=batch["id"])
        assert shown["seen"]["files"] == [{"name": "releve.txt", "size": 8, "picture": False}]
        assert run("lrtzc_collection_file_list", place.editor, id=place.dataset["id"])["files"] == []
        vote(place.one, batch)
        jobs.advance(batch["id"])
        assert state(batch) == "integrated"


class TestDemanding:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"moderators": []},
            {"moderators": ["nobody-of-this-name"]},
            {"moderators": {"a": 1}},
            {"rule": "perhaps"},
            {"share": "1/3"},
            {"days": "0"},
            {"days": 400},
            {"remind": "soon"},
            {"at_end": "explode"},
            {"every": "maybe"},
            {"resource_id": "no-such-file"},
        ],
    )
    def test_what_makes_no_sense_is_refused_and_nothing_kept(self, place, wrong):
        asked = {"id": place.dataset["id"], "moderators": [place.one["email"]], **wrong}
        with pytest.raises(tk.ValidationError):
            run("lrtzc_validation_demand_update", place.editor, **asked)
        assert run("lrtzc_validation_demand_list", place.editor, id=place.dataset["id"]) == []

    def test_only_those_who_may_change_the_dataset_say_who_decides(self, place, demand):
        demand()
        for action in ("list", "update", "delete"):
            with pytest.raises(tk.NotAuthorized):
                run(
                    f"lrtzc_validation_demand_{action}",
                    place.one,
                    id=place.dataset["id"],
                    moderators=[place.one["name"]],
                )

    def test_nothing_comes_in_beside_the_moderators(self, place, demand, send):
        first = send(FIRST)
        resource_id = first["resource_id"]
        demand()

        def upload():
            return FileStorage(io.BytesIO(FIRST.encode()), "autre.csv")

        ways = [
            ("resource_create", {"package_id": place.dataset["id"], "upload": upload(), "url": "autre.csv"}),
            ("resource_patch", {"id": resource_id, "upload": upload()}),
            (
                "datastore_upsert",
                {"resource_id": resource_id, "records": [{"nom": "Hêtre"}], "method": "insert", "force": True},
            ),
            ("datastore_create", {"resource_id": resource_id, "records": [{"nom": "Hêtre"}], "force": True}),
            ("datastore_create", {"resource": {"package_id": place.dataset["id"]}, "records": [{"nom": "Hêtre"}]}),
        ]
        for action, data in ways:
            with pytest.raises(tk.ValidationError, match="Moderators decide"):
                run(action, place.editor, **data)
            model.Session.rollback()
        assert rows(resource_id) == ["Tilleul", "Érable", "Orme"]
        # what says nothing new of the data passes
        run("resource_patch", place.editor, id=resource_id, description="Arbres des rues")

    def test_rules_of_quality_send_to_moderators_where_some_are_named(self, place, demand, send):
        first = send(FIRST)
        resource_id = first["resource_id"]
        threshold = {"resource_id": resource_id, "minimum": 0.9, "below": "moderate"}
        with pytest.raises(tk.ValidationError):
            run("lrtzc_quality_threshold_update", place.editor, **threshold)
        demand(place.one, every=False)
        rule = {"kind": "range", "columns": ["haut"], "params": {"maximum": 10}, "failure": "flag"}
        run("lrtzc_quality_rule_create", place.editor, resource_id=resource_id, **rule)
        run("lrtzc_quality_threshold_update", place.editor, **threshold)
        good = send(FIRST.replace("12", "10"), resource_id=resource_id)
        assert good["state"] == "integrated"
        poor = send(NEXT, resource_id=resource_id)
        assert poor["state"] == "waiting"
        assert "75 %" in poor["error"]
        assert poor["report"]["quality"]["verdict"] == "sent"
        vote(place.one, poor)
        jobs.advance(poor["id"])
        shown = call_action("batch_show", id=poor["id"])
        assert (shown["state"], shown["report"]["quality"]["verdict"]) == ("integrated", "released")
        # without moderators, its owner decides
        run("lrtzc_validation_demand_delete", place.editor, id=place.dataset["id"])
        assert send(NEXT, resource_id=resource_id)["state"] == "quarantined"


class TestSeeing:
    def test_moderators_see_what_would_change_and_nobody_else_does(self, place, demand, send, app):
        first = send(FIRST)
        demand()
        batch = send(NEXT, resource_id=first["resource_id"], mode="replace", key=["code"])
        for user in (place.editor, factories.User()):
            with pytest.raises(tk.ObjectNotFound):
                run("lrtzc_validation_batch_show", user, id=batch["id"])
        seen = run("lrtzc_validation_batch_show", place.one, id=batch["id"])["seen"]
        difference = seen["difference"]
        counts = {name: difference[name] for name in ("added", "changed", "removed", "same")}
        assert counts == {"added": 2, "changed": 1, "removed": 1, "same": 1}
        (before, after), *_ = difference["samples"]["changed"]
        assert (before[:3], after[:3]) == (["2", "Érable", "9"], ["2", "Érable", "11"])
        assert difference["samples"]["removed"][0][1] == "Tilleul"
        assert seen["duplicates"]["within"] == 1
        assert [row["line"] for row in seen["first"]["rows"]] == [2, 3, 4, 5]
        assert len(seen["places"]) == 4
        address = f"/moderation/batch/{batch['id']}"
        app.set_session_user(place.one["id"])
        body = app.get(address).body
        assert "<svg" in body
        assert "Tilleul" in body
        assert app.get(f"{address}/file").body.encode() == NEXT.encode()
        app.set_session_user(place.editor["id"])
        app.get(address, status=404)
        app.get(f"{address}/file", status=404)
        app.set_session_user(place.one["id"])
        vote(place.two, batch, "reject", "Non")
        assert "Tilleul" not in app.get(address).body
        app.get(f"{address}/file", status=404)

    def test_data_held_back_from_others_is_let_be_judged_and_that_is_traced(self, place, demand, send):
        first = send(FIRST)
        run("lrtzc_access_restrict", place.editor, id=place.dataset["id"], reason="Données de clients")
        demand()
        batch = send(NEXT, resource_id=first["resource_id"])
        run("lrtzc_validation_batch_show", place.one, id=batch["id"])
        query = sa.text("SELECT count(*) FROM lrtzc_ledger.detail WHERE operation = 'access.read' AND object_id = :id")
        assert model.Session.scalar(query, {"id": batch["resource_id"]}) == 1
        with pytest.raises(tk.NotAuthorized):
            run("datastore_search", place.one, resource_id=batch["resource_id"])

    def test_all_that_waits_comes_in_one_archive(self, place, demand, send, app):
        first = send(FIRST)
        demand()
        send(NEXT, resource_id=first["resource_id"], mode="append")
        more = "code;nom;haut;lon;lat;note\n9;=1+1;2;-1.15;46.16;neuf\n"
        other = send(more, resource_id=first["resource_id"], mode="append")
        app.set_session_user(place.one["id"])
        body = app.get("/moderation?kind=batch").body
        assert "/moderation/batches.zip" in body
        with zipfile.ZipFile(io.BytesIO(app.get("/moderation/batches.zip").data)) as archive:
            listed = archive.read("batches.csv").decode("utf-8-sig").splitlines()
            (name,) = {line.split(";")[0] for line in listed[1:]}
            table = [*csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig")), delimiter=";")]
        assert len(listed) == 3
        assert [row["nom"].strip() for row in table] == ["Érable", "Orme", "Frêne", "frene", "'=1+1"]
        assert (table[-1]["note"], table[0]["note"]) == ("neuf", "")
        assert next(iter(table[-1].values())) == other["id"]
        assert [*table[0].values()][-1].startswith("POINT (-1.16 46.17")
        with zipfile.ZipFile(io.BytesIO(app.get("/moderation/batches.zip?format=geojson").data)) as archive:
            features = json.loads(archive.read(name.replace(".csv", ".geojson")))["features"]
        assert [one["properties"]["nom"].strip() for one in features] == ["Érable", "Orme", "Frêne", "frene", "=1+1"]
        assert features[0]["geometry"] == {"type": "Point", "coordinates": [-1.16, 46.17]}
        assert next(iter(features[-1]["properties"].values())) == other["id"]
        with zipfile.ZipFile(io.BytesIO(app.get("/moderation/batches.zip?format=xlsx").data)) as archive:
            book = CalamineWorkbook.from_filelike(io.BytesIO(archive.read(name.replace(".csv", ".xlsx"))))
        head, *lines = book.get_sheet_by_index(0).to_python()
        assert [line[head.index("nom")].strip() for line in lines] == ["Érable", "Orme", "Frêne", "frene", "=1+1"]
        assert isinstance(lines[0][head.index("haut")], float | int)
        assert lines[0][-1].startswith("POINT (-1.16 46.17")
        for wrong in ("json", "", "../csv"):
            assert app.get(f"/moderation/batches.zip?format={wrong}", expect_errors=True).status_code == 400
        app.set_session_user(place.editor["id"])
        app.get("/moderation/batches.zip", status=404)

    def test_a_moderator_decides_on_the_page_and_the_owner_says_who_does(self, place, send, app):
        from ckanext.lrtzc.objects.tests.test_form import Browser

        owner, moderator = Browser(app, place.editor), Browser(app, place.one)
        address = f"/dataset/{place.dataset['name']}/moderation"
        owner.get(address)
        form = {
            "resource": "",
            "moderators": place.one["email"],
            "rule": "one",
            "every": "yes",
            "share": "",
            "at_end": "wait",
        }
        owner.post(address, 422, **{**form, "days": "many"})
        assert "Un nombre de jours" in owner.page.body
        owner.post(address, **form)
        assert place.one["display_name"] in owner.get(address).body
        batch = send(FIRST)
        here = f"/moderation/batch/{batch['id']}"
        moderator.get(here)
        moderator.post(here, 422, choice="reject", reason="")
        moderator.post(here, choice="accept", reason="")
        assert "Il a été accepté" in moderator.get(here).body
        jobs.advance(batch["id"])
        assert state(batch) == "integrated"
