"""What the access decision costs: by itself, in a DataStore search of 1,000,000 rows, and with 10,000 grants.

Usage: python tests/benchmarks/access.py run/test/test.ini [--rows 1000000]   (make services-test first)

The plain searches and the one through a row filter are asked in turn, so that a busy machine slows all alike.
"""

import argparse
import os
import statistics
import time
import uuid
from typing import Any

import ckan.cli
from ckan.config.middleware import make_app

GRANTS, CALLS, SEARCHES = 10_000, 400, 40
COMMUNES = 50
HALF = [f"Commune {n}" for n in range(COMMUNES // 2)]
KINDS: dict[str, dict[str, Any]] = {
    "first rows": {"limit": 100},
    "sorted by a column": {"limit": 100, "sort": "valeur desc"},
    "filtered": {"limit": 100, "filters": {"valeur": 77}},
    "searched for a word": {"limit": 100, "q": "lieu"},
}
COMMAND = "python tests/benchmarks/access.py run/test/test.ini"
PEOPLE: dict[str, Any] = {}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ini")
    parser.add_argument("--rows", type=int, default=1_000_000)
    asked = parser.parse_args()
    application = make_app(ckan.cli.load_config(asked.ini))
    flask = application._wsgi_app if hasattr(application, "_wsgi_app") else application
    with flask.test_request_context():
        measure(asked.rows)


def call(action: str, who: str, **data: Any) -> Any:
    import ckan.plugins.toolkit as tk
    from ckan import model

    # as the API and pages give it: the account was read when the request began
    account = PEOPLE.get(who) or (PEOPLE.setdefault(who, model.User.get(who)) if who else None)
    return tk.get_action(action)({"user": who, "auth_user_obj": account, "ignore_auth": False}, data)


def table(resource_id: str, rows: int) -> None:
    """Make a table as the loader makes it: a key, columns, their indexes and full text of what is text."""
    import sqlalchemy as sa
    from ckanext.datastore.backend.postgres import get_write_engine, identifier

    name = identifier(resource_id)
    with get_write_engine().begin() as connection:
        connection.execute(sa.text(f"TRUNCATE {name}"))
        connection.execute(
            sa.text(
                f"INSERT INTO {name} (_id, commune, nom, valeur, jour, _full_text) "
                f"SELECT n, 'Commune ' || n % {COMMUNES}, 'Lieu ' || n, n % 9973, date '2020-01-01' + n % 1500, "
                f"to_tsvector('french', 'Commune ' || n % {COMMUNES} || ' Lieu ' || n) FROM generate_series(1, :rows) n"
            ),
            {"rows": rows},
        )
        for column in ("commune", "valeur", "jour"):
            connection.execute(sa.text(f"CREATE INDEX ON {name} ({column})"))
    with get_write_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(f"VACUUM ANALYZE {name}"))


def dataset(owner: str, org: str, rows: int) -> dict[str, Any]:
    name = f"access-benchmark-{uuid.uuid4().hex[:8]}"
    made = call("package_create", owner, name=name, title="Relevés", owner_org=org, license_id="etalab-2.0", notes="-")
    resource = call("resource_create", owner, package_id=made["id"], name="Relevés", url="https://x.test/a.csv")
    fields = [
        {"id": "commune", "type": "text"},
        {"id": "nom", "type": "text"},
        {"id": "valeur", "type": "int8"},
        {"id": "jour", "type": "date"},
    ]
    call("datastore_create", owner, resource_id=resource["id"], fields=fields, force=True)
    table(resource["id"], rows)
    return {"dataset": made["id"], "resource": resource["id"]}


def look_at_tables() -> None:
    """Let the planner know the tables, as the database does by itself a minute after they grew."""
    import sqlalchemy as sa
    from ckan import model

    for name in ("lrtzc_access_grant", "lrtzc_access_restriction", "member", "package"):
        model.Session.execute(sa.text(f"ANALYZE {name}"))
    model.Session.commit()


def median(times: list[float]) -> float:
    return 1000 * statistics.median(times)


def timed(ask: Any) -> float:
    began = time.perf_counter()
    ask()
    return time.perf_counter() - began


def measure(rows: int) -> None:
    from ckan import model
    from ckan.tests import factories

    owner, guest = (factories.User()["name"] for _ in range(2))
    PEOPLE.update({name: model.User.get(name) for name in (owner, guest)})
    org = factories.Organization(users=[{"name": owner, "capacity": "admin"}])["id"]
    for _ in range(5):
        factories.Organization(users=[{"name": guest, "capacity": "member"}])
    open_one, held_one = (dataset(owner, org, rows) for _ in range(2))
    call("lrtzc_access_restrict", owner, id=held_one["dataset"], reason="mesure")
    some = [{"column": "commune", "operator": "in", "values": HALF}]
    what = {"id": held_one["dataset"], "resource_id": held_one["resource"], "audience": "person"}
    call("lrtzc_access_grant", owner, audience_id=guest, rows=some, **what)
    measure_decisions(owner, guest, open_one, held_one)
    measure_searches(guest, open_one["resource"], held_one["resource"], rows)
    for one in (open_one, held_one):
        call("package_delete", owner, id=one["dataset"])


def measure_decisions(owner: str, guest: str, open_one: dict[str, Any], held_one: dict[str, Any]) -> None:
    import report
    from ckan import model

    from ckanext.lrtzc.access.api import Action, decide
    from ckanext.lrtzc.access.model import AccessGrant

    found: list[list[object]] = []

    def decisions(title: str, who: str, of: dict[str, Any]) -> None:
        def ask() -> None:
            decide({"user": who, "auth_user_obj": PEOPLE.get(who)}, of["dataset"], of["resource"], Action.TAKE)

        for _ in range(50):
            ask()
        took = [timed(ask) for _ in range(CALLS)]
        counted = statements(ask)
        model.Session.rollback()
        found.append([title, f"{median(took):.2f}", f"{1000 * sorted(took)[int(0.95 * CALLS)]:.2f}", counted])

    look_at_tables()
    decisions("a stranger, open data", "", open_one)
    decisions("a person to whom a part was opened, in five organisations", guest, held_one)
    decisions("the owner, data held back", owner, held_one)
    creator = PEOPLE[owner].id
    model.Session.add_all(
        AccessGrant(
            package_id=held_one["dataset"], resource_id=held_one["resource"], audience="person",
            audience_id=str(uuid.uuid4()), columns=None, rows=[], masks=[], purpose="", created_by=creator,
        )
        for _ in range(GRANTS)
    )  # fmt: skip
    model.Session.commit()
    look_at_tables()
    decisions(f"the same person, {GRANTS:,} parts opened to others", guest, held_one)
    report.write(
        "access",
        "Access decisions",
        COMMAND,
        ["who asks, of what", "median, ms", "95th percentile, ms", "SQL statements"],
        found,
        f"Limit: 1 ms median for each decision. The account was read when the request began, as for any page or call. "
        f"Nothing is cached between calls, so a withdrawal holds at the next one. {load()}",
    )


def statements(ask: Any) -> int:
    """Count the statements that the database is asked."""
    import sqlalchemy as sa
    from ckan import model

    asked: list[str] = []
    engine = model.Session.get_bind()

    def note(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        asked.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    ask()
    sa.event.remove(engine, "before_cursor_execute", note)
    return len(asked)


def measure_searches(guest: str, open_id: str, held_id: str, rows: int) -> None:
    import report

    found: list[list[object]] = []
    for title, query in KINDS.items():
        sides: dict[str, dict[str, Any]] = {
            "plain": {"resource_id": open_id, **query},
            "condition": {"resource_id": open_id, **query, "filters": {**query.get("filters", {}), "commune": HALF}},
            "part": {"resource_id": held_id, **query},
        }
        times: dict[str, list[float]] = {side: [] for side in sides}
        for number in range(SEARCHES + 5):
            for side, asked in sides.items():
                took = timed(lambda asked=asked: call("datastore_search", guest, **asked))
                if number >= 5:
                    times[side].append(took)
        plain, condition, part = (statistics.median(times[side]) for side in sides)
        found.append(
            [title, *(f"{1000 * each:.1f}" for each in (plain, condition, part)),
             f"{part / plain:.2f} ×", f"{part / condition:.2f} ×"]
        )  # fmt: skip
    report.write(
        "access-search",
        "Searching through a row filter",
        COMMAND,
        ["`datastore_search`, 100 rows", "all rows, open, ms", "the same rows, open, ms", "through the filter, ms",
         "to all rows", "to the same rows"],
        found,
        f"Limit: 1.3 × the plain search. {rows:,} rows, asked in turn by the same person: of an open table, all rows; "
        "of the same table, by a condition, the rows that the filter keeps (half of the communes); through the filter. "
        "The search through the filter includes its trace in the ledger, committed durably before it answers. "
        + load(),
    )  # fmt: skip


def load() -> str:
    return (
        "Load of the machine at the end (1, 5, 15 minutes): "
        + ", ".join(f"{each:.1f}" for each in os.getloadavg())
        + "."
    )


if __name__ == "__main__":
    main()
