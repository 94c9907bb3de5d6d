"""Answers wait for the hour or the number that the owner of their file said, and come into it together."""

import csv
import io
import json
import zipfile

import pytest
from ckan.tests import factories
from ckan.tests.helpers import call_action
from python_calamine import CalamineWorkbook

from ckanext.lrtzc.batches.api import history
from ckanext.lrtzc.batches.model import Batch
from ckanext.lrtzc.batches.together import integrate_waiting
from ckanext.lrtzc.batches.versions import under_way

pytestmark = [pytest.mark.usefixtures("clean_redis"), pytest.mark.filterwarnings("default::DeprecationWarning")]


def states(made):
    found = Batch.of_package(made.dataset["id"], 100, 0)
    return [(batch.state, bool(batch.held), bool(batch.going)) for batch in found]


def test_answers_wait_until_there_are_enough_and_make_one_version(make_form, answer, rows):
    made = make_form()
    resource_id = made.form["resource_id"]
    call_action("batch_timing_update", resource_id=resource_id, way="number", number=3)
    for n in range(2):
        answer(made, street=f"Rue {n}")
    integrate_waiting(resource_id)
    assert states(made) == [("confirmed", True, False)] * 2
    assert not under_way(resource_id), "nothing of them is about to come in"
    answer(made, street="Rue 2")
    assert sorted(row["street"] for row in rows(made)) == ["Rue 0", "Rue 1", "Rue 2"]
    assert states(made) == [("integrated", False, False)] * 3
    assert history(resource_id, 10)[0] == 1


def test_the_owner_has_them_go_in_at_once(make_form, answer, rows):
    made = make_form()
    resource_id = made.form["resource_id"]
    call_action("batch_timing_update", resource_id=resource_id, way="hours", times=["02:00"])
    answer(made, street="Rue des Ormes")
    integrate_waiting(resource_id)
    assert states(made) == [("confirmed", True, False)]
    assert call_action("batch_waiting_integrate", resource_id=resource_id)["gone"] == 1
    assert [row["street"] for row in rows(made)] == ["Rue des Ormes"]


def test_those_that_wait_for_moderators_are_taken_away_as_rows_by_these_alone(app, make_form, answer, call_as):
    made, judge, other = make_form(), factories.User(), factories.User()
    asked = {"rule": "one", "moderators": [judge["name"]]}
    call_as(made.editor, "lrtzc_validation_demand_update", id=made.dataset["id"], **asked)
    for street in ("=1+1", "Rue des Ormes"):
        answer(made, street=street, height="12", place="46.16, -1.15")
    integrate_waiting(made.form["resource_id"])
    assert [state for state, *_ in states(made)] == ["waiting"] * 2
    app.set_session_user(judge["id"])

    def taken(form):
        with zipfile.ZipFile(io.BytesIO(app.get(f"/moderation/batches.zip?format={form}").data)) as archive:
            (name,) = {one for one in archive.namelist() if one != "batches.csv"}
            assert name.endswith(f".{form}")
            assert name in archive.read("batches.csv").decode()
            return archive.read(name)

    table = [*csv.DictReader(io.StringIO(taken("csv").decode("utf-8-sig")), delimiter=";")]
    assert [(row["street"], row["height"]) for row in table] == [("'=1+1", "12"), ("Rue des Ormes", "12")]
    assert [*table[0].values()][-1] == "POINT (-1.15 46.16)"
    features = json.loads(taken("geojson"))["features"]
    assert {one["properties"]["street"] for one in features} == {"=1+1", "Rue des Ormes"}
    assert features[0]["geometry"] == {"type": "Point", "coordinates": [-1.15, 46.16]}
    head, *lines = CalamineWorkbook.from_filelike(io.BytesIO(taken("xlsx"))).get_sheet_by_index(0).to_python()
    assert {line[head.index("street")] for line in lines} == {"=1+1", "Rue des Ormes"}
    page = app.get("/moderation?kind=batch").body
    assert all(f"batches.zip?format={form}" in page for form in ("csv", "xlsx", "geojson"))
    app.set_session_user(other["id"])
    app.get("/moderation/batches.zip?format=csv", status=404)
