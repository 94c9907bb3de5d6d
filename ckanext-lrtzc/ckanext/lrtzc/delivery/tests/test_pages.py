"""Pages as visitors get them: shared, renewed, personal."""

import os
import re

import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories, helpers

from ckanext.lrtzc.delivery import generation

pytestmark = [
    pytest.mark.usefixtures("rooms_db", "clean_index"),
]


def nonces(answer):
    policy = answer.headers["Content-Security-Policy"]
    return set(re.findall(r"'nonce-([^']+)'", policy)), set(
        re.findall(r'nonce="([^"]*)"', answer.get_data(as_text=True))
    )


def dataset(**fields):
    return factories.Dataset(owner_org=factories.Organization()["id"], **fields)


@pytest.fixture
def user_header():
    user = factories.UserWithToken()
    return {"Authorization": user["token"]}


class TestStrangers:
    @pytest.mark.parametrize("path", ["/", "/dataset/", "/organization/", "/en/dataset/", "/about"])
    def test_get_a_page_without_cookie_or_token_that_caches_may_keep(self, app, path):
        answer = app.get(path)
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"].startswith("public")
        assert "Cookie" not in answer.headers["Vary"]
        assert answer.headers["ETag"]
        assert not re.search(r'name="_csrf_token"\s+(content|value)="[^"]+"', answer.body)

    def test_are_told_that_nothing_changed_without_a_policy(self, app):
        first = app.get("/dataset/")
        again = app.get("/dataset/", headers={"If-None-Match": first.headers["ETag"]}, status=304)
        assert again.body == ""
        assert again.headers["ETag"] == first.headers["ETag"]
        assert "Content-Security-Policy" not in again.headers

    def test_a_page_made_anew_with_the_same_content_has_the_same_nonce_and_tag(self, app):
        first = app.get("/dataset/")
        generation.renew()
        second = app.get("/dataset/")
        assert first.headers["ETag"] == second.headers["ETag"]
        assert nonces(first) == nonces(second)
        assert first.body == second.body

    def test_the_nonce_of_the_policy_is_the_one_of_the_page_and_changes_with_it(self, app):
        first = app.get("/dataset/")
        in_policy, in_page = nonces(first)
        assert len(in_policy) == 1
        assert in_page <= in_policy
        dataset(title="Comptages vélo")
        assert nonces(app.get("/dataset/"))[0] != in_policy

    def test_head_tells_the_same_as_get(self, app):
        page = app.get("/about")
        head = app.test_client().head("/about")
        assert head.headers["ETag"] == page.headers["ETag"]
        assert head.headers["Content-Length"] == page.headers["Content-Length"]
        assert head.get_data() == b""

    def test_languages_have_their_own_tag(self, app):
        assert app.get("/about").headers["ETag"] != app.get("/en/about").headers["ETag"]


class TestChanges:
    def test_a_new_dataset_is_seen_by_the_next_visitor(self, app):
        app.get("/dataset/")
        dataset(title="Consommation des bâtiments")
        assert "Consommation des bâtiments" in app.get("/dataset/").body

    def test_a_change_of_an_organisation_is_seen_by_the_next_visitor(self, app):
        organisation = factories.Organization(title="0000 Avant")
        assert "0000 Avant" in app.get("/organization/").body
        context = {"user": factories.Sysadmin()["name"]}
        helpers.call_action("organization_patch", context, id=organisation["id"], title="0000 Après")
        assert "0000 Après" in app.get("/organization/").body

    def test_a_change_refused_by_the_database_renews_nothing(self, app):
        import ckan.model as model
        import sqlalchemy as sa

        app.get("/about")
        before = generation.current()
        model.Session.execute(sa.text("UPDATE package SET title = 'x' WHERE false"))
        model.Session.rollback()
        assert generation.current() == before

    def test_reading_renews_nothing(self, app):
        name = dataset()["name"]
        before = generation.current()
        app.get(f"/dataset/{name}")
        app.get("/dataset/?q=eau")
        assert generation.current() == before

    def test_a_page_made_right_after_a_change_is_made_again_soon(self):
        generation.renew()
        mark = generation.current()
        assert generation.lifetime(mark, 300) == generation.SETTLING
        assert generation.lifetime("1-a", 300) == 300
        assert generation.lifetime(None, 300) == generation.SETTLING

    def test_the_folder_of_nginx_moves_on_in_one_step(self, tmp_path, monkeypatch):
        monkeypatch.setitem(tk.config, "ckanext.lrtzc.delivery.edge_folder", str(tmp_path))
        generation.renew()
        first = (tmp_path / "current").resolve()
        generation.renew()
        second = (tmp_path / "current").resolve()
        assert first != second
        assert first.is_dir()
        assert second.is_dir()

    def test_folders_of_former_generations_are_removed_after_a_while(self, tmp_path):
        old = tmp_path / "g-old"
        old.mkdir()
        os.utime(old, (1, 1))
        generation.link_edge(tmp_path, "new")
        assert not old.exists()
        assert (tmp_path / "current").readlink().name == "g-new"


class TestSignedIn:
    def test_get_their_own_page_that_nobody_keeps(self, app, user_header):
        app.get("/dataset/")
        answer = app.get("/dataset/", headers=user_header)
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert "ETag" not in answer.headers

    def test_never_leave_their_page_to_strangers(self, app, user_header):
        mine = app.get("/dataset/", headers=user_header)
        assert "ETag" not in mine.headers
        assert app.get("/dataset/").headers["Cache-Control"].startswith("public")

    def test_have_a_new_nonce_each_time(self, app, user_header):
        first = nonces(app.get("/dataset/", headers=user_header))[0]
        assert first != nonces(app.get("/dataset/", headers=user_header))[0]


class TestEveryAnswer:
    @pytest.mark.parametrize(
        "path", ["/", "/healthz", "/readyz", "/api/3/action/status_show", "/nothing", "/base/images/x"]
    )
    def test_carries_the_headers(self, app, path):
        answer = app.test_client().get(path)
        for name in ("X-Content-Type-Options", "Referrer-Policy", "Permissions-Policy", "Cross-Origin-Opener-Policy"):
            assert name in answer.headers, name
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe-eval" not in policy
        assert "script-src 'unsafe" not in policy

    def test_is_compressed_for_those_who_take_it(self, app):
        plain = app.get("/dataset/")
        answer = app.get("/dataset/", headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
        assert int(answer.headers["Content-Length"]) < int(plain.headers["Content-Length"])
        assert "Accept-Encoding" in answer.headers["Vary"]

    def test_health_opens_no_session(self, app):
        for path in ("/healthz", "/readyz"):
            answer = app.get(path)
            assert "Set-Cookie" not in answer.headers
            assert answer.headers["Cache-Control"] == "no-store"

    @pytest.mark.ckan_config("ckan.site_url", "https://data.example.org")
    @pytest.mark.ckan_config("SESSION_COOKIE_SECURE", "false")
    def test_insists_on_https_where_the_site_has_it(self, make_app):
        app = make_app()
        assert "max-age=" in app.get("/about").headers["Strict-Transport-Security"]
        assert app.flask_app.config["SESSION_COOKIE_SECURE"] is True
