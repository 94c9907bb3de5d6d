"""What it takes to list and filter batches where there are very many: the action `batch_search`, for owners and others.

Usage: python tests/benchmarks/batch_list.py run/test/test.ini [--batches 200000]   (make services-test first)

Batches of 400 datasets of 40 organisations are written into the database, of the states and over the time that a portal
would have, and taken away again. Each list is asked for in turn, so that a busy machine slows all alike; given are
median and slowest in milliseconds, to be at most 200.
"""

import argparse
import statistics
import time
import uuid
from typing import Any

import ckan.cli
from ckan.config.middleware import make_app

ROUNDS = 15
DATASETS, ORGANISATIONS, AUTHORS = 400, 40, 200
_MANY = """
INSERT INTO lrtzc_batches_batch (id, package_id, resource_id, author, origin, state, name, location, size, sha256,
    unattended, settings, analysis, report, rows_read, rows_accepted, rows_corrected, rows_refused, created, changed)
SELECT gen_random_uuid()::text, :mark || 'dataset-' || n % :datasets, :mark || 'file-' || n % (3 * :datasets),
    CASE WHEN n % 7 = 0 THEN :author ELSE :mark || 'author-' || n % :authors END, 'upload',
    (ARRAY['integrated', 'integrated', 'integrated', 'integrated', 'integrated', 'integrated', 'failed', 'withdrawn',
           'quarantined', 'waiting', 'rejected', 'analysed'])[1 + n % 12],
    'releves-' || n || '.csv', 'batch:x', 1000 + n, '', false,
    '{"mode": "append", "key": [], "columns": []}', jsonb_build_object('columns', repeat('x', 1500)),
    jsonb_build_object('reasons', repeat('y', 1500)), 1000, 990, 0, 10,
    now() - n * interval '4 minutes', now() - n * interval '4 minutes'
FROM generate_series(1, :batches) AS n
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ini")
    parser.add_argument("--batches", type=int, default=200_000)
    asked = parser.parse_args()
    application = make_app(ckan.cli.load_config(asked.ini))
    flask = application._wsgi_app if hasattr(application, "_wsgi_app") else application
    mark = f"bench-{uuid.uuid4().hex[:6]}-"
    with flask.test_request_context():
        try:
            people = make(mark, asked.batches)
            measure(mark, people)
        finally:
            forget(mark)


def make(mark: str, batches: int) -> dict[str, str]:
    """Write organisations, datasets and batches; give the names of an editor of one of them, and an administrator."""
    import sqlalchemy as sa
    from ckan import model

    users = {
        name: model.User(name=f"{mark}{name}", email=f"{mark}{name}@x.test", password="x" * 12)
        for name in ("editor", "admin")
    }
    users["admin"].sysadmin = True
    model.Session.add_all(users.values())
    organisations = [
        {"id": f"{mark}org-{n}", "name": f"{mark}org-{n}", "title": "x", "type": "organization",
         "is_organization": True, "state": "active", "approval_status": "approved"}
        for n in range(ORGANISATIONS)
    ]  # fmt: skip
    model.Session.execute(sa.insert(model.Group), organisations)
    datasets = [
        {"id": f"{mark}dataset-{n}", "name": f"{mark}dataset-{n}", "title": f"Relevés {n}", "type": "dataset",
         "state": "active", "private": False, "owner_org": f"{mark}org-{n % ORGANISATIONS}", "creator_user_id": ""}
        for n in range(DATASETS)
    ]  # fmt: skip
    model.Session.execute(sa.insert(model.Package), datasets)
    model.Session.flush()
    member = {"id": str(uuid.uuid4()), "table_id": users["editor"].id, "table_name": "user", "capacity": "editor",
              "state": "active", "group_id": f"{mark}org-3"}  # fmt: skip
    model.Session.execute(sa.insert(model.Member), [member])
    values = {"mark": mark, "datasets": DATASETS, "authors": AUTHORS, "batches": batches, "author": users["editor"].id}
    model.Session.execute(sa.text(_MANY), values)
    model.Session.commit()
    # what the database does by itself some minutes after so many rows came
    with model.meta.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE lrtzc_batches_batch"))
        connection.execute(sa.text("ANALYZE package"))
    return {name: user.name for name, user in users.items()}


def measure(mark: str, people: dict[str, str]) -> None:
    import ckan.plugins.toolkit as tk
    from ckan import model

    lists: dict[str, dict[str, Any]] = {
        "all": {},
        "waiting": {"state": "waiting"},
        "of a dataset": {"package_id": f"{mark}dataset-3"},
        "of an author": {"author": people["editor"]},
        "of a month": {"since": "2026-01-01", "until": "2026-01-31"},
        "page 100": {"offset": 5000},
        "failed, of an author": {"state": "failed", "author": people["editor"]},
    }
    taken: dict[tuple[str, str], list[float]] = {(who, name): [] for who in people for name in lists}
    counts: dict[tuple[str, str], int] = {}
    for _ in range(ROUNDS):
        for who, name in taken:
            user = model.User.get(people[who])
            context: Any = {"user": user.name, "auth_user_obj": user}
            start = time.perf_counter()
            counts[who, name] = tk.get_action("batch_search")(context, dict(lists[name]))["count"]
            taken[who, name].append(1000 * (time.perf_counter() - start))
            model.Session.remove()
    print(f"{'who':8}{'list':24}{'found':>9}{'median ms':>11}{'slowest':>9}")
    for (who, name), times in taken.items():
        print(f"{who:8}{name:24}{counts[who, name]:9}{statistics.median(times):11.0f}{max(times):9.0f}")


def forget(mark: str) -> None:
    import sqlalchemy as sa
    from ckan import model

    model.Session.rollback()
    like = {"mark": f"{mark}%"}
    for table, column in (
        ("lrtzc_batches_batch", "package_id"), ("member", "group_id"), ("package", "id"), ('"group"', "id"),
        ('"user"', "name"),
    ):  # fmt: skip
        model.Session.execute(sa.text(f"DELETE FROM {table} WHERE {column} LIKE :mark"), like)
    model.Session.commit()


if __name__ == "__main__":
    main()
