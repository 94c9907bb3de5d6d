"""What programs write into the DataStore leaves a trace in its own transaction, if and only if it is written."""

import json

import ckan.model as model
import ckan.plugins.toolkit as tk
import psycopg2
import pytest
import sqlalchemy as sa
from ckan.tests import factories
from ckan.tests.helpers import call_action
from ckanext.datastore.backend.postgres import get_write_engine

from ckanext.lrtzc.ledger import outboxes
from ckanext.lrtzc.ledger.api import NotRecorded

# CKAN's DataStore uses what Python and SQLAlchemy retire
pytestmark = [pytest.mark.usefixtures("clean_index"), pytest.mark.filterwarnings("default::DeprecationWarning")]


@pytest.fixture
def told(drain_outboxes):
    """Give what the ledger tells of the rows of a resource, oldest first, as (operation, actor, details)."""

    def told(resource_id):
        drain_outboxes()
        query = sa.text(
            "SELECT operation, actor, payload FROM lrtzc_ledger.detail WHERE object_id = :id "
            "AND operation LIKE 'resource.rows%' ORDER BY outbox_id"
        )
        model.Session.rollback()
        rows = model.Session.execute(query, {"id": resource_id})
        return [(operation, actor, json.loads(payload)["details"]) for operation, actor, payload in rows]

    return told


@pytest.fixture
def editor(rooms_db):
    return factories.User()


@pytest.fixture
def table(editor):
    """Give the identifier of a file with a table of one row, and its editor's context."""
    organization = factories.Organization(users=[{"name": editor["name"], "capacity": "editor"}])
    dataset = factories.Dataset(owner_org=organization["id"])
    context = {"user": editor["name"]}
    made = call_action(
        "datastore_create",
        {**context},
        resource={"package_id": dataset["id"]},
        fields=[{"id": "n", "type": "int"}],
        records=[{"n": 1}],
        primary_key=["n"],
    )
    return made["resource_id"], context


def rows(resource_id):
    with get_write_engine().connect() as connection:
        query = sa.select(sa.func.count()).select_from(sa.table(resource_id))
        return connection.scalar(query)


class TestWrites:
    def test_the_life_of_rows_is_told(self, table, editor, told):
        resource_id, context = table
        asked = {"resource_id": resource_id}
        call_action("datastore_upsert", {**context}, **asked, records=[{"n": 2}, {"n": 3}])
        call_action("datastore_records_delete", {**context}, **asked, filters={"n": 2})
        call_action("datastore_delete", {**context}, **asked)
        assert told(resource_id) == [
            ("resource.rows_create", editor["id"], {"rows": 1}),
            ("resource.rows_update", editor["id"], {"rows": 2, "method": "upsert"}),
            ("resource.rows_delete", editor["id"], {"part": "part"}),
            ("resource.rows_delete", editor["id"], {"part": "whole"}),
        ]

    def test_what_is_refused_or_tried_only_is_not_told(self, table, told):
        resource_id, context = table
        asked = {"resource_id": resource_id, "records": [{"n": 2}]}
        with pytest.raises(tk.ValidationError):
            call_action("datastore_upsert", {**context}, **{**asked, "records": [{"n": "many"}]})
        call_action("datastore_upsert", {**context}, **asked, dry_run=True)
        with pytest.raises(tk.ValidationError):
            call_action("datastore_create", {**context}, **{**asked, "records": [{"n": 5}, {"n": "many"}]})
        assert [operation for operation, _, _ in told(resource_id)] == ["resource.rows_create"]
        assert rows(resource_id) == 1

    def test_what_cannot_be_recorded_is_not_done(self, table, told, monkeypatch):
        resource_id, context = table

        def full(*_):
            raise psycopg2.errors.DiskFull("no space")

        with monkeypatch.context() as patch:
            patch.setattr(outboxes, "put", full)
            with pytest.raises(NotRecorded):
                call_action("datastore_upsert", {**context}, resource_id=resource_id, records=[{"n": 2}])
            with pytest.raises(NotRecorded):
                call_action("datastore_delete", {**context}, resource_id=resource_id)
        assert rows(resource_id) == 1
        assert [operation for operation, _, _ in told(resource_id)] == ["resource.rows_create"]
