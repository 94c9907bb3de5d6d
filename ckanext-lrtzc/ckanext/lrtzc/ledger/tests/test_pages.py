"""The ledger's pages and what verifiers fetch from them."""

import csv
import io

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.tests import factories
from ckan.tests.helpers import call_action, call_auth
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.ledger.cli import ledger
from ckanext.lrtzc.ledger.domain import merkle, note, tiles
from ckanext.lrtzc.ledger.verify import main

pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index")
OPTION = "ckanext.lrtzc.ledger.traces"
KEPT = "ckanext.lrtzc.ledger.retention"
WITNESS = note.Signer("witness.example.net/w", Ed25519PrivateKey.from_private_bytes(b"\x09" * 32), note.COSIGNATURE)


def forget_choices():
    """What is chosen by page outlives a test."""
    for option in (OPTION, KEPT):
        model.delete_system_info(option)


def sequence():
    result = CliRunner().invoke(ledger, ["sequence", "--once"])
    assert result.exit_code == 0, result.output


@pytest.fixture
def dataset():
    user = factories.User()
    organization = factories.Organization(users=[{"name": user["name"], "capacity": "admin"}])
    created = factories.Dataset(title="Arbres remarquables", owner_org=organization["id"])
    sequence()
    return {**created, "publisher": user}


@pytest.fixture
def administrator(app):
    user = factories.Sysadmin()
    app.set_session_user(user["name"])
    return user


class TestWhoReads:
    @pytest.mark.parametrize("path", ["/ledger/entries", "/ledger/entries/export", "/ledger/traces"])
    def test_strangers_and_publishers_are_kept_out(self, app, dataset, path):
        app.get(path, status=403)
        app.set_session_user(dataset["publisher"]["name"])
        app.get(path, status=403)

    def test_a_publisher_sees_what_was_done_to_their_datasets_and_nothing_else(self, dataset):
        mine = call_action("lrtzc_ledger_mine", {"user": dataset["publisher"]["name"]})
        assert dataset["id"] in {entry["object_id"] for entry in mine["entries"]}
        other = factories.User()
        assert dataset["id"] not in {
            entry["object_id"] for entry in call_action("lrtzc_ledger_mine", {"user": other["name"]})["entries"]
        }

    def test_strangers_have_nothing_of_their_own(self):
        with pytest.raises(tk.NotAuthorized):
            call_auth("lrtzc_ledger_mine", {"user": "", "model": model})

    def test_everybody_reads_what_the_ledger_is(self, app, dataset):
        page = app.get("/ledger", status=200)
        assert "lrtzc-verify" in page.body


class TestSearch:
    def test_entries_are_found_by_name_of_dataset(self, app, dataset, administrator):
        page = app.get("/ledger/entries", query_string={"object_id": dataset["name"], "operation": "dataset"})
        assert "Arbres remarquables" in page.body
        assert "dataset.create" in page.body

    @pytest.mark.parametrize(
        "query",
        [
            {"since": "yesterday"},
            {"outcome": "nonsense"},
            {"before": "-1"},
            {"before": "x"},
            {"before": "9" * 40},
            {"since": "2026-13-45"},
            {"until": "9999-12-31"},
            {"since": "0001-01-01T00:00:00+14:00"},
            {"actor": "a\x00b"},
            {"object_id": b"\xed\xa0\x80"},
            {"operation": "%' OR 1=1 --"},
            {"actor": "\u202e<script>"},
            {"object_id": "a" * 5000},
        ],
    )
    def test_odd_filters_are_answered_plainly(self, app, administrator, query):
        page = app.get("/ledger/entries", query_string=query, status=200)
        assert "<script>alert" not in page.body

    def test_the_last_day_is_included(self, dataset):
        found = call_action("lrtzc_ledger_search", object_id=dataset["id"])["entries"]
        day = found[0]["moment"][:10]
        assert call_action("lrtzc_ledger_search", object_id=dataset["id"], since=day, until=day)["entries"]


class TestProofs:
    def test_an_export_is_accepted_by_the_verifier_and_not_after_a_changed_byte(
        self, app, dataset, administrator, tmp_path
    ):
        file = tmp_path / "ledger.jsonl"
        text = app.get("/ledger/entries/export", query_string={"object_id": dataset["id"]}).body
        key = app.get("/ledger/key").body.strip()
        file.write_text(text, encoding="utf-8")
        assert main(["export", str(file), "--key", key]) == 0
        file.write_text(text.replace("dataset.create", "dataset.delete", 1), encoding="utf-8")
        assert main(["export", str(file), "--key", key]) == 1

    def test_a_table_is_exported_in_which_no_cell_is_a_formula(self, app, dataset, administrator):
        name = f"=1+cmd|' /C calc'!{dataset['id']}"
        record("vote.cast", object_type="batch", object_id=name)
        model.Session.commit()
        answer = app.get("/ledger/entries/export", query_string={"object_id": name, "format": "csv"})
        assert answer.content_type.startswith("text/csv")
        (line,) = csv.DictReader(io.StringIO(answer.body))
        assert (line["operation"], line["object_id"]) == ("vote.cast", f"'{name}")

    def test_a_page_is_made_with_few_statements(self, app, dataset, administrator):
        app.get("/ledger/entries")  # What is read once a process isn't counted.
        seen = []

        def count(_connection, _cursor, statement, *_):
            seen.append(statement)

        sa.event.listen(model.meta.engine, "before_cursor_execute", count)
        try:
            app.get("/ledger/entries", query_string={"operation": "dataset"}, status=200)
        finally:
            sa.event.remove(model.meta.engine, "before_cursor_execute", count)
        assert len(seen) <= 10, seen

    def test_a_proof_and_the_tiles_lead_to_the_signed_root(self, app, dataset):
        entry = call_action("lrtzc_ledger_search", object_id=dataset["id"])["entries"][0]
        answer = call_action("lrtzc_ledger_proof", index=entry["index"])
        leaf = merkle.leaf_hash(entry["leaf"].encode())
        assert leaf.hex() == answer["leaf_hash"]
        proof = [bytes.fromhex(part) for part in answer["proof"]]
        merkle.verify_inclusion(entry["index"], answer["size"], leaf, proof, bytes.fromhex(answer["root"]))

        def fetch(level, index, width):
            return app.get("/ledger/" + tiles.path(level, index, width), status=200).data

        assert merkle.root_hash(answer["size"], tiles.node_reader(answer["size"], fetch)).hex() == answer["root"]

    def test_growth_is_proven(self, dataset):
        old = note.Checkpoint.parse(_head().text)
        factories.Dataset(owner_org=dataset["owner_org"])
        sequence()
        new = note.Checkpoint.parse(_head().text)
        answer = call_action("lrtzc_ledger_proof", old=old.size, size=new.size)
        merkle.verify_consistency(
            old.size, new.size, old.root, new.root, [bytes.fromhex(part) for part in answer["proof"]]
        )

    @pytest.mark.parametrize(
        "path",
        [
            "9/000",
            "0/999/999",
            "0/x999/999",
            "0/abc",
            "0/000.p/0",
            "0/000.p/256",
            "0/000.p/999",
            "0/" + "x999/" * 40 + "999",
        ],
    )
    def test_a_tile_that_is_not_there_is_not_found(self, app, dataset, path):
        app.get(f"/ledger/tile/{path}", status=404)

    @pytest.mark.parametrize("data", [{"index": 10**12}, {"index": 0, "size": 10**12}, {"old": 0}, {}])
    def test_a_proof_of_nothing_is_refused(self, dataset, data):
        with pytest.raises((tk.ObjectNotFound, tk.ValidationError)):
            call_action("lrtzc_ledger_proof", **data)


def _head():
    from ckanext.lrtzc.ledger import store
    from ckanext.lrtzc.ledger.logic.action import connection

    return note.Note.parse(store.latest_checkpoint(connection())[2])


class TestWitness:
    @pytest.mark.ckan_config("ckanext.lrtzc.ledger.witnesses", str(WITNESS.verifier))
    def test_a_trusted_witness_signs_and_is_served(self, app, dataset):
        head = _head()
        signed = str(head) + WITNESS.sign(head.text, 1_790_000_000)
        assert call_action("lrtzc_ledger_cosign", note=signed) == [WITNESS.name]
        assert f"— {WITNESS.name} " in app.get("/ledger/checkpoint").body

    @pytest.mark.ckan_config("ckanext.lrtzc.ledger.witnesses", str(WITNESS.verifier))
    def test_a_forged_head_is_refused(self, dataset):
        forged = note.Checkpoint("elsewhere/ledger", 1, b"\x00" * 32).text
        for text in ("", "nonsense", forged + "\n" + WITNESS.sign(forged, 1)):
            with pytest.raises(tk.ValidationError):
                call_action("lrtzc_ledger_cosign", note=text)

    def test_an_unknown_witness_is_refused(self, dataset):
        head = _head()
        with pytest.raises(tk.ValidationError):
            call_action("lrtzc_ledger_cosign", note=str(head) + WITNESS.sign(head.text, 1))


class TestTraces:
    @pytest.mark.ckan_config(OPTION, "dataset resource")
    def test_the_administrator_chooses_by_page(self, app, administrator):
        try:
            app.post("/ledger/traces", data={"kinds": ["dataset", "account"]}, follow_redirects=False, status=302)
            assert tk.aslist(call_action("config_option_show", key=OPTION)) == ["account", "dataset"]
            page = app.get("/ledger/traces").body
            assert page.count("checked") - page.count("checked disabled") == 2
        finally:
            forget_choices()

    @pytest.mark.ckan_config(KEPT, "access=12 vote=0 nonsense")
    def test_how_long_details_are_kept_is_chosen_by_page(self, app, administrator):
        try:
            app.post("/ledger/traces", data={"keep-access": "6", "keep-vote": "0", "keep-dataset": "24"})
            assert tk.aslist(call_action("config_option_show", key=KEPT)) == ["access=6", "dataset=24"]
            assert '<option value="24" selected>' in app.get("/ledger/traces").body
        finally:
            forget_choices()

    @pytest.mark.parametrize(
        "wanted",
        [
            {"keep": {"access": -1}},
            {"keep": {"access": "six"}},
            {"keep": {"access": 10**30}},
            {"keep": {"access": None}},
            {"keep": {"everything": 1}},
            {"keep": "access=1"},
            {"keep": [1]},
            {"kinds": [["dataset"]]},
            {"kinds": {"dataset": 1}},
            {"kinds": 5},
        ],
    )
    def test_what_is_no_choice_is_refused(self, wanted):
        with pytest.raises(tk.ValidationError):
            call_action("lrtzc_ledger_traces_update", {"user": factories.Sysadmin()["name"]}, **wanted)

    @pytest.mark.parametrize("value", ["access", "access=0", "access=1e3", "nonsense=6"])
    def test_a_setting_that_cannot_be_read_is_refused(self, value):
        with pytest.raises(tk.ValidationError):
            call_action("config_option_update", {"user": factories.Sysadmin()["name"]}, **{KEPT: value})

    def test_an_unknown_kind_is_refused(self):
        with pytest.raises(tk.ValidationError):
            call_action("lrtzc_ledger_traces_update", {"user": factories.Sysadmin()["name"]}, kinds=["everything"])
