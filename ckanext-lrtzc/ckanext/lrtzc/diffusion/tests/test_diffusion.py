"""Programs are told of new versions: once each and signed, in order, of no more than their account may read."""

import datetime as dt
import email.utils
import io
import time

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.tests import factories

from ckanext.lrtzc.accounts.tests.conftest import PASSWORD
from ckanext.lrtzc.batches.api import submit_file
from ckanext.lrtzc.batches.versions import note
from ckanext.lrtzc.diffusion import jobs, sending
from ckanext.lrtzc.diffusion.domain.signing import signature
from ckanext.lrtzc.diffusion.model import Delivery, Subscription, now
from ckanext.lrtzc.egress.domain.body import Limits
from ckanext.lrtzc.objects.tests.test_datasets import run
from ckanext.lrtzc.objects.tests.test_kinds import of

# Messages name pages: `app` makes the addresses known.
pytestmark = [
    pytest.mark.usefixtures("rooms_db", "app"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture
def owner():
    return factories.User(password=PASSWORD)


@pytest.fixture
def reader():
    return factories.User(password=PASSWORD, plugin_extras={"lrtzc_accounts": {"language": "en"}})


@pytest.fixture
def thing(owner):
    model.Session.execute(sa.delete(Subscription))
    model.Session.commit()
    return run("package_create", owner, **of("dataset", title="Passages de vélos", owner_org=None))


@pytest.fixture
def send(app):
    def work():
        with app.flask_app.test_request_context():
            jobs.send()

    return work


def subscribe(user, thing, program):
    return run("lrtzc_subscription_create", user, id=thing["id"], address=program.address, title="Vélos")


def load(owner, thing, text, **how):
    sent = submit_file(thing["id"], io.BytesIO(text), "velos.csv", owner["name"], wait=True, **how)
    assert sent["state"] == "integrated", sent["report"]
    return sent["resource_id"]


def messages(user, subscription):
    return run("lrtzc_subscription_show", user, id=subscription["id"])["messages"]


def make_due():
    model.Session.execute(sa.update(Delivery).values(due=now() - dt.timedelta(seconds=1)))
    model.Session.commit()


class TestTelling:
    def test_each_version_is_told_once_in_order_and_what_changed_is_read_by_its_address(
        self, app, send, listening, owner, reader, thing
    ):
        program = listening()
        subscription = subscribe(reader, thing, program)
        assert subscription["secret"].startswith("whsec_")
        resource_id = load(owner, thing, b"heure;velos\n1;12\n2;15\n3;9\n")
        load(owner, thing, b"heure;velos\n4;20\n", resource_id=resource_id, mode="append")
        load(owner, thing, b"heure;velos\n2;16\n5;7\n", resource_id=resource_id, mode="upsert", key=("heure",))
        send()
        send()
        told = program.told
        assert [each["data"]["version"]["number"] for each in told] == [1, 2, 3]
        assert [each["data"]["version"]["mode"] for each in told] == ["replace", "append", "upsert"]
        assert [each["data"]["version"]["rows_that_came"] for each in told] == [3, 1, 2]
        assert [each["data"]["version"]["rows"] for each in told] == [3, 4, 5]
        assert told[0]["type"] == "dataset.version"
        assert told[0]["data"]["delta"] is None
        assert all('velos":' not in body.decode() for _headers, body in program.calls), "no row is sent"
        for headers, body in program.calls:
            seconds = int(headers["webhook-timestamp"])
            assert abs(seconds - time.time()) < 600
            signed = signature(subscription["secret"], headers["webhook-id"], seconds, body)
            assert headers["webhook-signature"] == signed

        def rows(address):
            return sorted(app.get(address).body.lstrip("\ufeff").split()[1:])

        assert rows(told[2]["data"]["delta"]) == ["2,16", "5,7"]
        assert rows(told[1]["data"]["delta"]) == ["2,16", "4,20", "5,7"], "after the version 1"
        assert len(rows(told[2]["data"]["full"]["csv"])) == 5
        export = told[2]["data"]["full"]["csv"]
        assert rows(f"{export}?since=3") == []
        assert rows(f"{export}?since=1&min.velos=17") == ["4,20"]
        load(owner, thing, b"heure;velos\n1;1\n", resource_id=resource_id)
        answer = app.get(f"{export}?since=3", headers={"Accept": "application/json"}, expect_errors=True)
        assert (answer.status_code, answer.json["code"]) == (410, "whole_only")
        for wrong in ("0", "99"):
            assert app.get(f"{export}?since={wrong}", expect_errors=True).status_code == 410
        for wrong in ("x", "-1", "²", "9" * 30):
            assert app.get(f"{export}?since={wrong}", expect_errors=True).status_code == 400

    def test_what_isnt_committed_is_not_told_and_a_batch_makes_one_version(self, listening, reader, thing):
        subscription = subscribe(reader, thing, listening())
        assert note("r1", thing["id"], "replace", batch_id="b1") == 1
        model.Session.rollback()
        assert messages(reader, subscription) == []
        assert note("r1", thing["id"], "replace", batch_id="b1") == 1
        model.Session.commit()
        assert note("r1", thing["id"], "replace", batch_id="b1") is None
        assert note("r1", thing["id"], "append", batch_id="b2") == 2
        model.Session.commit()
        assert [each["number"] for each in messages(reader, subscription)] == [2, 1]

    def test_rights_are_asked_when_the_message_goes(self, send, listening, owner, reader, thing):
        program, insiders = listening(), listening()
        mine = subscribe(reader, thing, program)
        subscribe(owner, thing, insiders)
        resource_id = load(owner, thing, b"heure;velos\n1;12\n2;15\n")
        run("lrtzc_access_restrict", owner, id=thing["id"], reason="Clients")
        send()
        assert program.calls == []
        assert messages(reader, mine)[0]["state"] == "withheld"
        assert insiders.told[0]["data"]["version"]["rows"] == 2
        grant = {"audience": "person", "audience_id": reader["name"], "columns": ["heure"]}
        run("lrtzc_access_grant", owner, id=thing["id"], resource_id=resource_id, **grant)
        load(owner, thing, b"heure;velos\n3;20\n", resource_id=resource_id, mode="append")
        send()
        version = program.told[0]["data"]["version"]
        assert (version["number"], version["only_a_part_is_yours"]) == (2, True)
        assert version["rows"] is version["rows_that_came"] is None, "counts tell of what is held back"
        run("package_patch", owner, id=thing["id"], private=True)
        run("lrtzc_subscription_test", reader, id=mine["id"])
        model.Session.execute(sa.text("UPDATE lrtzc_access_grant SET withdrawn = now()"))
        model.Session.commit()
        send()
        assert len(program.calls) == 1


class TestFaults:
    def test_a_worker_that_is_killed_loses_nothing_and_the_message_keeps_its_identifier(
        self, send, listening, owner, reader, thing
    ):
        program = listening()
        subscription = subscribe(reader, thing, program)
        load(owner, thing, b"heure;velos\n1;12\n")
        ((taken),) = sending._take(5, failing=False)
        send()
        assert program.calls == [], "another worker has it"
        make_due()
        send()
        ((headers, _body),) = program.calls
        assert headers["webhook-id"] == taken.message_id
        ((message),) = messages(reader, subscription)
        assert (message["state"], message["attempts"]) == ("delivered", 2)

    def test_a_receiver_that_hangs_holds_nobody_back(self, send, listening, owner, thing, monkeypatch):
        monkeypatch.setattr(sending, "LIMITS", Limits(seconds=3, connect=2, redirects=0))
        monkeypatch.setattr(sending, "PATIENCE", 0.5)
        people = [factories.User() for _ in range(12)]
        programs = [listening() for _ in people]
        subscriptions = [subscribe(*each) for each in zip(people, [thing] * 12, programs, strict=True)]
        for program in programs[:9]:
            program.hangs = 8
        resource_id = load(owner, thing, b"heure;velos\n1;12\n")
        load(owner, thing, b"heure;velos\n2;12\n", resource_id=resource_id, mode="append")
        began = time.monotonic()
        send()
        assert time.monotonic() - began < 30
        for person, program, subscription in list(zip(people, programs, subscriptions, strict=True))[9:]:
            assert [each["data"]["version"]["number"] for each in program.told] == [1, 2]
            assert {each["state"] for each in messages(person, subscription)} == {"delivered"}
        held = messages(people[0], subscriptions[0])
        assert [(each["state"], each["problem"]) for each in held] == [("waiting", None), ("waiting", "timeout")]
        assert dt.datetime.fromisoformat(held[1]["due"]) > now() + dt.timedelta(seconds=5)

    def test_what_fails_is_given_up_after_its_time_and_its_owner_written_to_until_they_resume(
        self, send, listening, letters, owner, reader, thing, monkeypatch
    ):
        program = listening()
        subscription = subscribe(reader, thing, program)
        program.status, program.headers = 503, {"Retry-After": "7200"}
        resource_id = load(owner, thing, b"heure;velos\n1;12\n")
        send()
        ((message),) = messages(reader, subscription)
        assert (message["state"], message["problem"], message["status"]) == ("waiting", "status", 503)
        assert dt.datetime.fromisoformat(message["due"]) > now() + dt.timedelta(seconds=7000)
        send()
        assert len(program.calls) == 1, "not before its time"
        make_due()
        monkeypatch.setitem(tk.config, "ckanext.lrtzc.diffusion.give_up_hours", 0)
        send()
        shown = run("lrtzc_subscription_show", reader, id=subscription["id"])
        assert (shown["state"], shown["messages"][0]["state"]) == ("stopped", "given_up")
        ((letter),) = letters.received
        assert email.utils.parseaddr(letter["To"])[1] == reader["email"]
        assert "Your program can't be reached" in letter["Subject"]
        assert "token" not in letter.get_content()
        load(owner, thing, b"heure;velos\n2;12\n", resource_id=resource_id, mode="append")
        send()
        assert (len(program.calls), len(letters.received)) == (2, 1)
        program.status = 200
        run("lrtzc_subscription_pause", reader, id=subscription["id"], paused=False)
        send()
        assert [each["data"]["version"]["number"] for each in program.told[2:]] == [1, 2], "nothing is lost"
        assert program.calls[0][0]["webhook-id"] == program.calls[2][0]["webhook-id"]

    def test_a_receiver_may_say_that_it_wants_no_more(self, send, listening, owner, reader, thing):
        program = listening()
        subscription = subscribe(reader, thing, program)
        program.status = 410
        load(owner, thing, b"heure;velos\n1;12\n")
        send()
        assert run("lrtzc_subscription_show", reader, id=subscription["id"])["state"] == "stopped"

    def test_no_address_leads_inside(self, send, listening, reader, thing, monkeypatch):
        inside = listening()
        monkeypatch.setitem(tk.config, "ckanext.lrtzc.egress.allowed_hosts", "")
        refused = (
            inside.address, "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://169.254.169.254/", "ftp://x.test/",
            "https://a:b@x.test/", "http://x.test:25/", "x", "", "https://x.test/\x00", ["https://x.test"], "http:///",
        )  # fmt: skip
        for address in refused:
            with pytest.raises(tk.ValidationError):
                run("lrtzc_subscription_create", reader, id=thing["id"], address=address)
        # a name and a number in another writing are looked at when they are called
        for address in (f"http://localhost:{inside.port}/", f"http://2130706433:{inside.port}/"):
            made = run("lrtzc_subscription_create", reader, id=thing["id"], address=address)
            run("lrtzc_subscription_test", reader, id=made["id"])
            send()
            ((message),) = messages(reader, made)
            assert (message["state"], message["problem"]) == ("given_up", "forbidden")
        outside = listening()
        outside.status, outside.headers = 307, {"Location": inside.address}
        made = subscribe(reader, thing, outside)
        run("lrtzc_subscription_test", reader, id=made["id"])
        send()
        assert messages(reader, made)[0]["problem"] == "redirects"
        assert inside.calls == []


class TestSubscriptions:
    def test_each_is_for_who_made_it(self, listening, owner, reader, thing):
        made = subscribe(reader, thing, listening())
        for name in ("show", "test", "renew_secret", "delete"):
            with pytest.raises(tk.ObjectNotFound):
                run(f"lrtzc_subscription_{name}", owner, id=made["id"])
        admin = factories.Sysadmin()
        shown = run("lrtzc_subscription_show", admin, id=made["id"])
        assert (shown["address"], shown["host"]) == ("", "127.0.0.1")
        with pytest.raises(tk.ObjectNotFound):
            run("lrtzc_subscription_renew_secret", admin, id=made["id"])
        with pytest.raises(tk.NotAuthorized):
            run("lrtzc_subscription_overview", reader)
        assert run("lrtzc_subscription_overview", admin)["count"] == 1
        run("package_patch", owner, id=thing["id"], private=True)
        with pytest.raises(tk.ObjectNotFound):
            run("lrtzc_subscription_create", reader, id=thing["id"], address="https://x.test/")

    def test_an_account_has_so_many_at_most_also_at_the_same_instant(self, at_once, reader, thing, monkeypatch):
        monkeypatch.setitem(tk.config, "ckanext.lrtzc.diffusion.per_account", 2)

        def add():
            return run("lrtzc_subscription_create", reader, id=thing["id"], address="https://x.test/")

        answers = at_once(*[add] * 4)
        assert sum(isinstance(each, tk.ValidationError) for each in answers) == 2
        assert len(run("lrtzc_subscription_list", reader)) == 2

    def test_a_secret_is_kept_sealed_and_its_former_one_serves_a_day(self, send, listening, reader, thing):
        program = listening()
        made = subscribe(reader, thing, program)
        new = run("lrtzc_subscription_renew_secret", reader, id=made["id"])["secret"]
        row = Subscription.get(made["id"])
        assert made["secret"].encode() not in row.secret + row.former_secret
        assert "secret" not in run("lrtzc_subscription_list", reader)[0]
        run("lrtzc_subscription_test", reader, id=made["id"])
        row.former_until = now() - dt.timedelta(seconds=1)
        model.Session.commit()
        send()
        row.former_until = now() + dt.timedelta(hours=1)
        model.Session.commit()
        run("lrtzc_subscription_test", reader, id=made["id"])
        send()
        for (headers, body), secrets in zip(program.calls, ([new], [new, made["secret"]]), strict=True):
            said = headers["webhook-id"], int(headers["webhook-timestamp"]), body
            assert headers["webhook-signature"].split() == [signature(each, *said) for each in secrets]
        for _ in range(3):
            run("lrtzc_subscription_test", reader, id=made["id"])
        with pytest.raises(tk.ValidationError, match="wait a minute"):
            run("lrtzc_subscription_test", reader, id=made["id"])

    def test_pages_subscribe_test_pause_and_delete(self, app, listening, reader, thing):
        client = app.test_client()
        here = f"/en/dataset/{thing['name']}/subscriptions"
        assert "/user/login" in client.get(here, follow_redirects=False).location
        client.post("/user/login", data={"login": reader["name"], "password": PASSWORD})
        assert here.removeprefix("/en") in client.get(f"/en/dataset/{thing['name']}").text
        refused = client.post(here, data={"address": "http://127.0.0.1/"})
        assert refused.status_code == 422
        assert "leads to a private or reserved address" in refused.text
        made = client.post(here, data={"address": listening().address, "title": "Compteurs"})
        assert made.headers["Cache-Control"] == "private, no-store"
        assert made.text.count("whsec_") == 1
        number = run("lrtzc_subscription_list", reader)[0]["id"]
        page = f"/en/subscriptions/{number}"
        assert "Compteurs" in client.get("/en/subscriptions").text
        for do, seen in (("test", "A test is on its way"), ("pause", "Paused"), ("resume", "Resumed")):
            answer = client.post(page, data={"do": do}, follow_redirects=True)
            assert (answer.status_code, seen in answer.text) == (200, True)
        assert "whsec_" in client.post(page, data={"do": "secret"}).text
        assert client.post(page, data={"do": "x"}).status_code == 422
        assert "be undone" in client.get(f"{page}/delete").text
        client.post(f"{page}/delete", data={"cancel": "yes"}, follow_redirects=True)
        assert client.get(page).status_code == 200
        assert "is told no more" in client.post(f"{page}/delete", data={"delete": "yes"}, follow_redirects=True).text
        assert client.get(page).status_code == 404
        assert client.get("/en/ckan-admin/subscriptions").status_code == 403

    def test_what_is_erased_takes_its_subscriptions_along(self, listening, reader, thing):
        subscribe(reader, thing, listening())
        tk.get_action("dataset_purge")({"user": factories.Sysadmin()["name"]}, {"id": thing["id"]})
        jobs.forget_old()
        assert not model.Session.scalar(sa.select(sa.exists().where(Subscription.package_id == thing["id"])))
