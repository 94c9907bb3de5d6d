"""Measures of a page in a real browser: weight, EcoIndex, accessibility, keyboard, reflow.

EcoIndex after ecoindex.fr (GreenIT.fr; method and quantiles published with the tool): the numbers of elements
(children of an SVG left out), of requests and of kilobytes received, each placed among the quantiles of the HTTP
Archive, weighted 3, 2 and 1.
"""

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
HTML_VALIDATE = ROOT / "node_modules" / ".bin" / "html-validate"
SETTLED = 60_000
"""Milliseconds that a page may take to load under a busy test machine."""

DOM = (0, 47, 75, 159, 233, 298, 358, 417, 476, 537, 603, 674, 753, 843, 949, 1076, 1237, 1459, 1801, 2479, 594601)
REQUESTS = (0, 2, 15, 25, 34, 42, 49, 56, 63, 70, 78, 86, 95, 105, 117, 130, 147, 170, 205, 281, 3920)
KILOBYTES = (
    *(0, 1.37, 144.7, 319.53, 479.46, 631.97, 783.38, 937.91, 1098.62, 1265.47, 1448.32),
    *(1648.27, 1876.08, 2142.06, 2465.37, 2866.31, 3401.59, 4155.73, 5400.08, 8037.54, 223212.26),
)


def ecoindex(elements: int, requests: int, kilobytes: float) -> float:
    """Give the EcoIndex, from 0 (worst) to 100."""
    return 100 - 5 * (3 * _rank(elements, DOM) + 2 * _rank(requests, REQUESTS) + _rank(kilobytes, KILOBYTES)) / 6


def _rank(value: float, quantiles: tuple[float, ...]) -> float:
    for index in range(1, len(quantiles)):
        if value < quantiles[index]:
            low, high = quantiles[index - 1], quantiles[index]
            return index - 1 + (value - low) / (high - low)
    return len(quantiles) - 1


@dataclass
class Visit:
    """A first visit of a page: what was asked for and received, and what the browser complained of."""

    status: int = 0
    requests: list[str] = field(default_factory=list)
    received: int = 0
    elements: int = 0
    complaints: list[str] = field(default_factory=list)

    @property
    def kilobytes(self) -> float:
        """Kilobytes received, as compressed on the wire (1 kB = 1,000 bytes)."""
        return self.received / 1000

    @property
    def ecoindex(self) -> float:
        """EcoIndex of the visit."""
        return ecoindex(self.elements, len(self.requests), self.kilobytes)


def visit(page: Any, url: str) -> Visit:
    """Visit an address with an empty cache, and measure it."""
    result = Visit()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    addresses: dict[str, str] = {}
    session.on(
        "Network.requestWillBeSent", lambda event: addresses.update({event["requestId"]: event["request"]["url"]})
    )

    def received(event: dict[str, Any]) -> None:
        address = addresses.get(event["requestId"], "")
        if address.startswith("http"):
            result.requests.append(address)
            result.received += int(event["encodedDataLength"])

    session.on("Network.loadingFinished", received)
    page.on("console", lambda message: result.complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: result.complaints.append(str(error)))
    response = page.goto(url, wait_until="networkidle", timeout=SETTLED)
    result.status = response.status if response else 0
    result.elements = page.evaluate("document.querySelectorAll('*').length - document.querySelectorAll('svg *').length")
    session.detach()
    return result


def axe_findings(page: Any) -> list[str]:
    """Run axe-core on the page as it stands; one line for each finding, with the first places."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("async () => (await axe.run(document, { resultTypes: ['violations'] })).violations")
    return [
        f"{one['id']} ({one['impact']}): {one['help']} — "
        + "; ".join(
            node["html"][:160] + " " + node["failureSummary"].replace("\n", " ")[:200] for node in one["nodes"][:3]
        )
        for one in found
    ]


def validate_html(files: list[Path]) -> dict[str, list[str]]:
    """Run html-validate on files; the findings by file name."""
    command = [
        str(HTML_VALIDATE),
        "--config",
        str(Path(__file__).with_name("htmlvalidate.json")),
        "--formatter",
        "json",
    ]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, cwd=ROOT, check=False)
    if not done.stdout.strip():
        raise RuntimeError(f"html-validate did not run: {done.stderr}")
    return {
        Path(report["filePath"]).name: [
            f"line {message['line']}: {message['message']} ({message['ruleId']})" for message in report["messages"]
        ]
        for report in json.loads(done.stdout)
    }


FOCUSED = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const box = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  const path = element.querySelector?.(':scope > path');
  const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  const stroke = path !== null && path !== undefined && parseFloat(getComputedStyle(path).strokeWidth) >= 3;
  return {
    what: element.outerHTML.slice(0, 120),
    visible: box.width > 0 && box.height > 0 && (ring || stroke),
    key: [...document.querySelectorAll('*')].indexOf(element),
  };
}"""

REACHABLE = """() => [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
  .filter((one) => !one.disabled && one.tabIndex >= 0 && one.checkVisibility({ contentVisibilityAuto: true,
    visibilityProperty: true }))
  .filter((one) => one.type !== 'radio' || one.checked)
  .map((one) => [[...document.querySelectorAll('*')].indexOf(one), one.outerHTML.slice(0, 120)])"""


def keyboard_faults(page: Any) -> list[str]:
    """Walk the page by the Tab key: what it doesn't reach, and where its focus can't be seen."""
    wanted = dict(page.evaluate(REACHABLE))
    faults, seen = [], set()
    for _ in range(len(wanted) + 30):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None or focused["key"] in seen:
            if wanted.keys() <= seen:
                break
            continue
        seen.add(focused["key"])
        if not focused["visible"]:
            faults.append(f"focus not visible: {focused['what']}")
    return faults + [f"not reached: {what}" for key, what in wanted.items() if key not in seen]


def overflow(page: Any) -> int:
    """Give by how many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
