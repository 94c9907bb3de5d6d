"""Load a CSV of 1,000,000 rows × 12 columns: ours, a bare typed COPY, and XLoader, in one run on one database.

Usage: uv run --group peers python tests/benchmarks/load_csv.py run/test/ckan.ini [rows]

Times are wall-clock seconds. “Queryable” is when the first reader sees all rows; “indexed” when search, filters and map
have their indexes too. Memory is the peak of the loading process, measured in a process of its own for each size.
"""

import argparse
import datetime as dt
import logging
import multiprocessing
import random
import resource
import sys
import tempfile
import time
import uuid
from pathlib import Path

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


def ours(path: Path) -> dict[str, float]:
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
    with open_table(source, found.settings) as opened:
        tally = Loader(opened, Order(str(uuid.uuid4()), table, plan), Watch(published=published)).run()
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
    act("datastore_delete", resource_id=table, force=True)
    act("dataset_purge", id=package["id"])
    act("organization_purge", id=organisation["id"])
    return {"queryable": searched, "indexed": indexed}


def _in_process(ini: str, what: str, path: str, answer) -> None:
    app = application(ini)
    with app.test_request_context():
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        result = {"copy": bare_copy, "ours": ours, "xloader": xloader}[what](Path(path))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    answer.put((result, before, peak))


def measure(ini: str, what: str, path: Path) -> tuple:
    """Run one measure in a process of its own; give (result, memory before, peak), memory in MB."""
    spawn = multiprocessing.get_context("spawn")
    answer = spawn.Queue()
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
    print(f"{what}: {result}", file=sys.stderr)
    return result


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ini")
    parser.add_argument("rows", type=int, nargs="?", default=1_000_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lrtzc-bench-") as folder:
        large, small, ready = (Path(folder) / name for name in ("large.csv", "small.csv", "ready.csv"))
        write_csv(large, asked.rows)
        write_csv(small, asked.rows // 10)
        write_ready(large, ready)
        copy, _before, _peak = measure(asked.ini, "copy", ready)
        few, few_before, few_peak = measure(asked.ini, "ours", small)
        own, own_before, own_peak = measure(asked.ini, "ours", large)
        peer, peer_before, peer_peak = measure(asked.ini, "xloader", large)
        size = large.stat().st_size / 1e6
    print(f"\n{asked.rows:,} rows × 12 columns, {size:.0f} MB; {dt.date.today():%Y-%m-%d}\n")
    print("| | queryable (s) | searched and indexed (s) | memory above start (MB) |")
    print("|---|---:|---:|---:|")
    print(f"| bare typed COPY with a key | {copy:.1f} | – | – |")
    lines = {
        "XLoader 2.6.0, all text": (peer, peer_peak - peer_before),
        "ours, typed and checked": (own, own_peak - own_before),
        f"ours, {asked.rows // 10:,} rows": (few, few_peak - few_before),
    }
    for name, (times, memory) in lines.items():
        print(f"| {name} | {times['queryable']:.1f} | {times['indexed']:.1f} | {memory:.0f} |")
    print(f"\nAnalysis before confirmation: {own['analysis']:.1f} s.")
    print(f"Queryable: {own['queryable'] / copy:.2f} × the bare COPY (target ≤ 2).")
    print(f"Indexed: {own['indexed'] / peer['indexed']:.0%} of XLoader (target ≤ 40 %).")


if __name__ == "__main__":
    main()
