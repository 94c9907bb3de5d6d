"""Load a CSV of 1,000,000 rows × 12 columns: ours, a bare typed COPY, and XLoader, in one run on one database.

Usage: uv run --group peers python tests/benchmarks/load_csv.py run/test/test.ini [rows]

Times are wall-clock seconds; “processor” is what the loading process and the database server spent together, which a
busy machine changes little. “Queryable” is when the first reader sees all rows; “indexed” when search, filters and map
have their indexes too. “Ten rules” judges the rows by ten rules of quality on the way.
Memory is the peak of the loading process above its start, each size in a process of its own.
Writes its section of docs/performance.md.
"""

import argparse
import datetime as dt
import gc
import logging
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
import uuid
from pathlib import Path

import report

WORDS = """énergie bâtiment mobilité vélo piste carbone réseau chaleur logement tertiaire usine solaire bois gaz
éclairage quartier îlot place avenue port marais forêt""".split()  # noqa: SIM905
HEADERS = "id;code_insee;commune;date_releve;horodatage;valeur;compteur;actif;libelle;latitude;longitude;commentaire"
TYPES = ["int8", "text", "text", "date", "timestamp", "numeric", "int8", "bool", "text", "numeric", "numeric", "text"]


def write_csv(path: Path, rows: int) -> None:
    """Write a table as a French producer would: semicolons, decimal commas, days before months."""
    chance = random.Random(7)
    start = dt.date(2015, 1, 1)
    with path.open("w", encoding="utf-8") as out:
        out.write(HEADERS + "\n")
        for i in range(rows):
            day = start + dt.timedelta(days=i % 3000)
            cells = [
                str(i),
                f"17{i % 999:03d}",
                f"{WORDS[i % 21].title()}-{WORDS[i * 7 % 21]}",
                f"{day:%d/%m/%Y}",
                f"{day:%Y-%m-%d} {i % 24:02d}:{i % 60:02d}:00",
                f"{chance.random() * 1000:.3f}".replace(".", ","),
                str(i * 3),
                "oui" if i % 3 else "non",
                f"{WORDS[i % 20]} {WORDS[i % 19]} {i % 1000}",
                f"{46 + chance.random():.6f}".replace(".", ","),
                f"{-1 - chance.random():.6f}".replace(".", ","),
                " ".join(chance.choices(WORDS, k=5)),
            ]
            out.write(";".join(cells) + "\n")


def write_ready(source: Path, target: Path) -> None:
    """Write the same values as COPY wants them, so that the bare COPY pays for nothing but storing."""
    with source.open(encoding="utf-8") as lines, target.open("w", encoding="utf-8") as out:
        next(lines)
        for line in lines:
            cells = line.rstrip("\n").split(";")
            day, month, year = cells[3].split("/")
            cells[3] = f"{year}-{month}-{day}"
            for place in (5, 9, 10):
                cells[place] = cells[place].replace(",", ".")
            cells[7] = "t" if cells[7] == "oui" else "f"
            out.write(",".join(cells) + "\n")


def application(ini: str):
    """Make CKAN's application of an instance."""
    logging.disable(logging.WARNING)
    from ckan.cli import CKANConfigLoader
    from ckan.config.middleware import make_app

    return make_app(CKANConfigLoader(ini).get_config())._wsgi_app


def bare_copy(ready: Path) -> float:
    """Time a typed COPY into a table with a key."""
    from ckanext.datastore.backend.postgres import get_write_engine

    connection = get_write_engine().raw_connection()
    cursor = connection.cursor()
    columns = ", ".join(f'"{n}" {t}' for n, t in zip(HEADERS.split(";"), TYPES, strict=True))
    cursor.execute("DROP TABLE IF EXISTS _bench_copy")
    connection.commit()
    started = time.perf_counter()
    cursor.execute(f"CREATE TABLE _bench_copy (_id serial PRIMARY KEY, {columns})")
    names = ", ".join(f'"{name}"' for name in HEADERS.split(";"))
    with ready.open("rb") as file:
        cursor.copy_expert(f"COPY _bench_copy ({names}) FROM STDIN (FORMAT csv)", file, size=1 << 20)
    connection.commit()
    took = time.perf_counter() - started
    cursor.execute("DROP TABLE _bench_copy")
    connection.commit()
    connection.close()
    return took


RULES = [
    {"kind": "required", "columns": ["code_insee"]},
    {"kind": "unique", "columns": ["id"]},
    {"kind": "format", "columns": ["code_insee"], "params": {"format": "insee"}},
    {"kind": "pattern", "columns": ["commune"], "params": {"pattern": r"\w+-\w+"}},
    {"kind": "range", "columns": ["valeur"], "params": {"minimum": 0, "maximum": 1000}},
    {"kind": "range", "columns": ["date_releve"], "params": {"minimum": "2015-01-01", "maximum": "2030-01-01"}},
    {"kind": "length", "columns": ["commentaire"], "params": {"minimum": 5, "maximum": 200}},
    {"kind": "values", "columns": ["actif"], "params": {"values": ["true", "false"]}},
    {"kind": "compare", "columns": ["id", "compteur"], "params": {"operator": "le"}},
    {"kind": "placed"},
]


def ten_rules(types, *, placed: bool):
    """Give the check of ten rules, as a file's rules make it."""
    from ckanext.lrtzc.batches.api import Load
    from ckanext.lrtzc.quality.check import QualityCheck
    from ckanext.lrtzc.quality.domain.rules import rule_of

    return QualityCheck(Load("", "", "", types, placed=placed), [rule_of(rule) for rule in RULES], None)


def judged(path: Path) -> dict[str, float]:
    """Time our loader with ten rules on the way."""
    return ours(path, rules=True)


def ours(path: Path, *, rules: bool = False) -> dict[str, float]:
    """Time our loader from analysis to the last index."""
    from ckanext.datastore.backend.postgres import get_write_engine
    from psycopg2 import sql

    from ckanext.lrtzc.batches.domain.analysis import analyse
    from ckanext.lrtzc.batches.domain.opening import open_table
    from ckanext.lrtzc.batches.domain.pipeline import Plan
    from ckanext.lrtzc.batches.domain.tables import Source
    from ckanext.lrtzc.batches.loading.loader import Loader, Order, Watch

    source, table = Source(path, "bench.csv"), str(uuid.uuid4())
    started = time.perf_counter()
    found = analyse(source)
    analysed = time.perf_counter() - started
    types = [column.type.value for column in found.columns]
    if types != TYPES:
        sys.exit(f"types inferred {types}")
    times: dict[str, float] = {}
    started = time.perf_counter()

    def published() -> None:
        times["queryable"] = time.perf_counter() - started

    plan = Plan(tuple(column.column for column in found.columns), found.geometry)
    kinds = {column.name: column.type for column in plan.columns}
    order = Order(str(uuid.uuid4()), table, plan)
    if rules:
        order.checks = (ten_rules(kinds, placed=plan.geometry is not None),)
    with open_table(source, found.settings) as opened:
        tally = Loader(opened, order, Watch(published=published)).run()
    times["indexed"] = time.perf_counter() - started
    times |= {"analysis": analysed, "rows": tally.accepted}
    connection = get_write_engine().raw_connection()
    connection.cursor().execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(table)))
    connection.commit()
    connection.close()
    return times


def xloader(path: Path) -> dict[str, float]:
    """Time XLoader's own functions, in the order its job calls them."""
    import ckan.plugins.toolkit as tk
    import sqlalchemy as sa
    from ckanext.datastore.backend.postgres import get_write_engine
    from ckanext.xloader import loader

    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]

    def act(action, /, **data):
        return tk.get_action(action)({"user": user, "ignore_auth": True}, data)

    name = f"bench-{uuid.uuid4().hex[:8]}"
    organisation = act("organization_create", name=name, title=name)
    package = act(
        "package_create", name=name, title=name, notes=name, owner_org=organisation["id"], license_id="notspecified"
    )
    table = act("resource_create", package_id=package["id"], url="http://localhost/bench.csv", name=name, format="CSV")[
        "id"
    ]
    logger = logging.getLogger("bench.xloader")
    logger.setLevel(logging.CRITICAL)
    started = time.perf_counter()
    fields = loader.load_csv(str(path), table, mimetype="text/csv", logger=logger)
    searched = time.perf_counter() - started
    loader.create_column_indexes(fields=fields, resource_id=table, logger=logger)
    indexed = time.perf_counter() - started
    with get_write_engine().begin() as connection:
        # XLoader never commits its last index: its connection would hold the table for ever
        connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE usename = current_user AND state = 'idle in transaction'"
            )
        )
    # its cut connection is given up here, not while something else goes on
    gc.collect()
    act("datastore_delete", resource_id=table, force=True)
    act("dataset_purge", id=package["id"])
    act("organization_purge", id=organisation["id"])
    return {"queryable": searched, "indexed": indexed}


def server_seconds(ini: str) -> float:
    """Give the processor time (s) that ended processes of the database server have spent; it runs on this machine."""
    import psycopg2
    from ckan.cli import CKANConfigLoader

    connection = psycopg2.connect(CKANConfigLoader(ini).get_config()["ckan.datastore.write_url"].split("?")[0])
    own = connection.get_backend_pid()
    parent = Path(f"/proc/{own}/stat").read_text().rpartition(")")[2].split()[1]
    connection.close()
    fields = Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def _in_process(ini: str, what: str, path: str, answer) -> None:
    app = application(ini)
    with app.test_request_context():
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        spent = time.process_time()
        result = {"copy": bare_copy, "ours": ours, "judged": judged, "xloader": xloader}[what](Path(path))
        spent = time.process_time() - spent
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    times = result if isinstance(result, dict) else {"queryable": result}
    answer.put({**times, "memory": peak - before, "own": spent})


def measure(ini: str, what: str, path: Path) -> dict[str, float]:
    """Run one measure in a process of its own; give its times (s), `memory` (MB) and `processor` (s)."""
    spawn = multiprocessing.get_context("spawn")
    answer = spawn.Queue()
    server = server_seconds(ini)
    process = spawn.Process(target=_in_process, args=(ini, what, str(path), answer))
    process.start()
    while True:
        try:
            result = answer.get(timeout=5)
            break
        except Exception:
            if not process.is_alive():
                sys.exit(f"{what} failed")
    process.join()
    # the server reaps the connections of the process that ended
    time.sleep(1)
    result["processor"] = result["own"] + server_seconds(ini) - server
    print(f"{what}: {result}", file=sys.stderr)
    return result


def main() -> None:
    """Measure, and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ini")
    parser.add_argument("rows", type=int, nargs="?", default=1_000_000)
    asked = parser.parse_args()
    rows = asked.rows
    with tempfile.TemporaryDirectory(prefix="lrtzc-bench-") as folder:
        files = {count: Path(folder) / f"{count}.csv" for count in (rows // 10, rows, rows * 5)}
        for count, path in files.items():
            write_csv(path, count)
        ready = Path(folder) / "ready.csv"
        write_ready(files[rows], ready)
        copy = measure(asked.ini, "copy", ready)
        own = measure(asked.ini, "ours", files[rows])
        rules = measure(asked.ini, "judged", files[rows])
        peer = measure(asked.ini, "xloader", files[rows])
        few = measure(asked.ini, "ours", files[rows // 10])
        many = measure(asked.ini, "ours", files[rows * 5])
        size = files[rows].stat().st_size / 1e6

    def row(name: str, found: dict[str, float]) -> list[str]:
        indexed = f"{found['indexed']:.1f}" if "indexed" in found else "–"
        return [name, f"{found['queryable']:.1f}", indexed, f"{found['processor']:.1f}", f"{found['memory']:.0f}"]

    load = ", ".join(f"{number:.1f}" for number in os.getloadavg())
    report.write(
        "load",
        "Loading a table",
        "uv run --group peers python tests/benchmarks/load_csv.py run/test/test.ini",
        ["", "queryable (s)", "searched and indexed (s)", "processor (s)", "memory above start (MB)"],
        [
            row("bare `COPY`, typed, with a key", copy),
            row("XLoader 2.6.0, all columns text", peer),
            row("ours, typed and checked, with a spatial index", own),
            row("ours, with ten rules of quality", rules),
            row(f"ours, {rows // 10:,} rows", few),
            row(f"ours, {rows * 5:,} rows", many),
        ],
        f"{rows:,} rows × 12 columns ({size:.0f} MB) unless told otherwise; analysis before confirmation took "
        f"{own['analysis']:.1f} s. Queryable in {own['queryable'] / copy['queryable']:.2f} × the bare COPY, with ten "
        f"rules in {rules['queryable'] / copy['queryable']:.2f} × (limit: 2). "
        f"Searched and indexed in {own['indexed'] / peer['indexed']:.0%} of XLoader's time and "
        f"{own['processor'] / peer['processor']:.0%} of its processor time (limit: 40 %). Memory: "
        f"{few['memory']:.0f}, {own['memory']:.0f} and {many['memory']:.0f} MB for {rows // 10:,}, {rows:,} and "
        f"{rows * 5:,} rows. Load of the machine at the end (1, 5, 15 minutes): {load}.",
    )


if __name__ == "__main__":
    main()
