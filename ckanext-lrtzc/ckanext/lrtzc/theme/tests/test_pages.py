"""The pages as a visitor gets them."""

import base64
import hashlib
import html
import re

import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories

from ckanext.lrtzc.territory import get_territory

PLUGINS = "lrtzc lrtzc_delivery lrtzc_objects lrtzc_standards scheming_datasets activity datastore dcat"
pytestmark = [
    pytest.mark.ckan_config("ckan.plugins", PLUGINS),
    pytest.mark.ckan_config("ckanext.lrtzc.delivery.share_pages", "false"),
    pytest.mark.usefixtures("rooms_db", "clean_index"),
]
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def dataset():
    axis, commune = get_territory().axes[2], get_territory().communes[0]
    return factories.Dataset(
        title="Production des toits solaires",
        notes="Ce que produisent les **toits**.",
        license_id="lov2",
        owner_org=factories.Organization(title="Régie d'énergie")["id"],
        axis=[axis.code],
        communes=[commune.code],
        frequency="http://publications.europa.eu/resource/authority/frequency/ANNUAL",
        resources=[{"url": "https://example.org/toits.csv", "format": "CSV", "name": "Toits", "size": 2400000}],
    )


def text(body: str) -> str:
    """Give what a page says, without its tags; non-breaking spaces stay."""
    return re.sub(r"[ \n]+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body)))


class TestHome:
    def test_shows_axes_communes_figures_and_what_is_new(self, app, dataset):
        body = app.get("/").body
        territory = get_territory()
        assert all(axis.label.say("fr") in body for axis in territory.axes)
        assert all(f"vocab_communes={commune.code}" in body for commune in territory.communes)
        assert all(figure.source.say("fr") in text(body) for figure in territory.key_figures)
        assert "Production des toits solaires" in body

    def test_its_bundles_carry_the_digest_of_what_is_served(self, app):
        tags = re.findall(r'(?:src|href)="(/webassets/[^"]+)"[^>]*? integrity="sha384-([^"]+)"', app.get("/").body)
        assert {url.rsplit(".", 1)[1] for url, _ in tags} == {"css", "js"}
        for url, digest in tags:
            assert base64.b64encode(hashlib.sha384(app.get(url).data).digest()).decode() == digest

    def test_is_in_english_at_its_english_address(self, app):
        body = app.get("/en/").body
        assert '<html lang="en"' in body
        assert get_territory().sentence.say("en") in body
        assert "What is new" in body

    def test_says_so_while_search_is_away(self, app, monkeypatch):
        from ckan.lib.search import SearchError

        import ckanext.lrtzc.theme.home as home

        def away(name):
            def answer(context, data):
                raise SearchError("away")

            return answer

        monkeypatch.setattr(home.tk, "get_action", away)
        assert "La recherche est indisponible" in app.get("/").body


class TestCatalogue:
    def test_facets_are_in_words_and_can_be_taken_away(self, app, dataset):
        axis, commune = get_territory().axes[2], get_territory().communes[0]
        body = app.get(f"/dataset/?vocab_axis={axis.code}").body
        assert "1 résultat" in text(body)
        assert commune.name in body
        assert "Tous les ans" in body
        assert re.search(r'class="pill" href="\?"', body), "the applied axis has a way out"

    def test_a_result_says_of_whom_how_fresh_under_which_terms_in_what_form(self, app, dataset):
        body = text(app.get("/dataset/?q=toit").body)
        assert re.search(r"Régie d'énergie.*mis à jour le.*Licence Ouverte.*CSV", body)

    def test_nothing_found_says_what_to_do(self, app, dataset):
        assert "Essayez moins de mots" in app.get("/dataset/?q=zzzzz").body

    @pytest.mark.parametrize("name", ["q", "organization", "sort", "vocab_axis", "x"])
    def test_hostile_words_stay_words(self, app, dataset, name):
        answer = app.get("/dataset/", query_string={name: HOSTILE})
        assert answer.status_code in (200, 400)
        assert "<script>alert" not in answer.body


class TestDataset:
    def test_answers_what_may_i_how(self, app, dataset):
        body = app.get(f"/dataset/{dataset['name']}").body
        words = text(body)
        assert "<strong>toits</strong>" in body
        assert "Oui, ces données sont ouvertes" in words
        assert "Vous pouvez" in words
        assert "Vous devez" in words
        assert "2,4\u00a0Mo" in words
        assert 'href="https://example.org/toits.csv"' in body

    def test_facts_are_in_words(self, app, dataset):
        words = text(app.get(f"/dataset/{dataset['name']}").body)
        assert "Tous les ans" in words
        assert get_territory().communes[0].name in words

    def test_a_file_has_its_page(self, app, dataset):
        body = app.get(f"/dataset/{dataset['name']}/resource/{dataset['resources'][0]['id']}").body
        assert "<h1>Toits</h1>" in body
        assert "À propos de ce fichier" in body


class TestOtherPages:
    @pytest.mark.parametrize("path", ["/", "/dataset/", "/organization/", "/group/", "/about", "/developers"])
    def test_start_no_session_and_carry_no_token(self, app, path):
        answer = app.get(path)
        assert "Set-Cookie" not in answer.headers
        assert "_csrf_token" not in answer.body
        assert not re.search(r"<style|\son[a-z]+=|\sstyle=|<script(?![^>]*( src=|application/ld.json))", answer.body)

    def test_texts_of_the_territory_have_their_pages(self, app):
        for page in get_territory().legal:
            assert page.title.say("fr") in app.get(f"/page/{page.code}").body
        assert app.get("/page/nothing").status_code == 404

    def test_what_is_not_there_says_so_and_offers_a_search(self, app):
        answer = app.get("/dataset/nothing")
        assert answer.status_code == 404
        assert "Cette page est introuvable" in answer.body
        assert 'name="q"' in answer.body

    def test_an_unforeseen_error_is_told_as_the_portal_s_own(self, app, monkeypatch):
        def fail(**_):
            # what CKAN's handler does, which isn't there while tests run
            given = {"code": [500], "content": "Internal server error"}
            return tk.render("error_document_template.html", given), 500

        monkeypatch.setitem(app.flask_app.view_functions, "lrtzc.developers", fail)
        answer = app.get("/developers")
        assert answer.status_code == 500
        assert "Le portail a rencontré un problème" in answer.body

    def test_a_reserved_page_offers_to_sign_in(self, app):
        answer = app.get("/ckan-admin/")
        assert answer.status_code == 403
        assert "/user/login" in answer.body

    def test_the_logo_is_the_territory_s(self, app):
        answer = app.get("/territory/logo")
        assert answer.headers["Content-Type"].startswith("image/")

    @pytest.mark.ckan_config("ckan.site_custom_css", ":root { --c-action: #123456 }")
    def test_an_administrator_s_style_is_a_file(self, app):
        assert '/territory/style.css"' in app.get("/about").body
        answer = app.get("/territory/style.css")
        assert answer.headers["Content-Type"].startswith("text/css")
        assert "#123456" in answer.body


class TestKeysOfPrograms:
    def test_a_key_is_made_shown_once_and_revoked_without_scripts(self, app):
        user = factories.UserWithToken()
        headers = {"Authorization": user["token"]}
        path = f"/user/{user['name']}/api-tokens"
        made = app.post(path, data={"name": "Tableau de bord"}, headers=headers)
        assert "elle ne sera plus montrée" in made.body
        listed = app.get(path, headers=headers).body
        assert "Tableau de bord" in listed
        key = re.search(r'name="token" value="([^"]+)"> Tableau de bord', listed).group(1)
        revoked = app.post(f"{path}/revoke", data={"token": key}, headers=headers)
        assert "1 clé révoquée" in text(revoked.body)
        assert "Tableau de bord" not in app.get(path, headers=headers).body
