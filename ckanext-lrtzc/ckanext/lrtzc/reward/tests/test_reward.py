"""Points: given for what stands, taken with it, explained, under a pseudonym, for those who want them."""

import html
import uuid

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.lrtzc.batches.domain.states import Event, State
from ckanext.lrtzc.batches.model import Batch
from ckanext.lrtzc.links.model import Link
from ckanext.lrtzc.objects.tests.test_datasets import run
from ckanext.lrtzc.objects.tests.test_kinds import of
from ckanext.lrtzc.people import RESTRICTED
from ckanext.lrtzc.personal.api import Identity, holdings, identities
from ckanext.lrtzc.reuses.model import Reuse, Use
from ckanext.lrtzc.reward import counting, jobs
from ckanext.lrtzc.reward.api import begin_challenge
from ckanext.lrtzc.reward.model import Challenge, Gain, Participant, Refused, RulesKept, now

pytestmark = pytest.mark.usefixtures("rooms_db", "app")


@pytest.fixture(autouse=True)
def _nothing_before(rooms_db):
    for each in (Gain, Participant, RulesKept, Challenge, Refused):
        model.Session.execute(sa.delete(each))
    model.Session.commit()


@pytest.fixture
def me(person):
    return person()


@pytest.fixture
def thing(person):
    """Give a dataset of somebody else."""
    return run("package_create", person(), **of("dataset", title="Arbres"))


def join(user, pseudonym="Rose des vents", **more):
    return run("lrtzc_reward_join", user, pseudonym=pseudonym, **more)


def points(user):
    jobs.count()
    return run("lrtzc_reward_show", user)["points"]


def sent(user, thing, **more):
    """Write a batch that was integrated, as answers to forms leave it."""
    number = str(uuid.uuid4())
    values = {
        "id": number, "package_id": thing["id"], "resource_id": "r", "author": user["id"], "origin": "upload",
        "state": "integrated", "name": "x.json", "location": f"small:{number}", "sha256": number, "unattended": True,
        "settings": {"kind": "form", "given": {"key": number}}, "rows_accepted": 1, **more,
    }  # fmt: skip
    batch = Batch(**values)
    model.Session.add(batch)
    model.Session.commit()
    return batch


def reused(author, *things):
    one = Reuse(name=uuid.uuid4().hex, kind="site", author_id=author["id"], title="Une carte", published=now())
    model.Session.add(one)
    model.Session.flush()
    model.Session.add_all(Use(reuse_id=one.id, package_id=each["id"]) for each in things)
    model.Session.commit()
    return one


class TestWhatGivesPoints:
    def test_a_contribution_counts_while_it_stands(self, me, thing):
        join(me)
        batch = sent(me, thing)
        assert points(me) == 2
        told = run("lrtzc_reward_gain_list", me)
        assert told["count"] == 1
        assert told["results"][0]["object"]["title"] == "Arbres"
        assert (told["results"][0]["points"], told["results"][0]["because"]) == (2, "whole")
        batch.happen(Event.REVOKE)
        model.Session.commit()
        assert points(me) == 0
        assert run("lrtzc_reward_gain_list", me)["count"] == 0

    def test_what_isnt_accepted_gives_none(self, me, thing):
        join(me)
        for state in set(State) - {State.INTEGRATED}:
            sent(me, thing, state=state.value)
        assert points(me) == 0

    def test_what_says_the_same_anew_counts_once(self, me, thing):
        join(me)
        first = sent(me, thing)
        sent(me, thing, settings=first.settings)
        sent(me, thing, settings={}, unattended=False, sha256="same")
        sent(me, thing, settings={}, unattended=False, sha256="same")
        assert points(me) == 4

    def test_neither_ones_own_dataset_nor_what_a_source_fetched_counts(self, me, thing):
        join(me)
        mine = run("package_create", me, **of("dataset"))
        sent(me, mine)
        sent(me, thing, settings={"given": {}})
        sent(me, thing, rows_accepted=0)
        assert points(me) == 20

    def test_thousands_of_answers_give_what_a_day_gives(self, me, thing):
        join(me)
        for _ in range(15):
            sent(me, thing)
        assert points(me) == 20
        results = run("lrtzc_reward_gain_list", me)["results"]
        assert [one["because"] for one in results].count("day") == 5

    def test_what_one_publishes_counts_while_all_see_it(self, me):
        join(me)
        mine = run("package_create", me, **of("dataset"))
        assert points(me) == 20
        package = model.Package.get(mine["id"])
        package.private = True
        model.Session.commit()
        assert points(me) == 0
        package.private = False
        model.Session.commit()
        assert points(me) == 20
        for kind, total in (("algorithm", 40), ("restitution", 55), ("use-case", 70)):
            run("package_create", me, **of(kind))
            assert points(me) == total
        run("package_delete", me, id=mine["id"])
        assert points(me) == 50

    def test_reuses_by_others_count_once_each_and_ones_own_never(self, me, person):
        one, two = (run("package_create", me, **of("dataset")) for _ in range(2))
        join(me)
        other = reused(person(), one, two)
        reused(me, one)
        assert points(me) == 50
        other.withdrawn = now()
        model.Session.commit()
        assert points(me) == 40

    def test_what_others_build_on_counts_where_they_linked_it(self, me, person):
        mine, own = (run("package_create", me, **of("dataset")) for _ in range(2))
        join(me)
        first, second = (run("package_create", person(), **of("use-case")) for _ in range(2))

        def link(source, by):
            model.Session.add(Link(kind="uses", source_id=source["id"], target_id=mine["id"], created_by=by["id"]))
            model.Session.commit()

        link(own, me)
        link(first, me)
        assert points(me) == 40
        link(second, {"id": "somebody"})
        assert points(me) == 50


class TestFarming:
    def test_to_take_away_and_send_again_gives_nothing_more(self, me, thing):
        join(me)
        batch = sent(me, thing)
        for _ in range(5):
            assert points(me) == 2
            batch.state = "withdrawn"
            model.Session.commit()
            assert points(me) == 0
            batch.state = "integrated"
            model.Session.commit()
        assert points(me) == 2

    def test_to_leave_and_begin_again_gives_nothing_more(self, me, thing):
        sent(me, thing)
        assert join(me)["points"] == 2
        run("lrtzc_reward_leave", me)
        assert model.Session.scalar(sa.select(sa.func.count()).select_from(Gain)) == 0
        assert join(me)["points"] == 2

    def test_two_counts_at_the_same_instant_count_once(self, me, thing, at_once):
        join(me)
        for _ in range(3):
            sent(me, thing)
        model.Session.remove()
        assert at_once(jobs.count, jobs.count, jobs.count) == [None, None, None]
        assert points(me) == 6

    def test_what_is_cut_off_half_way_is_counted_by_the_next_look(self, me, thing, monkeypatch):
        join(me)
        sent(me, thing)

        def cut(*_):
            raise RuntimeError("killed")

        monkeypatch.setattr(counting, "_count_month", cut)
        with pytest.raises(RuntimeError):
            jobs.count()
        monkeypatch.undo()
        assert run("lrtzc_reward_gain_list", me)["count"] == 0
        assert points(me) == 2

    def test_a_look_at_which_nothing_changed_writes_nothing(self, me, thing):
        join(me)
        sent(me, thing)
        assert counting.count() == 1
        model.Session.commit()
        written = []

        def see(_conn, _cursor, statement, *_):
            if not statement.lstrip().upper().startswith("SELECT"):
                written.append(statement)

        sa.event.listen(model.meta.engine, "before_cursor_execute", see)
        try:
            assert counting.count() == 0
        finally:
            sa.event.remove(model.meta.engine, "before_cursor_execute", see)
            model.Session.rollback()
        assert written == []


class TestPseudonyms:
    def test_nothing_is_counted_of_who_doesnt_want_it(self, me, thing):
        sent(me, thing)
        jobs.count()
        assert run("lrtzc_reward_show", me) == {"member": False}
        assert run("lrtzc_reward_gain_list", me)["count"] == 0

    def test_it_says_nothing_of_who_one_is(self, me):
        identities.keep(me["id"], Identity("Mme", "Zénobie", "Palmyre", "1990-05-17"))
        for telling in ("Xanthippe", me["name"], "zenobie", "PALMYRE 3", me["email"]):
            with pytest.raises(tk.ValidationError) as refused:
                join(me, telling)
            assert "pseudonym" in refused.value.error_dict
        assert run("lrtzc_reward_show", me) == {"member": False}

    def test_nobody_elses_and_none_like_it_is_taken(self, me, person, at_once):
        join(me, "Rose des vents")
        other = person()
        third = factories.User(fullname="Grande Ourse")
        for taken in ("rose des vents", "Rosé-des-vents", "ROSEDESVENTS", third["fullname"], third["name"]):
            with pytest.raises(tk.ValidationError):
                join(other, taken)
        join(me, "Rose des Vents")
        model.Session.remove()
        answers = at_once(lambda: join(other, "Petit ours"), lambda: join(third, "petit-ours"))
        assert sorted(isinstance(each, tk.ValidationError) for each in answers) == [False, True]

    def test_strangers_and_odd_values_are_answered_clearly(self, me):
        for action in ("show", "join", "leave", "gain_list", "rules_update"):
            with pytest.raises(tk.NotAuthorized):
                run(f"lrtzc_reward_{action}", None, pseudonym="Rose des vents")
        for wrong in (None, 3, ["Rose"], {"a": 1}, "", "x" * 10_000, "nul\x00"):
            with pytest.raises(tk.ValidationError):
                join(me, wrong)
        for wrong in ({"limit": "x"}, {"offset": -1}, {"limit": 10**30}):
            with pytest.raises(tk.ValidationError):
                run("lrtzc_reward_gain_list", me, **wrong)


class TestBoards:
    def test_only_who_wants_is_listed_and_equals_share_a_rank(self, me, person, thing):
        others = [person() for _ in range(4)]
        for number, user in enumerate([me, *others]):
            join(user, f"Numéro {number}", listed=number != 4)
        for user, count in zip([me, *others], (3, 1, 1, 0, 5), strict=True):
            for _ in range(count):
                sent(user, thing)
        jobs.count()
        for period in ("month", "ever"):
            board = run("lrtzc_reward_board", me, period=period)
            assert board["count"] == 3
            assert [(one["rank"], one["pseudonym"], one["points"], one["mine"]) for one in board["results"]] == [
                (1, "Numéro 0", 6, True),
                (2, "Numéro 1", 2, False),
                (2, "Numéro 2", 2, False),
            ]
            assert set(board["results"][0]) == {"rank", "pseudonym", "points", "mine"}
        assert [one["rank"] for one in run("lrtzc_reward_board", None, limit=1, offset=2)["results"]] == [2]
        assert run("lrtzc_reward_board", None, offset=3) == {"count": 3, "results": []}
        with pytest.raises(tk.ValidationError):
            run("lrtzc_reward_board", None, period="never")

    def test_who_is_restricted_or_left_is_on_none(self, me, thing):
        join(me, listed=True)
        sent(me, thing)
        assert points(me) == 2
        user = model.User.get(me["id"])
        user.plugin_extras = {RESTRICTED: True}
        model.Session.commit()
        assert run("lrtzc_reward_board", None)["count"] == 0
        user.plugin_extras = {}
        model.Session.commit()
        assert run("lrtzc_reward_board", None)["count"] == 1
        holding = dict(holdings())["reward"]
        assert holding.export(me["id"])["pseudonym"] == "Rose des vents"
        with pytest.raises(ValueError, match="tell who you are"):
            holding.rectify(me["id"], {"pseudonym": "Xanthippe"})
        assert holding.erase(me["id"]) == 2
        assert holding.find(me["id"]) == 0
        assert holding.export(me["id"]) == {}
        assert run("lrtzc_reward_board", None)["count"] == 0


class TestTakenDown:
    @pytest.fixture
    def admin(self):
        return factories.Sysadmin()

    @pytest.fixture
    def offender(self, me, thing):
        join(me, "Gros-Vilain", listed=True)
        sent(me, thing)
        jobs.count()
        return me

    def names(self, reader=None):
        return [one["pseudonym"] for one in run("lrtzc_reward_board", reader)["results"]]

    def take(self, admin, pseudonym="Gros-Vilain", reason="Il insulte."):
        return run("lrtzc_reward_take_down", admin, pseudonym=pseudonym, reason=reason)

    def test_nobody_sees_it_and_whoever_went_by_it_reads_why(self, admin, offender, person, thing, letters):
        other = person()
        join(other, "Petite ourse", listed=True)
        sent(other, thing)
        jobs.count()
        assert self.take(admin, "gros vilain", "  Il insulte : <b>tous</b>.  ") == {"pseudonym": "grosvilain"}
        assert self.names() == self.names(offender) == self.names(admin) == ["Petite ourse"]
        told = run("lrtzc_reward_show", offender)
        assert (told["taken_down"], told["points"]) == ("Il insulte : <b>tous</b>.", 2)
        assert run("lrtzc_reward_show", other)["taken_down"] is None
        assert dict(holdings())["reward"].export(offender["id"])["taken_down"] == "Il insulte : <b>tous</b>."
        (letter,) = letters.received
        assert offender["email"] in letter["To"]
        assert "Il insulte : <b>tous</b>." in letter.get_content()
        assert "/reward/mine" in letter.get_content()
        assert "Vilain" not in letter["Subject"]
        (shown,) = run("lrtzc_reward_refused_list", admin)["results"]
        assert (shown["pseudonym"], shown["reason"]) == ("grosvilain", "Il insulte : <b>tous</b>.")

    def test_the_ledger_tells_who_did_it_to_whom_and_neither_name_nor_reason(self, admin, offender, drain_outboxes):
        self.take(admin)
        run("lrtzc_reward_refused_allow", admin, pseudonym="Gros-Vilain")
        for operation in ("reward.take_down", "reward.allow"):
            entry = call_action("lrtzc_ledger_search", operation=operation, limit=1)["entries"][0]
            assert (entry["actor"], entry["object_id"]) == (admin["id"], offender["id"])
            assert "vilain" not in str(entry).lower()
            assert "insulte" not in str(entry)

    def test_neither_they_nor_others_take_it_again_however_written(self, admin, offender, person, thing):
        self.take(admin)
        other = person()
        for user in (offender, other):
            for again in ("Gros-Vilain", "gros vilain", "GROSVILAIN", "Grôs.Vïlain"):
                with pytest.raises(tk.ValidationError) as refused:
                    join(user, again, listed=True)
                assert "took this pseudonym down" in str(refused.value.error_dict["pseudonym"])
        assert run("lrtzc_reward_show", offender)["taken_down"] == "Il insulte."
        assert run("lrtzc_reward_show", other) == {"member": False}
        renamed = join(offender, "Doux agneau", listed=True)
        assert (renamed["taken_down"], renamed["points"]) == (None, 2)
        assert self.names() == ["Doux agneau"]
        # nobody goes by it: why is forgotten, and it stays refused
        assert [one["reason"] for one in run("lrtzc_reward_refused_list", admin)["results"]] == [""]
        for user in (offender, other):
            with pytest.raises(tk.ValidationError):
                join(user, "Gros-Vilain")
        with pytest.raises(tk.ObjectNotFound):
            self.take(admin)

    def test_to_leave_forgets_why_and_brings_the_name_back_to_nobody(self, admin, offender):
        self.take(admin)
        run("lrtzc_reward_leave", offender)
        assert [one["reason"] for one in run("lrtzc_reward_refused_list", admin)["results"]] == [""]
        with pytest.raises(tk.ValidationError):
            join(offender, "Gros-Vilain")
        join(offender, "Doux agneau")
        with pytest.raises(ValueError, match="took this pseudonym down"):
            dict(holdings())["reward"].rectify(offender["id"], {"pseudonym": "Gros-Vilain"})

    def test_it_is_allowed_again_and_told(self, admin, offender, person, letters):
        self.take(admin)
        letters.received.clear()
        assert run("lrtzc_reward_refused_allow", admin, pseudonym="GROS VILAIN") == {"pseudonym": "grosvilain"}
        assert self.names() == ["Gros-Vilain"]
        assert run("lrtzc_reward_show", offender)["taken_down"] is None
        (letter,) = letters.received
        assert offender["email"] in letter["To"]
        with pytest.raises(tk.ObjectNotFound):
            run("lrtzc_reward_refused_allow", admin, pseudonym="Gros-Vilain")
        self.take(admin)
        join(offender, "Doux agneau")
        letters.received.clear()
        run("lrtzc_reward_refused_allow", admin, pseudonym="Gros-Vilain")
        assert letters.received == []
        assert join(person(), "Gros-Vilain")["pseudonym"] == "Gros-Vilain"

    def test_only_administrators_do_and_know_it(self, app, admin, offender, person):
        self.take(admin)
        asked = {"pseudonym": "Gros-Vilain", "reason": "Moi"}
        for user in (None, offender, person()):
            for action in ("take_down", "refused_allow", "refused_list"):
                with pytest.raises(tk.NotAuthorized):
                    run(f"lrtzc_reward_{action}", user, **asked)
        headers = {"Authorization": factories.APIToken(user=offender["name"])["token"]}
        for more in ({}, {"headers": headers}):
            assert app.get("/ckan-admin/pseudonyms", **more).status_code in {401, 403}
            assert app.post("/ckan-admin/pseudonyms", data=asked, **more).status_code in {401, 403}
            assert app.post("/ckan-admin/pseudonyms", data={"allow": "grosvilain"}, **more).status_code in {401, 403}
        assert [one["reason"] for one in run("lrtzc_reward_refused_list", admin)["results"]] == ["Il insulte."]

    def test_odd_values_take_nothing_down(self, admin, offender, letters):
        odd = (None, 3, ["x"], {"a": 1}, True, "", " \n ", "x" * 501, "x" * 10**6, "nul\x00", "\ud800")
        for wrong in odd:
            with pytest.raises(tk.ValidationError) as refused:
                self.take(admin, reason=wrong)
            assert set(refused.value.error_dict) == {"reason"}
        # an account is no pseudonym, nor is what holds no letter
        for wrong in (*odd, offender["id"], offender["name"], offender["email"], "Personne", "///", "%", "Gros%"):
            with pytest.raises((tk.ValidationError, tk.ObjectNotFound)):
                self.take(admin, wrong)
            with pytest.raises((tk.ValidationError, tk.ObjectNotFound)):
                run("lrtzc_reward_refused_allow", admin, pseudonym=wrong)
        for wrong in ({"limit": "x"}, {"offset": -1}, {"limit": 10**30}, {"limit": 101}):
            with pytest.raises(tk.ValidationError):
                run("lrtzc_reward_refused_list", admin, **wrong)
        assert self.names() == ["Gros-Vilain"]
        assert letters.received == []
        self.take(admin, reason="é" * 500)
        assert run("lrtzc_reward_show", offender)["taken_down"] == "é" * 500

    def test_twice_at_once_does_it_once(self, admin, offender, letters, at_once):
        model.Session.remove()
        answers = at_once(
            *[lambda reason=reason: self.take(admin, reason=reason) for reason in ("Un", "Deux", "Trois")]
        )
        assert sum(answer == {"pseudonym": "grosvilain"} for answer in answers) == 1
        assert sum(isinstance(answer, tk.ValidationError) for answer in answers) == 2
        (kept,) = run("lrtzc_reward_refused_list", admin)["results"]
        (letter,) = letters.received
        assert kept["reason"] in letter.get_content()
        model.Session.remove()
        answers = at_once(*[lambda: run("lrtzc_reward_refused_allow", admin, pseudonym="Gros-Vilain")] * 3)
        assert sum(answer == {"pseudonym": "grosvilain"} for answer in answers) == 1
        assert sum(isinstance(answer, tk.ObjectNotFound) for answer in answers) == 2

    def test_who_chooses_another_while_it_is_taken_down_is_left_alone(self, admin, offender, at_once):
        model.Session.remove()
        taken, renamed = at_once(lambda: self.take(admin), lambda: join(offender, "Doux agneau", listed=True))
        assert renamed["pseudonym"] == "Doux agneau"
        assert taken == {"pseudonym": "grosvilain"} or isinstance(taken, tk.ObjectNotFound)
        assert self.names() == ["Doux agneau"]
        assert all(one["reason"] == "" for one in run("lrtzc_reward_refused_list", admin)["results"])

    def test_where_mail_is_away_it_is_done_all_the_same(self, admin, offender, monkeypatch):
        monkeypatch.setitem(tk.config, "smtp.server", "127.0.0.1:1")
        self.take(admin)
        assert self.names() == []

    def test_by_pages_from_the_board_to_my_points(self, app, admin, offender):
        by = {
            user["name"]: {"Authorization": factories.APIToken(user=user["name"])["token"]}
            for user in (admin, offender)
        }
        mine, theirs = by[admin["name"]], by[offender["name"]]
        link = "/en/ckan-admin/pseudonyms?pseudonym=Gros-Vilain"
        assert link in app.get("/en/reward", headers=mine).text
        assert "Take down" not in app.get("/en/reward", headers=theirs).text
        assert "No pseudonym was taken down" in app.get("/en/ckan-admin/pseudonyms", headers=mine).text
        assert 'value="Gros-Vilain"' in app.get(link, headers=mine).text
        page = "/en/ckan-admin/pseudonyms"
        for form, said in (
            ({"pseudonym": "Gros-Vilain", "reason": " "}, "500 signs at most"),
            ({"pseudonym": "Personne", "reason": "x"}, "Nobody goes by this pseudonym"),
            ({"allow": "Gros-Vilain"}, "was not taken down"),
        ):
            wrong = app.post(page, headers=mine, data=form)
            assert (wrong.status_code, said in wrong.text) == (422, True)
        assert 'value="Personne"' in app.post(page, headers=mine, data={"pseudonym": "Personne"}).text
        asked = {"pseudonym": "Gros-Vilain", "reason": "Il insulte : <b>tous</b>."}
        done = html.unescape(app.post(page, headers=mine, data=asked).text)
        assert "grosvilain" in done
        again = app.post(page, headers=mine, data=asked)
        assert (again.status_code, "taken down already" in again.text) == (422, True)
        shown = app.get("/en/reward/mine", headers=theirs).text
        assert "Reason: Il insulte : &lt;b&gt;tous&lt;/b&gt;." in shown
        assert 'value="Gros-Vilain"' not in shown
        assert "Gros-Vilain" not in app.get("/en/reward", headers=theirs).text
        form = {"do": "join", "pseudonym": "Gros-Vilain", "listed": "yes"}
        refused = app.post("/en/reward/mine", headers=theirs, data=form)
        assert (refused.status_code, "took this pseudonym down" in refused.text) == (422, True)
        kept = app.post("/en/reward/mine", headers=theirs, data={**form, "pseudonym": "Doux agneau"})
        assert "Il insulte" not in kept.text
        assert "Doux agneau" in app.get("/en/reward").text
        allowed = app.post(page, headers=mine, data={"allow": "grosvilain"})
        assert "No pseudonym was taken down" in allowed.text
        for number, code in (("x", 400), ("9" * 21, 404)):
            assert app.get(f"{page}?page={number}", headers=mine).status_code == code


class TestRules:
    def test_administrators_change_what_is_given_from_now_on(self, me, thing):
        admin = factories.Sysadmin()
        join(me)
        sent(me, thing)
        assert points(me) == 2
        with pytest.raises(tk.NotAuthorized):
            run("lrtzc_reward_rules_update", me, monthly=5)
        told = run("lrtzc_reward_rules_update", admin, deeds={"contribution": {"points": 7}}, monthly="11")
        assert next(one for one in told["deeds"] if one["name"] == "contribution")["points"] == 7
        assert told["monthly"] == 11
        sent(me, thing)
        assert points(me) == 9
        sent(me, thing)
        assert points(me) == 11

    def test_what_cant_be_a_rule_is_refused_whole(self):
        admin = factories.Sysadmin()
        for wrong in (
            {"deeds": {"flying": {"points": 1}}},
            {"deeds": {"dataset": {"points": -1}}},
            {"deeds": {"dataset": {"points": "many"}}},
            {"deeds": {"dataset": 3}},
            {"deeds": ["dataset"]},
            {"monthly": 10**9},
            {"levels": [1, 2, 3]},
            {"levels": [5, 4, 3, 2, 1]},
            {"levels": "12345"},
            {"candidates": 6},
        ):
            with pytest.raises(tk.ValidationError):
                run("lrtzc_reward_rules_update", admin, **wrong)
        assert model.Session.scalar(sa.select(sa.func.count()).select_from(RulesKept)) == 0


class TestPages:
    def test_one_begins_sees_why_and_leaves(self, app, me, thing):
        sent(me, thing)
        assert "Nobody is listed yet" in app.get("/en/reward").text
        stranger = app.get("/reward/mine", follow_redirects=False)
        assert stranger.status_code == 302
        headers = {"Authorization": factories.APIToken(user=me["name"])["token"]}
        assert "Count my points" in app.get("/en/reward/mine", headers=headers).text
        wrong = app.post("/en/reward/mine", headers=headers, data={"do": "join", "pseudonym": "Xanthippe"})
        assert wrong.status_code == 422
        assert "tell who you are" in wrong.text
        begun = app.post(
            "/en/reward/mine", headers=headers, data={"do": "join", "pseudonym": "Rose des vents", "listed": "yes"}
        )
        assert "Why I have these points" in begun.text
        assert "Arbres" in begun.text
        assert "Rose des vents" in app.get("/en/reward").text
        assert "My points" in app.get("/en/account/workspace", headers=headers).text
        left = app.post("/en/reward/mine", headers=headers, data={"do": "leave"})
        assert "Count my points" in left.text
        assert "Rose des vents" not in app.get("/en/reward").text

    def test_administrators_keep_rules_by_their_page(self, app, me):
        for user, code in ((me, 403), (factories.Sysadmin(), 200)):
            headers = {"Authorization": factories.APIToken(user=user["name"])["token"]}
            assert app.get("/ckan-admin/reward", headers=headers).status_code == code
        known = run("lrtzc_reward_rules_show", None)
        form = {f"{field}-{one['name']}": one[field] for one in known["deeds"] for field in ("points", "daily")}
        form |= {"monthly": 500, "candidates": 2, "levels[]": known["levels"]}
        app.post("/ckan-admin/reward", headers=headers, data={**form, "points-dataset": 33})
        kept = run("lrtzc_reward_rules_show", None)
        assert next(one["points"] for one in kept["deeds"] if one["name"] == "dataset") == 33
        assert kept["candidates"] == 2
        wrong = app.post("/ckan-admin/reward", headers=headers, data={**form, "points-dataset": "x"})
        assert wrong.status_code == 422


class TestCandidates:
    def test_who_reached_the_level_is_shown_to_owners_by_account_only(self, app, me, person, thing):
        owner, admin = person(), factories.Sysadmin()
        org = factories.Organization(users=[{"name": owner["name"], "capacity": "admin"}])
        owned = run("package_create", owner, **of("dataset", owner_org=org["id"]))
        with pytest.raises(tk.ObjectNotFound):
            run("lrtzc_reward_candidate", me)
        join(me)
        with pytest.raises(tk.ValidationError):
            run("lrtzc_reward_candidate", me)
        run("lrtzc_reward_rules_update", admin, levels=[1, 2, 3, 4, 5], candidates=2)
        number = sent(me, thing).id
        assert points(me) == 2
        assert run("lrtzc_reward_candidate", me)["candidate"]
        headers = {"Authorization": factories.APIToken(user=owner["name"])["token"]}
        address = f"/en/dataset/{owned['name']}/moderation"
        shown = app.get(address, headers=headers).text
        assert me["name"] in shown
        assert "Rose des vents" not in shown
        Batch.get(number).state = "withdrawn"
        model.Session.commit()
        assert points(me) == 0
        assert me["name"] not in app.get(address, headers=headers).text
        assert not run("lrtzc_reward_candidate", me, offer=False)["candidate"]


class TestChallenges:
    @pytest.fixture
    def table(self, make_dataset_with_table):
        fields = [{"id": "lieu", "type": "text"}]
        return make_dataset_with_table(fields, [{"lieu": "Aytré"}, {"lieu": "Périgny"}], title="Arbres comptés")

    def begin(self, table, **more):
        asked = {
            "title": "Tous les arbres",
            "resource": table.resource["id"],
            "target": 4,
            "ends": "2999-01-01",
            **more,
        }
        return run("lrtzc_reward_challenge_create", factories.Sysadmin(), **asked)

    def test_it_counts_what_comes_and_stands(self, app, table):
        whole = self.begin(table)
        here = self.begin(
            table, title="Ceux d'Aytré", selection="https://x.test/?q=Aytr%C3%A9&view=map", from_nothing=True
        )
        assert [(one["reached"], one["percent"]) for one in (whole, here)] == [(0, 0), (1, 25)]
        rows = {"resource_id": table.resource["id"], "force": True}
        tk.get_action("datastore_upsert")(
            {"ignore_auth": True}, {**rows, "method": "insert", "records": [{"lieu": "Aytré"}, {"lieu": "Dompierre"}]}
        )
        jobs.count()
        told = {one["id"]: one["reached"] for one in run("lrtzc_reward_challenge_list", None)["results"]}
        assert (told[whole["id"]], told[here["id"]]) == (2, 2)
        page = app.get("/en/reward").text
        assert "2 of 4" in page
        assert '<progress max="100" value="50"' in page
        package = model.Package.get(table.dataset["id"])
        package.private = True
        model.Session.commit()
        jobs.count()
        assert not {whole["id"], here["id"]} & {
            one["id"] for one in run("lrtzc_reward_challenge_list", None)["results"]
        }
        assert "Tous les arbres" not in app.get("/en/reward").text

    def test_what_cant_be_counted_is_refused_and_only_administrators_ask(self, me, table):
        for wrong in (
            {"resource": "nothing"},
            {"ends": "2001-01-01"},
            {"ends": "soon"},
            {"target": 0},
            {"title": " "},
            {"selection": "near=x"},
            {"title": "nul\x00"},
        ):
            with pytest.raises(tk.ValidationError):
                self.begin(table, **wrong)
        begun = self.begin(table)
        for user in (None, me):
            with pytest.raises(tk.NotAuthorized):
                run("lrtzc_reward_challenge_create", user, title="x", resource=table.resource["id"], target=1)
            with pytest.raises(tk.NotAuthorized):
                run("lrtzc_reward_challenge_delete", user, id=begun["id"])
        admin = factories.Sysadmin()
        assert run("lrtzc_reward_challenge_delete", admin, id=begun["id"]) == {"id": begun["id"]}
        with pytest.raises(tk.ObjectNotFound):
            run("lrtzc_reward_challenge_delete", admin, id=begun["id"])

    def test_the_address_of_the_page_or_of_the_explorer_says_which_file(self, app, table):
        place = f"https://x.test/en/dataset/{table.dataset['name']}/resource/{table.resource['id']}"
        for address in (place, f"{place}/explore?q=Aytr%C3%A9"):
            assert self.begin(table, resource=address)["resource"] == table.resource["id"]
        for wrong in ("", "https://x.test/resource/", "/resource/nothing", "x" * 10**6, 3, None, "\x00"):
            with pytest.raises(tk.ValidationError) as refused:
                self.begin(table, resource=wrong)
            assert set(refused.value.error_dict) == {"resource"}
        headers = {"Authorization": factories.APIToken(user=factories.Sysadmin()["name"])["token"]}
        form = {"title": "Ceux d'Aytré", "target": "4", "ends": "2999-01-01", "resource": ""}
        wrong = app.post("/en/ckan-admin/challenges", headers=headers, data=form)
        assert (wrong.status_code, "address of a file" in wrong.text) == (422, True)
        app.post("/en/ckan-admin/challenges", headers=headers, data=form | {"selection": f"{place}/explore?q=Aytré"})
        begun = run("lrtzc_reward_challenge_list", None)["results"]
        assert [(one["resource"], one["selection"]) for one in begun if one["title"] == "Ceux d'Aytré"] == [
            (table.resource["id"], "q=Aytr%C3%A9")
        ]

    def test_the_portal_brings_one_with_its_sample_content(self, table):
        named = {"title": "Un exemple", "dataset": table.dataset["name"], "target": 4, "ends": "2999-01-01"}
        begin_challenge(factories.User()["name"], {**named, "why": "Pour voir.", "from_nothing": True})
        shown = run("lrtzc_reward_challenge_list", None)["results"]
        assert [one["reached"] for one in shown if one["title"] == "Un exemple"] == [2]
