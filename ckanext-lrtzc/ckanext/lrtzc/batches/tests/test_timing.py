"""Batches are checked on arrival, and go in at the hours of their resource, or when enough of them wait."""

import datetime as dt
import io
from html import unescape

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.lib.jobs import get_queue
from ckan.tests import factories
from ckan.tests.helpers import call_action
from flask_babel import force_locale

from ckanext.lrtzc.batches import jobs, orchestrated, timing, turns, upkeep
from ckanext.lrtzc.batches.api import IBatchJudges, Reach, history, let_in, submit_file
from ckanext.lrtzc.batches.model import Batch, now
from ckanext.lrtzc.interfaces import Stand

pytestmark = [
    pytest.mark.usefixtures("clean_redis"),
    pytest.mark.filterwarnings("default::DeprecationWarning"),
]


@pytest.fixture
def clock(monkeypatch):
    """Give a clock that stands still: `clock.at("2025-11-23T09:00")`, in UTC, sets it."""

    class Clock:
        moment = dt.datetime(2025, 11, 23, 9, tzinfo=dt.UTC)

        def at(self, text):
            self.moment = dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)

    found = Clock()
    monkeypatch.setattr(timing, "now", lambda: found.moment)
    monkeypatch.setattr(jobs, "now", lambda: found.moment)
    return found


@pytest.fixture
def resource(send):
    """Give the identifier of a resource that holds one row."""
    return send("n;nom\n0;début\n")["resource_id"]


@pytest.fixture
def add(send, resource):
    """Send a row to be added; gives the batch as far as it went."""
    return lambda n, **options: send(
        f"n;nom\n{n};rang {n}\n", f"rang{n}.csv", resource_id=resource, mode="append", **options
    )


@pytest.fixture
def work(ckan_config):
    """Do all jobs that wait, as one worker; give how many."""

    def work():
        queue, done = get_queue(ckan_config["ckanext.lrtzc.batches.queue"]), 0
        while found := queue.jobs:
            for job in found:
                job.delete()
                if job.func_name.endswith("take_next"):
                    jobs.take_next(*job.args)
                done += 1
                assert done < 100, "jobs never end"
        return done

    return work


def said(resource_id, way, **options):
    return call_action("batch_timing_update", resource_id=resource_id, way=way, **options)


def state(batch):
    found = Batch.get(batch["id"])
    return found.state, bool(found.held), bool(found.going)


WAITS, IN = ("confirmed", True, False), ("integrated", False, False)


def numbers(rows, resource_id):
    return [row["n"] for row in rows(resource_id, sort="_id")["records"]]


@pytest.fixture
def statements():
    """Give a list in which each statement sent to the portal's database is noted."""
    sent = []

    def note(_connection, _cursor, statement, *_rest):
        sent.append(statement)

    sa.event.listen(model.meta.engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(model.meta.engine, "before_cursor_execute", note)


class TestHours:
    @pytest.fixture(autouse=True)
    def daily(self, clock, resource):
        said(resource, "hours", times=["02:00", "14:00"])

    def test_a_batch_is_checked_waits_for_its_hour_and_goes_in(self, clock, add, rows, resource, work):
        clock.at("2025-11-23T09:30")
        batch = add(1)
        assert state(batch) == WAITS
        shown = call_action("batch_show", id=batch["id"])
        assert shown["waits"]["at"] == "2025-11-23T13:00:00+00:00"
        assert (shown["rows_read"], shown["rows_accepted"], "progress" in shown) == (1, None, False)
        assert numbers(rows, resource) == [0]
        clock.at("2025-11-23T12:59")
        assert timing.look_at_all() == []
        clock.at("2025-11-23T13:00")
        assert timing.look_at_all() == [resource]
        work()
        assert (state(batch), numbers(rows, resource)) == (IN, [0, 1])
        assert timing.look_at_all() == []

    def test_all_that_waits_goes_in_in_the_order_in_which_it_came_each_a_version(
        self, clock, add, rows, resource, work
    ):
        batches = [add(n) for n in (3, 1, 2)]
        versions = history(resource, 10)[0]
        clock.at("2025-11-23T13:00")
        timing.look_at_all()
        work()
        assert [state(batch) for batch in batches] == [IN] * 3
        assert numbers(rows, resource) == [0, 3, 1, 2]
        assert history(resource, 10)[0] == versions + 3
        assert all(Batch.get(batch["id"]).report["counts"]["accepted"] == 1 for batch in batches)

    def test_what_comes_while_others_go_in_waits_for_the_next_hour(self, clock, add, rows, resource, work):
        early = add(1)
        clock.at("2025-11-23T13:00")
        timing.look_at_all()
        late = add(2)
        work()
        assert (state(early), state(late)) == (IN, WAITS)
        clock.at("2025-11-24T00:59")
        assert timing.look_at_all() == []
        clock.at("2025-11-24T01:00")
        timing.look_at_all()
        work()
        assert numbers(rows, resource) == [0, 1, 2]

    def test_looking_costs_one_statement_however_many_resources_wait(self, clock, add, send, resource, statements):
        others = [send("n;nom\n0;début\n", f"autre{n}.csv")["resource_id"] for n in range(2)]
        for other in others:
            said(other, "number", number=5)
            send("n;nom\n1;rang\n", "rang.csv", resource_id=other, mode="append")
        add(1)
        assert {resource, *others} <= {one.resource_id for one in timing.waiting()}
        clock.at("2025-11-23T12:59")
        statements.clear()
        assert timing.look_at_all() == []
        assert len(statements) == 1
        clock.at("2025-11-23T13:00")
        assert timing.look_at_all() == [resource]

    def test_those_of_other_datasets_have_their_turn_between_them(self, clock, add, resource, package, ckan_config):
        batches = [add(n) for n in (1, 2, 3)]
        clock.at("2025-11-23T13:00")
        timing.look_at_all()
        # whose turn it is goes by the true clock
        model.Session.execute(sa.update(Batch).where(Batch.going.is_not(None)).values(changed=now()))
        model.Session.commit()
        other = factories.Dataset(owner_org=package["owner_org"])
        theirs = submit_file(other["id"], io.BytesIO(b"n;nom\n1;autre\n"), "table.csv", package["editor"])
        order, queue = [], get_queue(ckan_config["ckanext.lrtzc.batches.queue"])
        while queue.jobs:
            job = queue.jobs[0]
            job.delete()
            jobs.take_next(*job.args)
            order += [
                one["id"] for one in (*batches, theirs) if state(one)[0] == "integrated" and one["id"] not in order
            ]
        assert [one for one in order if one != theirs["id"]] == [batch["id"] for batch in batches]
        assert order.index(theirs["id"]) < 3, "it waited for all of them"
        assert turns.waiting() == set()

    def test_bad_data_is_told_on_arrival_and_keeps_nobody(self, clock, send, add, resource, work):
        bad = send("n;nom\n", resource_id=resource, mode="append")
        assert bad["state"] == "failed"
        good = add(1)
        clock.at("2025-11-23T13:00")
        timing.look_at_all()
        work()
        assert state(good) == IN

    def test_one_that_can_not_go_in_any_more_does_not_keep_those_after_it(
        self, clock, add, rows, resource, work, monkeypatch
    ):
        first, second = add(1), add(2)
        clock.at("2025-11-23T13:00")
        timing.look_at_all()
        published = jobs._published

        def cut(batch):
            if batch.id == first["id"]:
                raise RuntimeError("a fault")
            return published(batch)

        monkeypatch.setattr(jobs, "_published", cut)
        work()
        assert (state(first), state(second)) == (("failed", False, False), IN)
        monkeypatch.undo()
        call_action("batch_retry", id=first["id"])

    def test_one_that_is_withdrawn_keeps_nobody(self, clock, add, work):
        first, second = add(1), add(2)
        clock.at("2025-11-23T13:00")
        timing.look_at_all()
        call_action("batch_withdraw", id=first["id"])
        work()
        assert (state(first)[0], state(second)) == ("withdrawn", IN)

    def test_of_a_resource_that_was_deleted_it_says_so(self, clock, add, resource, work, package):
        batch = add(1)
        call_action("resource_delete", {"user": package["editor"]}, id=resource)
        clock.at("2025-11-23T13:00")
        timing.look_at_all()
        work()
        shown = call_action("batch_show", id=batch["id"])
        assert (shown["state"], shown["report"]["error"]["code"]) == ("failed", "resource_gone")

    def test_of_a_file_that_was_replaced_meanwhile_it_says_so(self, clock, add, rows, resource, work):
        batch = Batch.get(add(1)["id"], lock=True)
        # as given to CKAN's own actions, which have another file by now
        batch.origin, batch.file_modified = "resource", "2020-01-01T00:00:00"
        model.Session.commit()
        clock.at("2025-11-23T13:00")
        timing.look_at_all()
        work()
        shown = call_action("batch_show", id=batch.id)
        assert (shown["state"], shown["report"]["error"]["code"]) == ("failed", "file_replaced")
        assert numbers(rows, resource) == [0]

    def test_an_hour_at_which_the_scheduler_was_stopped_is_made_up_for(self, clock, add, rows, resource, work):
        add(1)
        clock.at("2025-11-27T20:00")
        timing.look_at_all()
        work()
        assert numbers(rows, resource) == [0, 1]


class TestNumber:
    def test_they_go_in_when_there_are_enough(self, clock, add, rows, resource, work):
        said(resource, "number", number=3)
        batches = [add(n) for n in (1, 2)]
        assert [state(batch) for batch in batches] == [WAITS, WAITS]
        assert call_action("batch_show", id=batches[0]["id"])["waits"] | {"since": ""} == {
            "since": "", "at": None, "count": 2, "number": 3,
        }  # fmt: skip
        add(3)
        work()
        assert numbers(rows, resource) == [0, 1, 2, 3]
        assert state(add(4)) == WAITS, "they are counted anew"

    def test_the_first_waits_no_longer_than_was_said(self, clock, add, rows, resource, work):
        said(resource, "number", number=10_000, hours=6)
        add(1)
        clock.at("2025-11-23T13:00")
        add(2)
        clock.at("2025-11-23T14:59")
        assert timing.look_at_all() == []
        clock.at("2025-11-23T15:00")
        assert timing.look_at_all() == [resource]
        work()
        assert numbers(rows, resource) == [0, 1, 2]

    def test_what_failed_is_not_counted(self, clock, add, send, resource):
        said(resource, "number", number=2)
        send("n;nom\n", resource_id=resource, mode="append")
        assert state(add(1)) == WAITS


class TestChanged:
    def test_on_arrival_again_has_all_go_in_and_what_comes_after_follows(self, clock, add, rows, resource, work):
        said(resource, "hours", times=["02:00"])
        add(1)
        said(resource, "arrival")
        follows = add(2)
        assert state(follows)[0] == "confirmed", "it is before the one that came first"
        work()
        assert numbers(rows, resource) == [0, 1, 2]

    def test_other_hours_are_those_to_come(self, clock, add, rows, resource, work):
        said(resource, "hours", times=["02:00"])
        batch = add(1)
        clock.at("2025-11-23T16:00")
        said(resource, "hours", times=["16:00"])
        assert (work(), state(batch)) == (0, WAITS)
        clock.at("2025-11-24T15:00")
        timing.look_at_all()
        work()
        assert state(batch) == IN

    def test_a_lower_number_that_is_reached_has_them_go_in(self, clock, add, rows, resource, work):
        said(resource, "number", number=5)
        add(1), add(2)
        said(resource, "number", number=2)
        work()
        assert numbers(rows, resource) == [0, 1, 2]

    def test_integrate_now_waits_for_nothing(self, clock, add, rows, resource, work):
        said(resource, "hours", times=["02:00"])
        add(1), add(2)
        assert call_action("batch_waiting_integrate", resource_id=resource)["gone"] == 2
        assert call_action("batch_waiting_integrate", resource_id=resource)["gone"] == 0
        work()
        assert numbers(rows, resource) == [0, 1, 2]

    def test_the_same_said_again_changes_nothing(self, clock, resource):
        first = said(resource, "hours", times=["02:00"])
        assert said(resource, "hours", times="2 h, 02:00", days=[7, 6, 5, 4, 3, 2, 1, 1]) == first

    def test_two_who_change_it_do_not_undo_each_other_unseen(self, clock, resource):
        seen = call_action("batch_timing_show", resource_id=resource)["revision"]
        said(resource, "number", number=2, revision=seen)
        with pytest.raises(tk.ValidationError, match="meanwhile"):
            said(resource, "arrival", revision=seen)


class TestModerated:
    @pytest.fixture(autouse=True)
    def asked(self, monkeypatch, clock, resource):
        """Have all that comes decided on by people."""

        class Judges:
            def get_reach(self, _package_id, _resource_id):
                return Reach.ALL

            def hold_batch(self, _batch_id):
                pass

            def ask_about(self, _batch):
                return True

            ask_no_more = told = hold_batch

        monkeypatch.setattr("ckanext.lrtzc.batches.judges._rooms", lambda: [Judges()])
        said(resource, "hours", times=["14:00"])
        assert set(vars(Judges)) >= {name for name in vars(IBatchJudges) if not name.startswith("_")}

    def test_people_are_asked_on_arrival_and_what_they_accept_waits_for_its_hour(
        self, clock, add, rows, resource, work
    ):
        batch = add(1)
        assert state(batch)[0] == "waiting"
        clock.at("2025-11-23T13:00")
        assert timing.look_at_all() == []
        let_in(batch["id"])
        model.Session.commit()
        jobs.enqueue(batch["id"])
        clock.at("2025-11-23T16:00")
        work()
        assert state(batch) == WAITS
        clock.at("2025-11-24T13:00")
        timing.look_at_all()
        work()
        assert (state(batch), numbers(rows, resource)) == (IN, [0, 1])


class TestKilled:
    """A worker that is killed between any two steps leaves what the scheduler takes up."""

    @pytest.fixture(autouse=True)
    def impatient(self, monkeypatch):
        monkeypatch.setattr(upkeep, "PATIENCE", dt.timedelta(0))

    def test_those_that_wait_are_not_taken_for_abandoned(self, clock, add, resource, work):
        said(resource, "hours", times=["14:00"])
        batch = add(1)
        assert batch["id"] not in upkeep.resume()
        assert state(batch) == WAITS

    def test_before_they_were_counted(self, clock, add, rows, resource, work, monkeypatch):
        said(resource, "number", number=2)
        add(1)
        with monkeypatch.context() as patched:
            patched.setattr(timing, "look", lambda _resource_id: 0)
            assert state(add(2)) == WAITS
        assert timing.look_at_all() == [resource]
        work()
        assert numbers(rows, resource) == [0, 1, 2]

    def test_before_a_worker_was_told(self, clock, add, rows, resource, work, monkeypatch):
        said(resource, "hours", times=["14:00"])
        batches = [add(n) for n in (2, 1)]
        clock.at("2025-11-23T13:00")
        with monkeypatch.context() as patched:
            patched.setattr(timing, "start", lambda _resource_id: None)
            timing.look_at_all()
        assert work() == 0
        # the first alone, or the second might be before it
        assert [one for one in upkeep.resume() if one in {batch["id"] for batch in batches}] == [batches[0]["id"]]
        work()
        assert numbers(rows, resource) == [0, 2, 1]

    def test_between_two_of_them(self, clock, add, rows, resource, work, monkeypatch):
        said(resource, "hours", times=["14:00"])
        first, second = add(1), add(2)
        clock.at("2025-11-23T13:00")
        timing.look_at_all()
        with monkeypatch.context() as patched:
            patched.setattr(timing, "start", lambda _resource_id: None)
            work()
        assert (state(first), state(second)) == (IN, ("confirmed", True, True))
        assert second["id"] in upkeep.resume()
        work()
        assert state(second) == IN

    def test_while_one_is_loaded_the_next_does_not_pass_it(self, clock, add, rows, resource, work, ckan_config):
        said(resource, "hours", times=["14:00"])
        first, second = add(1), add(2)
        clock.at("2025-11-23T13:00")
        timing.look_at_all()
        get_queue(ckan_config["ckanext.lrtzc.batches.queue"]).empty()
        batch = Batch.get(first["id"], lock=True)
        batch.state = "loading"
        model.Session.commit()
        # a job that was made of the second comes while nobody knows yet that the worker of the first is gone
        jobs.advance(second["id"])
        assert state(second) == ("confirmed", True, True)
        assert first["id"] in upkeep.resume()
        work()
        assert numbers(rows, resource) == [0, 1, 2]

    def test_after_rows_are_in_and_before_it_is_told(self, clock, add, rows, resource, work, monkeypatch, integrated):
        said(resource, "hours", times=["14:00"])
        batch = add(1)
        clock.at("2025-11-23T13:00")
        timing.look_at_all()

        class Killed(BaseException):
            pass

        def cut(*_arguments):
            raise Killed

        with monkeypatch.context() as patched:
            patched.setattr(jobs, "publish", cut)
            with pytest.raises(Killed):
                work()
        model.Session.rollback()
        assert (state(batch), numbers(rows, resource)) == (("loading", True, True), [0, 1])
        assert batch["id"] in upkeep.resume()
        work()
        assert (state(batch), numbers(rows, resource), integrated(batch)) == (IN, [0, 1], 1)


class TestTold:
    def test_the_page_of_orchestration_says_what_waits_and_when_it_goes(self, clock, add, resource, package, app):
        said(resource, "hours", times=["14:00"])
        batch = add(1)
        with app.flask_app.test_request_context("/en/"), force_locale("en"):
            found = [one for one in orchestrated.read(50) if resource in one.url]
            assert [(one.stand, one.moment.isoformat()) for one in found] == [(Stand.NEXT, "2025-11-23T13:00:00+00:00")]
            assert "1 file waits to go in" in found[0].said
            assert not [one for one in orchestrated.read(50) if batch["id"] in one.url]
            said(resource, "number", number=4)
            found = [one for one in orchestrated.read(50) if resource in one.url]
            assert [(one.stand, one.said) for one in found] == [(Stand.NOW, "1 of the 4 files that are waited for")]

    def test_the_lists_say_that_it_waits(self, clock, add, resource, package):
        said(resource, "hours", times=["14:00"])
        batch = add(1)
        user = factories.Sysadmin()["name"]
        found = call_action("batch_search", {"user": user}, package_id=package["id"], state="confirmed")["results"]
        assert [(one["id"], bool(one["waits"])) for one in found] == [(batch["id"], True)]


class TestPage:
    @pytest.fixture
    def page(self, package, resource):
        return f"/en/dataset/{package['name']}/resource/{resource}/timing"

    @pytest.fixture
    def editor(self, app, package):
        app.set_session_user(package["editor"])
        return app

    def test_the_owner_says_when_by_page_and_may_undo_it(self, editor, page, resource):
        editor.get(page)
        done = editor.post(page, data={"way": "hours", "times": "2, 14 h 30", "days": ["1", "3"], "number": "x"})
        shown = unescape(done.body)
        assert 'value="02:00, 14:30"' in shown
        kept = call_action("batch_timing_show", resource_id=resource)
        assert (kept["way"], kept["times"], kept["days"], kept["number"]) == ("hours", ["02:00", "14:30"], [1, 3], 0)
        token = shown.partition('name="token" value="')[2].partition('"')[0]
        editor.post("/en/undo", data={"token": token})
        assert call_action("batch_timing_show", resource_id=resource)["way"] == "arrival"

    @pytest.mark.parametrize(
        ("form", "told"),
        [
            ({"way": "hours", "times": "", "days": "1"}, "Give one hour at least"),
            ({"way": "hours", "times": "25:00", "days": "1"}, "Hours such as 02:00 are expected."),
            ({"way": "hours", "times": "02:00"}, "Choose one day at least."),
            ({"way": "number", "number": ""}, "Say how many files are waited for."),
            ({"way": "number", "number": "1"}, "A number from 2 to 10000 is expected."),
            ({"way": "number", "number": "10001"}, "A number from 2 to 10000 is expected."),
            ({"way": "number", "number": "3", "hours": "-1"}, "A number from 0 to 8784 is expected."),
        ],
    )
    def test_what_can_not_be_kept_is_said_beside_its_field_and_what_was_typed_stays(
        self, editor, page, resource, form, told
    ):
        answer = editor.post(page, data=form, status=400)
        assert told in unescape(answer.body)
        assert f'value="{form["way"]}" checked' in answer.body
        assert call_action("batch_timing_show", resource_id=resource)["way"] == "arrival"

    def test_what_waits_is_shown_and_goes_in_by_a_button(self, editor, page, package, clock, add, rows, resource, work):
        said(resource, "hours", times=["14:00"])
        batch = add(1)
        assert "rang1.csv" in editor.get(page).body
        shown = unescape(editor.get(f"/en/dataset/{package['name']}/batch/{batch['id']}").body)
        assert "It goes in on" in shown
        assert "14:00" in shown
        done = editor.post(page.removesuffix("timing") + "integrate")
        assert "1 file goes in now." in unescape(done.body)
        work()
        assert numbers(rows, resource) == [0, 1]

    def test_others_neither_see_nor_change_it(self, app, page, resource, package):
        stranger = factories.User()
        app.set_session_user(stranger["name"])
        app.get(page, status=403)
        app.post(page, data={"way": "arrival"}, status=403)
        app.post(page.removesuffix("timing") + "integrate", status=403)
        for action in ("batch_timing_show", "batch_timing_update", "batch_waiting_integrate"):
            with pytest.raises(tk.NotAuthorized):
                tk.get_action(action)({"user": stranger["name"]}, {"resource_id": resource, "way": "arrival"})

    def test_a_resource_of_another_dataset_is_not_found_there(self, editor, package, resource):
        other = factories.Dataset(owner_org=package["owner_org"])
        editor.get(f"/en/dataset/{other['name']}/resource/{resource}/timing", status=404)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"way": "sometimes"},
        {"way": ["hours"]},
        {"way": "hours", "times": [{"a": 1}]},
        {"way": "hours", "times": 2},
        {"way": "hours", "times": "02:00" * 1_000},
        {"way": "hours", "times": ["²:00"]},
        {"way": "hours", "times": [f"{n // 60}:{n % 60:02}" for n in range(100)]},
        {"way": "hours", "times": ["02:00"], "days": [0]},
        {"way": "hours", "times": ["02:00"], "days": [True]},
        {"way": "hours", "times": ["02:00"], "days": [[1]]},
        {"way": "hours", "times": ["02:00"], "days": "[1"},
        {"way": "number", "number": 10**400},
        {"way": "number", "number": float("inf")},
        {"way": "number", "number": 2, "hours": "NaN"},
        {"way": "arrival", "revision": "x"},
    ],
)
def test_what_is_not_a_setting_is_refused_with_a_sentence(resource, asked):
    with pytest.raises(tk.ValidationError):
        call_action("batch_timing_update", resource_id=resource, **asked)
