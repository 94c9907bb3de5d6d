"""A second, tiny territory, as far as can be from the reference one."""

import json
from pathlib import Path

YAML = """\
languages: [fr, co]
timezone: Europe/Paris
epsg: 2154
name: { fr: Pays d'Ajaccio, co: Paese d'Aiacciu }
short_name: Ajaccio
portal: Données du pays d'Ajaccio
sentence: Deux communes, leurs données.
logo: logo.svg
communes: communes.json
contours: communes.geojson
contours_source: Dessinés pour l'essai
axes:
  - code: water
    colour: axis-water
    icon: drop
    label: { fr: Eau, co: Acqua }
    description: Rivières et réseaux.
key_figures:
  - label: habitants
    value: 74000
    unit: { fr: "" }
    source: INSEE
    date: 2021
    dataset: population
can_do:
  - to: find
    icon: search
    title: Trouver
    text: Cherchez.
contact: { name: Mairie, email: data@example.org, address: Ajaccio }
legal:
  - { code: notice, title: Mentions, text: Rien à dire. }
"""

COMMUNES = [
    {"code": "2A004", "name": "Ajaccio", "population": 73000},
    {"code": "2A017", "name": "Appietto", "population": 1000},
]


def square(west: float, south: float) -> dict:
    """Give a tenth of a degree, square."""
    east, north = west + 0.1, south + 0.1
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def write_territory(folder: Path, yaml: str = YAML) -> Path:
    """Write the tiny territory into a folder and give the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "territory.yaml").write_text(yaml, "utf-8")
    (folder / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', "utf-8")
    (folder / "communes.json").write_text(json.dumps(COMMUNES), "utf-8")
    features = [
        {"type": "Feature", "properties": {"code": row["code"]}, "geometry": square(8.6 + 0.1 * index, 41.9)}
        for index, row in enumerate(COMMUNES)
    ]
    contours = {"type": "FeatureCollection", "features": features}
    (folder / "communes.geojson").write_text(json.dumps(contours), "utf-8")
    return folder
