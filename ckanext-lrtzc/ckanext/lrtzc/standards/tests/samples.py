"""A site and datasets for the tests of this room."""

import json
from typing import Any

from ckanext.lrtzc.standards.domain.site import Commune, Site

SITE = Site(
    url="https://data.territory.example",
    title="Données du territoire",
    description="Les données ouvertes de 28 communes.",
    publisher="Agglomération",
    email="donnees@territory.example",
    box=(-1.3, 46.0, -0.8, 46.4),
    axes={"carbon": "Carbone", "energy": "Énergie"},
    communes={
        "17300": Commune("17300", "La Rochelle", (-1.24, 46.13, -1.11, 46.18)),
        "17010": Commune("17010", "Angoulins", (-1.14, 46.09, -1.08, 46.12)),
    },
)

SQUARE = {"type": "Polygon", "coordinates": [[[-1.2, 46.1], [-1.1, 46.1], [-1.1, 46.2], [-1.2, 46.2], [-1.2, 46.1]]]}


def full_dataset(**changes: Any) -> dict[str, Any]:
    """A dataset with every field filled, as `package_show` gives it."""
    dataset: dict[str, Any] = {
        "id": "4c5b6a3e-0000-4000-8000-00000000000a",
        "name": "bornes-de-recharge",
        "type": "dataset",
        "title": "Bornes de recharge pour véhicules électriques",
        "notes": "Les bornes de recharge **ouvertes au public**, avec leur puissance.",
        "license_id": "lov2",
        "license_title": "Licence Ouverte 2.0",
        "license_url": "https://www.etalab.gouv.fr/licence-ouverte-open-licence",
        "metadata_created": "2024-01-05T08:00:00.123456",
        "metadata_modified": "2024-06-07T09:10:11.654321",
        "issued": "2023-05-01",
        "modified": "2024-06-01",
        "version": "2",
        "identifier": "bornes-17",
        "frequency": "http://publications.europa.eu/resource/authority/frequency/MONTHLY",
        "language": ["http://publications.europa.eu/resource/authority/language/FRA"],
        "theme": ["http://publications.europa.eu/resource/authority/data-theme/TRAN"],
        "axis": ["energy", "carbon"],
        "communes": ["17300", "17010"],
        "spatial": json.dumps(SQUARE),
        "temporal_coverage": [{"start": "2020-01-01", "end": "2023-12-31"}],
        "temporal_resolution": "P1D",
        "spatial_resolution_in_meters": "10",
        "access_rights": "http://publications.europa.eu/resource/authority/access-right/PUBLIC",
        "provenance": "Relevés des opérateurs, croisés avec le répertoire national.",
        "contact": [{"name": "Mission énergie", "email": "energie@territory.example", "url": "https://t.example/c"}],
        "publisher": [{"name": "Syndicat d'énergie", "uri": "https://sdeer.example/", "email": "a@sdeer.example"}],
        "creator": [{"name": "Bureau d'études", "url": "https://be.example/"}],
        "conforms_to": ["https://schema.data.gouv.fr/etalab/schema-irve-statique"],
        "documentation": ["https://docs.territory.example/bornes"],
        "applicable_legislation": ["http://data.europa.eu/eli/reg_impl/2023/138/oj"],
        "hvd_category": ["http://data.europa.eu/bna/c_b79e35eb"],
        "organization": {"id": "org-1", "name": "agglo", "title": "Agglomération"},
        "tags": [{"name": "mobilité"}, {"name": "véhicule électrique"}],
        "extras": [],
        "resources": [
            {
                "id": "r1",
                "package_id": "4c5b6a3e-0000-4000-8000-00000000000a",
                "url": "https://data.territory.example/dataset/x/resource/r1/download/bornes.csv",
                "url_type": "upload",
                "name": "Bornes (tableau)",
                "description": "Une ligne par point de charge.",
                "format": "CSV",
                "mimetype": "text/csv",
                "size": 123456,
                "hash": "sha256:" + "ab" * 32,
                "created": "2024-01-05T08:00:00",
                "last_modified": "2024-06-01T07:00:00",
                "availability": "http://publications.europa.eu/resource/authority/planned-availability/STABLE",
                "status": "http://purl.org/adms/status/Completed",
                "rights": "Citer la source.",
                "conforms_to": ["https://schema.data.gouv.fr/etalab/schema-irve-statique"],
                "datastore_active": True,
            },
            {
                "id": "r2",
                "package_id": "4c5b6a3e-0000-4000-8000-00000000000a",
                "url": "https://geo.territory.example/bornes.geojson",
                "name": "Bornes (carte)",
                "format": "GeoJSON",
                "mimetype": "application/geo+json",
                "datastore_active": False,
            },
        ],
    }
    dataset.update(changes)
    return dataset


FIELDS = [
    {"id": "_id", "type": "int"},
    {"id": "id_pdc", "type": "text", "info": {"label": "Identifiant", "notes": "Identifiant du point"}},
    {"id": "puissance", "type": "float8", "info": {"label": "Puissance", "unit": "kW"}},
    {"id": "mise_en_service", "type": "date", "info": {"concept": "http://schema.org/startDate"}},
    {"id": "gratuit", "type": "bool"},
    {"id": "_geometry", "type": "geometry"},
]

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\x00\x01\x0b\x1f\ufffe\uffff",
    "]]>",
    "&lt;&amp;\"'",
    "\ud800 lone surrogate",
    "${jndi:ldap://x/}{{7*7}}",
    "' OR 1=1; DROP TABLE package;--",
    "http://[::1",
    "javascript:alert(1)",
    'http://exa mple/ <>"{}|\\^`',
    "urn:",
    "{!join from=id to=id}*:*",
    "NaN",
    "1e999",
    "9" * 400,
    "2024-02-31",
    "31/12/2024",
    "0000",
    '{"type":"Point","coordinates":[1e400,0]}',
    '{"type":"Polygon","coordinates":[[[0,0],[1,1]]]}',
    "[" * 5000,
    "🌊 Ωmega ‮rtl‬ z̸̡͝algo",
    "   ",
    "",
]
ODD = [*HOSTILE, None, True, 0, -1, 3.5, float("nan"), float("inf"), [], {}, [None], [[]], [{}], {"a": {"b": []}}, b"x"]
