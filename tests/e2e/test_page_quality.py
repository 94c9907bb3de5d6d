"""Every public page is light, valid, accessible, works by keyboard and on the smallest phone; pictures are kept."""

import json

import pytest

from tests.e2e import pages, quality
from tests.e2e.pages import PRIVATE, PUBLIC

pytestmark = pytest.mark.e2e

MAX_KILOBYTES = 150
MAX_REQUESTS = 12
MIN_ECOINDEX = 82
WIDTHS = (320, 768, 1280)

NAMES = [name for name, _path, _status in PUBLIC]
BY_NAME = {name: (path, status) for name, path, status in PUBLIC}
# Their libraries come when they are opened, beyond what a first visit weighs.
OPENED = {"explorer-map", "explorer-chart", "gallery-map"}
# Each small picture is asked for once it comes into view; what they weigh together counts like all else.
PICTURES = {"gallery", "gallery-en", "gallery-inside"}


@pytest.fixture
def address(portal, places):
    """Give a function from the name of a public page to its address."""
    return lambda name: portal + BY_NAME[name][0].format(**places)


@pytest.mark.parametrize("name", NAMES)
def test_a_public_page_is_light_accessible_and_fits(name, address, new_page, artefacts):
    """One visit serves all measures: loading a page anew for each would take seven times as long."""
    page = new_page(color_scheme="light")
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
    assert result.kilobytes <= MAX_KILOBYTES or name in OPENED, line
    assert len(result.requests) <= MAX_REQUESTS or name in PICTURES, result.requests
    assert result.ecoindex >= MIN_ECOINDEX, line
    assert not quality.axe_findings(page)
    page.emulate_media(color_scheme="dark")
    assert not quality.axe_findings(page), "in the dark scheme"
    page.emulate_media(color_scheme="light")
    assert not quality.keyboard_faults(page)
    assert not _too_wide(page, name, artefacts)


def _too_wide(page, name: str, artefacts) -> list[int]:
    """Keep a picture of a page at each width; give the widths, in px, at which it doesn't fit."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=artefacts / f"{name}-{width}.png", full_page=True)
        if quality.overflow(page) > 0:
            found.append(width)
    return found


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


@pytest.fixture(scope="session")
def inner_places(browser, portal, places, signed_in, administrator, token):
    """Give the parts of addresses that only signed-in people can find; what is answered for it is withdrawn."""
    context = browser.new_context(storage_state=signed_in)
    found = pages.inner_places(context.new_page(), portal, places, administrator.name)
    context.close()
    with pages.answered(portal, places["form"], token) as answer:
        yield {**found, "answer": answer}


@pytest.mark.parametrize(("name", "path"), PRIVATE)
def test_pages_of_signed_in_people_are_as_good(name, path, portal, signed_in, new_page, artefacts, inner_places):
    page = new_page(state=signed_in)
    result = quality.visit(page, portal + path.format(**inner_places))
    assert result.status == 200
    assert not result.complaints
    assert result.kilobytes <= MAX_KILOBYTES
    assert len(result.requests) <= MAX_REQUESTS or name in PICTURES, result.requests
    # Lists of one's own things grow; forms don't.
    assert result.ecoindex >= MIN_ECOINDEX or not name.startswith("publish-"), (result.elements, result.ecoindex)
    assert not quality.axe_findings(page)
    assert not quality.keyboard_faults(page)
    assert not _too_wide(page, name, artefacts)


def test_html_of_signed_in_people_is_valid(portal, signed_in, new_page, inner_places, tmp_path):
    asking, files = new_page(state=signed_in).request, []
    for name, path in PRIVATE:
        file = tmp_path / f"{name}.html"
        file.write_text(asking.get(portal + path.format(**inner_places)).text(), encoding="utf-8")
        files.append(file)
    assert not quality.validate_html(files)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/harvest/", "/partners/"),
        ("/dashboard/", "/dashboard/datasets"),
        ("/dataset/followers/{name}", "{dataset}"),
        ("/organization/bulk_process/{org}", "{organisation}"),
        ("{resource}/views", "{resource}"),
    ],
)
def test_pages_that_are_not_kept_lead_to_those_that_serve(path, place, portal, signed_in, new_page, inner_places):
    page = new_page(state=signed_in)
    page.goto(portal + path.format(**inner_places))
    assert page.url == portal + place.format(**inner_places)
