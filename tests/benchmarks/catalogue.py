"""Fill one instance with many datasets quickly: rows in bulk, then the index.

Run with the instance's file: `python tests/benchmarks/catalogue.py INI COUNT`. The same seed gives the same content
in every instance. What exists already is left.
"""

import datetime as dt
import json
import random
import sys
import time
import uuid
from typing import Any

WORDS = """
consommation énergie bâtiments logements mobilité vélo comptages bus lignes arrêts stationnement bornes
recharge électrique véhicules émissions carbone industrie entreprises emploi déchets collecte tri eau rivières
qualité air bruit espaces verts arbres littoral port pêche risques inondation cadastre parcelles urbanisme
zonage voirie éclairage public réseaux chaleur solaire toitures potentiel écoles équipements santé culture
tourisme population ménages revenus budget subventions marchés délibérations élections commune agglomération
territoire annuel mensuel
""".split()  # noqa: SIM905 - a list of a hundred words is easier read so
FORMATS = ("CSV", "XLSX", "GeoJSON", "JSON", "PARQUET", "PDF")
FREQUENCY = "http://publications.europa.eu/resource/authority/frequency/ANNUAL"
ORGANISATIONS = 30
GROUPS = 8
TAGS = 200
SEED = 17


def identifier(kind: str, number: int) -> str:
    """Give the same identifier for the same thing in every instance."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://example.org/{kind}/{number}"))


def sentence(rng: random.Random, low: int, high: int) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(low, high))).capitalize()


def rows(count: int) -> dict[str, list[dict[str, Any]]]:
    """Give the rows of each table."""
    rng = random.Random(SEED)
    start = dt.datetime(2024, 1, 1)
    made: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("group", "tag", "package", "resource", "package_tag", "member")
    }
    for number in range(ORGANISATIONS + GROUPS):
        organisation = number < ORGANISATIONS
        kind = "organization" if organisation else "group"
        made["group"].append(
            {
                "id": identifier("group", number),
                "name": f"bench-{kind}-{number}",
                "title": sentence(rng, 2, 4),
                "description": sentence(rng, 20, 40),
                "type": kind,
                "is_organization": organisation,
                "state": "active",
                "approval_status": "approved",
                "created": start,
            }
        )
    for number in range(TAGS):
        made["tag"].append({"id": identifier("tag", number), "name": f"{WORDS[number % len(WORDS)]} {number}"})
    for number in range(count):
        package = identifier("package", number)
        owner = identifier("group", rng.randrange(ORGANISATIONS))
        # as real ones, not at a whole second: CKAN compares them with what the index keeps
        when = start + dt.timedelta(minutes=53 * number, microseconds=123_456)
        made["package"].append(
            {
                "id": package,
                "name": name(number),
                "title": sentence(rng, 4, 9),
                "notes": ". ".join(sentence(rng, 12, 25) for _ in range(4)) + ".",
                "license_id": "lov2",
                "type": "dataset",
                "owner_org": owner,
                "metadata_created": when,
                "metadata_modified": when,
                "private": False,
                "state": "active",
                "maintainer": sentence(rng, 2, 2),
                "extras": {
                    "axis": json.dumps([rng.choice(["energy", "mobility", "buildings"])]),
                    "frequency": FREQUENCY,
                },
            }
        )
        for position in range(3):
            made["resource"].append(
                {
                    "id": identifier("resource", 3 * number + position),
                    "package_id": package,
                    "url": f"https://example.org/files/{number}-{position}",
                    "format": rng.choice(FORMATS),
                    "name": sentence(rng, 2, 5),
                    "description": sentence(rng, 10, 20),
                    "position": position,
                    "created": when,
                    "metadata_modified": when,
                    "state": "active",
                    "url_type": "",
                    "extras": {},
                }
            )
        for tag in rng.sample(range(TAGS), 4):
            made["package_tag"].append(
                {
                    "id": identifier("package_tag", number * 1000 + tag),
                    "package_id": package,
                    "tag_id": identifier("tag", tag),
                    "state": "active",
                }
            )
        group = rng.randrange(GROUPS)
        for capacity, belongs in (("organization", owner), ("public", identifier("group", ORGANISATIONS + group))):
            made["member"].append(
                {
                    "id": identifier(f"member-{capacity}", number),
                    "group_id": belongs,
                    "table_id": package,
                    "table_name": "package",
                    "capacity": capacity,
                    "state": "active",
                }
            )
    return made


def name(number: int) -> str:
    """Give the address part of a dataset."""
    return f"bench-{number:05d}"


def insert(count: int) -> None:
    """Insert what is missing."""
    import ckan.model as model
    import sqlalchemy as sa

    tables = {
        "group": model.Group.__table__,
        "tag": model.Tag.__table__,
        "package": model.Package.__table__,
        "resource": model.Resource.__table__,
        "package_tag": model.PackageTag.__table__,
        "member": model.Member.__table__,
    }
    begun = time.monotonic()
    session = model.Session
    for table, values in rows(count).items():
        known = set(session.scalars(sa.select(tables[table].c.id)))
        new = [row for row in values if row["id"] not in known]
        if new:
            session.execute(sa.insert(tables[table]), new)
    session.commit()
    print(f"rows: {time.monotonic() - begun:.0f} s", flush=True)


def fill(count: int) -> None:
    """Insert what is missing and index it."""
    import ckan.lib.search as search
    import ckan.model as model
    from ckan.lib.search.index import PackageSearchIndex

    insert(count)
    begun = time.monotonic()
    indexed = {found["id"] for found in _indexed()}
    missing = [row["id"] for row in rows(count)["package"] if row["id"] not in indexed]
    for at in range(0, len(missing), 500):
        search.rebuild(package_ids=missing[at : at + 500], defer_commit=True, force=True, quiet=True)
        model.Session.remove()
    PackageSearchIndex().commit()
    print(f"index: {len(missing)} datasets in {time.monotonic() - begun:.0f} s", flush=True)


def _indexed() -> list[dict[str, Any]]:
    from ckan.lib.search.common import make_connection

    return list(make_connection().search("*:*", rows=1_000_000, fl="id"))


if __name__ == "__main__":
    from ckan.cli import CKANConfigLoader
    from ckan.config.middleware import make_app

    application = make_app(CKANConfigLoader(sys.argv[1]).get_config())
    with application._wsgi_app.test_request_context():
        fill(int(sys.argv[2]))
