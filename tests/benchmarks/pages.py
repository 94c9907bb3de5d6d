"""Pages of the portal against the same pages of CKAN as it comes, with 10,000 datasets on the same stores.

    make services-test
    .venv/bin/python tests/benchmarks/pages.py            # everything, then the table in docs/performance.md
    .venv/bin/python tests/benchmarks/pages.py cached     # one part: make, cached, uncached, visitors, fresh, counts

What is compared:

- cached: a page asked for again and again by `wrk`; ours through nginx with the production configuration (TLS
  included) and through the web server alone; stock through its web server, which is all it has;
- uncached: the same pages with page sharing switched off;
- visitors: 20 visitors at once over random pages, page sharing switched off, 2 workers;
- fresh: while 8 visitors load the pages through nginx, a dataset is changed over and over; each change must be in
  the page and in the catalogue for the very next visitor;
- counts: SQL statements of a page.
"""

import argparse
import json
import random
import re
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parent))
import catalogue
import freshness
import instances
import report

PAGES = {"home": "/", "catalogue": "/dataset/", "dataset": f"/dataset/{catalogue.name(4321)}"}
RESULTS = instances.BENCH / "pages.json"
SEED = 5


def wrk(address: str, seconds: int, connections: int) -> dict[str, float]:
    """Load one address; gives requests a second, the 95th percentile is in `visitors`."""
    command = [
        "wrk",
        "-t2",
        f"-c{connections}",
        f"-d{seconds}s",
        "-H",
        "Accept-Encoding: gzip",
        "--timeout",
        "20s",
        address,
    ]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    if failed:
        sys.exit(f"{address}: {failed.group(0)}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", told).group(1))


def targets(rng: random.Random, datasets: int):
    """Give addresses as visitors ask for them: half datasets, a third of lists, home and organisations."""
    while True:
        kind = rng.random()
        if kind < 0.5:
            yield f"/dataset/{catalogue.name(rng.randrange(datasets))}"
        elif kind < 0.65:
            yield f"/dataset/?page={rng.randint(1, datasets // 25)}"
        elif kind < 0.8:
            yield f"/dataset/?q={quote(rng.choice(catalogue.WORDS))}"
        elif kind < 0.9:
            yield "/"
        else:
            yield f"/organization/bench-organization-{rng.randrange(catalogue.ORGANISATIONS)}"


def visitors(address: str, datasets: int, seconds: int, at_once: int) -> dict[str, float]:
    """Let visitors walk through random pages; gives pages a second, median and 95th percentile in seconds."""
    taken: list[float] = []
    failures: list[str] = []
    end = time.monotonic() + seconds

    def walk(number: int) -> None:
        with freshness.Visitor(address) as visitor:
            for path in targets(random.Random(SEED + number), datasets):
                if time.monotonic() > end:
                    return
                status, _, spent = visitor.get(path)
                taken.append(spent)
                if status != 200:
                    failures.append(f"{status} {path}")

    threads = [threading.Thread(target=walk, args=(number,)) for number in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        sys.exit(f"{len(failures)} pages failed, such as {failures[0]}")
    taken.sort()
    return {
        "rate": len(taken) / seconds,
        "median": statistics.median(taken),
        "p95": taken[int(len(taken) * 0.95)],
    }


def part_cached(files: dict[str, Path], seconds: int) -> dict:
    base = int(instances.settings()["PORT"])
    result: dict[str, dict[str, float]] = {page: {} for page in PAGES}
    behind = _behind_nginx(files["ours"])
    with (
        instances.web(behind, base + instances.OURS_PORT),
        instances.nginx(base + instances.OURS_PORT, base + 44) as edge,
    ):
        for page, path in PAGES.items():
            wrk(edge + path, 1, 8)
            result[page]["nginx"] = wrk(edge + path, seconds, 64)
    with instances.web(files["ours"], base + instances.OURS_PORT) as address:
        for page, path in PAGES.items():
            wrk(address + path, 1, 8)
            result[page]["web"] = wrk(address + path, seconds, 16)
    return result


def part_uncached(files: dict[str, Path], seconds: int) -> dict:
    base = int(instances.settings()["PORT"])
    result: dict[str, dict[str, float]] = {page: {} for page in PAGES}
    alone = instances.variant(files["ours"], "alone", ckanext__lrtzc__delivery__share_pages="false")
    for which, ini, port in (("ours", alone, instances.OURS_PORT), ("stock", files["stock"], instances.STOCK_PORT)):
        with instances.web(ini, base + port) as address:
            for page, path in PAGES.items():
                wrk(address + path, 2, 8)
                result[page][which] = wrk(address + path, seconds, 20)
    return result


def part_visitors(files: dict[str, Path], seconds: int, datasets: int) -> dict:
    base = int(instances.settings()["PORT"])
    alone = instances.variant(files["ours"], "alone", ckanext__lrtzc__delivery__share_pages="false")
    result = {}
    for which, ini, port in (("ours", alone, instances.OURS_PORT), ("stock", files["stock"], instances.STOCK_PORT)):
        with instances.web(ini, base + port) as address:
            visitors(address, datasets, 3, 8)
            result[which] = visitors(address, datasets, seconds, 20)
    return result


def part_fresh(files: dict[str, Path], changes: int) -> dict:
    """Change a dataset under load; gives how often the next visitor saw the former state."""
    base = int(instances.settings()["PORT"])
    behind = _behind_nginx(files["ours"])
    port = base + instances.OURS_PORT
    with instances.web(behind, port) as web, instances.nginx(port, base + 44) as edge:
        return freshness.measure(web, edge, instances.token(files["ours"]), catalogue.name(77), changes)


def _behind_nginx(ini: Path) -> Path:
    options = {
        "ckanext__lrtzc__delivery__trusted_proxies": "1",
        "ckanext__lrtzc__delivery__edge_folder": str(instances.BENCH / "edge"),
    }
    return instances.variant(ini, "edge", **options)


def part_counts(files: dict[str, Path]) -> dict:
    """Count the SQL statements of each page, ours and stock."""
    result = {}
    alone = instances.variant(files["ours"], "alone", ckanext__lrtzc__delivery__share_pages="false")
    for which, ini in {**files, "ours": alone}.items():
        command = [
            str(instances.BIN / "python"),
            str(Path(__file__).with_name("statements.py")),
            str(ini),
            *PAGES.values(),
        ]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        result[which] = json.loads(told.splitlines()[-1])
    return result


def table(measured: dict) -> None:
    """Write what is known into docs/performance.md."""
    rows = []
    for page in PAGES:
        ours = measured.get("cached", {}).get(page, {})
        uncached = measured.get("uncached", {}).get(page, {})
        stock = uncached.get("stock")
        counts = [str(measured.get("counts", {}).get(which, {}).get(PAGES[page], "")) for which in ("ours", "stock")]
        rows.append(
            [
                page,
                _rate(stock),
                _rate(uncached.get("ours"), stock),
                _rate(ours.get("web"), stock),
                _rate(ours.get("nginx"), stock),
                *counts,
            ]
        )
    header = ["page", "stock, requests/s", "ours uncached", "ours, shared, web server alone", "ours, shared, nginx"]
    header += ["SQL ours", "SQL stock"]
    notes = [
        "",
        "Stock is CKAN 2.12 with its own plug-ins and theme, same content, same stores, same web server and workers.",
    ]
    for which, value in measured.get("visitors", {}).items():
        notes.append(
            f"20 visitors over random pages, nothing shared, 2 workers, {which}: {value['rate']:.0f} pages/s, "
            f"median {value['median']:.2f} s, 95th percentile {value['p95']:.2f} s."
        )
    fresh = measured.get("fresh")
    if fresh:
        notes.append(
            f"{fresh['changes']} changes under a load of {fresh['rate']:.0f} pages/s through nginx: the next "
            f"visitor saw a former state {fresh['stale']} times."
        )
    title = "Pages, with 10,000 datasets"
    report.write("pages", title, ".venv/bin/python tests/benchmarks/pages.py", header, rows, "\n".join(notes))


def _rate(value: float | None, peer: float | None = None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" + (f" (×{value / peer:,.1f})" if peer else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = ["make", "cached", "uncached", "visitors", "fresh", "counts"]
    parser.add_argument("parts", nargs="*", default=[], metavar="PART", help=", ".join(parts))
    parser.add_argument("--datasets", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=8, help="of each measurement")
    options = parser.parse_args()
    wanted = options.parts or parts
    files = instances.make(options.datasets)
    measured = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    actions = {
        "cached": lambda: part_cached(files, options.seconds),
        "uncached": lambda: part_uncached(files, options.seconds),
        "visitors": lambda: part_visitors(files, 2 * options.seconds, options.datasets),
        "fresh": lambda: part_fresh(files, 40),
        "counts": lambda: part_counts(files),
    }
    for part in wanted:
        if part != "make":
            measured[part] = actions[part]()
            print(part, json.dumps(measured[part], indent=1), flush=True)
            RESULTS.write_text(json.dumps(measured, indent=1))
    table(measured)


if __name__ == "__main__":
    main()
