"""Tables to explore, made as the loader makes them."""

import warnings

import pytest

ROWS = [
    {
        "commune": "La Rochelle",
        "insee": "17300",
        "habitants": 79851,
        "part": 12.5,
        "littoral": True,
        "jour": "2024-01-15",
        "instant": "2024-01-15T08:30:00",
        "note": "port d'attache",
    },
    {
        "commune": "Aytré",
        "insee": "17028",
        "habitants": 9351,
        "part": 3.25,
        "littoral": True,
        "jour": "2024-02-20",
        "instant": "2024-02-20T23:59:00",
        "note": "=SOMME(A1:A9)",
    },
    {
        "commune": "Périgny",
        "insee": "17274",
        "habitants": 8787,
        "part": None,
        "littoral": False,
        "jour": "2024-02-21",
        "instant": None,
        "note": None,
    },
    {
        "commune": "Sainte-Soulle",
        "insee": "01407",
        "habitants": None,
        "part": -1.5,
        "littoral": False,
        "jour": "2023-12-31",
        "instant": "2023-12-31T00:00:00",
        "note": "",
    },
]
FIELDS = [
    {"id": "commune", "type": "text", "info": {"label": "Commune", "notes": "Nom officiel"}},
    {"id": "insee", "type": "text", "info": {"label": "Code INSEE"}},
    {"id": "habitants", "type": "int8", "info": {"label": "Population", "unit": "habitants"}},
    {"id": "part", "type": "numeric", "info": {"unit": "%"}},
    {"id": "littoral", "type": "bool"},
    {"id": "jour", "type": "date"},
    {"id": "instant", "type": "timestamp"},
    {"id": "note", "type": "text"},
]
POINTS = {"La Rochelle": (-1.15, 46.16), "Aytré": (-1.11, 46.13), "Périgny": (-1.09, 46.15)}


def execute(sql, **values):
    """Run one statement as the role that writes the DataStore."""
    import sqlalchemy as sa
    from ckanext.datastore.backend.postgres import get_write_engine

    with get_write_engine().begin() as connection:
        connection.execute(sa.text(sql), values)


# Tables that tests only read are made once.
_made = {}


@pytest.fixture
def make_table(rooms_db):
    """Give a function that makes a resource with a table: `make_table(fields, records, points=…, private=…)`.

    Called without rows of its own, it may give a table that another test has read: don't change it.
    """
    from ckan.tests import factories
    from ckan.tests.helpers import call_action
    from ckanext.datastore.backend.postgres import identifier

    kept = {}

    def make(fields=FIELDS, records=ROWS, points=None, **dataset):
        shape = (id(fields), id(records), id(points), str(dataset))
        if fields is FIELDS and records is ROWS and shape in _made:
            return _made[shape]
        user = kept.get("user") or kept.setdefault("user", factories.Sysadmin()["name"])
        context = {"user": user, "ignore_auth": True}
        organization = kept.get("org") or kept.setdefault("org", factories.Organization()["id"])
        package = factories.Dataset(owner_org=organization, **dataset)
        resource = call_action(
            "resource_create",
            dict(context),
            package_id=package["id"],
            name="Communes du territoire",
            url="https://x.test/",
        )
        with warnings.catch_warnings():
            # CKAN makes its own type in a new DataStore by ways that Python and SQLAlchemy no longer like.
            warnings.simplefilter("ignore", DeprecationWarning)
            call_action(
                "datastore_create",
                dict(context),
                resource_id=resource["id"],
                fields=fields,
                records=records,
                force=True,
            )
        if points is not None:
            table = identifier(resource["id"])
            execute(f"ALTER TABLE {table} ADD COLUMN _geometry geometry(Geometry, 4326)")
            for name, (longitude, latitude) in points.items():
                execute(
                    f"UPDATE {table} SET _geometry = ST_SetSRID(ST_MakePoint(:x, :y), 4326) WHERE commune = :name",
                    x=longitude,
                    y=latitude,
                    name=name,
                )
            execute(f"CREATE INDEX ON {table} USING gist (_geometry)")
        if fields is FIELDS and records is ROWS:
            _made[shape] = resource
        return resource

    return make


@pytest.fixture
def opened():
    """Give a function that opens the selection of a resource as a sysadmin would."""
    from ckanext.lrtzc.explore import api

    def select(resource, *pairs):
        return api.select({"ignore_auth": True, "user": ""}, resource, pairs)

    return select
