"""Runs from the partner's pages to the catalogue, through ckanext-harvest's stages."""

import datetime as dt

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import call_action
from ckanext.harvest.model import HarvestJob

from ckanext.lrtzc.objects.tests.test_datasets import run as run_as
from ckanext.lrtzc.objects.tests.test_kinds import of
from ckanext.lrtzc.partners import cli, jobs
from ckanext.lrtzc.partners.model import Line, Partner, Record, Run, now

pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index", "clean_redis")

KINDS = ["dcat", "ckan", "csw", "udata", "opendatasoft"]


def counts(run):
    return {
        name: value
        for name in ("added", "changed", "unchanged", "withdrawn", "refused")
        if (value := getattr(run, name))
    }


def lines(run, kind):
    return list(
        model.Session.scalars(sa.select(Line).where(Line.run_id == run.id, Line.kind == kind).order_by(Line.id))
    )


def told(run):
    """Say what a run tells, for the message of a failed assertion."""
    rows = model.Session.scalars(sa.select(Line).where(Line.run_id == run.id).order_by(Line.id))
    return [
        run.message % run.params,
        *(f"{row.kind} {row.guid} {row.field}: {row.sentence % row.params}" for row in rows),
    ]


def found():
    return sorted(d["title"] for d in call_action("package_search", rows=100)["results"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_partner_of_each_kind_is_harvested_then_found_unchanged(harvest, portal, kind):
    portal.page = 2
    run = harvest(kind)
    assert (run.state, counts(run)) == ("finished", {"added": 3}), told(run)
    assert found() == ["Comptages vélo 0", "Comptages vélo 1", "Comptages vélo 2"]
    dataset = call_action("package_search", q="Comptages")["results"][0]
    assert dataset["license_id"] == "lov2"
    assert dataset["resources"][0]["url"]
    again = harvest(kind)
    assert (again.state, counts(again)) == ("finished", {"unchanged": 3})


def test_a_changed_record_changes_its_dataset_and_nothing_else(harvest, portal):
    harvest()
    before = {d["id"]: d["metadata_modified"] for d in call_action("package_search")["results"]}
    portal.records[1]["notes"] = "Nouvelle description."
    run = harvest()
    assert counts(run) == {"changed": 1, "unchanged": 2}
    after = {d["id"]: d for d in call_action("package_search")["results"]}
    assert [d["notes"] for i, d in after.items() if d["metadata_modified"] != before[i]] == ["Nouvelle description."]


def test_a_record_gone_is_hidden_then_erased_after_the_delay(harvest, portal):
    harvest(purge_days=10)
    kept = portal.records.pop()
    run = harvest()
    assert counts(run) == {"unchanged": 2, "withdrawn": 1}
    assert kept["title"] not in found()
    record = model.Session.scalar(sa.select(Record).where(Record.withdrawn.is_not(None)))
    package_id = record.package_id
    assert model.Package.get(package_id).private
    jobs.purge_withdrawn()
    assert model.Package.get(package_id) is not None
    record.withdrawn = now() - dt.timedelta(days=11)
    model.Session.commit()
    jobs.purge_withdrawn()
    assert model.Package.get(package_id) is None


def test_a_record_gone_that_is_used_here_stays_and_says_so(app, harvest, portal):
    source_id = harvest(purge_days=10).source_id
    record = model.Session.get(Record, (source_id, portal.records[-1]["id"]))
    number, title, key = record.package_id, portal.records[-1]["title"], (record.source_id, record.guid)
    citizen = factories.User()
    case = run_as("package_create", citizen, **of("use-case"))
    run_as("lrtzc_link_create", citizen, kind="uses", source_id=case["id"], target_id=number)
    kept = portal.records.pop()
    run = harvest()
    assert counts(run) == {"unchanged": 2, "withdrawn": 1}
    (line,) = lines(run, "remark")
    assert "used here" in line.sentence
    assert title in found()
    dataset = call_action("package_show", id=number)
    assert (dataset["private"], dataset["withdrawn"]) == (False, dt.date.today().isoformat())
    page = app.get(f"/dataset/{dataset['name']}").text
    assert "alert-notice" in page
    assert "Withdrawn at its source" in app.get("/en/dataset/?q=Comptages").text
    assert "distribution-status/WITHDRAWN" in app.get(f"/dataset/{dataset['name']}.ttl").text
    model.Session.get(Record, key, populate_existing=True).withdrawn = now() - dt.timedelta(days=11)
    model.Session.commit()
    jobs.tick()
    assert title in found(), "never erased while it is used"
    other = factories.User()
    with pytest.raises(tk.NotAuthorized):
        run_as("package_patch", other, id=number, withdrawn="")

    portal.records.append(kept)
    assert counts(harvest()) == {"unchanged": 2, "changed": 1}
    assert "withdrawn" not in call_action("package_show", id=number)

    portal.records.pop()
    harvest()
    run_as("package_delete", citizen, id=case["id"])
    jobs.tick()
    assert title not in found()
    assert model.Package.get(number).private
    model.Session.get(Record, key, populate_existing=True).withdrawn = now() - dt.timedelta(days=11)
    model.Session.commit()
    jobs.tick()
    assert model.Package.get(number) is None


def test_a_record_that_comes_back_is_shown_again_at_the_same_address(harvest, portal):
    harvest()
    kept = portal.records.pop()
    harvest()
    portal.records.append(kept)
    run = harvest()
    assert counts(run) == {"unchanged": 2, "changed": 1}
    assert kept["title"] in found()
    assert len(found()) == 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("error 500", (500, {}, b"oops")),
        ("a web page", (200, {"Content-Type": "text/html"}, b"<!doctype html><title>Maintenance</title>")),
        ("nothing", (200, {}, b"")),
        ("half a page", (200, {"Content-Length": "5000"}, b'{"success": true, "result"')),
        ("a redirect in a loop", (302, {"Location": "/again"}, b"")),
        ("a redirect inside", (302, {"Location": "http://169.254.169.254/latest/"}, b"")),
        ("an inner service", (302, {"Location": "http://127.0.0.1:6379/"}, b"")),
        (
            "entities",
            (200, {"Content-Type": "text/xml"}, b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
        ),
        ("deep nonsense", (200, {"Content-Type": "application/json"}, b"[" * 10_000)),
    ],
)
def test_a_partner_that_answers_badly_loses_nothing_and_is_told(harvest, portal, kind, name, answer):
    harvest(kind)
    portal.broken = lambda path, body: answer
    run = harvest(kind)
    assert run.state == "failed", name
    assert run.message
    assert run.message % run.params
    assert len(found()) == 3
    assert HarvestJob.get(run.id).get_gather_errors()


def test_half_of_the_pages_never_withdraws(harvest, portal, make_record):
    portal.records = [make_record(number) for number in range(6)]
    harvest()
    portal.page = 2
    del portal.records[0]
    portal.broken = lambda path, body: (500, {}, b"") if "start=2" in path else None
    run = harvest()
    assert run.state == "incomplete"
    assert not run.withdrawn
    assert len(found()) == 6


def test_a_partner_that_gives_fewer_than_it_announces_is_incomplete(harvest, portal, make_record):
    portal.records = [make_record(number) for number in range(4)]
    harvest("csw")
    portal.page = 2
    empty = (
        b'<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2">'
        b'<csw:SearchResults numberOfRecordsMatched="4"/></csw:GetRecordsResponse>'
    )
    portal.broken = lambda path, body: (200, {}, empty) if b'startPosition="3"' in body else None
    run = harvest("csw")
    assert run.state == "incomplete"
    assert len(found()) == 4


def test_a_partner_that_turns_empty_withdraws_nothing(harvest, portal):
    harvest()
    portal.records = []
    run = harvest()
    assert run.state in ("failed", "incomplete")
    assert len(found()) == 3


def test_an_endless_catalogue_is_left(harvest, portal):
    portal.page = 1
    page = portal._page("/catalog.ttl?page=1", b"")
    portal.broken = lambda path, body: page
    run = harvest("dcat")
    assert run.state in ("failed", "incomplete")


def test_the_same_record_twice_is_written_once_and_told(harvest, portal, make_record):
    portal.records.append(make_record(0, title="Un autre titre"))
    run = harvest()
    assert counts(run) == {"added": 3, "refused": 1}
    assert lines(run, "refused")[0].guid == "rec-0000"
    assert run.state == "finished"


def test_records_renumbered_by_the_partner_keep_their_pages(harvest, portal):
    harvest()
    names = {d["name"] for d in call_action("package_search")["results"]}
    for number, record in enumerate(portal.records):
        record["id"] = f"autre-{number}"
    run = harvest()
    assert (run.state, counts(run)) == ("finished", {"changed": 3})
    assert {d["name"] for d in call_action("package_search")["results"]} == names
    assert len(lines(run, "renumbered")) == 3


def test_a_record_refused_is_told_with_its_field_and_the_others_go_on(harvest, portal):
    portal.records[1]["title"] = "   "
    run = harvest()
    assert counts(run) == {"added": 2, "refused": 1}
    refusal = lines(run, "refused")[0]
    assert (refusal.guid, refusal.field) == ("rec-0001", "title")
    assert refusal.sentence % refusal.params


def test_what_another_producer_publishes_is_taken_and_told(harvest, portal):
    here = factories.Dataset(title="Comptages vélo 1", notes="Autre", owner_org=factories.Organization()["id"])
    harvest()
    portal.records[0]["notes"] += " Bis."
    run = harvest("udata")
    assert counts(run)["added"] == 3
    assert run.duplicates == 3
    told = lines(run, "duplicate")
    assert {line.guid for line in told} == {"rec-0000", "rec-0001", "rec-0002"}
    assert here["id"] not in {line.params["other_id"] for line in told}


def test_hostile_texts_are_kept_as_texts(harvest, portal, make_record):
    hostile = [
        "<script>alert(1)</script>Titre",
        "‮Titre renversé",
        "Titre\u0000 nul",
        "'; DROP TABLE package; --",
        "{{ 7*7 }} ${7*7} %(x)s",
        "😀" * 300,
    ]
    portal.records = [make_record(n, title=text, notes=text, keywords=[text]) for n, text in enumerate(hostile)]
    portal.records[0]["file"] = "javascript:alert(1)"
    run = harvest()
    assert (run.state, run.added, run.refused) == ("finished", 6, 0)
    texts = " ".join(d["title"] + d["notes"] for d in call_action("package_search", rows=10)["results"])
    assert "<script" not in texts
    assert "\u0000" not in texts
    assert "‮" not in texts
    assert any("%(x)s" in line.title for line in lines(run, "remark")) or "%(x)s" in texts


def test_due_partners_are_started_and_paused_ones_are_not(harvest, portal):
    harvest(schedule="daily")
    partner = model.Session.get(Partner, harvest.sources["ckan"])
    assert partner.next_run <= now()
    partner.next_run = now() - dt.timedelta(minutes=1)
    partner.paused = True
    model.Session.commit()
    jobs.start_due()
    assert len(HarvestJob.filter(source_id=partner.source_id).all()) == 1
    partner.paused = False
    model.Session.commit()
    jobs.start_due()
    assert len(HarvestJob.filter(source_id=partner.source_id).all()) == 2
    assert model.Session.get(Partner, partner.source_id).next_run > now()


def test_a_run_without_sign_of_life_is_told_as_failed(harvest, portal):
    harvest()
    run_id = jobs.start(harvest.sources["ckan"])
    model.Session.add(Run(id=run_id, source_id=harvest.sources["ckan"], beat=now() - dt.timedelta(days=1)))
    model.Session.commit()
    jobs.end_silent()
    model.Session.expire_all()
    assert model.Session.get(Run, run_id).state == "failed"
    assert HarvestJob.get(run_id).status == "Finished"
    assert counts(harvest()) == {"unchanged": 3}


def test_a_look_of_the_scheduler_reaches_each_room_once_whatever_another_fails_of(monkeypatch):
    heard = []

    def well(sender):
        heard.append("well")

    def broken(sender):
        heard.append("broken")
        raise OSError

    monkeypatch.setattr(cli.signal, "signal", lambda *_: None)
    tick = tk.signals.ckanext.signal("lrtzc:tick")
    with tick.connected_to(broken), tick.connected_to(well):
        cli.schedule.callback(once=True)
    assert sorted(heard) == ["broken", "well"]
