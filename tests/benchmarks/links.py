"""What a page of 1,000 links costs, beside one of 3 links and one of none: processor time, duration, SQL statements.

Usage: python tests/benchmarks/links.py run/test/test.ini [--links 1000]   (make services-test first)

The pages are asked in turn, so that a busy machine slows all alike. Also asked: whether one more link would close a
circle at the end of a chain of 1,000.
"""

import argparse
import itertools
import statistics
import time
import uuid
from typing import Any

import ckan.cli
from ckan.config.middleware import make_app

PAGES = 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ini")
    parser.add_argument("--links", type=int, default=1_000)
    asked = parser.parse_args()
    application = make_app(ckan.cli.load_config(asked.ini))
    flask = application._wsgi_app if hasattr(application, "_wsgi_app") else application
    made: list[str] = []
    try:
        with flask.test_request_context():
            names = {number: dataset(number, made) for number in (0, 3, asked.links)}
            circle(asked.links, made)
        measure(flask, names)
    finally:
        with flask.test_request_context():
            forget(made)


def dataset(number: int, made: list[str]) -> str:
    """Make a public dataset that as many use cases use; give its name."""
    import sqlalchemy as sa
    from ckan import model

    from ckanext.lrtzc.links.model import Link

    name = f"bench-links-{number}-{uuid.uuid4().hex[:6]}"
    rows = [package(name, "dataset"), *(package(f"{name}-{one}", "use-case") for one in range(number))]
    model.Session.execute(sa.insert(model.Package), rows)
    made += [row["id"] for row in rows]
    if number:
        model.Session.execute(sa.insert(Link), [link("uses", row["id"], rows[0]["id"]) for row in rows[1:]])
    model.Session.commit()
    return name


def package(name: str, type_: str) -> dict[str, Any]:
    values = {"title": f"Objet {name}", "notes": "Essai", "license_id": "lov2", "state": "active", "private": False}
    return {"id": str(uuid.uuid4()), "name": name, "type": type_, "creator_user_id": "", **values}


def link(kind: str, source: str, target: str) -> dict[str, str]:
    return {"id": str(uuid.uuid4()), "kind": kind, "source_id": source, "target_id": target, "created_by": ""}


def circle(length: int, made: list[str]) -> None:
    """Say how long it takes to see a circle that goes by a chain of datasets."""
    import sqlalchemy as sa
    from ckan import model

    from ckanext.lrtzc.links.model import Link
    from ckanext.lrtzc.links.store import closes_a_circle

    ids = [str(uuid.uuid4()) for _ in range(length)]
    made += ids
    pairs = itertools.pairwise(ids)
    model.Session.execute(sa.insert(Link), [link("derived_from", after, before) for before, after in pairs])
    model.Session.commit()
    start = time.perf_counter()
    assert closes_a_circle(ids[0], ids[-1])
    print(f"circle of {length} links seen in {1000 * (time.perf_counter() - start):.1f} ms")


def measure(flask: Any, names: dict[int, str]) -> None:
    import sqlalchemy as sa
    from ckan import model

    statements = 0

    def count(*_: Any) -> None:
        nonlocal statements
        statements += 1

    sa.event.listen(model.meta.engine, "before_cursor_execute", count)
    client = flask.test_client()
    spent: dict[int, list[tuple[float, float, int]]] = {number: [] for number in names}
    for turn in range(PAGES + 3):
        for number, name in names.items():
            statements, wall, cpu = 0, time.perf_counter(), time.process_time()
            # an address of its own each time: a page that is kept would cost nothing
            answer = client.get(f"/dataset/{name}?turn={turn}")
            assert answer.status_code == 200, answer.status_code
            if turn >= 3:
                spent[number].append((time.perf_counter() - wall, time.process_time() - cpu, statements))
    for number, asked in spent.items():
        wall, cpu, each = (statistics.median(column) for column in zip(*asked, strict=True))
        slow = sorted(row[0] for row in asked)[int(PAGES * 0.95)]
        print(
            f"{number:>5} links: median {1000 * wall:.0f} ms, p95 {1000 * slow:.0f} ms, "
            f"processor {1000 * cpu:.0f} ms, {each:.0f} statements"
        )


def forget(made: list[str]) -> None:
    import sqlalchemy as sa
    from ckan import model

    from ckanext.lrtzc.links import store

    store.forget(made)
    model.Session.execute(sa.delete(model.Package).where(model.Package.id.in_(made)))
    model.Session.commit()


if __name__ == "__main__":
    main()
