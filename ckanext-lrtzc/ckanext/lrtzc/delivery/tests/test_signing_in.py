"""Signing in, forms and limits."""

import json

import pytest
from ckan.lib.redis import connect_to_redis
from ckan.tests import factories

PASSWORD = "Tr0is-petits-chats!"

pytestmark = [
    pytest.mark.ckan_config("ckanext.lrtzc.delivery.limits", "true"),
    pytest.mark.usefixtures("rooms_db", "clean_index", "no_counts"),
]


@pytest.fixture
def no_counts():
    connection = connect_to_redis()
    for pattern in ("lrtzc:sign-in:*", "LIMITS*"):
        for key in connection.scan_iter(pattern):
            connection.delete(key)


@pytest.fixture
def person():
    return factories.User(password=PASSWORD)


def sign_in(app, name, password=PASSWORD, **kwargs):
    return app.post("/user/login", data={"login": name, "password": password}, follow_redirects=False, **kwargs)


def cookie(answer):
    return next(
        (value for name, value in answer.headers.items() if name == "Set-Cookie" and value.startswith("ckan=")), ""
    )


class TestSession:
    def test_is_new_after_signing_in_and_hidden_from_scripts(self, app, person):
        answer = sign_in(app, person["name"])
        assert answer.status_code == 302
        set_cookie = cookie(answer)
        assert "HttpOnly" in set_cookie
        assert "SameSite=Lax" in set_cookie

    def test_a_session_given_from_outside_is_not_taken_over(self, app, person):
        client = app.test_client()
        client.set_cookie("ckan", "chosen-by-somebody-else")
        client.post("/user/login", data={"login": person["name"], "password": PASSWORD})
        assert client.get_cookie("ckan").value != "chosen-by-somebody-else"

    def test_signing_out_makes_a_stranger_again(self, app, person):
        client = app.test_client()
        client.post("/user/login", data={"login": person["name"], "password": PASSWORD})
        assert client.get("/dataset/").headers["Cache-Control"].startswith("private")
        out = client.get("/user/_logout", follow_redirects=False)
        assert out.headers.get("Clear-Site-Data") == '"cache"'
        client.get("/user/logged_out_redirect")
        assert client.get("/dataset/").headers["Cache-Control"].startswith("public")


class TestLockOut:
    def test_after_five_failures_one_has_to_wait_even_with_the_right_password(self, app, person):
        for _ in range(5):
            assert sign_in(app, person["name"], "wrong").status_code == 200
        answer = sign_in(app, person["name"])
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 30
        assert "30" in answer.body or "29" in answer.body

    def test_unknown_accounts_are_treated_alike(self, app):
        answers = [sign_in(app, "nobody-here", "wrong").status_code for _ in range(6)]
        assert answers == [200] * 5 + [429]

    def test_others_sign_in_meanwhile(self, app, person):
        for _ in range(6):
            sign_in(app, "nobody-here", "wrong")
        assert sign_in(app, person["name"]).status_code == 302

    def test_success_forgets_the_failures(self, app, person):
        for _ in range(4):
            sign_in(app, person["name"], "wrong")
        sign_in(app, person["name"])
        app.get("/user/_logout")
        assert sign_in(app, person["name"], "wrong").status_code == 200


class TestLimits:
    @pytest.mark.ckan_config("ckanext.lrtzc.delivery.limit.password_reset_address", "2/minute")
    def test_requests_for_a_password_are_few(self, app):
        codes = [
            app.post("/user/reset", data={"user": f"x{number}"}, follow_redirects=False).status_code
            for number in range(3)
        ]
        assert codes[2] == 429

    @pytest.mark.ckan_config("ckanext.lrtzc.delivery.limit.api_write_account", "2/minute")
    def test_writes_are_counted_for_an_account_and_reading_is_not(self, app):
        header = {"Authorization": factories.UserWithToken()["token"]}
        for _ in range(5):
            assert app.post("/api/3/action/package_search", json={}, headers=header).status_code == 200
        answers = [
            app.post("/api/3/action/package_create", json={}, headers=header, expect_errors=True) for _ in range(3)
        ]
        last = answers[-1]
        assert last.status_code == 429
        assert last.headers["Content-Type"] == "application/problem+json"
        problem = json.loads(last.body)
        assert problem["code"] == "too_many_requests"
        assert problem["status"] == 429
        assert int(last.headers["Retry-After"]) > 0


@pytest.mark.ckan_config("WTF_CSRF_ENABLED", "true")
class TestForms:
    def test_a_visit_of_a_stranger_opens_no_form_to_forgery(self, app, person):
        """CKAN leaves a view unprotected once a stranger has called it."""
        app.test_client().post("/organization/new", data={"name": "x"})
        client = app.test_client()
        client.post("/user/login", data={"login": person["name"], "password": PASSWORD})
        assert client.post("/organization/new", data={"name": "x"}).status_code == 400

    def test_a_sign_in_sent_by_another_site_is_refused(self, app, person):
        answer = sign_in(app, person["name"], headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403


class TestProblems:
    def test_a_program_gets_problem_details(self, app):
        answer = app.get("/dataset/no-such", headers={"Accept": "application/json"}, status=404)
        problem = json.loads(answer.body)
        assert (problem["status"], problem["code"]) == (404, "not_found")
        assert problem["instance"] == "/dataset/no-such"

    def test_a_person_gets_a_page(self, app):
        answer = app.get("/dataset/no-such", status=404)
        assert answer.headers["Content-Type"].startswith("text/html")

    def test_what_is_too_large_is_refused_before_it_is_read(self, app):
        app.flask_app.config["MAX_CONTENT_LENGTH"] = 1000
        answer = app.post("/user/login", data={"login": "x" * 5000, "password": "y"})
        assert answer.status_code == 413
