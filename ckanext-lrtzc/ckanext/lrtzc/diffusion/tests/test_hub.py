"""Programs without an account are sent feeds that they confirmed to want, and nobody aims calls at others by that."""

import datetime as dt
import hashlib
import hmac
import io
import time
import xml.etree.ElementTree as ET

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.lib.redis import connect_to_redis
from ckan.tests import factories

from ckanext.lrtzc.accounts.tests.conftest import PASSWORD
from ckanext.lrtzc.batches.api import submit_file
from ckanext.lrtzc.diffusion import hub, jobs, sending
from ckanext.lrtzc.diffusion.model import Intent, Listener, Subscription, now
from ckanext.lrtzc.diffusion.tests.callbacks import Callback
from ckanext.lrtzc.egress.domain.body import Limits
from ckanext.lrtzc.objects.tests.test_datasets import run
from ckanext.lrtzc.objects.tests.test_form import Browser
from ckanext.lrtzc.objects.tests.test_kinds import of

pytestmark = [
    pytest.mark.usefixtures("rooms_db", "app"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
ATOM = "{http://www.w3.org/2005/Atom}"
SECRET = "un secret, entre nous"


@pytest.fixture
def owner():
    return factories.User(password=PASSWORD)


@pytest.fixture
def thing(owner):
    for kind in (Listener, Intent, Subscription):
        model.Session.execute(sa.delete(kind))
    model.Session.commit()
    return run("package_create", owner, **of("dataset", title="Passages de vélos", owner_org=None))


@pytest.fixture
def program(monkeypatch):
    found = Callback()
    monkeypatch.setitem(tk.config, "ckanext.lrtzc.egress.allowed_hosts", f"127.0.0.1:{found.port}")
    yield found
    found.stop()


@pytest.fixture
def serve(app):
    """Do what the scheduler and a worker do."""

    def work():
        with app.flask_app.test_request_context():
            hub.note_changes()
            jobs.serve_hub()

    return work


def topic_of(app, thing, language=""):
    return tk.config["ckan.site_url"] + f"{language}/following/{thing['name']}/feed.atom"


def ask(app, topic, callback, mode="subscribe", status=202, **more):
    data = {"hub.mode": mode, "hub.topic": topic, "hub.callback": callback}
    return app.post("/websub", data={**data, **{f"hub.{name}": value for name, value in more.items()}}, status=status)


def change(owner, thing, text):
    run("package_patch", owner, id=thing["id"], notes=text)


def listeners():
    model.Session.rollback()
    return list(model.Session.scalars(sa.select(Listener).execution_options(populate_existing=True)))


def intents():
    model.Session.rollback()
    return model.Session.scalar(sa.select(sa.func.count()).select_from(Intent))


@pytest.fixture
def subscribed(app, thing, program, serve):
    """Subscribe the program to the feed; give the feed's address."""
    topic = topic_of(app, thing)
    ask(app, topic, program.address, secret=SECRET)
    serve()
    assert len(listeners()) == 1
    return topic


class TestProtocol:
    def test_the_feed_says_where_its_hub_is_in_its_headers_and_in_itself(self, app, thing):
        for language in ("", "/en"):
            answer = app.get(f"{language}/following/{thing['name']}/feed.atom")
            itself, address = topic_of(app, thing, language), tk.config["ckan.site_url"] + "/websub"
            assert answer.headers["Link"] == f'<{address}>; rel="hub", <{itself}>; rel="self"'
            links = {each.get("rel"): each.get("href") for each in ET.fromstring(answer.body).iter(f"{ATOM}link")}
            assert (links["hub"], links["self"]) == (address, itself)

    def test_a_program_confirms_then_is_sent_each_change_signed_once(self, app, owner, thing, program, serve):
        topic = topic_of(app, thing, "/en")
        ask(app, topic, program.address, lease_seconds="3600", secret=SECRET)
        assert (program.asked, listeners()) == ([], []), "nobody is called while the request is answered"
        serve()
        (asked,) = program.asked
        assert {name: asked[name] for name in ("of", "hub.mode", "hub.topic", "hub.lease_seconds")} == {
            "of": "mine", "hub.mode": "subscribe", "hub.topic": topic, "hub.lease_seconds": "3600",
        }  # fmt: skip
        assert len(asked["hub.challenge"]) > 30
        (kept,) = listeners()
        assert abs((kept.lease_until - now()).total_seconds() - 3600) < 300
        assert SECRET.encode() not in kept.secret
        serve()
        assert program.fed == [], "nothing changed since"
        change(owner, thing, "Comptés chaque heure")
        change(owner, thing, "Comptés chaque jour")
        serve()
        serve()
        ((headers, body),) = program.fed
        assert body.startswith(b"<?xml")
        assert len(ET.fromstring(body).findall(f"{ATOM}entry")) == 3
        assert b"What is said of it changed." in body, "in the language of the feed"
        assert headers["content-type"] == "application/atom+xml"
        assert f'<{topic}>; rel="self"' in headers["link"]
        assert 'rel="hub"' in headers["link"]
        digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        assert headers["x-hub-signature"] == f"sha256={digest}"

    def test_new_data_is_a_change(self, owner, thing, program, serve, subscribed):
        batch = submit_file(thing["id"], io.BytesIO(b"heure;velos\n1;12\n"), "v.csv", owner["name"], wait=True)
        assert batch["state"] == "integrated"
        serve()
        ((_headers, body),) = program.fed
        assert b'term="data"' in body
        assert b"12" not in ET.tostring(ET.fromstring(body).findall(f"{ATOM}entry")[0].find(f"{ATOM}title"))

    def test_unsubscribing_and_the_end_of_a_lease_stop_it(self, app, owner, thing, program, serve, subscribed):
        ask(app, subscribed, program.address, "unsubscribe")
        assert len(listeners()) == 1
        serve()
        assert program.asked[-1]["hub.mode"] == "unsubscribe"
        assert "hub.lease_seconds" not in program.asked[-1]
        assert listeners() == []
        ask(app, subscribed, program.address)
        serve()
        (kept,) = listeners()
        kept.lease_until = now() - dt.timedelta(seconds=1)
        model.Session.commit()
        change(owner, thing, "Autre chose")
        serve()
        assert program.fed == []
        hub.forget_old()
        assert listeners() == []

    def test_who_asks_again_has_a_new_lease_and_a_new_secret_and_is_sent_it_once(
        self, app, owner, thing, program, serve, subscribed
    ):
        ask(app, subscribed, program.address, lease_seconds="9" * 30)
        ask(app, subscribed, program.address, lease_seconds="1")
        serve()
        (kept,) = listeners()
        assert len(program.asked) == 2, "what was asked twice before it was confirmed is asked about once"
        assert program.asked[-1]["hub.lease_seconds"] == "300"
        assert kept.secret is None
        change(owner, thing, "Autre chose")
        serve()
        ((headers, _body),) = program.fed
        assert "x-hub-signature" not in headers

    @pytest.mark.parametrize(
        ("status", "more"),
        [
            (400, {"hub.mode": "publish"}),
            (400, {"hub.mode": ""}),
            (400, {"hub.topic": ""}),
            (400, {"hub.callback": ""}),
            (400, {"hub.callback": "ftp://x.test/"}),
            (400, {"hub.callback": "http://name:word@x.test/"}),
            (400, {"hub.callback": "http://x.test:22/"}),
            (400, {"hub.callback": "http://x.test/" + "x" * 2000}),
            (400, {"hub.callback": "http://x.test/\x00"}),
            (400, {"hub.secret": "é" * 100}),
            (400, {"hub.lease_seconds": "-1"}),
            (400, {"hub.lease_seconds": "²"}),
            (400, {"hub.mode": ["subscribe", "unsubscribe"]}),
            (413, {"hub.secret": "x" * 30_000}),
        ],
    )
    def test_what_cant_be_taken_is_said_and_kept_nowhere(self, app, thing, status, more):
        good = {"hub.mode": "subscribe", "hub.topic": topic_of(app, thing), "hub.callback": "https://x.test/in"}
        answer = app.post("/websub", data={**good, **more}, status=status)
        assert answer.headers["Content-Type"].startswith("text/plain")
        assert answer.body.strip()
        assert intents() == 0
        assert app.post("/websub", json=good, status=415).body.strip()


class TestRetries:
    def test_who_doesnt_answer_is_tried_again_and_sent_what_is_new_by_then(
        self, owner, thing, program, serve, subscribed
    ):
        program.status = 503
        change(owner, thing, "Un")
        serve()
        serve()
        assert len(program.fed) == 1, "not before its time"
        (kept,) = listeners()
        assert (kept.failures, kept.waiting) == (1, True)
        assert kept.due > now() + dt.timedelta(seconds=5)
        change(owner, thing, "Deux")
        kept.due = now()
        model.Session.commit()
        program.status = 200
        serve()
        serve()
        assert len(program.fed) == 2
        assert len(ET.fromstring(program.fed[-1][1]).findall(f"{ATOM}entry")) == 3

    @pytest.mark.parametrize("why", ["gone", "given-up", "redirects"])
    def test_who_wants_no_more_or_is_away_for_long_is_forgotten(self, owner, thing, program, serve, subscribed, why):
        program.status = {"gone": 410, "given-up": 500, "redirects": 302}[why]
        if why != "gone":
            (kept,) = listeners()
            kept.first_tried, kept.waiting, kept.known = now() - dt.timedelta(days=4), True, 0
            model.Session.commit()
        change(owner, thing, "Un")
        serve()
        assert len(program.fed) == 1
        assert listeners() == []

    def test_a_worker_that_is_killed_loses_nothing(self, app, owner, thing, program, serve, subscribed):
        change(owner, thing, "Un")
        ask(app, subscribed, program.address, "unsubscribe")
        with app.flask_app.test_request_context():
            hub.note_changes()
            assert len(hub._feeds(5, False)) == len(hub._questions(5, False)) == 1
        serve()
        assert program.fed == [], "another worker has it"
        model.Session.execute(sa.update(Listener).values(due=now()))
        model.Session.commit()
        serve()
        assert len(program.fed) == 1
        for _ in range(4):
            model.Session.execute(sa.update(Intent).values(due=now()))
            model.Session.commit()
            with app.flask_app.test_request_context():
                hub._questions(5, False)
        assert intents() == 0, "what kills workers again and again is given up"

    def test_who_hangs_keeps_nobody_waiting(self, app, owner, thing, program, serve, subscribed, monkeypatch):
        monkeypatch.setattr(sending, "LIMITS", Limits(seconds=1, connect=1, redirects=0))
        program.hangs = 5
        ask(app, subscribed, program.address.replace("mine", "other"))
        change(owner, thing, "Un")
        began = time.monotonic()
        serve()
        assert time.monotonic() - began < 20
        (kept,) = listeners()
        assert (kept.failures, kept.waiting) == (1, True)
        assert intents() == 0, "who doesn't confirm in time isn't asked again"


class TestAttacks:
    @pytest.mark.parametrize(
        "address",
        [
            "http://127.0.0.1/", "http://10.0.0.5/", "http://169.254.169.254/latest", "http://[::1]/",
            "http://[::ffff:10.0.0.1]/", "http://0.0.0.0/", "http://100.100.100.200/",
        ],
    )  # fmt: skip
    def test_inner_addresses_are_refused_at_once(self, app, thing, address):
        ask(app, topic_of(app, thing), address, status=400)
        assert intents() == 0

    def test_a_name_that_leads_inside_is_never_called(self, app, thing, serve, monkeypatch):
        reached = []
        monkeypatch.setattr(
            "ckanext.lrtzc.egress.client.Client._addresses", lambda *_: reached.append(1) or ["10.0.0.1"]
        )
        monkeypatch.setattr("ckanext.lrtzc.egress.client.Client._exchange", lambda *_: pytest.fail("called"))
        ask(app, topic_of(app, thing), "https://innocent.example/in")
        serve()
        assert reached == [1]
        assert (listeners(), intents()) == ([], 0)

    def test_the_portal_doesnt_call_itself(self, app, thing):
        ask(app, topic_of(app, thing), tk.config["ckan.site_url"] + "/websub", status=400)

    @pytest.mark.parametrize(
        ("echo", "status"),
        [
            (lambda _challenge: "yes", 200),
            (lambda challenge: challenge + " ", 200),
            (lambda challenge: challenge[:-1], 200),
            (lambda challenge: f"<p>{challenge}</p>", 200),
            (lambda _challenge: "x" * 50_000, 200),
            (lambda _challenge: "", 204),
            (lambda challenge: challenge, 404),
            (lambda challenge: challenge, 302),
        ],
    )
    def test_who_doesnt_echo_the_challenge_is_called_once_and_sent_nothing(
        self, app, owner, thing, program, serve, echo, status
    ):
        program.echo, program.confirms = echo, status
        ask(app, topic_of(app, thing), program.address)
        serve()
        change(owner, thing, "Un")
        serve()
        assert len(program.asked) == 1
        assert (program.fed, listeners(), intents()) == ([], [], 0)

    def test_only_feeds_of_ours_that_everybody_may_read_are_topics(self, app, owner, thing, program):
        hidden = run("package_create", owner, **of("dataset", title="Caché", owner_org=None, private=True))
        held = run("package_create", owner, **of("dataset", title="Retenu", owner_org=None))
        run("lrtzc_access_restrict", owner, id=held["id"], reason="Clients")
        good, site = topic_of(app, thing), tk.config["ckan.site_url"]
        wrong = [
            topic_of(app, hidden), topic_of(app, held), good + "?x=1", good + "#x", good.replace("http://", "HTTP://"),
            good.replace(thing["name"], thing["id"]), good.replace(site, "https://evil.example"),
            good.replace(site, site + "@evil.example"), f"{site}/xx/following/{thing['name']}/feed.atom",
            f"{site}/dataset/{thing['name']}", "x" * 1500, f"{site}/following/../following/{thing['name']}/feed.atom",
        ]  # fmt: skip
        said = {ask(app, each, program.address, status=404).body for each in wrong}
        assert len(said) == 1, "nothing says which are there"
        assert intents() == 0
        assert "hub" not in app.get(f"/following/{held['name']}/feed.atom").headers["Link"]

    @pytest.mark.parametrize("how", ["private", "held-back", "deleted", "renamed"])
    def test_what_leaves_the_public_is_sent_no_more_from_that_instant(
        self, app, owner, thing, program, serve, subscribed, how
    ):
        other = program.address.replace("mine", "late")
        ask(app, subscribed, other)
        change(owner, thing, "Encore public, mais pas encore envoyé")
        match how:
            case "private":
                run("package_patch", owner, id=thing["id"], private=True)
            case "held-back":
                run("lrtzc_access_restrict", owner, id=thing["id"], reason="Clients")
            case "deleted":
                run("package_delete", owner, id=thing["id"])
            case "renamed":
                run("package_patch", owner, id=thing["id"], name=thing["name"] + "-x")
                run("package_create", owner, **of("dataset", title="Usurpé", name=thing["name"], owner_org=None))
        serve()
        serve()
        assert program.fed == []
        assert listeners() == []
        told = [each for each in program.asked if each["hub.mode"] == "denied"]
        assert len(told) == 2 if how != "renamed" else len(told) >= 1
        assert all(each["hub.topic"] == subscribed and "hub.challenge" not in each for each in told)
        assert intents() == 0

    def test_nobody_unsubscribes_another_not_by_asking_again_and_again(
        self, app, owner, thing, program, serve, subscribed
    ):
        program.echo = lambda _challenge: "no"
        for _ in range(5):
            ask(app, subscribed, program.address, "unsubscribe")
            serve()
        assert len({each["hub.challenge"] for each in program.asked}) == 6, "each time another challenge"
        change(owner, thing, "Un")
        serve()
        assert len(program.fed) == 1
        before = len(program.asked)
        for callback in (program.address + "x", "https://victim.example/"):
            ask(app, subscribed, callback, "unsubscribe")
        serve()
        assert len(program.asked) == before, "who isn't subscribed isn't called"
        assert intents() == 0

    def test_an_answer_that_comes_after_another_request_changes_nothing(self, app, thing, program, serve):
        topic = topic_of(app, thing)
        ask(app, topic, program.address, secret="one")
        with app.flask_app.test_request_context():
            (question,) = hub._questions(5, False)
        ask(app, topic, program.address, secret="two")
        hub._answered(question, True)
        assert listeners() == []
        serve()
        assert len(listeners()) == 1

    def test_a_feed_a_machine_and_the_queue_have_so_many_at_most_also_at_the_same_instant(
        self, app, at_once, thing, program, serve, monkeypatch
    ):
        topic = topic_of(app, thing)
        monkeypatch.setitem(tk.config, "ckanext.lrtzc.diffusion.hub_per_topic", 3)
        for number in range(5):
            ask(app, topic, f"{program.address}{number}")
        serve()
        assert len(listeners()) == 3, "those that asked at once are counted when they confirm"
        assert ask(app, topic, program.address, status=429).headers["Retry-After"] == "60"
        ask(app, topic, listeners()[0].callback)
        monkeypatch.setitem(tk.config, "ckanext.lrtzc.diffusion.hub_per_topic", 100)
        monkeypatch.setitem(tk.config, "ckanext.lrtzc.diffusion.hub_per_host", 3)
        ask(app, topic, program.address, status=429)
        monkeypatch.setitem(tk.config, "ckanext.lrtzc.diffusion.hub_per_host", 100)
        monkeypatch.setitem(tk.config, "ckanext.lrtzc.diffusion.hub_waiting", 3)
        client = app.flask_app.test_client

        def flood(number):
            data = {"hub.mode": "subscribe", "hub.topic": topic, "hub.callback": f"{program.address}more{number}"}
            return lambda: client().post("/websub", data=data).status_code

        answers = at_once(*[flood(number) for number in range(6)])
        assert sorted(answers) == [202, 202, 503, 503, 503, 503], "one waits already"
        assert intents() == 3

    def test_ten_thousand_subscriptions_hold_neither_the_scheduler_nor_others_back(
        self, app, owner, thing, program, serve, subscribed, monkeypatch
    ):
        other = run("package_create", owner, **of("dataset", title="Autre", owner_org=None))
        rows = sa.select(
            sa.func.gen_random_uuid().cast(sa.Text), sa.literal(other["id"]), sa.literal(topic_of(app, other)),
            sa.func.concat(program.address, sa.column("n")), sa.literal("x.test"), sa.literal(now()),
            sa.literal(now() + dt.timedelta(days=1)), sa.literal(0), sa.literal(False), sa.literal(now()),
        ).select_from(sa.func.generate_series(1, 10_000).alias("n"))  # fmt: skip
        names = ("id", "package_id", "topic", "callback", "host", "created", "lease_until", "known", "waiting", "due")
        model.Session.execute(sa.insert(Listener).from_select(names, rows))
        model.Session.commit()
        assert hub.active() == 10_001
        change(owner, thing, "Un")
        monkeypatch.setattr(sending, "PATIENCE", 2.0)
        program.hangs = 0.2
        began = time.monotonic()
        assert hub.note_changes()
        noted = time.monotonic() - began
        with app.flask_app.test_request_context():
            hub.work(4.0)
        assert noted < 10
        assert time.monotonic() - began < 60
        assert len(program.fed) >= 16
        run("package_patch", owner, id=other["id"], private=True)
        sent = len(program.fed)
        with app.flask_app.test_request_context():
            model.Session.execute(sa.update(Listener).values(due=now()))
            model.Session.commit()
            hub._feeds(16, False)
        assert [each.package_id for each in listeners()] == [thing["id"]], "all of a feed go at once"
        assert len(program.fed) == sent


@pytest.fixture
def no_counts():
    connection = connect_to_redis()
    for key in connection.scan_iter("LIMITS*"):
        connection.delete(key)


@pytest.mark.usefixtures("no_counts")
@pytest.mark.ckan_config("ckanext.lrtzc.delivery.limits", "true")
@pytest.mark.ckan_config("ckanext.lrtzc.delivery.limit.hub_account", "3/hour")
@pytest.mark.ckan_config("ckanext.lrtzc.delivery.limit.hub_address", "5/hour")
class TestHowOften:
    def test_a_machine_is_called_and_a_visitor_asks_so_often_at_most(self, app, thing):
        data = {"hub.mode": "subscribe", "hub.topic": topic_of(app, thing)}

        def status(callback):
            return app.post("/websub", data={**data, "hub.callback": callback}).status_code

        aimed = [f"https://{host}/{n}" for n, host in enumerate(("v.test", "V.test:8443", "v.test.", "v.test"))]
        assert [status(each) for each in aimed] == [202, 202, 202, 429], "however it is written"
        assert [status(f"https://{n}.test/") for n in range(2)] == [202, 429]


class TestPages:
    def test_the_page_of_diffusion_says_how_and_how_many(self, app, owner, thing, program, serve, subscribed):
        browser = Browser(app, owner)
        body = browser.get(f"/en/dataset/{thing['name']}/subscriptions").body
        assert "1 program is sent this feed." in body
        assert f"hub.topic={topic_of(app, thing, '/en')}" in body
        assert "Sans compte" in browser.get(f"/fr/dataset/{thing['name']}/subscriptions").body
        run("lrtzc_access_restrict", owner, id=thing["id"], reason="Clients")
        assert "/websub" not in browser.get(f"/en/dataset/{thing['name']}/subscriptions").body
        admin = Browser(app, factories.Sysadmin(password=PASSWORD))
        assert "1 program without an account" in admin.get("/en/ckan-admin/subscriptions").body
