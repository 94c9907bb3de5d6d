"""What citizens do with objects, from signing up to leaving: publish, link, transfer, find, leave.

The order matters: each test goes on where the one before ended.
"""

import json
import re
import secrets
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
import sqlalchemy as sa

from tests.e2e.people import PASSWORD, sign_up

pytestmark = pytest.mark.e2e

WORD = secrets.token_hex(3)
USED = ("arbres-publics", "consommation-electricite")
COMMIT = "c0ffee" + "0" * 34
SHEET = {
    "purpose": "Estimer ce que les arbres publics retiennent de carbone.",
    "legal_ground": "Code général des collectivités territoriales, article L. 2224-34.",
    "input_data": "L’inventaire des arbres publics.",
    "method": "Une équation allométrique par essence.",
    "effects": "Aucune décision ne vise une personne.",
    "recourse": "Écrire à l’auteur.",
}


@pytest.fixture(scope="module")
def catalogue(settings):
    engine = sa.create_engine(settings["sqlalchemy.url"])
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def story(browser, portal, signed_in, letters, catalogue):
    """Give two citizens and an administrator, each with a window, and what one test leaves for the next."""
    contexts = []

    def window(state=None):
        context = browser.new_context(
            viewport={"width": 1280, "height": 900}, locale="fr-FR", reduced_motion="reduce", storage_state=state
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        return page

    def citizen(first_name, last_name):
        page = window()
        address, name = sign_up(page, portal, letters, first_name, last_name)
        with catalogue.connect() as connection:
            number = connection.scalar(sa.text('SELECT id FROM "user" WHERE email = :it'), {"it": address})
        return SimpleNamespace(page=page, address=address, name=name, last_name=last_name, number=number)

    yield SimpleNamespace(
        zoe=citizen("Zoé", f"Durandeau{WORD}"),
        yann=citizen("Yann", f"Kervella{WORD}"),
        admin=window(signed_in),
        made={},
    )
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def forge(settings, made):
    """Give the address of a repository on a forge of the neighbourhood, which the administrator made known."""
    served = settings["ckanext.lrtzc.sample.partner_url"]
    commits = Path(settings["ckanext.lrtzc.sample.partner_folder"]) / f"api/v1/repos/agglo/arbres-{WORD}/commits"
    commits.parent.mkdir(parents=True)
    commits.write_text(json.dumps([{"sha": COMMIT, "commit": {"committer": {"date": "2026-03-01T10:00:00Z"}}}]))
    made("config_option_update", **{"ckanext.lrtzc.objects.forges": "gitea:" + served.partition("://")[2]})
    yield f"{served}/agglo/arbres-{WORD}"
    commits.unlink()


def step(page, **fields):
    """Fill in a step of the form and go on."""
    for name, value in fields.items():
        page.fill(f"[name={name}]", value)
    page.click("#step-form .form-actions [name=go][value=next]")
    page.wait_for_load_state()
    assert not page.locator("[role=alert]").count(), page.inner_text("main")


def describe(page, portal, kind, title):
    page.goto(f"{portal}/{kind}/new")
    page.check("[name=license_id][value=lov2]")
    step(page, title=title, notes=f"{title}, pour le climat du territoire.")


def publish(page):
    page.click("[name=go][value=publish]")
    page.wait_for_load_state()
    assert "/edit/" not in page.url, page.inner_text("main")
    return page.url


def identifier(page):
    return re.search(r"/edit/([^/]+)/", page.url).group(1)


def link(page, portal, kind, target):
    page.select_option("[name=kind]", kind)
    page.fill("[name=target]", f"{portal}/dataset/{target}")
    page.click("main form button.btn-primary")
    page.wait_for_load_state()
    assert not page.locator("[role=alert]").count(), page.inner_text("main")


def test_a_citizen_publishes_an_algorithm_from_a_forge(story, portal, forge):
    page = story.zoe.page
    describe(page, portal, "algorithm", f"Carbone des arbres {WORD}")
    step(page, **SHEET)
    page.click("details.disclosure summary")
    page.fill("[name=url]", forge)
    page.click("details.disclosure form button[type=submit]")
    page.wait_for_load_state()
    assert COMMIT[:10] in page.inner_text("main")
    page.goto(page.url.replace("/files", "/review"))
    story.made["algorithm"] = publish(page)
    assert COMMIT[:10] in page.inner_text("main")
    assert SHEET["method"] in page.inner_text("main"), "the transparency sheet is shown"


def test_a_use_case_that_uses_two_datasets_shows_both_ways(story, portal, artefacts):
    page = story.zoe.page
    describe(page, portal, "use-case", f"Arbres et énergie {WORD}")
    step(page, purpose=SHEET["purpose"])
    page.goto(page.url.replace("/coverage", "/review"))
    address = story.made["use case"] = publish(page)
    page.goto(f"{address}/links")
    for name in USED:
        link(page, portal, "uses", name)
    page.goto(address)
    assert page.locator("#links .graph a").count() == 2
    page.locator("#links").screenshot(path=artefacts / "citizen-links.png")
    for name in USED:
        page.goto(address)
        # hop by hop: from the use case to what it uses, and back
        page.click(f"#links .graph a[href*='/dataset/{name}']")
        page.wait_for_url(f"**/dataset/{name}*")
        assert f"Arbres et énergie {WORD}" in page.inner_text("#links")


def test_deleting_what_is_used_says_what_would_break(story, portal):
    page = story.admin
    page.goto(f"{portal}/dataset/delete/{USED[0]}")
    assert f"Arbres et énergie {WORD}" in page.inner_text("main .alert-notice")
    page.click("main [name=delete]")
    page.wait_for_load_state()
    assert "Cochez" in page.inner_text("[role=alert]"), "seen, or not deleted"
    page.click("main [name=cancel]")
    page.wait_for_load_state()
    assert page.url.endswith(f"/dataset/{USED[0]}")


def test_three_objects_change_hands_in_one_go(story, portal):
    page = story.zoe.page
    describe(page, portal, "restitution", f"Carte du carbone {WORD}")
    number = identifier(page)
    page.goto(f"{portal}/restitution/edit/{number}/files")
    page.set_input_files(
        "[name=upload]", {"name": "carbone.csv", "mimeType": "text/csv", "buffer": b"commune;tonnes\nAytr\xc3\xa9;12\n"}
    )
    page.click("#field-resources button[type=submit]")
    page.wait_for_load_state()
    page.goto(f"{portal}/restitution/edit/{number}/review")
    story.made["restitution"] = publish(page)

    page.goto(f"{portal}/transfers/new")
    for box in page.locator("[name=ids]").all():
        box.check()
    assert page.locator("[name=ids]:checked").count() == 3
    page.fill("[name=to]", story.yann.address)
    page.click("main form button.btn-primary")
    page.wait_for_load_state()
    assert page.locator("section:has(#made) [name=ids]").count() == 3

    page = story.yann.page
    page.goto(f"{portal}/transfers")
    assert page.locator("section:has(#received) [name=ids]:checked").count() == 3
    page.click("[name=answer][value=accept]")
    page.wait_for_load_state()
    for address in story.made.values():
        page.goto(address)
        assert story.yann.name in page.inner_text("main"), "the new owner is named"
    story.zoe.page.goto(f"{portal}/transfers/new")
    assert not story.zoe.page.locator("[name=ids]").count()


def submit(page, selector):
    page.click(selector)
    page.wait_for_load_state()
    assert not page.locator("main [role=alert]").count(), page.inner_text("main")


def test_a_need_is_said_supported_and_met_by_a_dataset(story, portal):
    title = f"Essences des arbres {WORD}"
    page = story.zoe.page
    page.goto(f"{portal}/needs/new")
    page.fill("[name=title]", title)
    page.fill("[name=why]", "Pour choisir ce qui se plante devant l’école.")
    submit(page, "main form .btn-primary")
    page.goto(f"{portal}/needs/mine")
    address = page.locator("main a", has_text=title).first.get_attribute("href")
    assert story.yann.page.goto(f"{portal}{address}").status == 404, "not shown before it is accepted"

    page = story.admin
    page.goto(f"{portal}/moderation")
    submit(page, f"[name=only][value^=accept]:has-text('{title}')")

    page = story.yann.page
    page.goto(f"{portal}{address}")
    submit(page, "#support .btn-primary")
    assert "1 personne" in page.inner_text("#support")

    page = story.admin
    page.goto(f"{portal}{address}")
    page.click("#answers details.disclosure summary")
    page.fill("#answers [name=words]", "arbres des rues et des parcs")
    submit(page, "#answers [name=find]")
    page.check("#answers label:has-text('Arbres des rues') [name=object]")
    page.select_option("#answers [name=status]", "met")
    submit(page, "#answers [name=send]")
    assert page.locator("#answers a[href*='/dataset/arbres-publics']").count()
    story.zoe.page.goto(f"{portal}/dataset/arbres-publics")
    assert title in story.zoe.page.inner_text("main"), "shown both ways"


def test_a_word_of_a_cell_finds_its_dataset_and_shows_the_row(story, portal):
    page = story.zoe.page
    page.goto(f"{portal}/dataset/?q=micocoulier")
    result = page.locator("li:has(a[href$='/dataset/arbres-publics'])", has=page.locator(".result__place")).first
    result.locator(".result__place a").click()
    page.wait_for_url("**/explore**")
    assert "micocoulier" in page.inner_text("main table").lower()


def test_an_administrator_makes_a_profile_and_gives_it_by_e_mail(story, portal):
    page = story.admin
    page.goto(f"{portal}/ckan-admin/profiles")
    page.fill("#title-new", f"Référents {WORD}")
    page.locator("section[aria-labelledby=new-profile] [name=function]").first.check()
    page.click("section[aria-labelledby=new-profile] button[type=submit]")
    page.wait_for_load_state()
    panel = page.locator("section.panel", has_text=f"Référents {WORD}")
    panel.locator("[name=email]").fill(story.zoe.address)
    panel.locator("form:has([name=email]) button").click()
    page.wait_for_load_state()
    assert story.zoe.name in page.locator("section.panel", has_text=f"Référents {WORD}").inner_text()


def test_a_citizen_leaves_and_chooses_what_becomes_of_each_object(story, portal, ask):
    page = story.yann.page
    page.goto(f"{portal}/account/leave")
    fate = {f"Carte du carbone {WORD}": "withdraw"}
    for field in page.locator(".field:has(select[name^=thing-])").all():
        field.locator("select").select_option(fate.get(field.locator("label").inner_text(), "keep"))
    page.check("[name=sure]")
    page.fill("[name=password]", PASSWORD)
    page.click("main .btn-danger")
    page.wait_for_load_state()
    assert "fermé" in page.inner_text("main h1")

    page = story.zoe.page
    for what in ("algorithm", "use case"):
        page.goto(story.made[what])
        assert page.locator("main h1").count() == 1
        assert story.yann.name not in page.content()
    assert page.goto(story.made["restitution"]).status == 404


def rows_that_say(engine, word):
    """Give the tables that hold a word in any column of any row."""
    with engine.connect() as connection:
        tables = connection.execute(
            sa.text(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
                " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
                " AND has_table_privilege(format('%I.%I', schemaname, tablename), 'SELECT')"
            )
        ).scalars()
        sought = {"word": f"%{word}%"}
        return [
            name
            for name in tables.all()
            if connection.scalar(
                sa.text(f"SELECT EXISTS (SELECT FROM {name} AS held WHERE held::text ILIKE :word)"), sought
            )
        ]


def test_nothing_of_their_identity_remains(story, settings, catalogue):
    identity = (story.yann.address, story.yann.name, story.yann.last_name)
    rows = sa.create_engine(settings["ckan.datastore.write_url"])
    assert rows_that_say(catalogue, story.zoe.address), "who stays is found so"
    for engine in (catalogue, rows):
        assert {word: rows_that_say(engine, word) for word in identity} == {word: [] for word in identity}
    rows.dispose()
    personal = sa.create_engine(settings["ckanext.lrtzc.personal.url"])
    assert rows_that_say(personal, story.zoe.number)
    assert not rows_that_say(personal, story.yann.number)
    personal.dispose()
    for word in identity:
        asked = {"q": f'"{word}"', "df": "text"}
        found = requests.get(f"{settings['solr_url']}/select", params=asked, timeout=60).json()
        assert not found["response"]["docs"], word
