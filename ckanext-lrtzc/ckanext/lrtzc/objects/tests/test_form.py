"""The steps that publish a dataset, as a person without JavaScript goes through them."""

import json
import re
from html import unescape
from urllib.parse import urlsplit

import ckan.model as model
import pytest
from ckan.tests import factories
from ckan.tests.helpers import call_action

pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index")


class Browser:
    """A person with a browser: keeps the form's hidden fields, follows what a form answers."""

    def __init__(self, app, user):
        self.app = app
        self.user = user
        self.page = None

    def _sign_in(self):
        if self.user:
            self.app.set_session_user(self.user["id"])

    def get(self, path, status=200):
        self._sign_in()
        self.page = self.app.get(path, status=status)
        return self.page

    def hidden(self):
        found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', self.page.body)
        return {name: unescape(value) for name, value in found}

    def post(self, path, status=303, **fields):
        self._sign_in()
        data = {**(self.hidden() if self.page else {}), **fields}
        self.page = self.app.post(path, data=data, status=status, follow_redirects=False)
        return self.page

    def location(self):
        return urlsplit(self.page.headers["Location"]).path


@pytest.fixture
def browser(app, editor, organisation):
    return Browser(app, editor)


def drafted(browser, **fields):
    """Begin a dataset and give its id."""
    browser.get("/dataset/new")
    browser.post("/dataset/new", **{"title": "Arbres d'alignement", **fields})
    return browser.location().split("/")[-2]


def test_a_stranger_is_asked_to_sign_in(app):
    page = app.get("/dataset/new", follow_redirects=False)
    assert "/user/login" in page.headers["Location"]


def test_who_edits_for_nobody_publishes_in_their_own_name(app):
    assert "Vous-même" in Browser(app, factories.User()).get("/dataset/new").body


def test_from_nothing_to_published(browser, organisation):
    assert organisation["title"] in browser.get("/dataset/new").body
    browser.post(
        "/dataset/new",
        title="De rien à publié",
        notes="Position et essence",
        license_id="lov2",
        axis=["carbon", "citizens"],
        tag_string="arbres, qualité de l'air ; ombre",
        **{"contact-name": "Espaces verts", "contact-email": "arbres@example.org", "contact-url": ""},
    )
    identifier = browser.location().split("/")[-2]
    assert browser.location().endswith(f"/dataset/edit/{identifier}/coverage")
    browser.get(browser.location())
    browser.post(
        f"/dataset/edit/{identifier}/coverage",
        area="communes",
        communes=["17300", "17190"],
        frequency="http://publications.europa.eu/resource/authority/frequency/ANNUAL",
        **{"temporal_coverage-start": "01/09/2023", "temporal_coverage-end": "2024"},
    )
    assert browser.location().endswith("/files")
    page = browser.get(browser.location())
    assert f"/dataset/{identifier}/upload" in page.body or "resource/new" in page.body
    browser.post(f"/dataset/edit/{identifier}/files", url="https://example.org/arbres.csv", name="Arbres")
    assert "Arbres" in browser.get(f"/dataset/edit/{identifier}/review").body
    browser.post(f"/dataset/edit/{identifier}/visibility", go="publish")
    assert browser.location().endswith("/dataset/de-rien-a-publie")
    shown = call_action("package_show", id=identifier)
    assert (shown["state"], shown["private"]) == ("active", False)
    assert sorted(tag["name"] for tag in shown["tags"]) == ["arbres", "ombre", "qualité de l'air"]
    assert shown["temporal_coverage"] == [{"start": "2023-09-01", "end": "2024"}]
    assert shown["communes"] == ["17300", "17190"]
    assert json.loads(shown["spatial"])
    page = browser.get(f"/dataset/edit/{identifier}/coverage")
    assert "01/09/2023" in page.body
    browser.post(f"/dataset/edit/{identifier}/visibility", go="withhold")
    assert call_action("package_show", id=identifier)["private"] is True


def test_a_draft_needs_nothing_but_its_organisation_and_publication_lists_what_is_missing(browser):
    identifier = drafted(browser, title="")
    page = browser.get(f"/dataset/edit/{identifier}/review").body
    for field in ("title", "notes", "license_id"):
        assert f"/dataset/edit/{identifier}/describe#field-{field}" in page
    assert f"/dataset/edit/{identifier}/files#field-resources" in page
    browser.post(f"/dataset/edit/{identifier}/visibility", 422, go="publish")
    assert call_action("package_show", id=identifier)["state"] == "draft"
    assert identifier in browser.get("/dashboard/drafts").body
    assert "Untitled" in browser.page.body or "Sans titre" in browser.page.body


def test_nothing_is_lost_when_something_is_wrong(browser):
    identifier = drafted(browser)
    browser.get(f"/dataset/edit/{identifier}/coverage")
    page = browser.post(
        f"/dataset/edit/{identifier}/coverage",
        422,
        area="box",
        west="-1,3",
        south="46.1",
        east="-1.4",
        north="46.2",
        communes=["17300"],
        temporal_resolution="every day",
        **{"temporal_coverage-start": "31/02/2024", "temporal_coverage-end": "hier"},
    ).body
    for text in ("-1,3", "31/02/2024", "hier", "every day"):
        assert f'value="{text}"' in page
    assert re.search(r'value="17300" checked', page)
    page = browser.post(
        f"/dataset/edit/{identifier}/coverage", 422, **{"temporal_coverage-start": "31/02/2024", "issued": "hier"}
    ).body
    assert 'href="#field-temporal_coverage"' in page
    assert 'id="field-period-1-start-error"' in page
    assert 'id="field-issued-error"' in page
    assert not call_action("package_show", id=identifier).get("issued")


def test_going_back_saves(browser):
    identifier = drafted(browser)
    browser.get(f"/dataset/edit/{identifier}/coverage")
    browser.post(
        f"/dataset/edit/{identifier}/coverage",
        go="describe",
        area="box",
        west="-1.3",
        south="46.1",
        east="-1",
        north="46.2",
    )
    assert browser.location().endswith("/describe")
    assert json.loads(call_action("package_show", id=identifier)["spatial"])["type"] == "Polygon"
    page = browser.get(f"/dataset/edit/{identifier}/coverage").body
    assert re.search(r'value="box" checked', page)
    assert 'name="west" value="-1.3"' in page


def test_a_form_sent_twice_makes_one_dataset(browser):
    browser.get("/dataset/new")
    fields = browser.hidden()
    browser.post("/dataset/new", **fields, title="Une fois")
    first = browser.location()
    browser.page = None
    browser.post("/dataset/new", **fields, title="Une fois")
    assert browser.location() == first
    count = model.Session.query(model.Package).filter(model.Package.title == "Une fois").count()
    assert count == 1


def test_somebody_elses_form_makes_another_dataset(browser, app, organisation):
    browser.get("/dataset/new")
    fields = browser.hidden()
    browser.post("/dataset/new", **fields, title="À moi")
    colleague = factories.User()
    call_action("organization_member_create", id=organisation["id"], username=colleague["name"], role="editor")
    other = Browser(app, colleague)
    other.post("/dataset/new", **fields, title="À moi")
    assert other.location() != browser.location()
    names = {package.name for package in model.Session.query(model.Package).filter(model.Package.title == "À moi")}
    assert names == {"a-moi", "a-moi-2"}


def test_two_people_on_one_step_dont_overwrite_each_other(browser, app, organisation):
    identifier = drafted(browser)
    colleague = factories.User()
    call_action("organization_member_create", id=organisation["id"], username=colleague["name"], role="editor")
    other = Browser(app, colleague)
    path = f"/dataset/edit/{identifier}/describe"
    browser.get(path)
    other.get(path)
    other.post(path, title="Le titre de l'autre", notes="")
    page = browser.post(path, 409, title="Mon titre", notes="Ma description").body
    assert "Le titre de l&#39;autre" in page
    assert 'value="Mon titre"' in page
    assert "Ma description" in page
    browser.post(path, title="Mon titre", notes="Ma description")
    assert call_action("package_show", id=identifier)["title"] == "Mon titre"


def test_a_session_that_ended_doesnt_lose_the_text(browser, app):
    identifier = drafted(browser)
    path = f"/dataset/edit/{identifier}/describe"
    browser.get(path)
    fields = {**browser.hidden(), "title": "Long texte", "notes": "Écrit pendant une heure"}
    stranger = Browser(app, None)
    with app.flask_app.test_client() as client:
        answer = client.post(path, data=fields)
    assert answer.status_code in (400, 403)
    assert "Écrit pendant une heure" in answer.get_data(as_text=True)
    assert stranger.page is None
    assert call_action("package_show", id=identifier)["title"] == "Arbres d'alignement"


def test_a_token_too_old_doesnt_lose_the_text(browser, app, monkeypatch):
    monkeypatch.setitem(app.flask_app.config, "WTF_CSRF_ENABLED", True)
    browser.get("/dataset/new")
    page = browser.post("/dataset/new", 400, title="Jeton périmé", **{"_csrf_token": "old"}).body
    assert 'value="Jeton périmé"' in page
    assert model.Session.query(model.Package).filter(model.Package.title == "Jeton périmé").count() == 0


def test_others_see_neither_the_steps_nor_the_draft(browser, app):
    identifier = drafted(browser)
    stranger = Browser(app, factories.User())
    for step in ("describe", "coverage", "files", "review"):
        stranger.get(f"/dataset/edit/{identifier}/{step}", status=404)
    stranger.post(f"/dataset/edit/{identifier}/visibility", 404, go="publish")
    assert identifier not in stranger.get("/dashboard/drafts").body


def test_the_address_follows_the_title_until_publication(browser):
    identifier = drafted(browser)
    browser.get(f"/dataset/edit/{identifier}/describe")
    browser.post(f"/dataset/edit/{identifier}/describe", title="Autre titre", notes="Décrit", license_id="lov2")
    assert call_action("package_show", id=identifier)["name"] == "autre-titre"
    browser.post(f"/dataset/edit/{identifier}/files", url="https://example.org/a.csv")
    browser.post(f"/dataset/edit/{identifier}/visibility", go="publish")
    browser.get(f"/dataset/edit/{identifier}/describe")
    browser.post(f"/dataset/edit/{identifier}/describe", title="Titre corrigé", notes="Décrit", license_id="lov2")
    shown = call_action("package_show", id=identifier)
    assert (shown["title"], shown["name"]) == ("Titre corrigé", "autre-titre")


def test_a_step_keeps_what_it_doesnt_show(browser, organisation):
    identifier = drafted(browser)
    user = call_action("get_site_user")["name"]
    call_action(
        "package_patch",
        {"user": user},
        id=identifier,
        contact=[{"name": "A", "identifier": "ror-1"}],
        publisher=[{"name": "P"}],
        extras=[{"key": "mine", "value": "kept"}],
    )
    browser.get(f"/dataset/edit/{identifier}/describe")
    browser.post(f"/dataset/edit/{identifier}/describe", title="T", **{"contact-name": "B"})
    shown = call_action("package_show", id=identifier)
    assert shown["contact"][0]["name"] == "B"
    assert shown["contact"][0]["identifier"] == "ror-1"
    assert shown["publisher"] == [{"name": "P"}]
    assert shown["extras"] == [{"key": "mine", "value": "kept"}]


def test_a_title_in_another_language_is_written_and_shown_again(browser):
    dataset = drafted(browser, **{"title_translated-en": "Street trees", "notes_translated-en": "Where they stand"})
    stored = call_action("package_show", {"ignore_auth": True, "user": browser.user["name"]}, id=dataset)
    assert stored["title_translated"] == {"en": "Street trees"}
    body = browser.get(f"/dataset/edit/{dataset}/describe").body
    assert 'value="Street trees"' in body
    assert "Titre (anglais)" in body
    browser.post(f"/dataset/edit/{dataset}/describe", **{"title": "Arbres", "title_translated-en": ""})
    stored = call_action("package_show", {"ignore_auth": True, "user": browser.user["name"]}, id=dataset)
    assert not stored.get("title_translated")
