"""Pages of the portal against the same pages of CKAN as it comes, with 10,000 datasets on the same stores.

    make benchmarks                  # everything, then the table in docs/performance.md
    make benchmarks ARGS=cached      # one part: make, cached, uncached, visitors, fresh, counts

The first run makes the content of both, which takes some minutes; all is given up after a quarter of an hour. wrk and
nginx must be installed.

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
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
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


def wrk(address: str, seconds: int, connections: int) -> float:
    """Load one address; gives requests a second."""
    program = shutil.which("wrk") or sys.exit("wrk isn't installed: apt-get install wrk")
    command = [
        program,
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
    """Load each page again and again: through nginx, and from the web server's own store."""
    port = _port("ours")
    result: dict[str, dict[str, float]] = {page: {} for page in PAGES}
    with instances.web(_behind_nginx(files["ours"]), port), instances.nginx(port, _port("edge")) as edge:
        for page, path in PAGES.items():
            wrk(edge + path, 1, 8)
            result[page]["nginx"] = wrk(edge + path, seconds, 64)
    with instances.web(files["ours"], port) as address:
        for page, path in PAGES.items():
            wrk(address + path, 1, 8)
            result[page]["web"] = wrk(address + path, seconds, 16)
    return result


def part_uncached(files: dict[str, Path], seconds: int) -> dict:
    """Load each page with nothing shared, the two sides in turn: requests a second, processor time of a page in ms."""
    result: dict[str, dict[str, float]] = {page: {} for page in PAGES}
    with _both(files) as addresses:
        for page, path in PAGES.items():
            for which, address in addresses.items():
                wrk(address + path, 3, 8)
                before = instances.processor_seconds(_port(which))
                rate = wrk(address + path, seconds, 20)
                spent = instances.processor_seconds(_port(which)) - before
                result[page] |= {which: rate, f"{which} ms": 1000 * spent / max(1, rate * seconds)}
    return result


def part_visitors(files: dict[str, Path], seconds: int, datasets: int) -> dict:
    """Let visitors walk through each side with nothing shared."""
    result = {}
    with _both(files) as addresses:
        for which, address in addresses.items():
            visitors(address, datasets, 3, 8)
            result[which] = visitors(address, datasets, seconds, 20)
    return result


def _port(which: str) -> int:
    base = int(instances.settings()["PORT"])
    return base + (instances.EDGE_PORT if which == "edge" else instances.SIDES[which][1])


def _alone(ini: Path) -> Path:
    return instances.variant(ini, "alone", ckanext__lrtzc__delivery__share_pages="false")


@contextmanager
def _both(files: dict[str, Path]) -> Iterator[dict[str, str]]:
    """Run both sides with nothing shared; gives their addresses."""
    with (
        instances.web(_alone(files["ours"]), _port("ours")) as ours,
        instances.web(files["stock"], _port("stock")) as stock,
    ):
        yield {"ours": ours, "stock": stock}


def part_fresh(files: dict[str, Path], changes: int) -> dict:
    """Change a dataset under load; gives how often the next visitor saw the former state."""
    port = _port("ours")
    with instances.web(_behind_nginx(files["ours"]), port) as web, instances.nginx(port, _port("edge")) as edge:
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
    script = str(Path(__file__).with_name("statements.py"))
    for which, ini in {**files, "ours": _alone(files["ours"])}.items():
        command = [str(instances.BIN / "python"), script, str(ini), *PAGES.values()]
        told = instances.as_service(*command, capture_output=True, text=True).stdout
        result[which] = json.loads(told.splitlines()[-1])
    return result


def table(measured: dict, datasets: int) -> None:
    """Write what is known into docs/performance.md."""
    header = [
        "page",
        "stock: answers/s",
        "processor ms",
        "SQL",
        "ours, nothing shared: answers/s",
        "processor ms",
        "SQL",
    ]
    header += ["ours, shared, web server: answers/s", "ours, shared, nginx: answers/s"]
    rows = []
    for page, path in PAGES.items():
        uncached = measured.get("uncached", {}).get(page, {})
        cached = measured.get("cached", {}).get(page, {})
        stock, cost = uncached.get("stock"), uncached.get("ours ms")
        counts = {which: seen.get(path) for which, seen in measured.get("counts", {}).items()}
        rows.append(
            [
                page,
                _number(stock),
                _number(uncached.get("stock ms")),
                _number(counts.get("stock")),
                _number(uncached.get("ours"), stock),
                _number(cost) + (f" (÷ {uncached['stock ms'] / cost:.1f})" if cost else ""),
                _number(counts.get("ours")),
                _number(cached.get("web"), stock),
                _number(cached.get("nginx"), stock),
            ]
        )
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    report.write(
        "pages",
        f"Pages, with {datasets:,} datasets",
        "make benchmarks",
        header,
        rows,
        "Stock is CKAN 2.12 with its own plug-ins and theme: same content, stores, web server and two workers; it "
        f"shares no pages. Load of the machine at the end (1, 5, 15 minutes): {load}. Processor time is that of the "
        "web server's workers for one answer, and says what the work costs when others use the machine too.\n\n"
        + "\n".join(_sentences(measured)),
    )


def _sentences(measured: dict) -> Iterator[str]:
    for which, value in measured.get("visitors", {}).items():
        yield (
            f"- 20 visitors over random pages, nothing shared, 2 workers, {which}: {value['rate']:.0f} pages/s, "
            f"median {value['median']:.2f} s, 95th percentile {value['p95']:.2f} s."
        )
    fresh = measured.get("fresh")
    if fresh:
        yield (
            f"- {fresh['changes']} changes of a dataset while visitors loaded {fresh['rate']:,.0f} pages/s through "
            f"nginx: the next visitor saw a former state {fresh['stale']} times; {fresh['failed']} pages failed."
        )


def _number(value: float | None, peer: float | None = None) -> str:
    if value is None:
        return ""
    text = f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"
    return text + (f" (× {value / peer:,.1f})" if peer else "")


def main() -> None:
    """Measure what is asked for and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = ["make", "cached", "uncached", "visitors", "fresh", "counts"]
    parser.add_argument("parts", nargs="*", default=[], metavar="PART", help=", ".join(parts))
    parser.add_argument("--datasets", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=8, help="of each measurement")
    parser.add_argument("--minutes", type=int, default=15, help="after which all is given up")
    options = parser.parse_args()
    signal.signal(signal.SIGALRM, lambda *_: sys.exit(f"Given up after {options.minutes} minutes."))
    signal.alarm(60 * options.minutes)
    files = instances.make(options.datasets)
    measured = json.loads(RESULTS.read_text()) if RESULTS.exists() and options.parts else {}
    wanted = options.parts or parts
    actions = {
        "make": lambda: None,
        "cached": lambda: part_cached(files, options.seconds),
        "uncached": lambda: part_uncached(files, options.seconds),
        "visitors": lambda: part_visitors(files, 2 * options.seconds, options.datasets),
        "fresh": lambda: part_fresh(files, 40),
        "counts": lambda: part_counts(files),
    }
    for part in wanted:
        found = actions[part]()
        if found is not None:
            measured[part] = found
            print(part, json.dumps(found, indent=1), flush=True)
            RESULTS.write_text(json.dumps(measured, indent=1))
    if wanted != ["make"]:
        table(measured, options.datasets)


if __name__ == "__main__":
    main()
