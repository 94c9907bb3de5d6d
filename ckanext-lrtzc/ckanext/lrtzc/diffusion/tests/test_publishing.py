"""Data is published to a broker after each version: its rows in bounded messages, or where to read them."""

import io
import json

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.tests import factories

from ckanext.lrtzc.accounts.tests.conftest import PASSWORD
from ckanext.lrtzc.batches.api import submit_file
from ckanext.lrtzc.diffusion import pushing
from ckanext.lrtzc.diffusion.model import Delivery, Subscription, now
from ckanext.lrtzc.objects.tests.test_datasets import run
from ckanext.lrtzc.objects.tests.test_form import Browser
from ckanext.lrtzc.objects.tests.test_kinds import of
from ckanext.lrtzc.sources.tests import conftest as servers
from ckanext.lrtzc.sources.tests.conftest import certificate, mosquitto
from ckanext.lrtzc.sources.tests.mosquitto import CLOSED_TOPIC, OPEN_TOPIC, pretending, until

__all__ = ["certificate", "mosquitto"]

pytestmark = [
    pytest.mark.usefixtures("rooms_db", "app"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture
def owner():
    return factories.User(password=PASSWORD)


@pytest.fixture
def thing(owner):
    model.Session.execute(sa.delete(Subscription))
    model.Session.commit()
    return run("package_create", owner, **of("dataset", title="Passages de vélos", owner_org=None))


@pytest.fixture
def broker(mosquitto, monkeypatch):
    monkeypatch.setitem(tk.config, "ckanext.lrtzc.egress.allowed_hosts", mosquitto.hosts)
    return mosquitto


@pytest.fixture
def push(app):
    def work():
        model.Session.execute(sa.update(Delivery).values(due=now()))
        model.Session.commit()
        with app.flask_app.test_request_context():
            return pushing.push_due()

    return work


def load(owner, thing, text, **how):
    sent = submit_file(thing["id"], io.BytesIO(text), "velos.csv", owner["name"], wait=True, **how)
    assert sent["state"] == "integrated", sent["report"]
    return sent["resource_id"]


def declare(user, thing, broker, address="", topic=OPEN_TOPIC, delta=True, **more):
    settings = {"username": servers.NAME, "password": servers.PASSWORD, "topic": topic, **more.pop("settings", {})}
    place = {"kind": "mqtt", "address": address or broker.address, "settings": settings, "delta": delta}
    return run("lrtzc_push_create", user, id=thing["id"], **place, **more)


def messages(user, place):
    return run("lrtzc_subscription_show", user, id=place["id"])["messages"]


def told(heard, number):
    until(lambda: len(heard) >= number)
    assert len(heard) == number
    return [json.loads(message) for message, _retained in heard]


class TestMessages:
    def test_all_rows_then_those_that_came_or_changed(self, broker, push, owner, thing):
        place = declare(owner, thing, broker)
        with broker.heard() as heard:
            resource_id = load(owner, thing, b"heure;velos\n1;12\n2;15\n")
            assert push() == 1
            load(owner, thing, b"heure;velos\n3;9\n", resource_id=resource_id, mode="append")
            load(owner, thing, b"heure;velos\n2;16\n", resource_id=resource_id, mode="upsert", key=("heure",))
            assert push() == 2
            first, later = told(heard, 2)
        assert first["type"] == later["type"] == "dataset.rows"
        assert first["data"]["rows"] == [{"heure": 1, "velos": 12}, {"heure": 2, "velos": 15}]
        assert (first["data"]["since"], later["data"]["since"]) == (None, 1)
        assert sorted(row["heure"] for row in later["data"]["rows"]) == [2, 3]
        assert later["data"]["version"]["number"] == 3
        assert later["data"]["part"] == {"number": 1, "of": 1}
        assert later["data"]["resource"]["id"] == resource_id
        assert [(one["state"], one["told"].get("messages")) for one in messages(owner, place)] == [
            ("delivered", None), ("delivered", 1), ("delivered", 1),
        ]  # fmt: skip

    def test_rows_are_parted_into_messages_of_bounded_size_and_too_many_are_only_told(
        self, broker, push, owner, thing, monkeypatch
    ):
        monkeypatch.setitem(tk.config, "ckanext.lrtzc.diffusion.message_kilobytes", 2)
        monkeypatch.setitem(tk.config, "ckanext.lrtzc.diffusion.messages_at_most", 3)
        place = declare(owner, thing, broker)
        row = "{};" + "é" * 100
        text = lambda number: "\n".join(["heure;mot", *(row.format(each) for each in range(number))]).encode()  # noqa: E731
        with broker.heard() as heard:
            resource_id = load(owner, thing, text(8))
            assert push() == 1
            parts = told(heard, messages(owner, place)[0]["told"]["messages"])
            assert 1 < len(parts) <= 3
            assert [one["data"]["part"] for one in parts] == [
                {"number": number, "of": len(parts)} for number in range(1, len(parts) + 1)
            ]
            assert [each["heure"] for one in parts for each in one["data"]["rows"]] == list(range(8))
            assert all(len(message) <= 2_000 for message, _ in heard)
            heard.clear()
            load(owner, thing, text(5_000), resource_id=resource_id)
            assert push() == 1
            ((notice),) = told(heard, 1)
        assert notice["type"] == "dataset.version"
        assert "rows" not in notice["data"]
        assert notice["data"]["full"]["csv"].startswith("http")
        assert notice["data"]["version"]["rows"] == 5_000
        assert messages(owner, place)[0]["told"]["notice"] is True

    def test_what_is_held_back_goes_only_where_its_owner_says_so(self, broker, push, owner, thing):
        everybody = declare(owner, thing, broker)
        with broker.heard() as heard, pytest.MonkeyPatch.context() as patched:
            patched.setattr("certifi.where", lambda: str(broker.certificate))
            mine = declare(owner, thing, broker, audience="account", address=broker.secure_address)
            load(owner, thing, b"heure;velos\n1;12\n")
            run("lrtzc_access_restrict", owner, id=thing["id"], reason="Clients")
            assert push() == 2
            ((one),) = told(heard, 1)
        assert one["data"]["rows"] == [{"heure": 1, "velos": 12}]
        assert messages(owner, everybody)[0]["state"] == "withheld"
        assert messages(owner, mine)[0]["state"] == "delivered"

    def test_what_isnt_acknowledged_isnt_delivered_and_is_tried_again(
        self, app, broker, push, owner, thing, monkeypatch
    ):
        place = declare(owner, thing, broker)
        load(owner, thing, b"heure;velos\n1;12\n")
        row = Subscription.get(place["id"])
        kept, port = row.address, pretending(b"\x20\x03\x00\x00\x00", None)
        monkeypatch.setitem(tk.config, "ckanext.lrtzc.egress.allowed_hosts", [*broker.hosts, f"127.0.0.1:{port}"])
        row.address = f"mqtt://127.0.0.1:{port}"
        model.Session.commit()
        assert push() == 1
        ((one),) = messages(owner, place)
        assert (one["state"], one["problem"]) == ("waiting", "truncated")
        row = Subscription.get(place["id"])
        row.address, row.options = kept, {**row.options, "topic": CLOSED_TOPIC}
        model.Session.commit()
        assert push() == 1
        ((one),) = messages(owner, place)
        assert (one["state"], one["problem"]) == ("waiting", "write")
        body = Browser(app, owner).get(f"/en/subscriptions/{place['id']}").body
        assert CLOSED_TOPIC in body
        assert servers.PASSWORD not in body
        row = Subscription.get(place["id"])
        row.options = {**row.options, "topic": OPEN_TOPIC}
        model.Session.commit()
        with broker.heard() as heard:
            assert push() == 1
            told(heard, 1)
        assert messages(owner, place)[0]["state"] == "delivered"

    def test_a_test_is_published_and_never_kept_in_the_place_of_data(self, broker, push, owner, thing):
        place = declare(owner, thing, broker, topic="territory/kept-too", settings={"retain": "yes"})
        load(owner, thing, b"heure;velos\n1;12\n")
        assert push() == 1
        run("lrtzc_subscription_test", owner, id=place["id"])
        with broker.heard("territory/kept-too") as heard:
            until(lambda: heard)
            assert push() == 1
            until(lambda: len(heard) == 2)
        assert [(json.loads(message)["type"], retained) for message, retained in heard] == [
            ("dataset.rows", True), ("dataset.test", False),
        ]  # fmt: skip


class TestDeclaring:
    def test_what_cant_be_reached_as_it_is_described_isnt_kept(self, broker, owner, thing, monkeypatch):
        for field, given in (
            ("username", {"settings": {"password": "wrong"}}),
            ("topic", {"topic": "a/#"}),
            ("topic", {"topic": ""}),
            ("version", {"settings": {"version": "3"}}),
            ("qos", {"settings": {"qos": "0"}}),
            ("address", {"address": "mqtt://127.0.0.1:1883"}),
            ("address", {"address": "mqtt://127.0.0.1/x"}),
            ("address", {"address": "https://127.0.0.1"}),
        ):
            with pytest.raises(tk.ValidationError) as refused:
                declare(owner, thing, broker, **given)
            assert set(refused.value.error_dict) == {field}
        with pytest.raises(tk.NotAuthorized):
            declare(factories.User(), thing, broker)
        assert run("lrtzc_subscription_list", owner, id=thing["id"]) == []

    def test_pages_ask_for_a_topic_in_both_languages_and_keep_the_password(self, app, broker, push, owner, thing):
        browser = Browser(app, owner)
        page = f"/dataset/{thing['name']}/subscriptions/new-place?kind=mqtt"
        assert "new-place?kind=mqtt" in browser.get(f"/en/dataset/{thing['name']}/subscriptions").body
        assert "Sujet (topic)" in browser.get(f"/fr{page}").body
        body = browser.get(f"/en{page}").body
        assert 'name="setting-topic"' in body
        assert 'name="format"' not in body
        typed = {"address": broker.address, "setting-topic": OPEN_TOPIC, "setting-username": servers.NAME}
        typed |= {"setting-version": "5", "setting-retain": "no"}
        refused = browser.post(f"/en{page}", status=422, **typed, **{"setting-password": "wrong-word"}).body
        assert "wrong-word" not in refused
        assert "refused the name and the password" in refused
        browser.post(f"/en{page}", **typed, **{"setting-password": servers.PASSWORD, "delta": "yes"})
        read = browser.location()
        assert "messages in JSON, only what came or changed" in browser.get(read).body
        load(owner, thing, b"heure;velos\n1;12\n")
        browser.get(f"{read}/edit")
        browser.post(f"{read}/edit", **{**typed, "setting-version": "3.1.1", "delta": "yes"})
        with broker.heard() as heard:
            assert push() == 1
            told(heard, 1)
        assert "1 message," in browser.get(read).body
        browser.get(f"{read}/edit")
        browser.post(
            f"{read}/edit", status=422, **{**typed, "address": broker.address.replace("127.0.0.1", "127.0.0.2")}
        )
