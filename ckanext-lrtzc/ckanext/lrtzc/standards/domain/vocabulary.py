"""The controlled vocabularies of the European catalogue, and how local words map to them.

Sources: authority tables of the Publications Office of the EU (licence, file-type, frequency, language,
data-theme, access-right, planned-availability, distribution-status), Commission Implementing Regulation (EU)
2023/138 (high-value datasets), ISO 19115 §B.5.27 (topic categories), IANA media types.
"""

from dataclasses import dataclass

AUTHORITY = "http://publications.europa.eu/resource/authority/"
IANA = "https://www.iana.org/assignments/media-types/"
HVD_LEGISLATION = "http://data.europa.eu/eli/reg_impl/2023/138/oj"
HVD_PREFIX = "http://data.europa.eu/bna/"


@dataclass(frozen=True, slots=True)
class Licence:
    """A known licence: its address, its title, and its entry in the European table if it has one."""

    uri: str
    title: str
    authority: str | None = None


_LICENCE_OUVERTE = Licence(
    "https://www.etalab.gouv.fr/licence-ouverte-open-licence",
    "Licence Ouverte / Open Licence version 2.0",
)
_ODBL = Licence("https://opendatacommons.org/licenses/odbl/1-0/", "Open Database License (ODbL) 1.0", "ODC_BL")
_CC_BY = Licence("https://creativecommons.org/licenses/by/4.0/", "Creative Commons Attribution 4.0", "CC_BY_4_0")
_CC_BY_SA = Licence(
    "https://creativecommons.org/licenses/by-sa/4.0/", "Creative Commons Attribution-ShareAlike 4.0", "CC_BYSA_4_0"
)
_CC_ZERO = Licence("https://creativecommons.org/publicdomain/zero/1.0/", "Creative Commons Zero 1.0", "CC0")

LICENCES: dict[str, Licence] = {
    "lov2": _LICENCE_OUVERTE,
    "etalab-2.0": _LICENCE_OUVERTE,
    "licence-ouverte-2.0": _LICENCE_OUVERTE,
    "fr-lo": Licence(
        "https://www.etalab.gouv.fr/wp-content/uploads/2014/05/Licence_Ouverte.pdf",
        "Licence Ouverte / Open Licence version 1.0",
    ),
    "odbl": _ODBL,
    "odbl-1.0": _ODBL,
    "odc-odbl": _ODBL,
    "odc-by": Licence("https://opendatacommons.org/licenses/by/1-0/", "Open Data Commons Attribution 1.0", "ODC_BY"),
    "odc-pddl": Licence("https://opendatacommons.org/licenses/pddl/1-0/", "Public Domain Dedication 1.0", "ODC_PDDL"),
    "cc-by": _CC_BY,
    "cc-by-4.0": _CC_BY,
    "cc-by-sa": _CC_BY_SA,
    "cc-by-sa-4.0": _CC_BY_SA,
    "cc-zero": _CC_ZERO,
    "cc0-1.0": _CC_ZERO,
}


@dataclass(frozen=True, slots=True)
class Format:
    """A file format: entry of the European `file-type` table (or None) and media type (or None)."""

    file_type: str | None
    media_type: str | None


FORMATS: dict[str, Format] = {
    "csv": Format("CSV", "text/csv"),
    "tsv": Format("TSV", "text/tab-separated-values"),
    "xls": Format("XLS", "application/vnd.ms-excel"),
    "xlsx": Format("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "ods": Format("ODS", "application/vnd.oasis.opendocument.spreadsheet"),
    "json": Format("JSON", "application/json"),
    "jsonl": Format("NDJSON", "application/x-ndjson"),
    "jsonld": Format("JSON_LD", "application/ld+json"),
    "geojson": Format("GEOJSON", "application/geo+json"),
    "xml": Format("XML", "application/xml"),
    "kml": Format("KML", "application/vnd.google-earth.kml+xml"),
    "kmz": Format("KMZ", "application/vnd.google-earth.kmz"),
    "gml": Format("GML", "application/gml+xml"),
    "gpkg": Format("GPKG", "application/geopackage+sqlite3"),
    "shp": Format("SHP", "application/vnd.shp"),
    "gpx": Format("GPX", "application/gpx+xml"),
    "geotiff": Format("GEOTIFF", "image/tiff"),
    "tiff": Format("TIFF", "image/tiff"),
    "parquet": Format("PARQUET", "application/vnd.apache.parquet"),
    "siard": Format(None, "application/zip"),
    "zip": Format("ZIP", "application/zip"),
    "gtfs": Format("GTFS", "application/zip"),
    "pdf": Format("PDF", "application/pdf"),
    "html": Format("HTML", "text/html"),
    "txt": Format("TXT", "text/plain"),
    "rdf": Format("RDF", "application/rdf+xml"),
    "ttl": Format("RDF_TURTLE", "text/turtle"),
    "png": Format("PNG", "image/png"),
    "jpeg": Format("JPEG", "image/jpeg"),
    "wms": Format("WMS_SRVC", None),
    "wfs": Format("WFS_SRVC", None),
}
_FORMAT_ALIASES = {
    "jpg": "jpeg",
    "text": "txt",
    "turtle": "ttl",
    "json-ld": "jsonld",
    "ndjson": "jsonl",
    "geopackage": "gpkg",
    "shapefile": "shp",
    "excel": "xlsx",
    "geoparquet": "parquet",
    "htm": "html",
}
GEOGRAPHIC_FORMATS = frozenset(
    {"geojson", "kml", "kmz", "gml", "gpkg", "shp", "gpx", "geotiff", "wms", "wfs", "gtfs", "geoparquet"}
)

FREQUENCIES: dict[str, str] = {
    "continuous": "UPDATE_CONT",
    "hourly": "HOURLY",
    "daily": "DAILY",
    "weekly": "WEEKLY",
    "biweekly": "BIWEEKLY",
    "fortnightly": "BIWEEKLY",
    "monthly": "MONTHLY",
    "bimonthly": "BIMONTHLY",
    "quarterly": "QUARTERLY",
    "semiannual": "ANNUAL_2",
    "annual": "ANNUAL",
    "yearly": "ANNUAL",
    "biennial": "BIENNIAL",
    "triennial": "TRIENNIAL",
    "irregular": "IRREG",
    "never": "NEVER",
    "unknown": "UNKNOWN",
    "asneeded": "AS_NEEDED",
    "punctual": "AS_NEEDED",
}
# MD_MaintenanceFrequencyCode of ISO 19115 §B.5.18.
MAINTENANCE: dict[str, str] = {
    "UPDATE_CONT": "continual",
    "CONT": "continual",
    "HOURLY": "continual",
    "DAILY": "daily",
    "WEEKLY": "weekly",
    "BIWEEKLY": "fortnightly",
    "MONTHLY": "monthly",
    "QUARTERLY": "quarterly",
    "ANNUAL_2": "biannually",
    "ANNUAL": "annually",
    "IRREG": "irregular",
    "NEVER": "notPlanned",
    "NOT_PLANNED": "notPlanned",
    "AS_NEEDED": "asNeeded",
    "UNKNOWN": "unknown",
}

# (ISO 639-1, ISO 639-2/B as ISO 19139 wants it, entry of the European table)
LANGUAGES: dict[str, tuple[str, str]] = {
    "fr": ("fre", "FRA"),
    "en": ("eng", "ENG"),
    "de": ("ger", "DEU"),
    "es": ("spa", "SPA"),
    "it": ("ita", "ITA"),
    "pt": ("por", "POR"),
    "nl": ("dut", "NLD"),
    "oc": ("oci", "OCI"),
    "br": ("bre", "BRE"),
    "eu": ("baq", "EUS"),
    "co": ("cos", "COS"),
    "ca": ("cat", "CAT"),
}


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme of the European `data-theme` table, its French label and its ISO 19115 topic category."""

    code: str
    label: str
    topic: str


THEMES: dict[str, Theme] = {
    theme.code: theme
    for theme in (
        Theme("AGRI", "Agriculture, pêche, sylviculture et alimentation", "farming"),
        Theme("ECON", "Économie et finances", "economy"),
        Theme("EDUC", "Éducation, culture et sport", "society"),
        Theme("ENER", "Énergie", "utilitiesCommunication"),
        Theme("ENVI", "Environnement", "environment"),
        Theme("GOVE", "Gouvernement et secteur public", "society"),
        Theme("HEAL", "Santé", "health"),
        Theme("INTR", "Questions internationales", "society"),
        Theme("JUST", "Justice, système juridique et sécurité publique", "society"),
        Theme("REGI", "Régions et villes", "planningCadastre"),
        Theme("SOCI", "Population et société", "society"),
        Theme("TECH", "Science et technologie", "economy"),
        Theme("TRAN", "Transports", "transportation"),
    )
}
# French names of other concepts, by the last part of their address.
CONCEPTS = {
    "c_164e0bf5": "Données météorologiques",
    "c_a9135398": "Entreprises et propriété d'entreprises",
    "c_ac64a52d": "Données géospatiales",
    "c_b79e35eb": "Mobilité",
    "c_dd313021": "Observation de la Terre et environnement",
    "c_e1da4e07": "Statistiques",
    "AVAILABLE": "Disponible",
    "EXPERIMENTAL": "À titre d'essai",
    "STABLE": "Durablement disponible",
    "TEMPORARY": "Temporairement disponible",
    "COMPLETED": "Achevé",
    "DEPRECATED": "Obsolète",
    "DEVELOP": "En cours d'élaboration",
    "WITHDRAWN": "Retiré",
}
DATA_THEMES = f"{AUTHORITY}data-theme"
ACCESS_RIGHTS = {
    "public": "PUBLIC",
    "open": "PUBLIC",
    "restricted": "RESTRICTED",
    "non_public": "NON_PUBLIC",
    "non-public": "NON_PUBLIC",
    "private": "NON_PUBLIC",
}


def authority(table: str, code: str) -> str:
    """Give the address of an entry in a table of the Publications Office."""
    return f"{AUTHORITY}{table}/{code}"


def code_in(table: str, value: str | None) -> str | None:
    """Give the code of an entry if `value` is its address in `table`, else None."""
    prefix = f"{AUTHORITY}{table}/"
    if value and value.startswith(prefix):
        return value[len(prefix) :] or None
    return None


def format_key(name: str | None) -> str | None:
    """Give the key in `FORMATS` for a format written in any usual way (`CSV`, `.csv`, `text/csv`, EU address)."""
    if not name:
        return None
    wanted = (code_in("file-type", name) or name).strip().lower().lstrip(".")
    wanted = wanted.removeprefix(IANA).removeprefix("http://www.iana.org/assignments/media-types/")
    wanted = _FORMAT_ALIASES.get(wanted, wanted)
    if wanted in FORMATS:
        return wanted
    for key, known in FORMATS.items():
        if wanted == known.media_type or (known.file_type and wanted == known.file_type.lower()):
            return key
    return None


def language_code(value: str) -> str | None:
    """Give the two-letter code of a language from `fr`, `fr_FR`, `fre`, `fra`, or its European address."""
    wanted = (code_in("language", value) or value).strip().lower()
    short = wanted.replace("-", "_").split("_")[0]
    for code, (biblio, table) in LANGUAGES.items():
        if short in {code, biblio, table.lower()}:
            return code
    return None


def theme_code(value: str) -> str | None:
    """Give the code of a European theme from its code or its address, else None."""
    wanted = (code_in("data-theme", value) or value).strip().upper()
    return wanted if wanted in THEMES else None


def frequency_uri(value: str) -> str | None:
    """Give the European address of a frequency from a code, an English word or a Dublin Core address."""
    code = code_in("frequency", value)
    if code:
        return value
    word = value.strip().rpartition("/")[2]
    table = set(FREQUENCIES.values()) | set(MAINTENANCE)
    if word.upper() in table:
        return authority("frequency", word.upper())
    known = FREQUENCIES.get(word.lower().replace("_", "").replace("-", ""))
    return authority("frequency", known) if known else None


def licence(identifier: str | None, address: str | None, title: str | None) -> Licence | None:
    """Give a known licence by its identifier; else one made of `address` and `title`; None without an address."""
    known = LICENCES.get((identifier or "").strip().lower())
    if known:
        return known
    for candidate in LICENCES.values():
        if address and candidate.uri.rstrip("/") == address.rstrip("/"):
            return candidate
    return Licence(address, title or identifier or address) if address else None
