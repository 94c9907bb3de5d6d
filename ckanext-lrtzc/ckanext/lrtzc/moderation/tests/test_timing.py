"""The scheduler reminds moderators, tells them once a day, and does what deadlines ask for."""

import datetime as dt
import uuid

import ckan.model as model
import pytest
import sqlalchemy as sa

from ckanext.lrtzc.moderation import cases, letters, upkeep
from ckanext.lrtzc.moderation.domain.policy import Policy, Rule
from ckanext.lrtzc.moderation.domain.timing import AtEnd, Timing
from ckanext.lrtzc.moderation.model import Case
from ckanext.lrtzc.moderation.tests.test_moderation import Parcels, parcels, people, state, vote

pytestmark = pytest.mark.usefixtures("rooms_db", "app")
__all__ = ["Parcels", "parcels", "people"]


@pytest.fixture
def wait(parcels, people):
    """Open a case for two moderators; gives its identifier."""
    author, one, two, _ = people

    def wait(**timing):
        named = [one["id"], two["id"]]
        case = cases.open_case(
            "parcel", str(uuid.uuid4()), author["id"], Policy(Rule.UNANIMITY), named, Timing(**timing)
        )
        model.Session.commit()
        letters.announce([case.id])
        return case.id

    return wait


def pass_days(case_id, days):
    """Have so many days gone by since a case was opened."""
    gone = dt.timedelta(days=days)
    values = {name: getattr(Case, name) - gone for name in ("opened", "deadline", "told", "next_reminder")}
    statement = sa.update(Case).where(Case.id == case_id).values(values)
    model.Session.execute(statement, execution_options={"synchronize_session": False})
    model.Session.commit()
    upkeep.tick()


def test_those_who_have_not_voted_are_reminded(wait, people, told):
    _, one, two, _ = people
    case = wait(remind=3)
    assert {each[0] for each in told} == {one["email"], two["email"]}
    vote(one, case)
    # cases of other people may have letters to be written too
    theirs = {one["email"], two["email"]}
    told.clear()
    pass_days(case, 2)
    assert not [each for each in told if each[0] in theirs]
    pass_days(case, 2)
    found = [each for each in told if each[0] in theirs]
    assert [each[0] for each in found] == [two["email"]]
    assert "Still to be judged" in found[0][1]
    told.clear()
    upkeep.tick()
    assert not [each for each in told if each[0] in theirs]


def test_a_digest_tells_of_all_that_came_once_a_day(wait, people, told):
    _, one, two, _ = people
    first, second = wait(digest=True), wait(digest=True)
    assert not told
    pass_days(second, 0)
    assert not told
    pass_days(first, 1.5)
    mine = [each for each in told if each[0] == one["email"]]
    assert len(mine) == 1
    assert mine[0][2].count("Parcel ") == 2
    assert len(told) == 2
    upkeep.tick()
    assert len(told) == 2
    assert two["email"] in {each[0] for each in told}


def test_a_letter_that_was_cut_off_is_written_later(wait, told, monkeypatch):
    with monkeypatch.context() as cut:
        cut.setattr(letters, "announce", lambda _ids: None)
        case = wait()
    assert not told
    pass_days(case, 1)
    assert len(told) == 2


@pytest.mark.parametrize(("at_end", "outcome"), [(AtEnd.ACCEPT, True), (AtEnd.REJECT, False)])
def test_a_deadline_may_decide(wait, people, told, parcels, at_end, outcome):
    author, one, *_ = people
    case = wait(days=5, at_end=at_end)
    vote(one, case, choice="accept")
    told.clear()
    pass_days(case, 4)
    assert state(case) == "pending"
    pass_days(case, 2)
    assert state(case) == ("accepted" if outcome else "rejected")
    (_subject, accepted, why), *more = parcels.decided_on
    assert (accepted, bool(why), more) == (outcome, not outcome, [])
    assert [each[0] for each in told] == [author["email"]]
    assert ("before the deadline" in told[0][2]) is not outcome
    upkeep.tick()
    assert len(parcels.decided_on) == 1


def test_a_deadline_may_leave_it_waiting_or_give_it_to_the_administrators(wait, people, told):
    from ckan.tests import factories

    admin = factories.Sysadmin()
    _, one, two, _ = people
    waits, passed = wait(days=2, remind=1), wait(days=2, at_end=AtEnd.PASS_ON)
    vote(one, passed)
    told.clear()
    pass_days(waits, 3)
    assert {each[0] for each in told} == {one["email"], two["email"]}
    told.clear()
    pass_days(passed, 3)
    case = model.Session.get(Case, passed, populate_existing=True)
    assert case.state == "pending"
    assert {one["id"], admin["id"]} <= set(case.moderators)
    assert two["id"] not in case.moderators
    assert admin["email"] in {each[0] for each in told}
