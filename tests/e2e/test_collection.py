"""A publisher makes a collection of photos by the keyboard alone, from the empty form to the ZIP of a choice."""

import io
import secrets
import zipfile

import pytest
import requests
from PIL import Image

pytestmark = pytest.mark.e2e

WORD = secrets.token_hex(3)


def photo(shade: int) -> bytes:
    """A small photo, another for each shade."""
    out = io.BytesIO()
    Image.new("RGB", (160, 120), (shade, 120, 160)).save(out, "JPEG")
    return out.getvalue()


def test_a_publisher_makes_a_collection_and_takes_a_choice_of_it(keyboard, portal, signed_in, artefacts):
    keys = keyboard(state=signed_in)
    page = keys.page
    page.goto(f"{portal}/dataset/new")
    keys.to("[name=title]").write(f"Vues du rivage {WORD}")
    keys.to("[name=notes]").write("Trois vues du rivage, prises du même endroit.")
    keys.to("select[name=owner_org]").press("ArrowDown")
    keys.to("[name=license_id]").press("Space")
    keys.to(".form-actions [value=next]").enter()
    keys.to("[name=area]").press("Space")
    keys.to("[name=communes]").press("Space")
    keys.to(".form-actions [value=next]").enter()

    keys.to("main a[href$='/collection/new']").enter()
    keys.to("[name=kind][value=photo]").press("Space")
    keys.to("main form button[type=submit]").enter()
    keys.to("[name=upload]")
    with page.expect_file_chooser() as chosen:
        keys.press("Space")
    sent = [(f"vue {number}.jpg", "image/jpeg", photo(60 * number)) for number in (1, 2, 3)]
    sent += [("dessin.svg", "image/svg+xml", b"<svg onload='alert(1)'/>"), ("comptages.csv", "text/csv", b"a;b\n1;2\n")]
    chosen.value.set_files([{"name": name, "mimeType": kind, "buffer": content} for name, kind, content in sent])
    keys.to("main form button[type=submit]").enter()
    page.wait_for_selector(".batch-counts", timeout=120_000)
    page.screenshot(path=artefacts / "collection-report.png", full_page=True)
    rows = page.locator("main tbody tr").all_inner_texts()
    assert any("dessin.svg" in row and "agir de lui-même" in row for row in rows), rows
    assert any("comptages.csv" in row and "tableau" in row for row in rows), rows

    dataset = page.url.split("/dataset/")[1].split("/")[0]
    page.goto(f"{portal}/dataset/edit/{dataset}/review")
    keys.to("main [name=go][value=publish]").enter()
    assert not page.locator("#errors").count(), keys.said()
    name = page.url.split("/dataset/")[1].split("/")[0].split("?")[0]

    keys.to(f"main a[href$='/dataset/{name}/collection']").enter()
    assert "3 photos" in keys.said()
    for number in (1, 2):
        keys.to(f".gallery__item:nth-child({number}) input[name=file]").press("Space")
    keys.to("main form[action$='/files.zip'] button")
    with page.expect_download() as taken:
        keys.press("Enter")
    with zipfile.ZipFile(taken.value.path()) as archive:
        assert archive.namelist() == ["vue 1.jpg", "vue 2.jpg"]
        assert archive.testzip() is None

    keys.to(".gallery__link", back=True).enter()
    assert page.locator(".collection-one img").evaluate("picture => picture.complete && picture.naturalWidth") == 160
    keys.to("a[rel=next], a[rel=prev]").enter()
    keys.to("main a[href$='/collection']").enter()
    page.screenshot(path=artefacts / "collection-gallery.png", full_page=True)

    said = requests.get(f"{portal}/dataset/{name}.ttl", timeout=60).text
    assert "/collection/files.zip>" in said, "the ZIP of all is the distribution that other portals find"
