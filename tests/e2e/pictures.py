"""Keep pictures of every page and state, in both languages and at three widths, and lay them out to be looked at.

`make pictures`, or on a portal that runs: python tests/e2e/pictures.py ADDRESS SETTINGS-FILE [--only WORD]

In run/artefacts/pictures: `<language>/<name>-<width>.png`, the words of each page beside as `.txt`, sheets of several
pages in `sheets/`, and `remarks.txt`: words that look wrong, or that are the same in both languages.
"""

import argparse
import re
import secrets
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.e2e import pages, quality, stories  # noqa: E402
from tests.e2e.conftest import ARGUMENTS, CHROMIUM  # noqa: E402

WIDTHS = (320, 768, 1280)
LANGUAGES = ("fr", "en")
# Of a sheet: pictures side by side, the scale they are shown at, the height that is shown of a page in one column.
SHEETS = {320: (5, 1.0, 1500), 768: (3, 0.62, 1500), 1280: (2, 0.72, 1500)}

WRONG = (
    ("a word of the software", re.compile(r"\b(None|undefined|NaN|null|True|False|\[object)\b")),
    ("two full stops", re.compile(r"[^.]\.\.(?!\.)")),
    ("a text without its value", re.compile(r"\{\w*\}|%\(\w+\)")),
    ("an identifier", re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")),
    ("a moment for programs", re.compile(r"\b20\d\d-\d\d-\d\dT\d\d:")),
)


class Walk:
    """A walk through the portal in one language, by one person."""

    def __init__(self, page: Any, portal: str, language: str, folder: Path):
        self.page, self.folder = page, folder / language
        self.portal = portal + ("" if language == "fr" else f"/{language}")
        self.remarks: list[str] = []
        self.folder.mkdir(parents=True, exist_ok=True)

    def go(self, name: str, path: str) -> None:
        """Visit a page and keep it; one that answers with a failure of the portal is a remark."""
        answer = self.page.goto(self.portal + path.removeprefix("/en"), wait_until="networkidle")
        if answer is None or answer.status >= 500:
            self.remarks.append(f"{name}: answered {answer and answer.status}")
        self.snap(name)

    def snap(self, name: str) -> None:
        """Keep the page as it stands."""
        self.page.wait_for_load_state()
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            if (wider := quality.overflow(self.page)) > 0:
                self.remarks.append(f"{name}: {wider} pixels wider than {width}")
            self.page.screenshot(path=self.folder / f"{name}-{width}.png", full_page=True)
        words = self.page.inner_text("body")
        (self.folder / f"{name}.txt").write_text(words, "utf-8")
        for what, pattern in WRONG:
            self.remarks += [f"{name}: {what}: {line}" for line in words.splitlines() if pattern.search(line)]

    def tell(self, story: Any, **given: Any) -> None:
        """Go through a story; where it can't go on, that is a remark."""
        try:
            story(self.page, self.portal, self.snap, **given)
        except Exception as error:
            self.remarks.append(f"{story.__name__}: could not go on at {self.page.url}: {str(error)[:300]}")


def accounts(ini: Path) -> dict[str, tuple[str, str]]:
    """Make an administrator, a publisher and a reader: name and password of each."""
    ckan = [str(ROOT / ".venv" / "bin" / "ckan"), "-c", str(ini)]
    made = {}
    for role, fullname in (("administrator", "Camille Essai"), ("publisher", "Solène Essai"), ("reader", "Noé Essai")):
        name, password = f"essai-{secrets.token_hex(3)}", secrets.token_urlsafe(16)
        given = [f"email={name}@example.org", f"password={password}", f"fullname={fullname}"]
        subprocess.run([*ckan, "user", "add", name, *given], check=True, capture_output=True, timeout=120)
        made[role] = (name, password)
    subprocess.run([*ckan, "sysadmin", "add", made["administrator"][0]], check=True, capture_output=True, timeout=120)
    return made


def forget(ini: Path, made: dict[str, tuple[str, str]]) -> None:
    """Take the accounts away."""
    for name, _password in made.values():
        command = [str(ROOT / ".venv" / "bin" / "ckan"), "-c", str(ini), "user", "remove", name]
        subprocess.run(command, check=False, capture_output=True, timeout=120)


def signed_in(browser: Any, portal: str, name: str, password: str) -> Any:
    """Give a page of a browser in which somebody is signed in."""
    page = _window(browser)
    page.goto(f"{portal}/user/login")
    page.fill("[name=login]", name)
    page.fill("[name=password]", password)
    page.click("main button[type=submit]")
    page.wait_for_load_state()
    return page


def _window(browser: Any) -> Any:
    page = browser.new_context(
        viewport={"width": 1280, "height": 900}, locale="fr-FR", reduced_motion="reduce"
    ).new_page()
    page.set_default_timeout(30_000)
    return page


def editor(page: Any, portal: str, organisation: str, name: str) -> None:
    """Have an administrator's page make somebody an editor of an organisation."""
    page.goto(f"{portal}/organization/member_new/{organisation}")
    page.fill("main input[name=username]", name)
    page.check("main [name=role][value=editor]")
    page.click("main form button[type=submit]")
    page.wait_for_load_state()


def walk(browser: Any, portal: str, ini: Path, folder: Path, only: str, languages: list[str]) -> list[str]:
    """Walk all pages and stories; give the remarks."""

    def ask(action: str, **parameters: Any) -> Any:
        answer = requests.get(f"{portal}/api/3/action/{action}", params=parameters, timeout=60)
        answer.raise_for_status()
        return answer.json()["result"]

    def wanted(name: str) -> bool:
        return re.search(only, name) is not None

    made = accounts(ini)
    remarks = []
    held = ExitStack()
    try:
        windows = {role: signed_in(browser, portal, *account) for role, account in made.items()}
        windows["stranger"] = _window(browser)
        public = pages.places(ask, lambda path: requests.get(portal + path, timeout=60).text)
        places = pages.inner_places(windows["administrator"], portal, public, made["administrator"][0])
        places["answer"] = held.enter_context(pages.answered(portal, places["form"]))
        editor(windows["administrator"], portal, places["org"], made["publisher"][0])
        for language in languages:
            walks = {role: Walk(page, portal, language, folder) for role, page in windows.items()}
            for name, path, _status in pages.PUBLIC:
                if not name.endswith("-en") and wanted(name):
                    walks["stranger"].go(name, path.format(**places))
            for name, path in pages.PRIVATE:
                if wanted(name):
                    walks["administrator"].go(name, path.format(**places))
            for name, path in (*pages.PRIVATE[:3], ("home", "/"), ("dataset", "{dataset}"), ("resource", "{resource}")):
                if wanted(f"publisher-{name}"):
                    walks["publisher"].go(f"publisher-{name}", path.format(**places))
            for role, story, given in (
                ("stranger", stories.phone, {}),
                ("stranger", stories.exploring, {"places": places}),
                ("publisher", stories.publishing, {}),
                ("publisher", stories.opening, {"places": places, "person": f"{made['reader'][0]}@example.org"}),
                ("stranger", stories.closed, {"places": places}),
                ("reader", stories.received, {}),
                ("publisher", stories.reopening, {"places": places}),
                ("administrator", stories.neighbours, {"places": places}),
                ("administrator", stories.proofs, {}),
                ("publisher", stories.keys, {"name": made["publisher"][0]}),
                ("administrator", stories.collectives, {}),
                ("stranger", stories.sign_in, {}),
            ):
                if wanted(story.__name__):
                    walks[role].tell(story, **given)
            remarks += [f"{language} {role} {line}" for role, one in walks.items() for line in one.remarks]
    finally:
        held.close()
        forget(ini, made)
    return remarks


def same_words(folder: Path) -> list[str]:
    """Give the lines of several words that a page shows in both languages."""
    found: dict[str, str] = {}
    for file in sorted((folder / "fr").glob("*.txt")):
        other = folder / "en" / file.name
        if other.exists():
            english = set(other.read_text("utf-8").splitlines())
            for line in file.read_text("utf-8").splitlines():
                # Names of places and formats, and figures, are content.
                if line in english and line.isascii() and line.count(" ") > 1 and not re.search(r"\d", line):
                    found.setdefault(line, file.stem)
    return [f"same in both languages, first on {name}: {line}" for line, name in found.items()]


def sheets(browser: Any, folder: Path, only: str, languages: list[str]) -> int:
    """Lay the pictures out, long ones in several columns; give how many sheets there are."""
    target = folder / "sheets"
    target.mkdir(exist_ok=True)
    count = 0
    for language in languages:
        for width, (across, scale, height) in SHEETS.items():
            cells = []
            for file in sorted((folder / language).glob(f"*-{width}.png")):
                if re.search(only, file.stem.rpartition("-")[0]):
                    tall = int.from_bytes(file.read_bytes()[20:24], "big") * scale
                    for top in range(0, min(int(tall), height * 4), height):
                        cells.append((file, top, tall))
            for number in range(0, len(cells), across):
                picture = target / f"{language}-{width}-{number // across:03d}.png"
                _sheet(browser, picture, cells[number : number + across], width * scale, height)
                count += 1
    return count


def _sheet(browser: Any, picture: Path, cells: list[tuple[Path, int, float]], width: float, height: int) -> None:
    shown = min(height, max(int(tall - top) for _file, top, tall in cells))
    columns = "".join(
        f'<figure style="margin:0 4px 0 0;float:left;width:{width}px"><figcaption style="font:12px sans-serif">'
        f'{file.stem} {top or ""}</figcaption><div style="width:{width}px;height:{shown}px;'
        f"background:url('{file.as_uri()}') 0 -{top}px/{width}px auto no-repeat #888\"></div></figure>"
        for file, top, _tall in cells
    )
    page_file = picture.with_suffix(".html")
    page_file.write_text(f'<!doctype html><meta charset="utf-8"><body style="margin:0">{columns}', "utf-8")
    page = browser.new_page(viewport={"width": int((width + 4) * len(cells)) + 1, "height": shown + 16})
    page.goto(page_file.as_uri())
    page.screenshot(path=picture)
    page.close()
    page_file.unlink()


def main() -> None:
    """Walk, lay out, and say where to look."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("portal", help="address of the portal, such as http://localhost:5050")
    parser.add_argument("ini", type=Path, help="its settings' file")
    parser.add_argument("--only", default="", help="pages and stories whose name this regular expression finds")
    parser.add_argument("--language", nargs="+", default=list(LANGUAGES), choices=LANGUAGES)
    parser.add_argument("--folder", type=Path, default=ROOT / "run" / "artefacts" / "pictures")
    asked = parser.parse_args()
    from playwright.sync_api import sync_playwright

    asked.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        remarks = walk(browser, asked.portal.rstrip("/"), asked.ini, asked.folder, asked.only, asked.language)
        remarks += same_words(asked.folder)
        count = sheets(browser, asked.folder, asked.only, asked.language)
        browser.close()
    (asked.folder / "remarks.txt").write_text("\n".join(remarks) + "\n", "utf-8")
    sys.stdout.write(f"{count} sheets in {asked.folder}/sheets, {len(remarks)} remarks in {asked.folder}/remarks.txt\n")


if __name__ == "__main__":
    main()
