"""An auditor takes the trace of the day away from the page; anybody checks it off-line, and a changed byte is seen."""

import os
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

pytestmark = pytest.mark.e2e


def check(file: Path, key: str) -> subprocess.CompletedProcess:
    """Run the verifier as somebody who has nothing of the portal: no network, no database, no settings."""
    command = [Path(sys.executable).parent / "lrtzc-verify", "export", file, "--key", key]
    off_line = ["unshare", "--net", "--map-root-user"]
    alone = subprocess.run([*off_line, "true"], capture_output=True, check=False).returncode == 0
    return subprocess.run(
        [*(off_line if alone else []), *command],
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def key(new_session_page, portal):
    """The ledger's key, as its page shows it."""
    new_session_page.goto(f"{portal}/ledger")
    return new_session_page.locator("dl.facts code").first.inner_text().strip()


@pytest.fixture(scope="module")
def new_session_page(browser):
    """A page of somebody who isn't signed in."""
    context = browser.new_context(locale="fr-FR")
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def trace(browser, signed_in, portal, artefacts, tmp_path_factory):
    """The trace of the day, exported from the page by an auditor who uses the keyboard alone."""
    context = browser.new_context(locale="fr-FR", storage_state=signed_in, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(60_000)
    today = datetime.now(ZoneInfo("Europe/Paris")).date().isoformat()
    page.goto(f"{portal}/ledger/entries")
    for field in ("since", "until"):
        page.focus(f"#field-{field}")
        page.fill(f"#field-{field}", today)
    page.focus("main form button[type=submit]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    end = time.monotonic() + 60  # The sequencer places what waits within seconds.
    while "dans un instant" in page.inner_text("main") and time.monotonic() < end:
        page.reload()
    page.screenshot(path=artefacts / "ledger-day.png", full_page=True)
    assert page.locator("main table tbody tr").count()
    link = page.locator("main form a[href*='/entries/export']").first
    link.focus()
    with page.expect_download() as begun:
        page.keyboard.press("Enter")
    file = tmp_path_factory.mktemp("audit") / "ledger.jsonl"
    begun.value.save_as(file)
    yield file
    context.close()


def test_the_verifier_accepts_the_trace_of_the_day(trace, key):
    result = check(trace, key)
    assert result.returncode == 0, result.stderr
    assert "entries are proven" in result.stdout
    assert not result.stdout.startswith("0 ")


@pytest.mark.parametrize("field", [b'"time\\"', b'"root', b'"proof": ["', b'"salt": "', b'"payload": "', b'"index": '])
def test_one_changed_byte_is_rejected(trace, key, tmp_path, field):
    raw = bytearray(trace.read_bytes())
    line = raw.index(b"\n") + 1
    if field == b'"root':  # The head of the tree, in the checkpoint's third line.
        place = raw.index(b"\\n", raw.index(b"\\n") + 2) + 4
    else:
        place = raw.index(field, line) + len(field) + (3 if field.startswith(b'"time') else 0)
        place += 12 if field == b'"payload": "' else 0
    old = raw[place]
    raw[place] = ord("1") if old != ord("1") else ord("2")
    assert old != raw[place]
    changed = tmp_path / "changed.jsonl"
    changed.write_bytes(raw)
    result = check(changed, key)
    assert result.returncode == 1, result.stdout
    assert "Not proven" in result.stderr
