"""Passwords by page, by link and by API; sessions that end; throttling."""

import json

import pytest
from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.tests import factories

from .conftest import PASSWORD

pytestmark = pytest.mark.usefixtures("letters")
NEW = "Quatre-gros-goélands-9"


def sign_in(client, user, password=PASSWORD):
    return client.post("/user/login", data={"login": user["name"], "password": password}, follow_redirects=False)


def is_signed_in(client, **headers):
    return client.get("/account/password", follow_redirects=False, headers=headers).status_code == 200


@pytest.fixture
def user():
    return factories.User(password=PASSWORD)


class TestOwnChange:
    def test_other_sessions_end_and_a_letter_says_so(self, app, letters, user):
        here, elsewhere = app.test_client(), app.test_client()
        for client in (here, elsewhere):
            sign_in(client, user)
        before = here.get_cookie("ckan").value
        answer = here.post(
            "/account/password", data={"old_password": PASSWORD, "password": NEW}, follow_redirects=False
        )
        assert answer.status_code == 302
        assert is_signed_in(here)
        assert not is_signed_in(elsewhere)
        (letter,) = letters.write()
        assert "mot de passe a été changé" in letter["Subject"]
        stolen = app.test_client()
        stolen.set_cookie("ckan", before)
        assert not is_signed_in(stolen, Authorization="no key of anybody"), "CKAN asks the session beside a bad key"
        stolen.set_cookie("ckan", before)
        assert not is_signed_in(stolen), "a copied session is over too"
        assert sign_in(app.test_client(), user).status_code == 200
        assert sign_in(app.test_client(), user, NEW).status_code == 302

    def test_it_asks_for_the_present_one_and_for_a_good_one(self, app, user):
        client = app.test_client()
        sign_in(client, user)
        for old, new in (("wrong", NEW), (PASSWORD, "Password1!"), (PASSWORD, user["name"] + "1!A")):
            answer = client.post("/account/password", data={"old_password": old, "password": new})
            assert answer.status_code == 400
        assert model.User.get(user["id"]).validate_password(PASSWORD)


class TestSigningOut:
    def test_it_ends_that_session_and_its_copies_and_no_other(self, app, user):
        here, elsewhere, thief = app.test_client(), app.test_client(), app.test_client()
        thief.get("/user/login")
        here.get("/user/login")
        if planted := thief.get_cookie("ckan"):
            here.set_cookie("ckan", planted.value)
        for client in (here, elsewhere):
            sign_in(client, user)
        assert is_signed_in(here)
        assert not is_signed_in(thief), "a session that was given from outside isn't taken over"
        copied = here.get_cookie("ckan").value
        here.get("/user/_logout")
        for headers in ({}, {"Authorization": "no key of anybody"}):
            thief.set_cookie("ckan", copied)
            assert not is_signed_in(thief, **headers)
            assert not is_signed_in(thief, **headers)
        assert not is_signed_in(here)
        assert is_signed_in(elsewhere)
        assert sign_in(here, user).status_code == 302
        assert is_signed_in(here)

    def test_a_key_of_a_program_serves_beside_a_session_that_is_over(self, app, user):
        client = app.test_client()
        sign_in(client, user)
        copied = client.get_cookie("ckan").value
        client.get("/user/_logout")
        client.set_cookie("ckan", copied)
        token = factories.APIToken(user=user["id"])["token"]
        answer = client.get("/api/3/action/lrtzc_ledger_mine", headers={"Authorization": token})
        assert answer.status_code == 200


class TestForgotten:
    def test_a_link_changes_it_once(self, app, letters, user):
        client, thief = app.test_client(), app.test_client()
        sign_in(thief, user)
        app.post("/user/reset", data={"user": user["email"]})
        link = letters.link(letters.write()[0])
        assert client.get(link).status_code == 200
        assert client.post(link, data={"password": "azerty"}).status_code == 400
        assert client.post(link, data={"password": NEW}, follow_redirects=False).status_code == 302
        assert client.post(link, data={"password": PASSWORD}).status_code == 410
        assert not is_signed_in(thief)
        assert sign_in(client, user, NEW).status_code == 302

    def test_a_letter_for_one_changes_no_other(self, app, letters, user):
        other = factories.User(password=PASSWORD)
        app.post("/user/reset", data={"user": user["email"]})
        link = letters.link(letters.write()[0])
        app.post(link, data={"password": NEW, "id": other["id"], "login": other["name"], "name": other["name"]})
        assert model.User.get(other["id"]).validate_password(PASSWORD)


class TestByApi:
    def test_the_rule_holds(self, app, user):
        admin = factories.SysadminWithToken()
        header = {"Authorization": admin["token"]}

        def call(action, **data):
            answer = app.post(f"/api/3/action/{action}", json=data, headers=header, expect_errors=True)
            return answer.status_code, json.loads(answer.body).get("error")

        made = {"name": "petit-compte", "email": "petit@example.org"}
        assert call("user_create", **made, password="password1")[0] == 409
        assert call("user_create", **made, password="Petit-Compte1")[0] == 409
        assert call("user_create", **made, password="k7#Vbq2!x", sysadmin=True)[0] == 409
        assert call("user_create", **made, password="k7#Vbq2!x")[0] == 200
        code, error = call("user_patch", id="petit-compte", password="azertyuiop")
        assert (code, next(iter(error))) == (409, "password")
        assert call("user_update", **made, id="petit-compte", password="12345678")[0] == 409
        assert call("user_patch", id="petit-compte", fullname="Sans mot de passe")[0] == 200

    def test_a_password_of_somebody_else_is_out_of_reach(self, app, user):
        other = factories.UserWithToken()
        data = {"id": user["id"], "user": user["name"], "old_password": PASSWORD, "password": NEW}
        answer = app.post(
            "/api/3/action/lrtzc_account_password",
            json=data, headers={"Authorization": other["token"]}, expect_errors=True,
        )  # fmt: skip
        assert answer.status_code == 409
        assert model.User.get(user["id"]).validate_password(PASSWORD)


class TestSession:
    def test_an_administrator_with_a_short_password_changes_it_first(self, app):
        admin = factories.Sysadmin(password="k7#Vbq2!x")
        client = app.test_client()
        sign_in(client, admin, "k7#Vbq2!x")
        answer = client.get("/ckan-admin/", follow_redirects=False)
        assert answer.headers["Location"].endswith("/account/password")
        client.post("/account/password", data={"old_password": "k7#Vbq2!x", "password": NEW})
        assert client.get("/ckan-admin/", follow_redirects=False).status_code == 200

    def test_a_cookie_to_be_remembered_by_opens_nothing(self, app, user):
        from flask_login.utils import encode_cookie

        client = app.test_client()
        with app.flask_app.test_request_context():
            client.set_cookie("remember_token", encode_cookie(user["id"]))
        assert not is_signed_in(client)

    def test_remember_me_lasts_a_month_and_without_it_till_the_browser_closes(self, app, user):
        for remember, lasting in (("", False), ("1", True)):
            data = {"login": user["name"], "password": PASSWORD, "remember": remember}
            answer = app.test_client().post("/user/login", data=data, follow_redirects=False)
            cookie = next(value for name, value in answer.headers if name == "Set-Cookie" and value.startswith("ckan="))
            assert ("Expires=" in cookie) is lasting

    def test_nobody_is_sent_to_another_site(self, app, user):
        for target in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
            data = {"login": user["name"], "password": PASSWORD}
            answer = app.test_client().post(f"/user/login?came_from={target}", data=data, follow_redirects=False)
            assert "evil" not in answer.headers["Location"]
            assert "javascript" not in answer.headers["Location"]


@pytest.mark.ckan_config("ckanext.lrtzc.delivery.limits", "true")
class TestLimits:
    @pytest.fixture(autouse=True)
    def no_counts(self):
        connection = connect_to_redis()
        for pattern in ("lrtzc:sign-in:*", "LIMITS*"):
            for key in connection.scan_iter(pattern):
                connection.delete(key)

    @pytest.mark.ckan_config("ckanext.lrtzc.delivery.limit.sign_up_account", "2/hour")
    def test_one_address_gets_few_letters_by_page_and_by_api(self, app):
        data = {"email": "zoe@example.org", "first_name": "", "last_name": "x", "birth_date": "x"}
        codes = [app.post("/account/new", data=data, expect_errors=True).status_code for _ in range(2)]
        codes.append(app.post("/api/3/action/lrtzc_account_sign_up", json=data, expect_errors=True).status_code)
        assert codes == [400, 400, 429]
