"""The second factor: asked for, never skipped, each proof taken once."""

import html
import re
import time

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan.tests import factories
from pyotp.totp import TOTP

from ckanext.lrtzc.personal.api import factors

from .authenticator import Device
from .conftest import PASSWORD

pytestmark = pytest.mark.usefixtures("letters")


@pytest.fixture
def user():
    return factories.User(password=PASSWORD)


def sign_in(client, user, password=PASSWORD):
    return client.post("/user/login", data={"login": user["name"], "password": password}, follow_redirects=False)


def is_signed_in(client):
    return client.get("/account/password", follow_redirects=False).status_code == 200


def field(page, name, nth=0):
    return html.unescape(re.findall(rf'name="{name}" value="([^"]*)"', page)[nth])


def options(page):
    return html.unescape(re.search(r'data-options="([^"]*)"', page).group(1))


def add_generator(client):
    """Add a generator as the page does; give its secret, the recovery codes, and what was posted."""
    page = client.get("/account/security").text
    secret = re.search(r"<code>([A-Z2-7 ]{20,})</code>", page).group(1).replace(" ", "")
    data = {"go": "generator", "handed": field(page, "handed"), "password": PASSWORD, "code": TOTP(secret).now()}
    answer = client.post("/account/security", data=data)
    assert answer.status_code == 200, answer.text
    return secret, re.findall(r"<code>([a-z2-9-]{14})</code>", answer.text), data


@pytest.fixture
def secured(app, user):
    client = app.test_client()
    sign_in(client, user)
    secret, recovery, data = add_generator(client)
    return client, secret, recovery, data


def later_code(secret):
    """Give the code of the next step, since the present one was used to add the generator."""
    return TOTP(secret).at(time.time() + 30)


class TestCodes:
    def test_the_password_alone_opens_nothing(self, app, user, secured):
        client = app.test_client()
        answer = sign_in(client, user)
        assert answer.headers["Location"].endswith("/account/second-factor")
        assert not is_signed_in(client)
        for path in ("/dashboard/datasets", "/account/security", f"/user/edit/{user['name']}"):
            assert user["email"] not in client.get(path).text
        answer = client.post("/account/second-factor", data={"code": later_code(secured[1])}, follow_redirects=False)
        assert answer.status_code == 302
        assert is_signed_in(client)

    def test_a_code_is_taken_once(self, app, user, secured):
        code = later_code(secured[1])
        clients = [app.test_client(), app.test_client()]
        for client in clients:
            sign_in(client, user)
        answers = [client.post("/account/second-factor", data={"code": code}) for client in clients]
        assert [is_signed_in(client) for client in clients] == [True, False]
        assert answers[1].status_code == 400

    def test_wrong_codes_and_no_codes(self, app, user, secured):
        client = app.test_client()
        sign_in(client, user)
        for code in ("000000", "", "x" * 1000, "' OR 1=1 --", secured[3]["code"]):
            assert client.post("/account/second-factor", data={"code": code}).status_code == 400
        assert client.post("/account/second-factor", data={"credential": "{}", "handed": "x"}).status_code == 400
        assert not is_signed_in(client)

    def test_nobody_gets_there_without_the_password(self, app, secured):
        client = app.test_client()
        data = {"code": later_code(secured[1])}
        answer = client.post("/account/second-factor", data=data, follow_redirects=False)
        assert answer.headers["Location"].endswith("/user/login")
        assert not is_signed_in(client)

    def test_a_recovery_code_lets_in_once(self, app, user, secured):
        code = secured[2][0]
        for expected in (True, False):
            client = app.test_client()
            sign_in(client, user)
            client.post("/account/second-factor", data={"code": code.upper()})
            assert is_signed_in(client) is expected
        assert sum(each.kind == "recovery" for each in factors.of(user["id"])) == 9

    def test_codes_of_another_person_open_nothing(self, app, secured):
        other = factories.User(password=PASSWORD)
        client = app.test_client()
        sign_in(client, other)
        add_generator(client)
        fresh = app.test_client()
        sign_in(fresh, other)
        for code in (later_code(secured[1]), secured[2][1]):
            fresh.post("/account/second-factor", data={"code": code})
        assert not is_signed_in(fresh)

    def test_a_changed_password_ends_what_waits(self, app, user, secured):
        client = app.test_client()
        sign_in(client, user)
        account = model.User.get(user["id"])
        account.password = "Quatre-gros-goélands-9"
        model.Session.commit()
        client.post("/account/second-factor", data={"code": later_code(secured[1])})
        assert not is_signed_in(client)


class TestChanging:
    def test_a_new_means_ends_the_other_sessions(self, app, user):
        client, elsewhere = app.test_client(), app.test_client()
        for each in (client, elsewhere):
            sign_in(each, user)
        add_generator(client)
        assert is_signed_in(client)
        assert not is_signed_in(elsewhere)

    def test_it_asks_for_the_password(self, app, user, secured):
        client = secured[0]
        number = next(each.id for each in factors.of(user["id"]) if each.kind == "codes")
        for go in ("remove", "recovery", "generator", "passkey"):
            data = {"go": go, "factor": number, "password": "wrong"}
            assert client.post("/account/security", data=data).status_code == 400
        assert len(factors.of(user["id"])) == 11
        client.post("/account/security", data={"go": "remove", "factor": number, "password": PASSWORD})
        assert factors.of(user["id"]) == [], "recovery codes go with the last means"

    def test_what_was_handed_out_serves_once_and_one_person(self, app, user, secured):
        data = secured[3]
        assert secured[0].post("/account/security", data=data).status_code == 400
        other = factories.User(password=PASSWORD)
        client = app.test_client()
        sign_in(client, other)
        page = secured[0].get("/account/security").text
        secret = re.search(r"<code>([A-Z2-7 ]{20,})</code>", page).group(1).replace(" ", "")
        stolen = {**data, "handed": field(page, "handed"), "code": TOTP(secret).now()}
        assert client.post("/account/security", data=stolen).status_code == 400
        assert factors.of(other["id"]) == []

    def test_a_means_of_somebody_else_stays(self, app, user, secured):
        other = factories.User(password=PASSWORD)
        client = app.test_client()
        sign_in(client, other)
        number = next(each.id for each in factors.of(user["id"]) if each.kind == "codes")
        client.post("/account/security", data={"go": "remove", "factor": number, "password": PASSWORD})
        assert number in {each.id for each in factors.of(user["id"])}


class TestPasskeys:
    @pytest.fixture
    def device(self):
        return Device(tk.config["ckan.site_url"], "localhost")

    @pytest.fixture
    def client(self, app, user, device):
        client = app.test_client()
        sign_in(client, user)
        page = client.get("/account/security").text
        data = {
            "go": "passkey", "handed": field(page, "handed", 1), "password": PASSWORD, "title": "<b>Téléphone</b>",
            "credential": device.create(options(page)),
        }  # fmt: skip
        answer = client.post("/account/security", data=data)
        assert answer.status_code == 200, answer.text
        assert "<b>Téléphone" not in answer.text
        return client

    def waiting(self, app, user):
        client = app.test_client()
        sign_in(client, user)
        return client, client.get("/account/second-factor").text

    def test_it_lets_in(self, app, user, device, client):
        fresh, page = self.waiting(app, user)
        data = {"handed": field(page, "handed"), "credential": device.get(options(page))}
        fresh.post("/account/second-factor", data=data)
        assert is_signed_in(fresh)
        again, _ = self.waiting(app, user)
        assert again.post("/account/second-factor", data=data).status_code == 400, "an answer serves once"
        assert not is_signed_in(again)

    def test_another_device_another_site_and_an_old_count_do_not(self, app, user, device, client):
        stranger = Device(device.origin, device.host)
        stranger.number = device.number
        elsewhere = Device("https://portail.exemple.evil", device.host)
        elsewhere.number, elsewhere.key = device.number, device.key
        cloned = Device(device.origin, device.host)
        cloned.number, cloned.key = device.number, device.key
        for each in (stranger, elsewhere, cloned):
            each.count = 0 if each is cloned else 50
            fresh, page = self.waiting(app, user)
            data = {"handed": field(page, "handed"), "credential": each.get(options(page))}
            assert fresh.post("/account/second-factor", data=data).status_code == 400
            assert not is_signed_in(fresh)


class TestCompulsory:
    @pytest.fixture(autouse=True)
    def no_grace(self, monkeypatch):
        monkeypatch.setitem(tk.config, "ckanext.lrtzc.accounts.second_factor_grace_days", 0)

    def test_those_it_is_asked_of_add_one_first(self, app, user):
        factories.Organization(users=[{"name": user["name"], "capacity": "editor"}])
        client = app.test_client()
        sign_in(client, user)
        answer = client.get("/dataset/new", follow_redirects=False)
        assert answer.headers["Location"].endswith("/account/security")
        add_generator(client)
        assert "/account/" not in client.get("/dashboard/datasets", follow_redirects=False).headers.get("Location", "")
        number = next(each.id for each in factors.of(user["id"]) if each.kind == "codes")
        data = {"go": "remove", "factor": number, "password": PASSWORD}
        assert client.post("/account/security", data=data).status_code == 400

    def test_others_choose(self, app, user):
        client = app.test_client()
        sign_in(client, user)
        assert client.get("/dashboard/datasets", follow_redirects=False).status_code == 200


def test_without_the_store_nobody_slips_in(app, user, monkeypatch):
    monkeypatch.setitem(tk.config, "ckanext.lrtzc.personal.url", "postgresql://x:y@127.0.0.1:9/z")
    client = app.test_client()
    assert sign_in(client, user).status_code == 503
    assert not is_signed_in(client)
