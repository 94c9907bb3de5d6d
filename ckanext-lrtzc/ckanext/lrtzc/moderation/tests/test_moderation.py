"""Cases are judged by those designated, once, whatever happens at the same instant."""

import threading
import time
import uuid
from functools import partial

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.tests import factories
from flask import get_flashed_messages

from ckanext.lrtzc.accounts.holding import AccountHolding
from ckanext.lrtzc.interfaces import Moderated, Subject
from ckanext.lrtzc.moderation import cases, gone, letters, views
from ckanext.lrtzc.moderation.domain.policy import Policy, Rule
from ckanext.lrtzc.moderation.domain.timing import Timing
from ckanext.lrtzc.moderation.model import Board, Case, Vote
from ckanext.lrtzc.objects.tests.test_datasets import run
from ckanext.lrtzc.objects.tests.test_form import Browser

# Letters name pages: `app` makes the addresses known.
pytestmark = pytest.mark.usefixtures("rooms_db", "app")


class Parcels(Moderated):
    """A kind of thing that only notes what was decided."""

    def __init__(self):
        self.decided_on = []

    def title(self):
        return "Parcels"

    def describe(self, subject_ids, context):
        return {each: Subject(f"Parcel {each[:8]}", "/about") for each in subject_ids}

    def decided(self, subject_id, accepted, reasons):
        self.decided_on.append((subject_id, accepted, reasons))


@pytest.fixture
def parcels(monkeypatch):
    kind = Parcels()
    known = cases.kinds
    monkeypatch.setattr(cases, "kinds", lambda: {**known(), "parcel": kind})
    return kind


@pytest.fixture
def people(rooms_db):
    """An author and three moderators."""
    return [factories.User() for _ in range(4)]


def opened(author, moderators, rule=Rule.MAJORITY):
    case = cases.open_case(
        "parcel", str(uuid.uuid4()), author and author["id"], Policy(rule), [each["id"] for each in moderators]
    )
    model.Session.commit()
    return case.id


def vote(user, *ids, choice="accept", reason=""):
    return run("lrtzc_moderation_vote", user, ids=list(ids), choice=choice, reason=reason)


def state(case_id):
    return model.Session.get(Case, case_id, populate_existing=True).state


class TestVoting:
    def test_the_outcome_falls_when_votes_decide_it_and_is_done_once(self, parcels, people, told):
        author, one, two, three = people
        case = opened(author, people)
        letters.announce([case])
        assert {each[0] for each in told} == {each["email"] for each in (one, two, three)}
        told.clear()
        assert vote(one, case)["voted"][0]["state"] == "pending"
        assert vote(one, case, choice="reject", reason="Trop flou")["voted"][0]["votes"]["rejects"] == 1
        assert not parcels.decided_on
        assert not told
        vote(two, case, choice="reject", reason="Trop flou")
        assert parcels.decided_on == [(model.Session.get(Case, case).subject_id, False, "Trop flou")]
        assert [each[0] for each in told] == [author["email"]]
        assert "Trop flou" in told[0][2]
        with pytest.raises(tk.ValidationError):
            vote(three, case)
        assert state(case) == "rejected"
        assert run("lrtzc_moderation_list", three, state="decided", kind="parcel")["count"] == 1

    def test_nobody_else_reads_or_judges_it_and_nobody_their_own(self, parcels, people):
        author, one, *_ = people
        case, stranger = opened(author, people), factories.User()
        for user in (author, stranger, factories.Sysadmin()):
            for ids in ([case], [case, opened(one, [user])]):
                with pytest.raises(tk.ObjectNotFound):
                    vote(user, *ids)
            with pytest.raises(tk.ObjectNotFound):
                run("lrtzc_moderation_show", user, id=case)
        assert not model.Session.scalar(sa.select(sa.func.count()).select_from(Vote).where(Vote.case_id == case))
        with pytest.raises(tk.NotAuthorized):
            vote(None, case)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"choice": "reject"},
            {"choice": "reject", "reason": " \n\x00 "},
            {"choice": "perhaps"},
            {"choice": ["accept"]},
            {"choice": "reject", "reason": "x" * 3000},
            {"choice": "reject", "reason": {"a": 1}},
        ],
    )
    def test_what_is_no_vote_is_refused(self, parcels, people, wrong):
        case = opened(people[0], people)
        with pytest.raises(tk.ValidationError):
            vote(people[1], case, **wrong)
        for ids in ([], "", [case] * 500 + ["x"], [5], ["\x00"]):
            with pytest.raises((tk.ValidationError, tk.ObjectNotFound)):
                run("lrtzc_moderation_vote", people[1], ids=ids, choice="accept")
        assert state(case) == "pending"

    def test_many_at_once_and_those_that_came_too_late(self, parcels, people):
        author, one, two, _ = people
        first, second, late = (opened(author, people, Rule.ONE) for _ in range(3))
        vote(two, late)
        answer = vote(one, first, second, late)
        assert {each["id"] for each in answer["voted"]} == {first, second}
        assert [each["id"] for each in answer["late"]] == [late]
        assert len(parcels.decided_on) == 3

    def test_the_author_alone_on_the_board_leaves_it_to_administrators(self, parcels, people):
        admin = factories.Sysadmin()
        case = opened(people[0], people[:1], Rule.ONE)
        assert admin["id"] in model.Session.get(Case, case).moderators
        vote(admin, case)
        assert state(case) == "accepted"

    def test_with_nobody_to_judge_it_waits_for_an_administrator_to_come(self, parcels, people, monkeypatch):
        monkeypatch.setattr(cases, "administrators", list)
        case = opened(people[0], [], Rule.ONE)
        monkeypatch.undo()
        known = cases.kinds
        monkeypatch.setattr(cases, "kinds", lambda: {**known(), "parcel": parcels})
        with pytest.raises(tk.ObjectNotFound):
            vote(people[1], case)
        vote(factories.Sysadmin(), case)
        assert state(case) == "accepted"

    def test_a_moderator_who_left_blocks_nobody(self, parcels, people):
        author, one, two, three = people
        case = opened(author, people, Rule.UNANIMITY)
        vote(one, case)
        row = model.User.get(three["id"])
        row.state = "deleted"
        model.Session.commit()
        vote(two, case)
        assert state(case) == "accepted"

    def test_letters_speak_their_readers_language_and_go_to_nobody_who_is_gone(self, app, parcels, people, told):
        author, one, two, three = people
        case = opened(author, people)
        row = model.User.get(one["id"])
        row.plugin_extras = {"lrtzc_accounts": {"language": "en"}}
        model.Session.commit()
        AccountHolding().restrict(two["id"], True)
        with app.flask_app.test_request_context():
            letters.announce([case])
        subjects = {address: subject for address, subject, _body in told}
        assert set(subjects) == {one["email"], three["email"]}
        assert "To be judged" in subjects[one["email"]]
        assert "To be judged" not in subjects[three["email"]]

    def test_what_nobody_is_left_to_judge_comes_to_the_administrators(self, app, parcels, people, told):
        author, one, two, _ = people
        admin = factories.Sysadmin()
        case, own = opened(author, [one, two]), opened(admin, [one, two])
        with pytest.raises(tk.ObjectNotFound):
            vote(admin, case)
        for each in (one, two):
            assert admin["email"] not in [address for address, *_ in told]
            run("user_delete", admin, id=each["id"])
        assert admin["email"] in [address for address, *_ in told]
        assert run("lrtzc_moderation_show", admin, id=case)["unattended"]
        page = Browser(app, admin).get("/moderation").body
        assert f'id="case-{case}"' in page
        assert "Attend un modérateur" in page
        with pytest.raises(tk.ObjectNotFound):
            vote(admin, own)
        for user in (author, factories.User()):
            with pytest.raises(tk.ObjectNotFound):
                vote(user, case)
        vote(admin, case, choice="reject", reason="Trop flou")
        row = model.Session.get(Case, case, populate_existing=True)
        assert admin["id"] in row.moderators
        assert not {one["id"], two["id"]} & set(row.moderators)

    def test_votes_decide_when_those_who_said_nothing_leave(self, parcels, people, told):
        author, one, two, _ = people
        case = opened(author, [one, two], Rule.UNANIMITY)
        vote(one, case)
        run("user_delete", factories.Sysadmin(), id=two["id"])
        assert state(case) == "accepted"
        assert author["email"] in [address for address, *_ in told]

    def test_a_fault_at_the_outcome_undoes_the_vote(self, parcels, people, monkeypatch):
        def broken(*_):
            raise RuntimeError("no")

        case = opened(people[0], people, Rule.ONE)
        monkeypatch.setattr(parcels, "decided", broken)
        with pytest.raises(RuntimeError):
            vote(people[1], case)
        assert state(case) == "pending"
        assert not cases.votes_on([case])[case]


@pytest.fixture
def faults(monkeypatch):
    """Keep what is logged of cases that couldn't go on without somebody."""
    said = []
    monkeypatch.setattr(gone.log, "exception", lambda *words: said.append(words))
    return said


class TestAtOnce:
    def test_two_moderators_at_the_same_instant_decide_once(self, at_once, parcels, people):
        """Each thread has a session of its own; whoever comes second sees what the first did."""
        author, *moderators = people
        ids = [opened(author, people, Rule.ONE) for _ in range(3)]
        users = [model.User.get(each["id"]) for each in moderators]
        for user in users:
            model.Session.expunge(user)

        def vote_on(user, order):
            done, _late = cases.cast(user, order, cases.Choice.ACCEPT, "")
            model.Session.commit()
            return [each.id for each in done]

        voted = at_once(*(partial(vote_on, user, ids[i:] + ids[:i]) for i, user in enumerate(users)))
        assert sorted(each for some in voted for each in some) == sorted(ids)
        assert len(parcels.decided_on) == len(ids)

    def test_two_moderators_leave_at_once(self, at_once, parcels, people, told, monkeypatch, faults):
        """All that their leaving decides is decided once, and a few things are held at a time."""
        author, one, two, three = people
        monkeypatch.setattr(gone, "AT_ONCE", 3)
        held, hold = [], cases.hold

        def holding(subjects):
            hold(subjects)
            locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
            held.append(model.Session.scalar(sa.text(locks)))

        voted = [opened(author, [one, two, three], Rule.UNANIMITY) for _ in range(8)]
        vote(one, *voted)
        alone, others = opened(author, [two, three]), opened(author, [one, two, three])
        leaving = [two["id"], three["id"]]
        model.Session.execute(sa.update(model.User).where(model.User.id.in_(leaving)).values(state="deleted"))
        model.Session.commit()
        told.clear()
        monkeypatch.setattr(cases, "hold", holding)
        at_once(*(partial(gone.without, each) for each in leaving))
        assert not faults
        assert [state(each) for each in voted] == ["accepted"] * 8
        assert len(parcels.decided_on) == 8
        assert (state(alone), state(others)) == ("pending", "pending")
        assert 0 < max(held) <= 3
        written = [address for address, *_ in told]
        assert written.count(author["email"]) == 8
        assert one["email"] not in written

    def test_one_case_that_fails_keeps_no_other_from_going_on(self, parcels, people, monkeypatch, faults):
        author, one, two, _ = people
        cases_ = [opened(author, [one, two], Rule.UNANIMITY) for _ in range(3)]
        vote(one, *cases_)
        subject, decided = model.Session.get(Case, cases_[1]).subject_id, parcels.decided

        def broken(subject_id, accepted, reasons):
            if subject_id == subject:
                raise RuntimeError("no")
            decided(subject_id, accepted, reasons)

        monkeypatch.setattr(parcels, "decided", broken)
        run("user_delete", factories.Sysadmin(), id=two["id"])
        assert [state(each) for each in cases_] == ["accepted", "pending", "accepted"]
        assert [names for _said, names in faults] == [", ".join(sorted(cases_)), cases_[1]]

    def test_a_thing_has_one_case_that_waits(self, parcels, people):
        case = opened(people[0], people)
        again = cases.open_case("parcel", model.Session.get(Case, case).subject_id, people[0]["id"])
        model.Session.commit()
        assert (state(case), state(again.id)) == ("cancelled", "pending")
        with pytest.raises(tk.ValidationError):
            vote(people[1], case)


class TestBoards:
    @pytest.fixture(autouse=True)
    def _clean(self):
        yield
        model.Session.execute(sa.delete(Board))
        model.Session.commit()

    def test_administrators_say_who_moderates_and_cases_go_to_them(self, parcels, people):
        admin, (author, one, two, _) = factories.Sysadmin(), people
        case = cases.open_case("parcel", str(uuid.uuid4()), author["id"])
        voted = cases.open_case(
            "parcel", str(uuid.uuid4()), author and author["id"], Policy(Rule.UNANIMITY), [one["id"], two["id"]]
        )
        model.Session.commit()
        vote(two, voted.id)
        asked = {
            "kind": "parcel",
            "rule": "majority",
            "share": "60 %",
            "moderators": f"{one['name']}\n{two['email'].upper()}\n",
        }
        told = {each["kind"]: each for each in run("lrtzc_moderation_board_update", admin, **asked)}
        assert told["parcel"]["share"] == "3/5"
        row = model.Session.get(Case, case.id, populate_existing=True)
        assert (row.rule, set(row.moderators)) == ("majority", {one["id"], two["id"]})
        assert model.Session.get(Case, voted.id, populate_existing=True).rule == "unanimity"
        vote(one, case.id)
        vote(two, case.id)
        assert state(case.id) == "accepted"

    def test_others_may_not_and_wrong_ones_change_nothing(self, parcels, people):
        admin, good = factories.Sysadmin(), {"kind": "parcel", "rule": "one", "moderators": ""}
        for user in (None, people[0]):
            with pytest.raises(tk.NotAuthorized):
                run("lrtzc_moderation_board_update", user, **good)
        for wrong in ({"rule": "none"}, {"share": "1/3"}, {"moderators": "personne"}, {"moderators": [5]}):
            with pytest.raises(tk.ValidationError):
                run("lrtzc_moderation_board_update", admin, **{**good, **wrong})
        with pytest.raises(tk.ObjectNotFound):
            run("lrtzc_moderation_board_update", admin, **{**good, "kind": "nothing"})
        assert model.Session.scalar(sa.select(sa.func.count()).select_from(Board)) == 0

    def test_by_page(self, app, people):
        browser = Browser(app, factories.Sysadmin())
        assert 'value="reuse"' in browser.get("/ckan-admin/moderation").body
        browser.post("/ckan-admin/moderation", status=422, kind="reuse", rule="one", moderators="personne@example.org")
        assert "personne@example.org" in browser.page.body
        browser.post("/ckan-admin/moderation", kind="reuse", rule="one", share="2/3", moderators=people[1]["name"])
        assert people[1]["name"] in browser.get("/ckan-admin/moderation").body
        Browser(app, people[0]).get("/ckan-admin/moderation", status=403)


class TestConsole:
    @pytest.mark.parametrize(("votes", "sentences"), [(3, 3), (4, 1)])
    def test_many_votes_are_told_of_in_one_sentence(self, app, votes, sentences):
        voted = [{"state": "accepted", "subject": {"title": f"Parcelle {number}"}} for number in range(votes)]
        with app.flask_app.test_request_context("/moderation"):
            views._tell({"voted": voted, "late": []})
            told = get_flashed_messages()
        assert len(told) == sentences
        assert all(("Parcelle" in each) == (votes == 3) for each in told)
        assert sentences > 1 or str(votes) in told[0]

    def test_who_has_no_account_is_no_former_member(self, app, parcels, people):
        _author, one, *_ = people
        case = opened(None, people, Rule.ONE)
        page = Browser(app, one).get("/moderation").body.partition(f'id="case-{case}"')[2].partition("</li>")[0]
        assert "envoyé par une personne sans compte" in page

    def test_read_accepted_and_rejected_by_page(self, app, parcels, people):
        author, one, *_ = people
        cases_ = [opened(author, people, Rule.ONE) for _ in range(3)]
        browser = Browser(app, one)
        page = browser.get("/moderation")
        assert all(f'id="case-{each}"' in page.body for each in cases_)
        assert "Mes décisions (3)" in browser.get("/dashboard/datasets").body
        browser.get("/moderation")
        browser.post("/moderation", status=422, only=f"reject:{cases_[0]}")
        browser.post("/moderation", status=422, choice="accept")
        browser.post("/moderation", status=400, choice="x", ids=cases_)
        browser.post("/moderation", only=f"accept:{cases_[0]}", ids=cases_)
        assert [state(each) for each in cases_] == ["accepted", "pending", "pending"]
        browser.get("/moderation")
        browser.post("/moderation", choice="reject", reason="Hors sujet", ids=cases_[1:])
        assert [state(each) for each in cases_] == ["accepted", "pending", "pending"]
        assert "Hors sujet" not in browser.get("/moderation?state=decided").body
        for user in people[2:]:
            other = Browser(app, user)
            other.get("/moderation")
            other.post("/moderation", choice="reject", reason="Hors sujet", ids=cases_[1:])
        assert "Hors sujet" in browser.get("/moderation?state=decided").body
        stranger = Browser(app, factories.User())
        stranger.get("/moderation")
        stranger.post("/moderation", status=404, choice="accept", ids=cases_[:1])
        stranger.get("/moderation?state=x", status=404)


class TestChangedMidVote:
    """Who judges, and by which rule, changes while moderators vote: what was voted on stays with those who did."""

    def detached(self, person):
        """Give an account that another thread's session may hold."""
        found = model.User.get(person["id"])
        model.Session.expunge(found)
        model.Session.rollback()
        return found

    def renewed(self, numbers, rule, moderators, before=lambda: None):
        """Change who judges some cases, and how, without committing; give those that were changed."""
        subjects = list(model.Session.scalars(sa.select(Case.subject_id).where(Case.id.in_(numbers))))
        before()
        return cases.renew_some("parcel", subjects, Policy(rule), [each["id"] for each in moderators], Timing())

    def test_a_vote_that_is_being_cast_keeps_the_case_to_its_moderators(self, at_once, parcels, people):
        """The change comes after the vote is written and before it is committed, and waits for it."""
        author, one, two, three = people
        case = opened(author, [one, two], Rule.UNANIMITY)
        voter = self.detached(one)
        written, changing = threading.Event(), threading.Event()

        def cast():
            cases.cast(voter, [case], cases.Choice.ACCEPT, "")
            written.set()
            assert changing.wait(60)
            # the change has begun and waits
            time.sleep(0.5)
            model.Session.commit()

        def change():
            assert written.wait(60)
            told = self.renewed([case], Rule.ONE, [three], before=changing.set)
            model.Session.commit()
            return told

        assert at_once(cast, change) == [None, []]
        row = model.Session.get(Case, case, populate_existing=True)
        assert (row.rule, sorted(row.moderators)) == ("unanimity", sorted([one["id"], two["id"]]))
        assert list(cases.votes_on([case])[case]) == [one["id"]]
        with pytest.raises(tk.ObjectNotFound):
            vote(three, case)
        vote(two, case)
        assert state(case) == "accepted"

    def test_a_vote_that_comes_after_the_change_is_not_theirs_any_more(self, at_once, parcels, people):
        author, one, two, three = people
        case = opened(author, [one, two], Rule.ONE)
        voter = self.detached(one)
        changed, voting = threading.Event(), threading.Event()

        def change():
            told = self.renewed([case], Rule.UNANIMITY, [two, three])
            changed.set()
            assert voting.wait(60)
            time.sleep(0.5)
            model.Session.commit()
            return told

        def cast():
            assert changed.wait(60)
            voting.set()
            cases.cast(voter, [case], cases.Choice.ACCEPT, "")

        told, refused = at_once(change, cast)
        assert told == [case]
        assert isinstance(refused, tk.ObjectNotFound)
        assert not cases.votes_on([case])[case]
        assert not parcels.decided_on

    def test_a_vote_begun_before_another_moderator_left_decides_without_them(self, at_once, parcels, people, faults):
        """They leave after the vote is counted with them and before it is committed."""
        author, one, two, _ = people
        case = opened(author, [one, two], Rule.UNANIMITY)
        voter = self.detached(one)
        written, leaving = threading.Event(), threading.Event()

        def cast():
            cases.cast(voter, [case], cases.Choice.ACCEPT, "")
            written.set()
            assert leaving.wait(60)
            time.sleep(0.5)
            model.Session.commit()

        def leave():
            assert written.wait(60)
            model.Session.execute(sa.update(model.User).where(model.User.id == two["id"]).values(state="deleted"))
            model.Session.commit()
            leaving.set()
            gone.without(two["id"])

        assert at_once(cast, leave) == [None, None]
        assert not faults
        assert state(case) == "accepted"

    def test_a_rule_that_changes_after_the_first_vote_is_for_what_comes_next(self, parcels, people):
        author, one, two, three = people
        voted, fresh = opened(author, [one, two], Rule.UNANIMITY), opened(author, [one, two], Rule.UNANIMITY)
        vote(one, voted)
        self.renewed([voted, fresh], Rule.ONE, [three])
        model.Session.commit()
        vote(three, fresh)
        assert (state(voted), state(fresh)) == ("pending", "accepted")
        vote(two, voted, choice="reject", reason="Trop flou")
        assert state(voted) == "rejected"
