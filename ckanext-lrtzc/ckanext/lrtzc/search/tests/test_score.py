"""The score of objects: shown with what raises it, found by, never posted, never stale."""

import datetime as dt
import json

import pytest
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.lrtzc.search import checking, renewing, scoring
from ckanext.lrtzc.search.domain.answers import Outcome
from ckanext.lrtzc.search.model import Link

pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index", "clean_redis")
RHYTHM = "http://publications.europa.eu/resource/authority/frequency/"


@pytest.fixture
def made():
    """Give an editor, their organisation, and a function that makes a dataset of it."""
    # links of what other tests made are nobody's any more
    model.Session.query(model.Package).update({"state": "deleted"})
    model.Session.commit()
    owner = factories.User()
    org = factories.Organization(users=[{"name": owner["name"], "capacity": "editor"}])

    def make(**fields):
        given = {"owner_org": org["id"], "license_id": "lov2", "notes": "Ce qui fut mesuré. " * 8, **fields}
        links = [{"url": "https://donnees.example.org/a.csv", "format": "CSV", "name": "Relevés"}]
        return factories.Dataset(user=owner, resources=given.pop("resources", links), **given)

    return owner, make


def show(name, who=None):
    return tk.get_action("package_show")({"user": who["name"] if who else ""}, {"id": name})


def found(**narrowed):
    fq = " ".join(f'{name}:"{value}"' for name, value in narrowed.items())
    answer = tk.get_action("package_search")({"user": ""}, {"fq": fq, "facet.field": [*scoring_facets()]})
    return [one["name"] for one in answer["results"]], answer["facets"]


def scoring_facets():
    return scoring.QUALITY, scoring.FRESHNESS, scoring.ACCESS


def today():
    return dt.datetime.now(dt.UTC).date()


def test_an_object_tells_its_score_and_its_page_what_raises_it_to_who_may_edit(app, made):
    owner, make = made
    dataset = make(frequency=RHYTHM + "ANNUAL", modified=today().isoformat())
    score = show(dataset["name"])["metadata_score"]
    assert score["freshness"] == "kept"
    assert score["criteria"]["licence"] is True
    assert score["criteria"]["period"] is False
    assert 0 < score["value"] < 100

    address = f"/en/dataset/{dataset['name']}"
    stranger = app.get(address).body
    assert f'value="{score["value"]}"' in stranger
    assert "The period that it is about is stated" in stranger
    assert "from when to when" not in stranger
    assert "coverage#field-temporal_coverage" not in stranger
    app.set_session_user(owner["name"])
    editor = app.get(address).body
    assert "from when to when" in editor
    assert f"/dataset/edit/{dataset['id']}/coverage#field-temporal_coverage" in editor
    listed = app.get("/en/dataset/").body
    assert f"described {score['value']}/100" in listed
    assert "up to date" in listed


def test_a_score_that_is_sent_is_ignored(made):
    owner, make = made
    dataset = make()
    before = show(dataset["name"], owner)["metadata_score"]
    sent = {**show(dataset["name"], owner), "metadata_score": {**before, "value": 100, "criteria": {"licence": True}}}
    tk.get_action("package_update")({"user": owner["name"]}, sent)
    tk.get_action("package_patch")({"user": owner["name"]}, {"id": dataset["id"], "vocab_quality": ["80-100"]})
    assert show(dataset["name"])["metadata_score"] == before
    assert found(vocab_quality="80-100")[0] == []


def test_results_are_narrowed_by_quality_freshness_and_access_and_counts_tell_nothing_hidden(made):
    owner, make = made
    whole = make(
        frequency=RHYTHM + "DAILY",
        modified=today().isoformat(),
        temporal_coverage=[{"start": "2020", "end": "2025"}],
        spatial=json.dumps({"type": "Point", "coordinates": [-1.15, 46.16]}),
    )
    late = make(notes="", license_id="notspecified", frequency=RHYTHM + "MONTHLY", modified="2020")
    make(frequency=RHYTHM + "NEVER", private=True)
    assert found(vocab_quality="80-100")[0] == [whole["name"]]
    assert found(vocab_freshness="late")[0] == [late["name"]]
    _, counts = found()
    assert counts["vocab_freshness"] == {"kept": 1, "late": 1}
    assert counts["vocab_access"] == {"open": 2}
    tk.get_action("lrtzc_access_restrict")({"user": owner["name"]}, {"id": whole["id"], "reason": "personal"})
    assert found(vocab_access="request")[0] == [whole["name"]]


def test_data_that_become_late_are_told_so_without_a_change(made, monkeypatch):
    _, make = made
    dataset = make(frequency=RHYTHM + "DAILY", modified=today().isoformat())
    assert found(vocab_freshness="kept")[0] == [dataset["name"]]
    assert not renewing._due(10)
    # as if the index had been made so long ago that its day is over
    monkeypatch.setattr(scoring, "_end", lambda _day: dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1))
    checking.index({dataset["id"]})
    assert renewing._due(10) == {dataset["id"]}
    monkeypatch.undo()
    coming = scoring.local_now() + dt.timedelta(days=9)
    monkeypatch.setattr(scoring, "local_now", lambda: coming)
    assert show(dataset["name"])["metadata_score"]["freshness"] == "late"
    renewing.renew()
    assert found(vocab_freshness="late")[0] == [dataset["name"]]
    assert not renewing._due(10)


def test_a_link_that_fails_twice_lowers_the_score_until_it_answers_again(made, monkeypatch):
    _, make = made
    dataset = make()
    said = {"found": (Outcome.FAILS, "404")}
    monkeypatch.setattr(checking, "look", lambda _url: said["found"])

    def look_again():
        model.Session.query(Link).update({"checked": dt.datetime.now(dt.UTC) - dt.timedelta(days=8)})
        model.Session.commit()
        checking.check()
        return show(dataset["name"])["metadata_score"]["criteria"]["reachable"]

    assert look_again() is True
    assert look_again() is False
    said["found"] = (Outcome.UNSURE, "403")
    assert look_again() is False
    said["found"] = (Outcome.ANSWERS, "200")
    assert look_again() is True
    # what answers is left alone for some days
    assert not checking._due(10)


def test_where_no_server_answers_the_portal_blames_itself(made, monkeypatch):
    _, make = made
    links = [{"url": f"https://{host}.example.org/a.csv", "format": "CSV"} for host in ("un", "deux", "trois")]
    dataset = make(resources=links)
    monkeypatch.setattr(checking, "look", lambda _url: (Outcome.FAILS, "unreachable"))
    checking.check()
    mine = model.Session.query(Link).filter(Link.package_id == dataset["id"])
    assert [one.failures for one in mine] == [0, 0, 0]


def test_other_kinds_are_judged_by_what_they_can_have(made):
    links = [{"url": "https://forge.example.org/a", "name": "Code"}]
    asked = {
        "type": "algorithm",
        "title": "Calcul",
        "name": "calcul",
        "notes": "x" * 120,
        "license_id": "lov2",
        "resources": links,
        "owner_org": factories.Organization()["id"],
        "legal_ground": "Délibération.",
    }
    sheet = dict.fromkeys(("purpose", "input_data", "method", "effects", "recourse"), "Dit.")
    made_one = call_action("package_create", {"user": factories.User()["name"], "ignore_auth": True}, **asked, **sheet)
    criteria = show(made_one["name"])["metadata_score"]["criteria"]
    assert set(criteria) == {"licence", "description", "reachable"}
