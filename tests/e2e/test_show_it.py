"""From a file on a publisher's disk to what a citizen sees, and from a partner's catalogue to its report, in a browser.

The order matters within each class: each test goes on where the one before ended.
"""

import io
import re
import secrets

import polars
import pytest

pytestmark = pytest.mark.e2e

WORD = secrets.token_hex(3)
TITLE = f"Plantations de haies {WORD}"
# Searched for by other endings than those of the description.
NOTES = "Chaque haie plantée par les communes rurales : date, longueur, essences et coût des travaux réalisés."
SPECIES = ("Aubépine", "Prunellier", "Érable champêtre", "Cornouiller")
ROWS = 240


def hedges() -> bytes:
    """A table as a French town hall sends it: semicolons, cp1252, French dates, decimal commas, codes."""
    lines = ["Commune;Code INSEE;Parcelle;Date de plantation;Essence;Longueur (m);Coût HT;Subventionné"]
    for number in range(ROWS):
        day, month, year = number % 27 + 1, number % 12 + 1, 2018 + number % 6
        codes = f"0{1700 + number % 9};2A{number:03d};{day:02d}/{month:02d}/{year}"
        amounts = f"{number % 50 + 10},5;{(number * 37) % 9000 + 1000},90"
        lines.append(f"Sainte-Soulle;{codes};{SPECIES[number % 4]};{amounts};{'oui' if number % 3 else 'non'}")
    return ("\r\n".join(lines) + "\r\n").encode("cp1252")


@pytest.fixture(scope="class")
def window(browser, signed_in):
    """One window that all tests of a class share."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, locale="fr-FR", reduced_motion="reduce", storage_state=signed_in
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


@pytest.fixture(scope="class")
def place():
    """What one test leaves for the next."""
    return {}


class TestPublishing:
    def test_the_dataset_is_described(self, window, portal, artefacts):
        window.goto(f"{portal}/dataset/new")
        window.fill("[name=title]", TITLE)
        window.fill("[name=notes]", NOTES)
        if window.locator("select[name=owner_org]").count():
            window.select_option("select[name=owner_org]", index=1)
        window.check("[name=license_id][value=lov2]")
        window.screenshot(path=artefacts / "publishing-1-describe.png", full_page=True)
        window.click("#step-form .form-actions [name=go][value=next]")
        assert "/coverage" in window.url, window.inner_text("main")

    def test_its_place_and_period_are_said(self, window, artefacts):
        window.check("[name=area][value=communes]")
        window.check("[name=communes] >> nth=0")
        window.fill("[name=temporal_coverage-start]", "01/01/2018")
        window.fill("[name=temporal_coverage-end]", "31/12/2023")
        window.screenshot(path=artefacts / "publishing-2-coverage.png", full_page=True)
        window.click("#step-form .form-actions [name=go][value=next]")
        assert "/files" in window.url, window.inner_text("main")

    def test_the_file_is_read_as_it_is_meant(self, window, artefacts):
        window.click("#field-resources a")
        window.set_input_files("[name=upload]", {"name": "haies.csv", "mimeType": "text/csv", "buffer": hedges()})
        window.click("main form[enctype] button[type=submit]")
        window.wait_for_selector("#confirm")
        window.screenshot(path=artefacts / "publishing-3-confirm.png", full_page=True)
        types = {
            window.locator("#confirm tbody tr").nth(row).locator("strong").inner_text():
                window.locator(f"[name=type-{row}]").input_value()
            for row in range(8)
        }  # fmt: skip
        assert types == {
            "Commune": "text",
            "Code INSEE": "text",
            "Parcelle": "text",
            "Date de plantation": "date",
            "Essence": "text",
            "Longueur (m)": types["Longueur (m)"],
            "Coût HT": types["Coût HT"],
            "Subventionné": types["Subventionné"],
        }
        assert {types["Longueur (m)"], types["Coût HT"]} <= {"numeric", "float8"}
        assert types["Subventionné"].startswith("bool")

    def test_it_is_loaded_and_published(self, window, portal, place, artefacts):
        window.fill("[name=unit-5]", "m")
        window.click("#confirm button[type=submit]")
        window.wait_for_selector(".batch-counts", timeout=120_000)
        window.screenshot(path=artefacts / "publishing-4-report.png", full_page=True)
        counts = [text.strip() for text in window.locator(".batch-counts strong").all_inner_texts()]
        assert counts[:2] == [str(ROWS), str(ROWS)], counts
        place["resource"] = window.locator("main a[href*='/resource/']").first.get_attribute("href")
        dataset = re.search(r"/dataset/([^/]+)/", window.url).group(1)
        window.goto(f"{portal}/dataset/edit/{dataset}/review")
        window.click("main [name=go][value=publish]")
        window.wait_for_load_state()
        assert not window.locator("#errors").count(), window.inner_text("main")

    def test_it_is_found_by_words_with_other_endings(self, page, portal):
        for words in (f"haies {WORD}", "plantées rurale", "coûts travail réalisé"):
            page.goto(f"{portal}/dataset/?q={words}")
            assert TITLE in page.inner_text("main"), words


def keep_dogwoods(page):
    """Filter in the head of the column, as a person does."""
    page.locator("thead th", has_text="Essence").locator(".explore-open").click()
    field = page.locator("input[name='is.Essence']")
    field.fill("Cornouiller")
    field.press("Enter")
    page.locator(".explore-count", has_text="60").wait_for()


class TestExploring:
    @pytest.fixture(scope="class")
    def explorer(self, ask, portal):
        dataset = ask("package_search", q=f'"{WORD}"')["results"][0]
        return f"{portal}/dataset/{dataset['name']}/resource/{dataset['resources'][0]['id']}/explore"

    def test_a_filter_in_the_head_of_a_column_is_kept_in_the_address(self, page, explorer, artefacts):
        page.goto(explorer)
        keep_dogwoods(page)
        page.screenshot(path=artefacts / "exploring-table.png")
        assert "Cornouiller" in page.url
        page.goto(page.url)
        assert "60" in page.inner_text(".explore-count")
        assert "Prunellier" not in page.inner_text(".explore-table tbody")

    def test_codes_and_dates_are_what_they_were(self, page, explorer):
        page.goto(explorer)
        body = page.inner_text(".explore-table tbody")
        assert "2A000" in body
        assert "01700" in body

    def test_a_chart_is_drawn_with_its_figures(self, page, explorer, artefacts):
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{explorer}?view=chart")
        page.wait_for_selector("[data-plot] svg, [data-plot] canvas", timeout=60_000)
        page.screenshot(path=artefacts / "exploring-chart.png", full_page=True)
        assert page.locator(".explore-chart + details table tbody tr").count() >= 2
        assert not errors

    def test_the_selection_is_taken_away_as_parquet(self, page, explorer):
        page.goto(explorer)
        keep_dogwoods(page)
        page.locator("details.explore-menu > summary").click()
        link = page.locator(".explore-formats a[href*='export.parquet']").get_attribute("href")
        answer = page.request.get(page.evaluate("link => new URL(link, location).href", link))
        assert answer.ok
        table = polars.read_parquet(io.BytesIO(answer.body()))
        assert table.height == 60
        assert set(table["Essence"]) == {"Cornouiller"}
        assert table["Date de plantation"].dtype == polars.Date
        assert table["Code INSEE"].str.starts_with("0").all()


class TestHarvesting:
    @pytest.fixture(scope="class")
    def catalogue(self, portal):
        """The DCAT catalogue of the sample's neighbour, which the install serves beside the portal."""
        port = int(portal.rsplit(":", 1)[1]) + 4
        return f"http://localhost:{port}/catalog.ttl"

    def test_a_partner_is_previewed_declared_run_and_reported(self, window, portal, catalogue, artefacts):
        window.goto(f"{portal}/partners/new")
        window.fill("[name=title]", f"Voisins {WORD}")
        window.check("[name=kind][value=dcat]")
        window.fill("[name=address]", catalogue)
        window.select_option("[name=owner_org]", index=1)
        window.click("main [name=try]")
        window.wait_for_selector("#preview")
        assert window.locator("#preview table tbody tr, #preview li").count() >= 5
        window.screenshot(path=artefacts / "harvesting-1-preview.png", full_page=True)
        window.click("main [name=save]")
        window.wait_for_load_state()
        if "déjà déclaré" in window.inner_text("main"):
            # By an earlier run on the same portal.
            window.goto(f"{portal}/partners/")
            window.click("main a:has-text('Voisins')")
            window.wait_for_load_state()
        assert "/partners/new" not in window.url, window.inner_text("main")
        window.click("main form[action$='/run'] button")
        window.wait_for_selector("#partner-progress:not([aria-busy]) a[href*='/reports/']", timeout=180_000)
        window.click("#partner-progress a[href*='/reports/']")
        window.screenshot(path=artefacts / "harvesting-2-report.png", full_page=True)
        text = window.inner_text("main")
        assert re.search(r"\b[1-9]\d*\b", text), text
