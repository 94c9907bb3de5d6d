"""What waits isn't lost or doubled where a worker dies, and is found among the rest."""

import datetime as dt

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.lrtzc.batches import jobs, judges
from ckanext.lrtzc.batches.model import Batch
from ckanext.lrtzc.objects.tests.test_datasets import run
from ckanext.lrtzc.validation.tests.test_validation import FIRST, case_of, rows, state, traces, vote

pytestmark = [
    pytest.mark.usefixtures("rooms_db", "app"),
    pytest.mark.filterwarnings("default::DeprecationWarning"),
]


def test_a_worker_killed_before_it_waits_loses_and_doubles_nothing(place, demand, send, told, monkeypatch):
    class Killed(BaseException):
        """What ends a process is no error that code catches."""

    demand()
    asked = judges.ask

    def before(_batch):
        raise Killed

    def after(batch):
        asked(batch)
        raise Killed

    for killed in (before, after):
        told.clear()
        monkeypatch.setattr(judges, "ask", killed)
        with pytest.raises(Killed):
            send(FIRST)
        # the connection goes with the process
        model.Session.remove()
        last = sa.select(Batch).where(Batch.package_id == place.dataset["id"]).order_by(Batch.created.desc())
        batch = model.Session.scalars(last).first().as_dict()
        assert batch["state"] == "loading"
        assert case_of(batch) is None
        assert told == []
        monkeypatch.setattr(judges, "ask", asked)
        jobs.advance(batch["id"])
        jobs.advance(batch["id"])
        assert state(batch) == "waiting"
        assert traces(batch) == ["vote.ask"]
        assert sorted(each[0] for each in told) == sorted([place.one["email"], place.two["email"]])
        for user in (place.one, place.two):
            vote(user, batch)
        jobs.advance(batch["id"])
        assert rows(batch["resource_id"]) == ["Tilleul", "Érable", "Orme"]


def test_what_waits_is_narrowed_by_dataset_organisation_author_and_age(place, demand, send, app):
    demand()
    other = factories.User(fullname="Odile Autre")
    member = {"id": place.organisation["id"], "username": other["name"], "role": "editor"}
    call_action("organization_member_create", **member)
    batch, theirs = send(FIRST), send(FIRST, by=other)
    case = case_of(batch)
    case.opened -= dt.timedelta(days=8)
    model.Session.commit()

    def found(**asked):
        told = run("lrtzc_moderation_list", place.one, kind="batch", **asked)
        return {one["subject"]["id"] for one in told["results"]}

    both = {batch["id"], theirs["id"]}
    assert found(dataset=place.dataset["name"]) == found(organization=place.organisation["id"]) == both
    assert found(dataset="nothing") == found(organization="nothing") == found(author="nobody") == set()
    assert found(author=other["name"]) == {theirs["id"]}
    assert found(days=7) == {batch["id"]}
    assert found(days=7, author=other["id"]) == set()
    with pytest.raises(tk.ValidationError):
        found(days="old")
    offered = run("lrtzc_moderation_list", place.one)["offered"]
    assert {one["title"] for one in offered["author"]} >= {"Odile Autre"}
    assert offered["dataset"] == [{"name": place.dataset["name"], "title": "Arbres"}]
    assert run("lrtzc_moderation_list", other)["offered"] == {"author": [], "dataset": [], "organization": []}
    app.set_session_user(place.one["id"])
    page = app.get("/en/moderation?days=7").body
    assert batch["id"] in page
    assert theirs["id"] not in page
