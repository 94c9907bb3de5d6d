"""Answering a form: without a mouse, by a map; without a network, then with one; and what all the answers say.

The order matters: each test goes on where the one before ended.
"""

import secrets
import time
from types import SimpleNamespace

import pytest

from ckanext.lrtzc.forms.domain.workbook import write
from ckanext.lrtzc.forms.tests.conftest import CHOICES, SURVEY, sheets
from tests.e2e import quality

pytestmark = pytest.mark.e2e

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORD = secrets.token_hex(3)
SEND = "main .form-actions button[value=send]"
KEPT = """() => new Promise((done, failed) => {
  const asked = indexedDB.open("lrtzc-forms", 1);
  asked.onerror = () => failed(asked.error);
  asked.onsuccess = () => {
    const counted = asked.result.transaction("answers").objectStore("answers").count();
    counted.onsuccess = () => { asked.result.close(); done(counted.result); };
  };
})"""


@pytest.fixture(scope="module")
def form(made, window, portal):
    """Make a dataset and its form, open to everyone, by its editor's pages; what was made goes."""
    name, password = f"arbres-{WORD}", secrets.token_urlsafe(16)
    made("user_create", name=name, email=f"{name}@example.org", password=password, fullname="Inès Arbre")
    users = [{"name": name, "capacity": "editor"}]
    organisation = made("organization_create", name=f"parcs-{WORD}", title=f"Service des parcs {WORD}", users=users)
    fields = {"owner_org": organisation["id"], "license_id": "lov2", "notes": "Les arbres que chacun signale."}
    dataset = made("package_create", name=f"arbres-{WORD}", title=f"Arbres signalés {WORD}", **fields)
    owner = window(name, password)
    owner.goto(f"{portal}/dataset/{dataset['name']}/forms/new")
    owner.fill("[name=title]", f"Signaler un arbre {WORD}")
    workbook = {"name": "arbres.xlsx", "mimeType": XLSX, "buffer": write(sheets(SURVEY, CHOICES))}
    owner.set_input_files("[name=upload]", workbook)
    owner.click("main form button[type=submit]")
    owner.click("main form:has([name=verb][value=open]) button[type=submit]")
    owner.wait_for_load_state()
    number = owner.url.partition("/form/")[2].partition("/")[0]
    yield SimpleNamespace(
        id=number, address=f"{portal}/form/{number}", owner=owner, results=f"{portal}/form/{number}/results"
    )
    made("dataset_purge", id=dataset["id"])
    made("organization_purge", id=organisation["id"])
    made("user_delete", id=name)


@pytest.fixture
def phone(new_page):
    """Give a small telephone of a stranger's."""
    page = new_page(320, 800)
    page.set_default_timeout(60_000)
    return page


def answer(page, street):
    page.fill("[name='q/street']", street)
    page.check("[name='q/state'][value=good]")
    page.fill("[name='q/height']", "12")
    page.fill("[name='q/place']", "46.1591, -1.1520")
    page.click(SEND)


def test_a_location_is_placed_on_the_map_without_a_mouse(form, keyboard, signed_in, artefacts):
    keys = keyboard(state=signed_in)
    keys.page.goto(form.address)
    keys.to("[name='q/street']").write(f"Rue du clavier {WORD}")
    keys.to("[name='q/state']").press("ArrowDown")
    keys.page.locator("[name='q/why']").wait_for()
    keys.to("[name='q/why']").write("Une branche est cassée")
    keys.to("[name='q/height']").write("9")
    keys.to("[data-place-open]").press("Enter")
    keys.page.locator("[data-place-map][data-drawn]").wait_for()
    keys.to("[data-place-map] canvas").press("Enter")
    coordinates = keys.page.locator("[name='q/place']")
    placed = coordinates.input_value()
    assert placed in keys.page.inner_text("[data-place-said]")
    keys.press("ArrowRight", "Enter")
    keys.page.wait_for_timeout(300)
    keys.press("Backspace")
    assert coordinates.input_value() == ""
    keys.press("Enter")
    assert coordinates.input_value()
    assert not quality.axe_findings(keys.page)
    keys.page.screenshot(path=artefacts / "answering-by-keyboard.png", full_page=True)
    keys.to(SEND).enter()
    keys.page.wait_for_url("**/answer/**")
    keys.page.goto(form.address.partition("/form/")[0] + "/answers")
    assert WORD in keys.said()
    keys.page.screenshot(path=artefacts / "my-answers.png", full_page=True)


def test_coordinates_move_the_map_and_one_s_position_is_taken(form, new_page):
    here = {"latitude": 46.2, "longitude": -1.3, "accuracy": 8}
    page = new_page(320, 800, geolocation=here, permissions=["geolocation"])
    page.set_default_timeout(60_000)
    page.goto(form.address)
    page.click("[data-place-here]")
    page.locator("[data-place-said]:has-text('± 8 m')").wait_for()
    assert page.input_value("[name='q/place']") == "46.2, -1.3"
    page.click("[data-place-open]")
    page.locator("[data-place-map][data-drawn]").wait_for()
    page.fill("[name='q/place']", "46,1 -1,1")
    page.click("[data-place-undo]")
    assert page.input_value("[name='q/place']") == ""
    assert quality.overflow(page) <= 0


def test_answers_are_kept_without_a_network_and_sent_once_when_it_is_back(form, phone, artefacts):
    phone.goto(form.address)
    phone.locator("form[data-ready]").wait_for()
    end = time.monotonic() + 60
    while phone.evaluate("caches.open('lrtzc-forms-1').then((kept) => kept.keys()).then((keys) => keys.length)") < 5:
        assert time.monotonic() < end, "the page isn't kept on the device"
        phone.wait_for_timeout(200)
    phone.context.set_offline(True)
    phone.reload()
    phone.locator("[data-kept-offline]").wait_for()
    for number in (1, 2, 3):
        answer(phone, f"Rue hors réseau {number} {WORD}")
        phone.locator("[data-kept-list] li").nth(number - 1).wait_for()
        phone.wait_for_selector("[data-kept-said]:focus")
    assert not quality.axe_findings(phone)
    assert quality.overflow(phone) <= 0
    phone.screenshot(path=artefacts / "kept-on-the-phone.png", full_page=True)
    phone.once("dialog", lambda dialog: dialog.accept())
    phone.locator("[data-kept-list] button").last.click()
    phone.locator("[data-kept-list] li").nth(2).wait_for(state="detached")
    phone.reload()
    phone.locator("[data-kept-list] li").nth(1).wait_for()
    phone.context.set_offline(False)
    phone.locator("[data-kept-box]").wait_for(state="hidden")
    assert phone.evaluate(KEPT) == 0
    phone.reload()
    answer(phone, f"Rue avec réseau {WORD}")
    phone.wait_for_url("**/answer/**")
    assert phone.evaluate(KEPT) == 0


def test_results_tell_of_each_answer_once(form, new_page, artefacts):
    page = new_page(320, 800)
    end = time.monotonic() + 120
    while True:
        page.goto(form.results)
        said = page.inner_text("main")
        if "4 réponses sont dans le jeu de données" in said:
            break
        assert time.monotonic() < end, said
        page.wait_for_timeout(500)
    for street in ("du clavier", "hors réseau 1", "hors réseau 2", "avec réseau"):
        assert said.count(f"Rue {street} {WORD}") == 1
    assert "Rue hors réseau 3" not in said
    assert not quality.axe_findings(page)
    for width in (320, 768, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert quality.overflow(page) <= 0
        page.screenshot(path=artefacts / f"form-results-{width}.png", full_page=True)
