"""Every public page is light, valid, accessible, works by keyboard and on the smallest phone; pictures are kept."""

import json

import pytest

from tests.e2e import quality

pytestmark = pytest.mark.e2e

MAX_KILOBYTES = 150
MAX_REQUESTS = 12
MIN_ECOINDEX = 82
WIDTHS = (320, 768, 1280)

# Name of the page, its path (a name in braces is found in the content), the status it answers with.
PUBLIC = [
    ("home", "/", 200),
    ("home-en", "/en/", 200),
    ("catalogue", "/dataset/", 200),
    ("catalogue-filtered", "/dataset/?q=énergie&vocab_axis=energy", 200),
    ("catalogue-nothing", "/dataset/?q=zzzzzzzzz", 200),
    ("catalogue-en", "/en/dataset/", 200),
    ("dataset", "{dataset}", 200),
    ("dataset-en", "/en{dataset}", 200),
    ("resource", "{resource}", 200),
    ("organisations", "/organization/", 200),
    ("organisation", "{organisation}", 200),
    ("groups", "/group/", 200),
    ("about", "/about", 200),
    ("legal", "/page/mentions-legales", 200),
    ("accessibility", "/page/accessibilite", 200),
    ("developers", "/developers", 200),
    ("sign-in", "/user/login", 200),
    ("password", "/user/reset", 200),
    ("not-found", "/dataset/ce-jeu-n-existe-pas", 404),
    ("no-right", "/ledger/entries", 403),
]
NAMES = [name for name, _path, _status in PUBLIC]
BY_NAME = {name: (path, status) for name, path, status in PUBLIC}
# Only signed-in people see these.
PRIVATE = [
    ("dashboard", "/dashboard/datasets"),
    ("profile", "/user/edit"),
    ("new-organisation", "/organization/new"),
    ("administration", "/ckan-admin/"),
]


@pytest.fixture
def address(portal, places):
    """Give a function from the name of a public page to its address."""
    return lambda name: portal + BY_NAME[name][0].format(**places)


@pytest.mark.parametrize("name", NAMES)
def test_a_first_visit_is_light_and_the_browser_does_not_complain(name, address, page, artefacts):
    result = quality.visit(page, address(name))
    line = {
        "page": name,
        "status": result.status,
        "kilobytes": round(result.kilobytes, 1),
        "requests": len(result.requests),
        "elements": result.elements,
        "ecoindex": round(result.ecoindex, 1),
    }
    with (artefacts / "weight.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    status = BY_NAME[name][1]
    complaints = [text for text in result.complaints if status == 200 or "Failed to load resource" not in text]
    assert result.status == status, line
    assert not complaints, complaints
    assert result.kilobytes <= MAX_KILOBYTES, line
    assert len(result.requests) <= MAX_REQUESTS, result.requests
    assert result.ecoindex >= MIN_ECOINDEX, line


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing(name, scheme, address, new_page):
    page = new_page(color_scheme=scheme)
    page.goto(address(name), wait_until="networkidle")
    assert not quality.axe_findings(page)


@pytest.mark.parametrize("name", NAMES)
def test_the_keyboard_reaches_all_and_shows_where_it_is(name, address, page):
    page.goto(address(name), wait_until="networkidle")
    assert not quality.keyboard_faults(page)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_wider_than_the_smallest_phone(name, address, new_page, artefacts):
    for width in WIDTHS:
        page = new_page(width)
        page.goto(address(name), wait_until="networkidle")
        page.screenshot(path=artefacts / f"{name}-{width}.png", full_page=True)
        assert quality.overflow(page) <= 0, f"at {width} px"


def test_the_menu_and_the_filters_open_on_a_phone_without_scripts(address, new_page):
    page = new_page(320, java_script_enabled=False)
    page.goto(address("catalogue"))
    for summary, content in (
        (".site-menu > summary", ".site-nav a >> nth=0"),
        (".drawer > summary", ".facets li a >> nth=0"),
    ):
        assert not page.is_visible(content)
        page.click(summary)
        assert page.is_visible(content)
        page.click(summary)


def test_axe_finds_nothing_in_the_open_menu_and_filters(address, new_page):
    page = new_page(320)
    page.goto(address("catalogue"))
    page.click(".site-menu > summary")
    page.click(".drawer > summary")
    assert not quality.axe_findings(page)
    page.focus(".drawer a")
    page.keyboard.press("Escape")
    assert not page.is_visible(".drawer a")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_public_html_is_valid_and_has_nothing_inline(portal, places, address, tmp_path):
    import requests

    files = []
    for name in NAMES:
        file = tmp_path / f"{name}.html"
        file.write_text(requests.get(address(name), timeout=60).text, encoding="utf-8")
        files.append(file)
    assert not quality.validate_html(files)


def test_a_stranger_gets_no_cookie(portal, places, address):
    import requests

    for name in NAMES:
        if name != "sign-in":
            assert not requests.get(address(name), timeout=60).cookies, name


@pytest.mark.parametrize(("name", "path"), PRIVATE)
def test_pages_of_signed_in_people_are_as_good(name, path, portal, signed_in, new_page, artefacts, tmp_path):
    page = new_page(state=signed_in)
    result = quality.visit(page, portal + path)
    page.screenshot(path=artefacts / f"{name}-1280.png", full_page=True)
    assert result.status == 200
    assert not result.complaints
    assert not quality.axe_findings(page)
    file = tmp_path / f"{name}.html"
    file.write_text(page.request.get(portal + path).text(), encoding="utf-8")
    assert not quality.validate_html([file])
    assert not quality.keyboard_faults(page)
