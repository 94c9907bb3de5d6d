"""Answers wait for the hour or the number that the owner of their file said, and come into it together."""

import pytest
from ckan.tests.helpers import call_action

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
