"""A catalogue of few, full datasets, served over HTTP for those who harvest it."""

import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SQUARE = '{"type": "Polygon", "coordinates": [[[-1.2, 46.1], [-1.1, 46.1], [-1.1, 46.2], [-1.2, 46.2], [-1.2, 46.1]]]}'
EU = "http://publications.europa.eu/resource/authority/"

DATASETS = [
    {
        "name": "bornes-de-recharge",
        "title": "Bornes de recharge pour véhicules électriques",
        "notes": "Les bornes ouvertes au public, avec leur **puissance**.",
        "license_id": "lov2",
        "tags": [{"name": "mobilité"}, {"name": "véhicule électrique"}],
        "issued": "2023-05-01",
        "modified": "2024-06-01",
        "version": "2",
        "identifier": "bornes-17",
        "frequency": EU + "frequency/MONTHLY",
        "language": [EU + "language/FRA"],
        "theme": [EU + "data-theme/TRAN"],
        "axis": ["energy"],
        "communes": ["17300", "17010"],
        "spatial": SQUARE,
        "temporal_coverage": [{"start": "2020-01-01", "end": "2023-12-31"}],
        "access_rights": EU + "access-right/PUBLIC",
        "provenance": "Relevés des opérateurs.",
        "contact": [{"name": "Mission énergie", "email": "energie@territory.example"}],
        "publisher": [{"name": "Syndicat d'énergie", "uri": "https://syndicat.example/"}],
        "conforms_to": ["https://schema.data.gouv.fr/etalab/schema-irve-statique"],
        "hvd_category": ["http://data.europa.eu/bna/c_b79e35eb"],
        "resources": [
            {
                "url": "https://files.territory.example/bornes.csv",
                "name": "Bornes (tableau)",
                "description": "Une ligne par point de charge.",
                "format": "CSV",
                "mimetype": "text/csv",
                "size": 123456,
                "hash": "ab" * 32,
            },
            {"url": "https://files.territory.example/bornes.geojson", "name": "Bornes (carte)", "format": "GeoJSON"},
        ],
    },
    {
        "name": "qualite-de-l-eau",
        "title": "Qualité de l'eau de baignade",
        "notes": "Les analyses de l'été, plage par plage.",
        "license_id": "odc-odbl",
        "tags": [{"name": "eau"}],
        "communes": ["17300"],
        "contact": [{"name": "Mission littoral", "email": "littoral@territory.example"}],
        "resources": [
            {"url": "https://files.territory.example/eau.xlsx", "name": "Analyses", "format": "XLSX", "size": 99}
        ],
    },
    {
        "name": "chaines-difficiles",
        "title": "</script><b>\"Titre\" & 'apostrophes' ]]> {{7*7}} 🌊",
        "notes": "Ω ≠ <tag> &amp; \\ $& %s ${x} \u202ertl\u202c",
        "license_id": "cc-by",
        "contact": [{"name": "<i>&</i>", "email": "a+b@territory.example"}],
        "resources": [
            {"url": "https://files.territory.example/a%20b.json?x=1&y=%3Cz%3E", "name": "<&>\"'", "format": "JSON"}
        ],
    },
]


@pytest.fixture
def catalogue(rooms_db, clean_index):
    """Give the datasets of a small catalogue as `package_show` gives them to a stranger, by name."""
    from ckan.tests import factories
    from ckan.tests.helpers import call_action

    administrator = factories.Sysadmin()["name"]
    organization = factories.Organization(title="Agglomération", user={"name": administrator})
    names = []
    for described in DATASETS:
        made = {**described, "name": f"{described['name']}-{organization['id'][:8]}", "owner_org": organization["id"]}
        names.append(call_action("package_create", {"user": administrator}, **made)["name"])
    return {name: call_action("package_show", {"user": ""}, id=name) for name in names}


@pytest.fixture
def portal(app, catalogue, ckan_config, monkeypatch):
    """Serve the portal on a port of this machine; gives its address."""
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, app.flask_app.wsgi_app, threaded=True)
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setitem(ckan_config, "ckan.site_url", address)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield address
    server.shutdown()
    thread.join()
    server.server_close()
