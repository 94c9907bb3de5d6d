"""Writes the neighbouring portal: a static DCAT catalogue and its CSV files.

Usage: python partner.py URL FOLDER
writes catalog.ttl, catalog.rdf (whole), catalog-1.jsonld, catalog-2.jsonld (paged by Hydra), one CSV a dataset, and
index.html. URL is where the folder is served. The same input gives the same triples.
"""

import argparse
import html
import math
from pathlib import Path
from typing import Any

import yaml
from kit import FOLDER, Row, chance, write_csv
from rdflib import BNode, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, XSD

HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
AUTHORITY = "http://publications.europa.eu/resource/authority/"
LICENCE = URIRef("https://www.etalab.gouv.fr/licence-ouverte-open-licence")
PAGE_SIZE = 8
DAYS = ("mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche", "tous les jours")


def rows_of(one: dict[str, Any], communes: dict[str, list[Any]]) -> list[Row]:
    """Make up the rows of a dataset from its description."""
    rng = chance(f"partner {one['name']}")
    if one.get("list"):
        return [
            {
                "code_insee": code,
                "commune": name,
                "marche": f"Marché de {name}",
                "jours": rng.choice(DAYS),
                "saison": rng.choice(["toute l'année", "d'avril à septembre"]),
                "etals": rng.randint(12, 90),
            }
            for code, (name, _) in communes.items()
        ]
    if "months" in one:
        first, last = one["months"]
        return [
            {
                "mois": f"{month:02d}/{year}",
                one["column"]: round(
                    one["level"]
                    * (0.5 if (year, month) in ((2020, 4), (2020, 5)) else 1)
                    * (0.75 + one["summer"] * math.exp(-(((month - 7.4) / 1.5) ** 2)))
                    * rng.uniform(0.93, 1.07)
                ),
            }
            for year in range(first, last + 1)
            for month in range(1, 13)
        ]
    first, last = one["years"]
    return [
        {
            "annee": year,
            "code_insee": code,
            "commune": name,
            one["column"]: round(
                one["level"] * people * (1 + one.get("growth", 0.01)) ** (year - last) * rng.uniform(0.9, 1.1), 2
            ),
        }
        for year in range(first, last + 1)
        for code, (name, people) in communes.items()
    ]


def period(one: dict[str, Any]) -> tuple[str, str]:
    """Give the first and last day of a dataset."""
    first, last = one.get("years") or one.get("months") or (2025, 2025)
    return f"{first}-01-01", f"{last}-12-31"


def add_dataset(graph: Graph, url: str, folder: Path, portal: dict[str, Any], one: dict[str, Any]) -> URIRef:
    """Describe a dataset and its file."""
    subject, file = URIRef(f"{url}/dataset/{one['name']}"), f"{one['name']}.csv"
    distribution, producer = URIRef(f"{url}/{file}#csv"), URIRef(f"{url}/#publisher")
    contact, span, place = (BNode(f"{one['name']}-{part}") for part in ("contact", "period", "place"))
    west, south, east, north = portal["bbox"]
    ring = f"{west} {south},{east} {south},{east} {north},{west} {north},{west} {south}"
    start, end = period(one)
    facts = [
        (subject, RDF.type, DCAT.Dataset),
        (subject, DCTERMS.identifier, Literal(one["name"])),
        (subject, DCTERMS.title, Literal(one["title"], lang="fr")),
        (subject, DCTERMS.description, Literal(f"{one['description']} Données d'exemple.", lang="fr")),
        (subject, DCTERMS.issued, Literal("2025-01-15", datatype=XSD.date)),
        (subject, DCTERMS.modified, Literal("2026-09-30", datatype=XSD.date)),
        (subject, DCTERMS.language, URIRef(f"{AUTHORITY}language/FRA")),
        (subject, DCTERMS.accrualPeriodicity, URIRef(f"{AUTHORITY}frequency/{one['frequency']}")),
        (subject, DCAT.theme, URIRef(f"{AUTHORITY}data-theme/{one['theme']}")),
        (subject, DCTERMS.publisher, producer),
        (producer, RDF.type, FOAF.Organization),
        (producer, FOAF.name, Literal(portal["publisher"])),
        (subject, DCAT.contactPoint, contact),
        (contact, RDF.type, VCARD.Kind),
        (contact, VCARD.fn, Literal(portal["publisher"])),
        (contact, VCARD.hasEmail, URIRef(f"mailto:{portal['email']}")),
        (subject, DCTERMS.temporal, span),
        (span, RDF.type, DCTERMS.PeriodOfTime),
        (span, DCAT.startDate, Literal(start, datatype=XSD.date)),
        (span, DCAT.endDate, Literal(end, datatype=XSD.date)),
        (subject, DCTERMS.spatial, place),
        (place, RDF.type, DCTERMS.Location),
        (
            place,
            DCAT.bbox,
            Literal(f"POLYGON(({ring}))", datatype=URIRef("http://www.opengis.net/ont/geosparql#wktLiteral")),
        ),
        (subject, DCAT.landingPage, URIRef(f"{url}/index.html#{one['name']}")),
        (subject, DCAT.distribution, distribution),
        (distribution, RDF.type, DCAT.Distribution),
        (distribution, DCTERMS.title, Literal(f"{one['title']} (CSV)", lang="fr")),
        (distribution, DCAT.accessURL, URIRef(f"{url}/{file}")),
        (distribution, DCAT.downloadURL, URIRef(f"{url}/{file}")),
        (distribution, DCAT.byteSize, Literal((folder / file).stat().st_size, datatype=XSD.nonNegativeInteger)),
        (distribution, DCAT.mediaType, URIRef("https://www.iana.org/assignments/media-types/text/csv")),
        (distribution, DCTERMS["format"], URIRef(f"{AUTHORITY}file-type/CSV")),
        (distribution, DCTERMS.license, LICENCE),
        *((subject, DCAT.keyword, Literal(word, lang="fr")) for word in one["keywords"]),
    ]
    for fact in facts:
        graph.add(fact)
    return subject


def catalogue(url: str, folder: Path, portal: dict[str, Any], datasets: list[dict[str, Any]]) -> Graph:
    """Describe some datasets as a catalogue."""
    graph = Graph()
    for prefix, name in (("dcat", DCAT), ("dct", DCTERMS), ("foaf", FOAF), ("vcard", VCARD), ("hydra", HYDRA)):
        graph.bind(prefix, name)
    subject = URIRef(f"{url}/#catalog")
    graph.add((subject, RDF.type, DCAT.Catalog))
    graph.add((subject, DCTERMS.title, Literal(portal["title"], lang="fr")))
    graph.add((subject, DCTERMS.description, Literal(portal["description"], lang="fr")))
    graph.add((subject, FOAF.homepage, URIRef(f"{url}/index.html")))
    graph.add((subject, DCTERMS.publisher, URIRef(f"{url}/#publisher")))
    for one in datasets:
        graph.add((subject, DCAT.dataset, add_dataset(graph, url, folder, portal, one)))
    return graph


def page(url: str, folder: Path, portal: dict[str, Any], number: int, count: int) -> Graph:
    """Describe one page of the catalogue, with the way to the next."""
    datasets = portal["datasets"]
    graph = catalogue(url, folder, portal, datasets[(number - 1) * PAGE_SIZE : number * PAGE_SIZE])
    view = URIRef(f"{url}/catalog-{number}.jsonld")
    graph.add((view, RDF.type, HYDRA.PartialCollectionView))
    graph.add((view, HYDRA.totalItems, Literal(len(datasets))))
    graph.add((view, HYDRA.itemsPerPage, Literal(PAGE_SIZE)))
    links = {"first": 1, "last": count, "previous": number - 1, "next": number + 1}
    for name, target in links.items():
        if 1 <= target <= count:
            graph.add((view, HYDRA[name], URIRef(f"{url}/catalog-{target}.jsonld")))
    return graph


def index(portal: dict[str, Any]) -> str:
    """Write the portal's only page."""
    items = "\n".join(
        f'<li id="{one["name"]}"><a href="{one["name"]}.csv">{html.escape(one["title"])}</a> : '
        f"{html.escape(one['description'])}</li>"
        for one in portal["datasets"]
    )
    return (
        '<!doctype html>\n<html lang="fr">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(portal['title'])}</title></head>\n<body>\n<main>\n"
        f"<h1>{html.escape(portal['title'])}</h1>\n<p>{html.escape(portal['description'])}</p>\n"
        '<p>Catalogue : <a href="catalog.ttl">Turtle</a>, <a href="catalog.rdf">RDF/XML</a>, '
        '<a href="catalog-1.jsonld">JSON-LD par pages</a>.</p>\n'
        f"<ul>\n{items}\n</ul>\n</main>\n</body>\n</html>\n"
    )


def main(url: str, folder: Path) -> None:
    """Write the portal into a folder."""
    portal = yaml.safe_load((FOLDER / "partner.yaml").read_text("utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    for one in portal["datasets"]:
        write_csv(folder / f"{one['name']}.csv", rows_of(one, portal["communes"]))
    whole = catalogue(url, folder, portal, portal["datasets"])
    whole.serialize(folder / "catalog.ttl", format="turtle", encoding="utf-8")
    whole.serialize(folder / "catalog.rdf", format="pretty-xml", encoding="utf-8")
    count = math.ceil(len(portal["datasets"]) / PAGE_SIZE)
    for number in range(1, count + 1):
        part = page(url, folder, portal, number, count)
        part.serialize(folder / f"catalog-{number}.jsonld", format="json-ld", sort_keys=True, encoding="utf-8")
    (folder / "index.html").write_text(index(portal), "utf-8")
    print(f"{len(portal['datasets'])} datasets in {folder}, served at {url}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", help="where the folder is served, without a slash at the end")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    main(options.url.rstrip("/"), options.folder)
