"""The browser, the portal under test, and the pages to walk.

`make test` starts a portal with sample content and gives its address in LRTZC_E2E_URL (and its settings' file in
LRTZC_E2E_INI). By hand: LRTZC_E2E_URL=http://localhost:5000 pytest -m e2e tests/e2e
"""

import configparser
import contextlib
import os
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.e2e import pages
from tests.e2e.keyboard import Keyboard
from tests.e2e.people import Letters

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("LRTZC_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@dataclass(frozen=True)
class Account:
    """Somebody who can sign in."""

    name: str
    password: str
    email: str


@pytest.fixture(scope="session")
def portal() -> str:
    """Give the address of a running portal with sample content, without a slash at its end."""
    url = os.environ.get("LRTZC_E2E_URL", "").rstrip("/")
    if not url:
        pytest.skip("no portal to visit: give its address in LRTZC_E2E_URL, or run make test")
    return url


@pytest.fixture(scope="session")
def portal_ini() -> Path:
    """Give the settings' file of the portal under test, for what only a command can do."""
    run = Path(os.environ.get("LRTZC_TEST_RUN", ROOT / "run" / "test"))
    path = Path(os.environ.get("LRTZC_E2E_INI", run / "ckan.ini"))
    if not path.is_file():
        pytest.skip(f"the settings of the portal under test are not in {path}: give them in LRTZC_E2E_INI")
    return path


@pytest.fixture(scope="session")
def ckan(portal_ini):
    """Give a function that runs a command on the portal under test and returns what it prints."""

    def run(*command: str) -> str:
        program = [str(ROOT / ".venv" / "bin" / "ckan"), "-c", str(portal_ini)]
        return subprocess.run([*program, *command], check=True, capture_output=True, text=True, timeout=120).stdout

    return run


@pytest.fixture(scope="session")
def administrator(portal, ckan) -> Account:
    """Make an administrator's account on the portal under test."""
    account = Account(f"essai-{secrets.token_hex(4)}", secrets.token_urlsafe(16), f"{secrets.token_hex(4)}@example.org")
    given = [f"email={account.email}", f"password={account.password}", "fullname=Camille Essai"]
    for command in (["user", "add", account.name, *given], ["sysadmin", "add", account.name]):
        ckan(*command)
    yield account
    # The only administrator of a portal can't be removed: there it stays.
    with contextlib.suppress(subprocess.CalledProcessError):
        ckan("user", "remove", account.name)


@pytest.fixture(scope="session")
def browser():
    """Give one browser for the session."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser):
    """Give a function that opens a page of its own: width and height of the window, scheme, signed in or not."""
    contexts = []

    def open_page(width: int = 1280, height: int = 900, *, state=None, **options):
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="fr-FR", reduced_motion="reduce", storage_state=state,
            **options,
        )  # fmt: skip
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page):
    """Give a page of a browser that knows nobody."""
    return new_page()


@pytest.fixture
def keyboard(new_page):
    """Give a keyboard on a page; `state` is that of somebody signed in."""
    return lambda **options: Keyboard(new_page(**options))


@pytest.fixture(scope="session")
def signed_in(browser, portal, administrator):
    """Give the browser's state after an administrator has signed in, for `new_page(state=…)`."""
    context = browser.new_context(locale="fr-FR")
    page = context.new_page()
    page.goto(f"{portal}/user/login")
    page.fill("[name=login]", administrator.name)
    page.fill("[name=password]", administrator.password)
    page.click("main button[type=submit]")
    page.wait_for_load_state()
    assert "/user/login" not in page.url, page.inner_text("main")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="session")
def token(ckan, administrator):
    """Give a key of the administrator, who makes by the API what a story needs."""
    return ckan("user", "token", "add", administrator.name, "essai", "-q").split()[-1]


@pytest.fixture(scope="session")
def call(portal):
    """Give a function that calls an action: `call(action, key, **data)` gives the status and the answer."""

    def ask(action, key="", /, **data):
        headers = {"Authorization": key} if key else {}
        answer = requests.post(f"{portal}/api/3/action/{action}", json=data, headers=headers, timeout=120)
        return answer.status_code, answer.json()

    return ask


@pytest.fixture(scope="session")
def made(call, token):
    """Give a function that does an action as the administrator, and gives what it answers."""

    def ask(action, /, **data):
        status, answer = call(action, token, **data)
        assert status == 200, answer
        return answer["result"]

    return ask


@pytest.fixture(scope="module")
def window(browser, portal):
    """Give a function that opens a window: of somebody who signs in by the page, else of a stranger."""
    contexts = []

    def open_window(name="", password=""):
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR", reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        if name:
            page.goto(f"{portal}/user/login")
            page.fill("[name=login]", name)
            page.fill("[name=password]", password)
            page.click("main button[type=submit]")
            page.wait_for_load_state()
            assert "/user/login" not in page.url, page.inner_text("main")
        return page

    yield open_window
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """Give the folder where pictures and measures of the run are kept."""
    folder = Path(os.environ.get("LRTZC_ARTEFACTS", ROOT / "run" / "artefacts"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def ask(portal):
    """Give a function that calls a reading action of the portal's API and returns its result."""

    def call(action: str, **parameters):
        answer = requests.get(f"{portal}/api/3/action/{action}", params=parameters, timeout=60)
        answer.raise_for_status()
        return answer.json()["result"]

    return call


@pytest.fixture(scope="session")
def places(ask, portal) -> dict[str, str]:
    """Give the paths that depend on content: a dataset, one of its files with rows, a file with places, a column."""
    return pages.places(ask, lambda path: requests.get(portal + path, timeout=60).text)


@pytest.fixture(scope="session")
def settings(portal_ini) -> configparser.SectionProxy:
    """Give the settings of the portal under test."""
    parser = configparser.RawConfigParser()
    parser.read(portal_ini)
    return parser["app:main"]


@pytest.fixture(scope="session")
def letters(settings):
    """Give what the portal under test sends by e-mail, taken by a server of the tests'."""
    from aiosmtpd.controller import Controller

    host, _, port = settings["smtp.server"].partition(":")
    if not port:
        pytest.skip("the portal under test sends no letters to this machine")
    received = Letters()
    controller = Controller(received, hostname=host, port=int(port))
    controller.start()
    yield received
    controller.stop()
