"""Partners' codes turned into the words of DCAT-AP: licences, frequencies, languages, formats.

Sources: licences by their published addresses and names (data.gouv.fr list of homologated licences); EU
authority tables for frequency and language; IANA media types.
"""

import re

from ckanext.lrtzc.partners.domain.texts import folded

FREQUENCY_BASE = "http://publications.europa.eu/resource/authority/frequency/"
LANGUAGE_BASE = "http://publications.europa.eu/resource/authority/language/"

# Looked for in the folded text, most precise first.
_LICENCES: tuple[tuple[str, str], ...] = (
    (r"\bodbl\b|open database licen[cs]e|opendatacommons org licenses odbl", "odc-odbl"),
    (r"\bpddl\b|public domain dedication and licen[cs]e|opendatacommons org licenses pddl", "odc-pddl"),
    (r"opendatacommons org licenses by\b|\bodc by\b", "odc-by"),
    (r"\bcc ?0\b|\bcc zero\b|publicdomain zero|creative commons zero", "cc-zero"),
    (r"\bby nc\b|\bcc nc\b|non commercial|attribution noncommercial|licenses nc", "cc-nc"),
    (r"\bby sa\b|cc by sa|licenses by sa|partage dans les memes conditions|share ?alike", "cc-by-sa"),
    (r"\bcc by\b|licenses by\b|creative commons attribution", "cc-by"),
    (r"licence ouverte|open licen[cs]e|\blov ?[12]\b|\betalab\b|\blo 2 0\b|fr lo\b|licence ouvert", "lov2"),
    (r"\bogl\b|open government licen[cs]e", "uk-ogl"),
    (r"\bgfdl\b|gnu free documentation", "gfdl"),
    (r"\bcopyright\b|tous droits reserves|all rights reserved|other closed", "other-closed"),
    (r"public domain|domaine public|other pd", "other-pd"),
    (r"other at\b", "other-at"),
    (r"other open\b|open data|donnees ouvertes", "other-open"),
)
_SPLIT = re.compile(r"[/_\-.:#]+")

_FREQUENCIES = {
    "continuous": "CONT",
    "continual": "CONT",
    "continu": "CONT",
    "realtime": "UPDATE_CONT",
    "real time": "UPDATE_CONT",
    "temps reel": "UPDATE_CONT",
    "punctual": "IRREG",
    "ponctuelle": "IRREG",
    "hourly": "HOURLY",
    "horaire": "HOURLY",
    "daily": "DAILY",
    "quotidienne": "DAILY",
    "quotidien": "DAILY",
    "weekly": "WEEKLY",
    "hebdomadaire": "WEEKLY",
    "fortnightly": "BIWEEKLY",
    "biweekly": "BIWEEKLY",
    "monthly": "MONTHLY",
    "mensuelle": "MONTHLY",
    "mensuel": "MONTHLY",
    "bimonthly": "BIMONTHLY",
    "quarterly": "QUARTERLY",
    "trimestrielle": "QUARTERLY",
    "trimestriel": "QUARTERLY",
    "semiannual": "ANNUAL_2",
    "biannually": "ANNUAL_2",
    "biannual": "ANNUAL_2",
    "semestrielle": "ANNUAL_2",
    "annual": "ANNUAL",
    "annually": "ANNUAL",
    "yearly": "ANNUAL",
    "annuelle": "ANNUAL",
    "annuel": "ANNUAL",
    "biennial": "BIENNIAL",
    "biennially": "BIENNIAL",
    "triennial": "TRIENNIAL",
    "quinquennial": "QUINQUENNIAL",
    "decennial": "DECENNIAL",
    "irregular": "IRREG",
    "irreguliere": "IRREG",
    "asneeded": "IRREG",
    "as needed": "IRREG",
    "notplanned": "NEVER",
    "not planned": "NEVER",
    "never": "NEVER",
    "jamais": "NEVER",
    "aucune": "NEVER",
    "unknown": "UNKNOWN",
    "inconnue": "UNKNOWN",
    "r p1y": "ANNUAL",
    "r p6m": "ANNUAL_2",
    "r p3m": "QUARTERLY",
    "r p1m": "MONTHLY",
    "r p1w": "WEEKLY",
    "r p7d": "WEEKLY",
    "r p1d": "DAILY",
    "r pt1h": "HOURLY",
}

_LANGUAGES = {
    "fr": "FRA",
    "fre": "FRA",
    "fra": "FRA",
    "francais": "FRA",
    "french": "FRA",
    "en": "ENG",
    "eng": "ENG",
    "english": "ENG",
    "anglais": "ENG",
    "de": "DEU",
    "ger": "DEU",
    "deu": "DEU",
    "es": "SPA",
    "spa": "SPA",
    "it": "ITA",
    "ita": "ITA",
    "pt": "POR",
    "por": "POR",
    "nl": "NLD",
    "dut": "NLD",
    "nld": "NLD",
    "ca": "CAT",
    "cat": "CAT",
    "br": "BRE",
    "bre": "BRE",
    "eu": "EUS",
    "eus": "EUS",
    "baq": "EUS",
    "co": "COS",
    "cos": "COS",
    "oc": "OCI",
    "oci": "OCI",
}

_FORMATS = {
    "text/csv": "CSV",
    "application/csv": "CSV",
    "application/json": "JSON",
    "application/geo+json": "GeoJSON",
    "application/vnd.geo+json": "GeoJSON",
    "geojson": "GeoJSON",
    "application/xml": "XML",
    "text/xml": "XML",
    "application/pdf": "PDF",
    "application/zip": "ZIP",
    "application/x-zip-compressed": "ZIP",
    "application/x-7z-compressed": "7Z",
    "application/vnd.ms-excel": "XLS",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "XLSX",
    "application/vnd.oasis.opendocument.spreadsheet": "ODS",
    "application/vnd.oasis.opendocument.text": "ODT",
    "application/x-shapefile": "SHP",
    "shapefile": "SHP",
    "esri shapefile": "SHP",
    "esri shape": "SHP",
    "text/html": "HTML",
    "text/plain": "TXT",
    "application/vnd.google-earth.kml+xml": "KML",
    "application/vnd.google-earth.kmz": "KMZ",
    "application/geopackage+sqlite3": "GPKG",
    "geopackage": "GPKG",
    "application/gml+xml": "GML",
    "application/rdf+xml": "RDF",
    "text/turtle": "TTL",
    "application/ld+json": "JSON-LD",
    "application/x-parquet": "Parquet",
    "application/vnd.apache.parquet": "Parquet",
    "parquet": "Parquet",
    "image/tiff": "TIFF",
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "ogc:wms": "WMS",
    "ogc:wfs": "WFS",
    "ogc:wmts": "WMTS",
    "ogc:wcs": "WCS",
    "ogc:api": "API",
    "gtfs": "GTFS",
    "gtfs-rt": "GTFS-RT",
    "www:link": "",
    "www:download-1.0-http--download": "",
    "www:link-1.0-http--link": "HTML",
}
_EXTENSIONS = frozenset(
    [
        "csv",
        "json",
        "geojson",
        "xml",
        "pdf",
        "zip",
        "7z",
        "xls",
        "xlsx",
        "ods",
        "odt",
        "shp",
        "html",
        "txt",
        "kml",
        "kmz",
        "gpkg",
        "gml",
        "rdf",
        "ttl",
        "jsonld",
        "parquet",
        "tif",
        "png",
        "jpg",
        "gtfs",
    ]
)


def licence_of(words: list[str]) -> str:
    """Give our licence identifier for the first of a partner's words that names one, else an empty text."""
    for word in words:
        text = folded(_SPLIT.sub(" ", word))
        for pattern, identifier in _LICENCES:
            if re.search(pattern, text):
                return identifier
    return ""


def frequency_of(word: str) -> str:
    """Give the EU authority's address for a frequency said by code, address or word; an empty text if unknown."""
    tail = word.strip().rstrip("/").rpartition("/")[2]
    if word.startswith(FREQUENCY_BASE):
        return word
    tail = tail.rpartition("#")[2].removeprefix("freq:")
    code = _FREQUENCIES.get(folded(tail)) or _FREQUENCIES.get(folded(word))
    if not code and tail.upper() in set(_FREQUENCIES.values()):
        code = tail.upper()
    return FREQUENCY_BASE + code if code else ""


def language_of(word: str) -> str:
    """Give the EU authority's address for a language said by code, address or name; an empty text if unknown."""
    if word.startswith(LANGUAGE_BASE):
        tail = word.rpartition("/")[2].upper()
        return LANGUAGE_BASE + _LANGUAGES.get(tail.lower(), tail)
    code = _LANGUAGES.get(folded(word.rpartition("/")[2]).split("_")[0].split(" ")[0]) if word else None
    return LANGUAGE_BASE + code if code else ""


def format_of(word: str, media_type: str = "", url: str = "") -> str:
    """Give a file format as people write it (CSV, GeoJSON, XLSX…), from a word, a media type or an address."""
    for candidate in (word, media_type):
        text = candidate.strip()
        tail = text.rpartition("/")[2] if text.startswith("http") else text
        known = _FORMATS.get(text.lower(), _FORMATS.get(tail.lower()))
        if known is not None:
            return known
        if re.fullmatch(r"[A-Za-z0-9][\w+.-]{0,14}", tail):
            return _FORMATS.get(tail.lower(), tail.upper() if tail.islower() else tail)
    extension = url.partition("?")[0].rpartition(".")[2].lower()
    return _FORMATS.get(extension, extension.upper()) if extension in _EXTENSIONS else ""
