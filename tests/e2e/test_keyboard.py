"""The main journeys by the keyboard alone: Tab, arrows, Enter, space, Escape; at each stop one sees where one is."""

import secrets

import pytest

from tests.e2e.stories import hedges

pytestmark = pytest.mark.e2e

WORD = secrets.token_hex(3)


def test_a_visitor_signs_in_and_lands_where_they_work(keyboard, portal, administrator):
    keys = keyboard()
    keys.page.goto(f"{portal}/user/login")
    keys.to("[name=login]").write(administrator.name)
    keys.to("[name=password]").write("pas le bon").enter()
    assert keys.page.locator("[role=alert]").count()
    keys.to("[name=login]").write(administrator.name)
    keys.to("[name=password]").write(administrator.password).enter()
    assert "/user/login" not in keys.page.url


def test_a_citizen_finds_filters_draws_and_takes_away(keyboard, portal, places):
    keys = keyboard()
    page = keys.page
    page.goto(portal)
    keys.press("Tab")
    assert keys.at(".skip")
    keys.press("Enter").to("main input[type=search]").write("énergie").enter()
    assert "q=" in page.url
    keys.to(".facets li a").enter()
    assert page.locator(".applied .pill").count()
    keys.to(".applied .pill").enter()
    assert not page.locator(".applied .pill").count()
    keys.to("li.result h2 a").enter()

    page.goto(f"{portal}{places['resource']}/explore")
    keys.to(".explore-menu > summary").press("Enter")
    keys.to(".explore-formats a")
    keys.press("Escape")
    assert not page.is_visible(".explore-formats a")
    assert keys.at(".explore-menu > summary")
    keys.to("a.explore-sort").press("Enter")
    page.wait_for_selector("th[aria-sort]")
    assert keys.at("a.explore-sort"), "the focus is lost when rows are sorted"
    keys.to("a.explore-open").press("Enter")
    page.wait_for_selector(".explore-filter__body")
    keys.to(".explore-filter__body :is(input, select)")
    keys.to(".explore-filters details > summary", back=True).press("Enter")
    assert not page.is_visible(".explore-filter__body")
    keys.to("a.explore-sort", back=True)

    page.goto(f"{portal}{places['resource']}/explore")
    keys.to(".explore-tabs a[href*='view=chart']").press("Enter")
    page.wait_for_selector(".explore-builder")
    keys.to(".explore-builder select[name=mark]").press("ArrowDown")
    page.wait_for_timeout(1000)
    assert keys.at(".explore-builder select[name=mark]"), "the focus is lost when the chart is drawn anew"


def test_a_publisher_sends_a_file_and_publishes_it(keyboard, portal, signed_in):
    keys = keyboard(state=signed_in)
    page = keys.page
    page.goto(f"{portal}/dataset/new")
    keys.to("[name=title]").write(f"Haies au clavier {WORD}")
    keys.to("[name=notes]").write("Haies plantées.")
    keys.to("select[name=owner_org]").press("ArrowDown")
    keys.to("[name=license_id]").press("Space")
    keys.to(".form-actions [value=next]").enter()
    assert "/coverage" in page.url, keys.said()
    keys.to("[name=area]").press("Space")
    keys.to("[name=communes]").press("Space")
    keys.to(".form-actions [value=next]").enter()
    assert "/files" in page.url, keys.said()
    keys.to("#field-resources a").enter()
    keys.to("[name=upload]")
    with page.expect_file_chooser() as chosen:
        keys.press("Space")
    chosen.value.set_files({"name": "haies.csv", "mimeType": "text/csv", "buffer": hedges(40)})
    keys.to("main form[enctype] button[type=submit]").enter()
    keys.to("[name=type-0]")
    keys.to("#confirm button[type=submit]").enter()
    page.wait_for_selector(".batch-counts", timeout=120_000)
    dataset = page.url.split("/dataset/")[1].split("/")[0]
    page.goto(f"{portal}/dataset/edit/{dataset}/review")
    keys.to("main [name=go][value=publish]").enter()
    assert not page.locator("#errors").count(), keys.said()


def test_an_owner_opens_a_part_and_takes_it_back(keyboard, portal, places, signed_in, administrator):
    keys = keyboard(state=signed_in)
    page = keys.page
    page.goto(f"{portal}{places['dataset']}/access/grant")
    keys.to("#add").press("Enter")
    page.wait_for_selector("#filter-1")
    keys.to("button[value=remove-1]").press("Enter")
    page.wait_for_selector("#filter-1", state="detached")
    keys.to("[name=column]").press("Space")
    keys.to("#person").write(administrator.name)
    keys.to("#purpose").write(f"Essai au clavier {WORD}")
    keys.to(".form-actions button[value=preview]").press("Enter")
    page.wait_for_selector(".access-preview")
    keys.to(".form-actions button[value=open]").enter()
    assert f"Essai au clavier {WORD}" in keys.said()
    keys.to("a[href*='withdraw']").enter()
    keys.to("main form button[type=submit]").enter()
    assert "retirée" in keys.said()


def test_a_form_that_is_refused_leads_to_what_is_said_and_pressed_twice_goes_once(
    keyboard, portal, signed_in, made, places
):
    organisation = places["organisation"].rsplit("/", 1)[1]
    fields = {"owner_org": organisation, "license_id": "lov2", "notes": "Essai."}
    dataset = made("package_create", name=f"twice-{WORD}", title=f"Deux fois {WORD}", **fields)
    keys = keyboard(state=signed_in)
    page = keys.page
    page.goto(f"{portal}/dataset/{dataset['name']}/forms/new")
    keys.to("main form button[type=submit]").enter()
    page.wait_for_selector("[aria-invalid=true]:focus, [role=alert]:focus")
    page.fill("[name=title]", f"Une fois {WORD}")
    page.dblclick("main form[enctype] button[type=submit]")
    page.wait_for_url("**/build")
    page.goto(f"{portal}/dataset/{dataset['name']}/forms")
    assert page.locator("main tbody tr").count() == 1
    made("dataset_purge", id=dataset["id"])


def test_an_administrator_previews_a_partner_before_declaring_it(keyboard, portal, signed_in):
    keys = keyboard(state=signed_in)
    page = keys.page
    port = int(portal.rsplit(":", 1)[1]) + 4
    page.goto(f"{portal}/partners/new")
    keys.to("[name=title]").write(f"Voisins au clavier {WORD}")
    keys.to("[name=kind]").press("Space")
    while not keys.at("[name=kind][value=dcat]"):
        keys.press("ArrowDown")
    keys.to("[name=address]").write(f"http://localhost:{port}/catalog.ttl")
    keys.to("select[name=owner_org]").press("ArrowDown")
    keys.to("[name=try]").enter()
    assert page.locator("#preview").count(), keys.said()


def test_an_owner_builds_a_form_and_never_loses_the_place(keyboard, portal, signed_in, made, places):
    organisation = places["organisation"].rsplit("/", 1)[1]
    fields = {"owner_org": organisation, "license_id": "lov2", "notes": "Essai."}
    dataset = made("package_create", name=f"clavier-{WORD}", title=f"Construire au clavier {WORD}", **fields)
    keys = keyboard(state=signed_in)
    page = keys.page

    def press(selector, then):
        keys.to(selector).press("Enter")
        page.wait_for_selector(f":is({then}):focus")

    page.goto(f"{portal}/dataset/{dataset['name']}/forms/new")
    keys.to("[name=title]").write(f"Au clavier {WORD}")
    keys.to("main form button[type=submit]").enter()
    keys.to(".build-add a[href*='kind=one&']").enter()
    press("#save", "#errors")
    keys.to("[name='label.0']").write("Quel état ?")
    press("#option-add", "[id^=option-][id$='-0']")
    keys.write("Bon").to("[id^=option-][name$='label.0']").write("Mauvais")
    press("#option-up-1", "#option-down-0")
    press("#option-remove-2", "#option-remove-2, #option-add")
    press("#look", "#as-asked")
    keys.to("#save", back=True).enter()
    assert keys.at("[id^=row-]")
    for text in ("Pourquoi ?", "Depuis quand ?"):
        keys.to(".build-add a[href*='kind=text&']").enter()
        keys.to("[name='label.0']").write(text)
        keys.to("details:has([name=relevant]) > summary").press("Enter")
        press("#line-add", "#line-0-question")
        press("#line-remove-0", "#line-add")
        keys.to("#save").enter()
        assert keys.at("[id^=row-]")
    page.goto(page.url.partition("#")[0])
    press("#row-3 [value^='up:']", "#row-2")
    press("#row-4 [value^='delete:']", "#row-3")
    press("#undo", "#undo")
    press("#undo", "#undo")
    made("dataset_purge", id=dataset["id"])
