"""States of pages that one comes to by doing something: each story goes through them, and calls `snap` at each.

A story is given a page of the browser, the address of the portal in one language, and `snap(name)`, which keeps
pictures and words of the page as it stands. What stories make, they name after `WORD`.
"""

import secrets
from collections.abc import Callable
from typing import Any

WORD = secrets.token_hex(3)
Snap = Callable[[str], None]

NOTES = "Chaque haie plantée par les communes : date, longueur, essences et coût des travaux."


def hedges(rows: int) -> bytes:
    """A table as a town hall sends it, in which some values don't fit."""
    lines = ["Commune;Code INSEE;Date de plantation;Essence;Longueur (m);Coût HT;Subventionné"]
    for number in range(rows):
        day = f"{number % 27 + 1:02d}/{number % 12 + 1:02d}/{2018 + number % 6}"
        kind = ("Aubépine", "Prunellier", "Érable champêtre", "Cornouiller")[number % 4]
        cost = "à venir" if rows > 1000 and number == rows - 3 else f"{(number * 37) % 9000 + 1000},90"
        lines.append(f"Sainte-Soulle;0{1700 + number % 9};{day};{kind};{number % 50 + 10},5;{cost};oui")
    return ("\r\n".join(lines) + "\r\n").encode("cp1252")


def sign_in(page: Any, portal: str, snap: Snap) -> None:
    """A wrong password, an account that doesn't exist."""
    page.goto(f"{portal}/user/login")
    page.fill("[name=login]", "personne")
    page.fill("[name=password]", "faux-mot-de-passe")
    page.click("main button[type=submit]")
    snap("sign-in-wrong")
    page.goto(f"{portal}/user/reset")
    page.fill("main input[name=user]", "personne@example.org")
    page.click("main button[name=reset]")
    snap("password-asked")


def phone(page: Any, portal: str, snap: Snap) -> None:
    """What opens on a phone."""
    page.set_viewport_size({"width": 320, "height": 900})
    page.goto(f"{portal}/dataset/")
    page.click(".site-menu > summary")
    snap("phone-menu")
    page.set_viewport_size({"width": 320, "height": 900})
    page.goto(f"{portal}/dataset/?vocab_axis=energy&res_format=CSV")
    page.click(".drawer > summary")
    snap("phone-filters")


def exploring(page: Any, portal: str, snap: Snap, places: dict[str, str]) -> None:
    """The states of the explorer."""
    explorer = f"{portal}{places['resource']}/explore"
    page.goto(explorer)
    page.locator(".explore-open").first.click()
    page.wait_for_selector(".explore-filter__body")
    snap("explorer-filter-opened")
    page.goto(f"{explorer}?q=zzzzzz")
    snap("explorer-nothing")
    page.goto(f"{explorer}?sort=-{places['column']}&empty.{places['column']}=false")
    snap("explorer-filtered")
    page.goto(explorer)
    page.locator("details.explore-menu > summary").click()
    snap("explorer-export")
    page.goto(f"{explorer}?view=chart")
    page.wait_for_selector("[data-plot] svg, [data-plot] canvas", timeout=60_000)
    page.wait_for_timeout(1500)
    snap("explorer-chart-drawn")
    page.goto(f"{portal}{places['mapped']}/explore?view=map")
    page.wait_for_timeout(3000)
    snap("explorer-map-drawn")


def publishing(page: Any, portal: str, snap: Snap) -> None:
    """From an empty form to a published dataset, with the faults that one makes."""
    page.goto(f"{portal}/dataset/new")
    page.click("#step-form .form-actions [name=go][value=next]")
    snap("publishing-1-faults")
    page.goto(f"{portal}/dataset/new")
    page.fill("[name=title]", f"Plantations de haies {WORD}")
    page.fill("[name=notes]", NOTES)
    if page.locator("select[name=owner_org]").count():
        page.select_option("select[name=owner_org]", index=1)
    page.fill("[name=contact-email]", "pas une adresse")
    page.check("[name=license_id][value=lov2]")
    page.click("#step-form .form-actions [name=go][value=next]")
    snap("publishing-1-wrong-address")
    page.fill("[name=contact-email]", "haies@example.org")
    page.click("#step-form .form-actions [name=go][value=next]")
    snap("publishing-2")
    page.fill("[name=temporal_coverage-start]", "le printemps")
    page.click("#step-form .form-actions [name=go][value=next]")
    snap("publishing-2-faults")
    page.fill("[name=temporal_coverage-start]", "2018")
    page.check("[name=area][value=communes]")
    page.check("[name=communes] >> nth=0")
    page.click("#step-form .form-actions [name=go][value=next]")
    snap("publishing-3-no-file")
    name = page.url.rstrip("/").rsplit("/", 2)[1]
    page.goto(f"{portal}/dataset/edit/{name}/review")
    page.click("main [name=go][value=publish]")
    snap("publishing-4-faults")
    page.goto(f"{portal}/dataset/edit/{name}/files")
    page.click("#field-resources a")
    snap("publishing-upload")
    _send(page, "vide.csv", b"")
    snap("publishing-upload-faults")
    page.goto(f"{portal}/dataset/edit/{name}/files")
    page.click("#field-resources a")
    _send(page, "photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(200))
    snap("publishing-upload-not-a-table")
    page.goto(f"{portal}/dataset/edit/{name}/files")
    page.click("#field-resources a")
    _send(page, "haies.csv", hedges(120_000))
    page.wait_for_selector("#confirm")
    snap("publishing-confirm")
    page.click("#confirm button[type=submit]")
    page.wait_for_load_state()
    snap("publishing-under-way")
    page.wait_for_selector(".batch-counts", timeout=180_000)
    snap("publishing-loaded")
    page.goto(f"{portal}/dataset/{name}/batches")
    snap("publishing-received")
    page.goto(f"{portal}/dataset/edit/{name}/files")
    snap("publishing-3-with-file")
    page.goto(f"{portal}/dataset/edit/{name}/review")
    snap("publishing-4")
    page.goto(f"{portal}/dashboard/drafts")
    snap("publishing-drafts")
    page.goto(f"{portal}/dataset/{name}")
    snap("publishing-draft-page")
    page.goto(f"{portal}/dataset/edit/{name}/review")
    page.click("main [name=go][value=publish]")
    snap("publishing-published")
    page.goto(f"{portal}/dataset/{name}/batches")
    page.click("main a[href*='upload']")
    page.goto(page.url)
    page.goto(f"{portal}/dataset/{name}")
    link = page.locator("main a[href*='/resource/']").first.get_attribute("href")
    page.goto(portal.removesuffix("/en") + link)
    snap("publishing-file-page")
    resource = link.rstrip("/").rsplit("/", 1)[1]
    page.goto(f"{portal}/dataset/{name}/upload?resource={resource}")
    _send(page, "haies-2.csv", b"Commune;Essence\r\nPuilboreau;Charme\r\n")
    snap("publishing-reload-confirm")
    page.click("#confirm button[type=submit]")
    page.wait_for_load_state()
    snap("publishing-reload-faults")


def _send(page: Any, name: str, content: bytes) -> None:
    page.set_input_files("[name=upload]", {"name": name, "mimeType": "text/csv", "buffer": content})
    page.click("main form[enctype] button[type=submit]")
    page.wait_for_load_state()


def opening(page: Any, portal: str, snap: Snap, places: dict[str, str], person: str) -> None:
    """Hold a file back, open a part of it to somebody, take it back, open it to all again."""
    page.goto(f"{portal}{places['dataset']}/access")
    held = page.locator("li.access-held").first
    held.locator("summary").first.click()
    snap("opening-hold-back")
    held.locator("textarea").fill("Ces relevés nomment des clients.")
    held.locator("details[open] button").click()
    page.wait_for_load_state()
    snap("opening-held-back")
    page.goto(f"{portal}{places['dataset']}/access/grant")
    page.click("button[value=open]")
    page.wait_for_load_state()
    snap("opening-faults")
    page.fill("#person", person)
    page.fill("#purpose", "Étude des besoins de chauffage")
    page.locator("[name=column]").first.check()
    page.click("#grant-form .form-actions button[value=preview]")
    page.wait_for_selector(".access-preview")
    snap("opening-preview")
    page.click("button[value=open]")
    page.wait_for_load_state()
    snap("opening-opened")


def closed(page: Any, portal: str, snap: Snap, places: dict[str, str]) -> None:
    """What strangers are told of a file that is held back."""
    page.goto(f"{portal}{places['dataset']}")
    snap("closed-dataset")
    page.goto(f"{portal}{places['resource']}")
    snap("closed-file")
    page.goto(f"{portal}{places['resource']}/explore")
    snap("closed-explorer")
    page.goto(f"{portal}/dataset/new")
    snap("closed-publishing")


def received(page: Any, portal: str, snap: Snap) -> None:
    """What somebody to whom a part was opened sees of it."""
    page.goto(f"{portal}/access/mine")
    snap("opening-mine")
    page.locator("main a[href*='/explore']").first.click()
    page.wait_for_load_state()
    snap("opening-explorer")


def reopening(page: Any, portal: str, snap: Snap, places: dict[str, str]) -> None:
    """Open the file to all again."""
    page.goto(f"{portal}{places['dataset']}/access")
    page.locator("a[href*='withdraw']").first.click()
    page.wait_for_load_state()
    snap("opening-withdraw")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()
    held = page.locator("li.access-held").first
    held.locator("details:has(button[value=lift]) summary").click()
    held.locator("button[value=lift]").click()
    page.wait_for_load_state()
    snap("opening-open-again")


def neighbours(page: Any, portal: str, snap: Snap, places: dict[str, str]) -> None:
    """Declare a partner, with the faults that one makes; run one that is there."""
    page.goto(f"{portal}/partners/new")
    page.click("main [name=save]")
    page.wait_for_load_state()
    snap("partner-faults")
    page.fill("[name=title]", f"Voisins {WORD}")
    page.fill("[name=address]", "http://10.0.0.1/catalogue")
    page.check("[name=kind][value=dcat]")
    page.click("main [name=try]")
    page.wait_for_load_state()
    snap("partner-refused-address")
    page.goto(portal.removesuffix("/en") + places["partner"])
    page.goto(f"{portal}{places['partner']}")
    page.click("main form[action$='/run'] button")
    page.wait_for_load_state()
    snap("partner-running")
    page.wait_for_selector("#partner-progress:not([aria-busy]) a[href*='/reports/']", timeout=180_000)
    snap("partner-ran")


def proofs(page: Any, portal: str, snap: Snap) -> None:
    """Searches of the ledger."""
    page.goto(f"{portal}/ledger/entries")
    page.click("main form button[type=submit]")
    page.wait_for_load_state()
    snap("ledger-found")
    page.goto(f"{portal}/ledger/entries?since=1999-01-01&until=1999-01-02")
    snap("ledger-nothing")


def keys(page: Any, portal: str, snap: Snap, name: str) -> None:
    """Make a key for programs; change a profile wrongly."""
    page.goto(f"{portal}/user/{name}/api-tokens")
    page.fill("main input[name=name]", f"Essai {WORD}")
    page.click("main form button[type=submit]")
    page.wait_for_load_state()
    snap("key-made")
    page.goto(f"{portal}/user/{name}/api-tokens")
    snap("keys-listed")
    page.goto(f"{portal}/account/profile")
    page.fill("main input[name=email]", "pas une adresse")
    page.click("main button[name=save]")
    page.wait_for_load_state()
    snap("profile-faults")


def collectives(page: Any, portal: str, snap: Snap) -> None:
    """An organisation whose address is taken by another."""
    page.goto(f"{portal}/organization/new")
    page.fill("main input[name=name]", "agglomeration-exemple")
    page.click("main button[name=save]")
    page.wait_for_load_state()
    snap("organisation-faults")
