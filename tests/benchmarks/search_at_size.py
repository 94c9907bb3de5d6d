"""How long a search takes with many objects and much row content, and whether a large dataset holds back others.

`python tests/benchmarks/search_at_size.py [--objects 10000] [--megabytes 1000] [--rows 1000000] [--dry]`
(make services-test first)

An instance of its own on the stores of the tests, erased at the end. Objects are those of `catalogue.py`. Row content
is text as it stands in cells: words of the sample catalogue and made ones, as frequent as words of a language are
(Zipf), of files from some kilobytes to some megabytes; it passes the bounds that docs/search.md states, and stands in
the index as words of rows do. Searches are asked by HTTP one after the other: words of titles and of rows, rare and
frequent, alone or together, one in ten with a typing error. Then a dataset of many rows is read for the index while a
small one comes.
"""

import argparse
import json
import os
import random
import re
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from itertools import accumulate
from pathlib import Path
from urllib.parse import urlencode

import catalogue
import instances
import report

SEED = 5
VOCABULARY = 300_000
SEARCHES = 300
LIMITS = {"search, by the API": 150, "search, the page": 150, "suggestion": 50}
SYLLABLES = "ba bri cla do fre gui ju lo mar nou pel qua ris sou tre val xan zur bé chê".split()  # noqa: SIM905


def vocabulary() -> list[str]:
    """Give words, those of the sample catalogue first: the first ones are the most frequent."""
    rng = random.Random(SEED)
    texts = sorted((instances.ROOT / "config" / "sample").rglob("*"))
    found: dict[str, None] = dict.fromkeys(catalogue.WORDS)
    for path in texts:
        if path.suffix in (".csv", ".json", ".geojson", ".yaml", ".md") and path.stat().st_size < 5_000_000:
            text = path.read_text(encoding="utf-8", errors="ignore").casefold()
            found.update(dict.fromkeys(re.findall(r"[^\W\d_]{3,25}", text)))
    while len(found) < VOCABULARY:
        found["".join(rng.choices(SYLLABLES, k=rng.randint(2, 5))) + rng.choice(["", "s", "e", "aux", "tion"])] = None
    return list(found)[:VOCABULARY]


def fill(objects: int, megabytes: int) -> None:
    """Put objects and the words of their rows in, and index all."""
    import sqlalchemy as sa
    from ckan import model

    from ckanext.lrtzc.access.api import Action, decide
    from ckanext.lrtzc.partners import searching
    from ckanext.lrtzc.search.content import fingerprint
    from ckanext.lrtzc.search.domain.words import words_of
    from ckanext.lrtzc.search.model import Content, now

    catalogue.insert(objects)
    model.Session.execute(sa.text("""UPDATE resource SET extras = '{"datastore_active": true}' WHERE position = 0"""))
    model.Session.commit()
    rng, words = random.Random(SEED), vocabulary()
    weights = list(accumulate(1 / (rank + 2.7) ** 1.07 for rank in range(len(words))))
    sizes = [rng.lognormvariate(0, 1.2) for _ in range(objects)]
    scale = megabytes * 1_000_000 / sum(sizes)
    part = fingerprint(decide({"user": ""}, catalogue.identifier("package", 0), None, Action.READ))
    begun, raw, kept = time.monotonic(), 0, 0
    for number, size in enumerate(sizes):
        cells = []
        left = int(size * scale)
        while left > 0:
            cell = " ".join(rng.choices(words, cum_weights=weights, k=rng.randint(1, 8)))
            cells.append(cell)
            left -= len(cell.encode()) + 1
            raw += len(cell.encode()) + 1
        found, more = words_of(cells)
        kept += sum(len(word) + 1 for word in found)
        given = {"version": "", "part": part, "words": "\n".join(found), "more": more, "read": now()}
        given |= {"columns": 4, "documented": 4, "package_id": catalogue.identifier("package", number)}
        row = Content(resource_id=catalogue.identifier("resource", 3 * number), **given)
        model.Session.add(row)
        if number % 500 == 499:
            model.Session.commit()
    model.Session.commit()
    made = time.monotonic() - begun
    begun = time.monotonic()
    identities = [catalogue.identifier("package", number) for number in range(objects)]
    for start in range(0, objects, 200):
        searching.index(identities[start : start + 200])
        model.Session.remove()
    searching.show()
    told = {"raw": raw / 1e6, "kept": kept / 1e6, "made": made, "indexed": time.monotonic() - begun}
    print("told " + json.dumps(told))


def fairness(rows: int) -> None:
    """Read a dataset of many rows for the index while a small one comes; say when each was found."""
    import sqlalchemy as sa
    from ckan import model
    from ckan.lib.search.common import make_connection
    from ckanext.datastore.backend.postgres import get_write_engine
    from flask import current_app

    from ckanext.lrtzc.search import content, jobs

    large, small = catalogue.identifier("package", 0), catalogue.identifier("package", 1)
    tables = {large: catalogue.identifier("resource", 0), small: catalogue.identifier("resource", 3)}
    texts = ", ".join(
        f"md5((g * {number})::text) || ' rue ' || (g % {1000 * number}) || ' voie' AS colonne{number}"
        for number in range(1, 9)
    )
    with get_write_engine().begin() as connection:
        for package_id, count, values in ((large, rows, texts), (small, 100, "'Zanzibarique' || g AS lieu")):
            name = tables[package_id]
            connection.execute(sa.text(f'DROP TABLE IF EXISTS "{name}"'))
            made = f'CREATE TABLE "{name}" AS SELECT g AS _id, {values} FROM generate_series(1, {count}) g'
            connection.execute(sa.text(made))
            connection.execute(sa.text(f'GRANT SELECT ON "{name}" TO datastore_read'))
    begun = threading.Event()
    read, application = content.read, current_app._get_current_object()

    def watched(package_id, pause=None):
        begun.set()
        return read(package_id, pause)

    content.read = watched
    moments = {}

    def work() -> None:
        with application.test_request_context():
            started = time.monotonic()
            jobs.read_due()
            moments["large"] = time.monotonic() - started
            model.Session.remove()

    jobs.changed(large)
    worker = threading.Thread(target=work)
    worker.start()
    begun.wait(60)
    published = time.monotonic()
    jobs.changed(small)
    while "small" not in moments and time.monotonic() < published + 600:
        # an action's answer is kept for the length of a request, which this whole run is
        if make_connection(decode_dates=False).search("content:zanzibarique7", rows=0).hits:
            moments["small"] = time.monotonic() - published
        time.sleep(0.1)
    worker.join()
    print("told " + json.dumps(moments))


def inside(ini: Path, *arguments: object) -> dict[str, float]:
    """Do one of these in a process of the instance; give what it tells."""
    command = [str(instances.BIN / "python"), __file__, "--inside", str(ini), *map(str, arguments)]
    environment = ["env", f"PYTHONPATH={Path(__file__).parent}"]
    done = instances.as_service(*environment, *command, stdout=subprocess.PIPE, text=True)
    said = [line for line in done.stdout.splitlines() if line.startswith("told ")]
    return json.loads(said[-1].removeprefix("told "))


def questions() -> list[str]:
    """Give searches as people make them: words frequent and rare, of titles and of rows, some misspelt."""
    rng, words = random.Random(SEED + 1), vocabulary()
    found = []
    for _ in range(SEARCHES):
        pool = rng.choice([catalogue.WORDS, words[:2_000], words[:50_000], words])
        asked = rng.choices(pool, k=rng.choice([1, 1, 2, 2, 3]))
        if rng.random() < 0.1:
            at = rng.randrange(len(asked[0]))
            asked[0] = asked[0][:at] + asked[0][at + 1 :]
        found.append(" ".join(asked))
    return found


def milliseconds(addresses: list[str]) -> list[float]:
    """Ask addresses one after the other, the first twenty twice; give how long each took, the shortest first."""
    taken = []
    for number, address in enumerate([*addresses[:20], *addresses]):
        started = time.perf_counter()
        with urllib.request.urlopen(address, timeout=120) as answer:
            answer.read()
        if number >= 20:
            taken.append(1000 * (time.perf_counter() - started))
    return sorted(taken)


def main() -> None:
    """Make the instance, ask, and write the section of docs/performance.md."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--objects", type=int, default=10_000)
    parser.add_argument("--megabytes", type=int, default=1_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--dry", action="store_true", help="print the figures, keep them out of docs/performance.md")
    asked = parser.parse_args()
    port = int(instances.settings()["PORT"]) + instances.SIDES["size"][1]
    with instances.passing("size") as ini:
        filled = inside(ini, "fill", asked.objects, asked.megabytes)
        print(filled, flush=True)
        words = questions()
        ways = {
            "search, by the API": "/api/3/action/package_search?",
            "search, the page": "/dataset/?",
            "suggestion": "/search/suggest?",
        }
        rows = []
        alone = instances.variant(ini, "alone", ckanext__lrtzc__delivery__share_pages="false")
        with instances.web(alone, port) as address:
            for name, path in ways.items():
                typed = [one[:5] for one in words] if name == "suggestion" else words
                before = instances.processor_seconds(port)
                taken = milliseconds([f"{address}{path}{urlencode({'q': one})}" for one in typed])
                cost = 1000 * (instances.processor_seconds(port) - before) / (len(typed) + 20)
                p95 = taken[int(len(taken) * 0.95)]
                rows.append([name, LIMITS[name], f"{statistics.median(taken):.0f}", f"{p95:.0f}", f"{taken[-1]:.0f}"])
                rows[-1].append(f"{cost:.0f}")
                print(rows[-1], flush=True)
        fair = inside(ini, "fairness", asked.rows)
    notes = (
        f"{asked.objects:,} objects; {filled['raw']:,.0f} MB of text in cells, of which the bounds of docs/search.md "
        f"leave {filled['kept']:,.0f} MB of distinct words, indexed in {filled['indexed']:,.0f} s. {len(words)} "
        f"searches, one after the other, nothing shared between pages; milliseconds. A dataset of {asked.rows:,} rows "
        f"and 8 columns was read for the index in {fair['large']:.1f} s; a small one that came meanwhile was found by "
        f"a word of its rows after {fair.get('small', float('nan')):.1f} s. Load of the machine (1, 5, 15 minutes): "
        f"{', '.join(f'{one:.1f}' for one in os.getloadavg())}."
    )
    header = ["asked", "limit", "median", "95th percentile", "slowest", "processor of the web server"]
    if asked.dry:
        print(notes, *rows, sep="\n")
    else:
        report.write("search-size", "Search at size", "python tests/benchmarks/search_at_size.py", header, rows, notes)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        from ckan.cli import CKANConfigLoader
        from ckan.config.middleware import make_app

        application = make_app(CKANConfigLoader(sys.argv[2]).get_config())
        with application._wsgi_app.test_request_context():
            {"fill": fill, "fairness": fairness}[sys.argv[3]](*map(int, sys.argv[4:]))
    else:
        main()
