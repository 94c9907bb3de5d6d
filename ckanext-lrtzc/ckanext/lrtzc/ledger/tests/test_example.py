"""The examples of docs/record-an-operation.md do what their page says."""

import json
import re
import uuid
from pathlib import Path

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.tests import factories

pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index")
PAGE = Path(__file__).parents[5] / "docs" / "record-an-operation.md"


@pytest.fixture
def examples():
    names: dict = {}
    for code in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL):
        exec(code, names)
    return names


@pytest.fixture
def example(examples):
    return examples["bench_move"]


@pytest.fixture
def moved():
    organizations = [factories.Organization()["id"] for _ in range(2)]
    dataset = factories.Dataset(owner_org=organizations[0])
    return {"id": dataset["id"], "owner_org": organizations[1], "reason": "Fusion des services"}


def told(dataset_id):
    query = sa.text("SELECT payload FROM lrtzc_ledger.detail WHERE object_id = :id AND operation = 'transfer.accept'")
    return [json.loads(payload)["details"] for payload in model.Session.scalars(query, {"id": dataset_id})]


def test_the_operation_and_its_trace_are_one(example, moved):
    before = model.Package.get(moved["id"]).owner_org
    example({"user": factories.Sysadmin()["name"], "model": model}, moved)
    assert told(moved["id"]) == [{"from": before, "to": moved["owner_org"], "reason": moved["reason"]}]


def test_what_is_refused_or_undone_leaves_none(example, moved):
    with pytest.raises(tk.NotAuthorized):
        example({"user": factories.User()["name"], "model": model}, moved)
    context = {"user": factories.Sysadmin()["name"], "model": model}
    with pytest.raises(ValueError, match="float"):
        example(context, {**moved, "reason": 1.5})
    model.Session.rollback()
    assert told(moved["id"]) == []
    assert model.Package.get(moved["id"]).owner_org != moved["owner_org"]


def test_so_are_they_in_another_database(examples, drain_outboxes):
    done, undone = str(uuid.uuid4()), str(uuid.uuid4())
    examples["bench_describe"](done, sa.text("SELECT 1"))
    with pytest.raises(sa.exc.ProgrammingError):
        examples["bench_describe"](undone, sa.text("COMMENT ON TABLE no_such_table IS ''"))
    drain_outboxes()
    query = sa.text("SELECT object_id FROM lrtzc_ledger.detail WHERE object_id IN (:done, :undone)")
    assert list(model.Session.scalars(query, {"done": done, "undone": undone})) == [done]
