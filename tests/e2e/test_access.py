"""A dataset with a restricted part: found, explained, opened in part by page, seen in exactly that part, withdrawn.

The order matters: each test goes on where the one before ended.
"""

import csv
import datetime as dt
import io
import json
import re
import secrets
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests

from tests.e2e import quality

pytestmark = pytest.mark.e2e

WORD = secrets.token_hex(3)
SECRET = f"Zanzibar-{WORD}"
TITLE = f"Consommations relevées {WORD}"
REASON = "Ces relevés nomment des clients."
PURPOSE = "Étude des besoins de chauffage à Aytré"
WIDTHS = (320, 768, 1280)
FIELDS = [
    {"id": "commune", "type": "text", "info": {"label": "Commune"}},
    {"id": "nom", "type": "text", "info": {"label": "Nom du client"}},
    {"id": "valeur", "type": "int8", "info": {"label": "Consommation", "unit": "kWh"}},
    {"id": "jour", "type": "date", "info": {"label": "Jour du relevé"}},
]
ROWS = [
    {"commune": "Aytré", "nom": f"École {SECRET}", "valeur": 120, "jour": "2024-03-01"},
    {"commune": "Aytré", "nom": f"Villa {SECRET}", "valeur": 4210, "jour": "2025-06-30"},
    {"commune": "Périgny", "nom": f"Usine {SECRET}", "valeur": 73916, "jour": "2024-07-14"},
]


@pytest.fixture(scope="module")
def story(made):
    """Make a dataset with a table, its owner, and somebody who will be given a part of it."""

    people = {}
    for role, fullname in (("owner", "Solène Producteur"), ("reader", "Noé Lecteur")):
        name, password = f"{role}-{WORD}", secrets.token_urlsafe(16)
        made("user_create", name=name, email=f"{name}@example.org", password=password, fullname=fullname)
        key = made("api_token_create", user=name, name="essai")["token"]
        people[role] = SimpleNamespace(name=name, password=password, email=f"{name}@example.org", key=key)
    users = [{"name": people["owner"].name, "capacity": "editor"}]
    organisation = made(
        "organization_create", name=f"service-{WORD}", title=f"Service des énergies {WORD}", users=users
    )
    dataset = made(
        "package_create",
        name=f"releves-{WORD}",
        title=TITLE,
        notes="Relevés de compteurs.",
        owner_org=organisation["id"],
        license_id="lov2",
    )
    resource = made("resource_create", package_id=dataset["id"], name="Relevés 2024", url="https://x.example/r.csv")
    made("datastore_create", resource_id=resource["id"], fields=FIELDS, records=ROWS, force=True)
    yield SimpleNamespace(dataset=dataset, resource=resource, **people)
    made("dataset_purge", id=dataset["id"])
    made("organization_purge", id=organisation["id"])
    for person in people.values():
        made("user_delete", id=person.name)


@pytest.fixture(scope="module")
def window_of(window, story):
    """Give a function that gives the one window of a person, signed in; of nobody for “stranger”."""
    windows = {"stranger": window()}

    def the_one(role):
        if role not in windows:
            person = getattr(story, role)
            windows[role] = window(person.name, person.password)
        return windows[role]

    return the_one


@pytest.fixture(scope="module")
def at(portal, story):
    """Give a function from the end of an address of the dataset to the whole."""
    return lambda end="", language="": f"{portal}{language}/dataset/{story.dataset['name']}{end}"


@pytest.fixture(scope="module")
def explorer(story, at):
    """Give the address of the explorer."""
    return at(f"/resource/{story.resource['id']}/explore")


def look(page, artefacts, name):
    """Keep pictures of the page at each width; it is valid, accessible and never wider than its window."""
    faults = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if quality.overflow(page) > 0:
            faults.append(f"{name} is wider than {width} pixels")
        page.screenshot(path=artefacts / f"access-{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})
    faults += quality.axe_findings(page)
    file = artefacts / f"access-{name}.html"
    # what was asked for by the address, as it was sent; what scripts changed has its own test
    file.write_text(page.request.get(page.url).text(), "utf-8")
    assert not faults, "\n".join(faults)


def test_the_owner_holds_it_back_and_says_why(window_of, at, story, artefacts):
    page = window_of("owner")
    page.goto(at())
    page.click("text=Qui voit ces données")
    held = page.locator("li.access-held", has_text="Relevés 2024")
    held.locator("summary", has_text="Réserver").click()
    held.locator("textarea").fill(REASON)
    held.locator("button", has_text="Réserver").click()
    page.wait_for_selector("text=C'est maintenant réservé")
    assert REASON in page.inner_text("main")
    look(page, artefacts, "owner")


def test_strangers_find_it_and_read_why(window_of, portal, at, explorer, story, call, artefacts):
    page = window_of("stranger")
    page.goto(f"{portal}/dataset/?q={WORD}")
    found = page.locator("li.result", has_text=TITLE)
    assert "Données en partie sur demande" in found.inner_text()
    found.locator("h2 a").click()
    page.wait_for_load_state()
    said = page.inner_text("main")
    assert REASON in said
    assert "Télécharger" not in said
    look(page, artefacts, "dataset")
    answer = page.goto(explorer)
    assert answer.status == 403
    assert REASON in page.inner_text("main")
    assert "Se connecter" in page.inner_text("main")
    look(page, artefacts, "refused")
    page.goto(at(f"/resource/{story.resource['id']}"))
    assert REASON in page.inner_text("main")
    assert SECRET not in page.content()
    status, told = call("datastore_search", resource_id=story.resource["id"])
    assert status == 403
    assert SECRET not in json.dumps(told)
    export = requests.get(f"{explorer}/export.csv", timeout=60)
    assert (export.status_code, export.json()["code"]) == (403, "held_back")


def test_the_owner_opens_two_columns_until_a_day(window_of, explorer, at, story, artefacts):
    page = window_of("owner")
    page.goto(f"{explorer}?is.commune=Aytr%C3%A9&column=commune&column=valeur")
    page.click("text=Ouvrir cette sélection à quelqu'un")
    page.wait_for_selector("#grant-form")
    assert page.locator("[name=column]:checked").count() == 2
    assert page.input_value("#filter-1-value") == "Aytré"
    page.click("#add")
    page.wait_for_selector("#filter-2")
    page.select_option("#filter-2", "valeur")
    page.select_option("#filter-2-operator", "max")
    page.fill("#filter-2-value", "beaucoup")
    page.fill("#person", story.reader.email)
    page.fill("#purpose", PURPOSE)
    page.click("button.btn:has-text('Voir ce qui sera vu')")
    page.wait_for_selector("#errors")
    assert "n'est pas un nombre" in page.inner_text("#errors")
    look(page, artefacts, "form-errors")
    assert page.input_value("#purpose") == PURPOSE
    page.fill("#filter-2-value", "1 000,5")
    page.click("button.btn:has-text('Voir ce qui sera vu')")
    page.wait_for_selector(".access-preview")
    preview = page.inner_text(".access-preview")
    assert "1 ligne" in preview
    assert "120" in preview
    assert SECRET not in preview
    look(page, artefacts, "form-preview")
    page.click("button[value=remove-2]")
    page.wait_for_selector("#filter-2", state="detached")
    page.fill("#ends", (dt.date.today() + dt.timedelta(days=30)).isoformat())
    page.click("button[value=open]")
    page.wait_for_selector("text=C'est ouvert")
    said = page.inner_text("main")
    assert "Noé Lecteur" in said
    assert "Colonnes Commune et Consommation ; lignes où Commune vaut Aytré." in said
    assert PURPOSE in said
    look(page, artefacts, "owner-with-opening")


def test_the_person_sees_exactly_that(window_of, portal, explorer, story, call, artefacts):
    page = window_of("reader")
    page.goto(f"{portal}/dashboard/datasets")
    page.click("text=Ce qui m'est ouvert")
    page.wait_for_load_state()
    said = page.inner_text("main")
    assert TITLE in said
    assert "Colonnes Commune et Consommation ; lignes où Commune vaut Aytré." in said
    assert PURPOSE in said
    look(page, artefacts, "mine")
    page.click("text=Explorer et exporter")
    page.wait_for_selector("#explore")
    said = page.inner_text("main")
    assert "Jusqu'au" in said
    assert PURPOSE in said
    assert "4210" in said
    assert "73916" not in said.replace("\u202f", "")
    assert SECRET not in page.content()
    assert "Nom du client" not in page.content()
    look(page, artefacts, "explorer")
    status, told = call("datastore_search", story.reader.key, resource_id=story.resource["id"])
    assert status == 200
    assert [set(row) for row in told["result"]["records"]] == [{"_id", "commune", "valeur"}] * 2
    assert {row["valeur"] for row in told["result"]["records"]} == {120, 4210}
    assert [field["id"] for field in told["result"]["fields"]] == ["_id", "commune", "valeur"]
    with page.expect_download() as download:
        page.click("summary:has-text('Télécharger')")
        page.click(".explore-formats a:has-text('CSV')")
    rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    assert rows[1:] == [["Aytré", "120"], ["Aytré", "4210"]]


def test_the_pages_speak_english_too(window_of, portal, at, explorer, artefacts):
    page = window_of("owner")
    page.goto(at("/access", "/en"))
    assert "Columns Commune and Consommation; rows where Commune is Aytré." in page.inner_text("main")
    look(page, artefacts, "owner-en")
    page.goto(at("/access/grant", "/en"))
    assert "What they will see" in page.inner_text("main") or "See what they will see" in page.inner_text("main")
    look(page, artefacts, "form-en")
    page = window_of("reader")
    page.goto(f"{portal}/en/access/mine")
    look(page, artefacts, "mine-en")


def test_the_pages_are_light_and_the_browser_does_not_complain(window_of, portal, at, explorer, artefacts):
    measured = {}
    for role, address in (
        ("owner", at("/access")),
        ("owner", at("/access/grant")),
        ("reader", f"{portal}/access/mine"),
        ("stranger", explorer),
        ("stranger", at()),
    ):
        result = quality.visit(window_of(role), address)
        name = address.removeprefix(portal)
        measured[name] = [len(result.requests), round(result.kilobytes, 1), round(result.ecoindex, 1)]
        assert result.kilobytes <= 150, name
        assert len(result.requests) <= 12, name
        assert result.ecoindex >= 82, name
        # that a page was refused is no complaint about it
        assert not [said for said in result.complaints if "403" not in said], name
    (artefacts / "access-weights.json").write_text(json.dumps(measured, indent=1), "utf-8")


def test_administrators_see_the_rules(new_page, portal, signed_in, artefacts):
    page = new_page(state=signed_in)
    page.goto(f"{portal}/ckan-admin/")
    page.click("text=Règles d'accès")
    page.wait_for_selector("#rules-caption")
    assert "rights" in page.inner_text("main")
    look(page, artefacts, "rules")


def test_the_form_works_by_keyboard_and_without_scripts(browser, window_of, at, story, artefacts):
    page = window_of("owner")
    page.goto(at("/access/grant"))
    assert not quality.keyboard_faults(page)
    context = browser.new_context(java_script_enabled=False, storage_state=page.context.storage_state())
    plain = context.new_page()
    plain.set_default_timeout(60_000)
    plain.goto(at("/access/grant"))
    plain.check("[name=column][value=commune]")
    plain.click("#add")
    plain.select_option("#filter-1", "commune")
    plain.fill("#filter-1-value", "Périgny")
    plain.click("button.btn:has-text('Voir ce qui sera vu')")
    assert "1 ligne" in plain.inner_text(".access-preview")
    (artefacts / "access-form-plain.html").write_text(plain.content(), "utf-8")
    assert plain.is_checked("[name=column][value=commune]")
    context.close()


def test_the_pages_are_valid(story, artefacts):
    files = sorted(artefacts.glob("access-*.html"))
    faults = {name: lines for name, lines in quality.validate_html(files).items() if lines}
    assert not faults, faults


def test_what_is_withdrawn_is_refused_at_the_next_call(window_of, portal, at, explorer, story, call, artefacts):
    reader = window_of("reader")
    page = window_of("owner")
    page.goto(at("/access"))
    page.click("text=Retirer…")
    page.wait_for_selector("text=Retirer cette ouverture ?")
    look(page, artefacts, "withdraw")
    page.click("main button:has-text('Retirer')")
    page.wait_for_selector("text=L'ouverture est retirée")
    status, told = call("datastore_search", story.reader.key, resource_id=story.resource["id"])
    assert status == 403
    assert REASON in json.dumps(told, ensure_ascii=False)
    assert reader.goto(explorer).status == 403
    assert reader.request.get(f"{explorer}/export.csv").status == 403
    reader.goto(f"{portal}/access/mine")
    assert "Rien pour l'instant" in reader.inner_text("main")
    assert re.search(r"retirée le", page.inner_text("main"))
