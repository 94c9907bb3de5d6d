"""What is done to the catalogue, to accounts and to settings leaves a trace, if and only if it is done."""

import json
import uuid

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.tests import factories
from ckan.tests.helpers import call_action
from click.testing import CliRunner

from ckanext.lrtzc.ledger.api import record, record_many
from ckanext.lrtzc.ledger.cli import ledger

pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index")

QUERY = sa.text(
    "SELECT operation, outcome, actor, payload FROM lrtzc_ledger.detail WHERE object_id = :id ORDER BY outbox_id"
)


def traces(object_id):
    return [tuple(row) for row in model.Session.execute(QUERY, {"id": object_id})]


def operations(object_id):
    return [row[0] for row in traces(object_id)]


@pytest.fixture
def organization():
    return factories.Organization()


class TestCatalogue:
    def test_the_life_of_a_dataset_is_told(self, organization):
        dataset = factories.Dataset(owner_org=organization["id"])
        publisher = {"user": factories.Sysadmin()["name"]}
        call_action("package_patch", publisher, id=dataset["id"], title="Arbres remarquables")
        call_action("package_delete", publisher, id=dataset["id"])
        assert operations(dataset["id"]) == ["dataset.create", "dataset.update", "dataset.delete"]
        details = json.loads(traces(dataset["id"])[1][3])["details"]
        assert details["changed"] == ["title"]

    def test_nothing_changed_is_nothing_told(self, organization):
        dataset = factories.Dataset(owner_org=organization["id"])
        publisher = {"user": factories.Sysadmin()["name"]}
        call_action("package_patch", publisher, id=dataset["id"], title=dataset["title"])
        assert operations(dataset["id"]) == ["dataset.create"]

    def test_what_is_refused_is_not_done(self, organization):
        with pytest.raises(tk.ValidationError):
            call_action("package_create", name="in valid!", owner_org=organization["id"])
        model.Session.rollback()
        assert operations(organization["id"])[-1] == "organization.create"


class TestRecord:
    """The ledger only grows, in tests too: each takes names of its own."""

    def test_it_is_kept_with_the_operation_and_only_then(self):
        kept, undone = str(uuid.uuid4()), str(uuid.uuid4())
        record("vote.cast", object_type="batch", object_id=kept)
        model.Session.commit()
        record("vote.cast", object_type="batch", object_id=undone)
        model.Session.rollback()
        assert operations(kept) == ["vote.cast"]
        assert operations(undone) == []

    def test_many_are_recorded_at_once(self):
        names = [str(uuid.uuid4()) for _ in range(1500)]
        record_many("harvest.add", [("dataset", name) for name in names])
        model.Session.commit()
        assert operations(names[-1]) == ["harvest.add"]

    @pytest.mark.ckan_config("ckanext.lrtzc.ledger.traces", "dataset")
    def test_what_the_administrator_leaves_out_is_not_kept_but_votes_always_are(self):
        left_out, always = str(uuid.uuid4()), str(uuid.uuid4())
        record("resource.update", object_id=left_out)
        record("vote.cast", object_id=always)
        model.Session.commit()
        assert operations(left_out) == []
        assert operations(always) == ["vote.cast"]


class TestAccounts:
    def test_signing_in_and_failing_to_are_told(self, app):
        user = factories.User(password="correct horse battery")
        app.post("/user/login", data={"login": user["name"], "password": "correct horse battery"})
        assert operations(user["id"])[-1] == "account.sign_in"
        app.get("/user/_logout")
        app.post("/user/login", data={"login": user["name"], "password": "wrong"})
        assert traces(user["id"])[-1][:2] == ("account.sign_in", "refused")

    def test_a_name_typed_by_mistake_is_not_kept(self, app):
        app.post("/user/login", data={"login": "s3cret-password", "password": "wrong"})
        query = sa.text("SELECT count(*) FROM lrtzc_ledger.detail WHERE payload LIKE '%s3cret-password%'")
        assert model.Session.scalar(query) == 0


def test_the_sequencer_places_what_waits_and_the_key_is_published():
    record("vote.cast", object_id="to-sequence")
    model.Session.commit()
    result = CliRunner().invoke(ledger, ["sequence", "--once"])
    assert result.exit_code == 0, result.output
    waiting = sa.text(
        "SELECT count(*) FROM lrtzc_ledger.outbox o LEFT JOIN lrtzc_ledger.sequence s ON s.outbox_id = o.id "
        "WHERE s.index IS NULL"
    )
    assert model.Session.scalar(waiting) == 0
    assert "/ledger+" in CliRunner().invoke(ledger, ["key"]).output


class TestTokens:
    """Using a token changes the token: to see that mustn't ask again who uses it."""

    @pytest.fixture
    def token(self):
        person = factories.SysadminWithToken()
        return person, {"Authorization": person["token"]}

    def test_a_program_may_read_and_leaves_no_trace_of_its_token(self, app, token):
        person, headers = token
        before = operations(person["id"])
        for _ in range(3):
            answer = app.get("/api/3/action/organization_list_for_user", headers=headers, status=200)
            assert answer.json["success"]
        assert operations(person["id"]) == before

    def test_what_a_program_does_is_told_as_done_by_its_person(self, app, token):
        person, headers = token
        answer = app.post("/api/3/action/organization_create", json={"name": f"o-{uuid.uuid4()}"}, headers=headers)
        assert answer.status_code == 200, answer.body
        told = traces(answer.json["result"]["id"])
        assert [(operation, actor) for operation, _, actor, _ in told] == [("organization.create", person["id"])]

    def test_a_token_that_is_made_and_withdrawn_is_told(self, token):
        person, _ = token
        made = call_action("api_token_create", {"user": person["name"]}, user=person["name"], name="carte")
        found = call_action("api_token_list", {"user": person["name"]}, user_id=person["name"])
        identity = next(entry["id"] for entry in found if entry["name"] == "carte")
        call_action("api_token_revoke", {"user": person["name"]}, jti=identity)
        assert made["token"]
        assert operations(identity) == ["account.create", "account.delete"]


def test_a_text_of_any_length_changes_and_its_trace_is_cut(organization):
    dataset = factories.Dataset(owner_org=organization["id"])
    resource = model.Resource(package_id=dataset["id"], url="http://example.org/a", format="é" * 50_000)
    model.Session.add(resource)
    model.Session.commit()
    details = json.loads(traces(resource.id)[0][3])["details"]
    assert details["format"].endswith("…")
    assert len(details["format"]) < 1000
