"""A dataset and the catalogue in schema.org's words, for search engines (Dataset, DataCatalog, BreadcrumbList)."""

import json
from typing import Any

from .record import Agent, Period, Record
from .site import Site

_SCRIPT = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def dataset(record: Record, site: Site) -> dict[str, Any]:
    """Give a dataset as JSON-LD; empty properties are left out."""
    return _filled(
        {
            "@context": "https://schema.org/",
            "@type": "Dataset",
            "@id": record.uri,
            "url": record.page,
            "name": record.title,
            "description": record.description[:5000],
            "identifier": record.identifier,
            "keywords": list(record.keywords),
            "license": record.licence.uri if record.licence else None,
            "isAccessibleForFree": True,
            "inLanguage": list(record.languages),
            "datePublished": record.issued,
            "dateModified": record.modified,
            "version": record.version,
            "creator": [_agent(one) for one in record.creators] or _agent(record.publisher),
            "publisher": _agent(record.publisher),
            "temporalCoverage": [_period(one) for one in record.periods],
            "spatialCoverage": _places(record),
            "includedInDataCatalog": {"@type": "DataCatalog", "name": site.title, "url": site.url},
            "distribution": [
                _filled(
                    {
                        "@type": "DataDownload",
                        "name": one.title,
                        "description": one.description,
                        "contentUrl": one.address or one.page,
                        "encodingFormat": one.media_type or one.format,
                        "contentSize": f"{one.size} B" if one.size is not None else None,
                        "sha256": one.checksum[1] if one.checksum and one.checksum[0] == "sha256" else None,
                        "dateModified": one.modified,
                    }
                )
                for one in record.distributions
            ],
        }
    )


def catalogue(site: Site) -> dict[str, Any]:
    """Give the catalogue as JSON-LD."""
    return _filled(
        {
            "@context": "https://schema.org/",
            "@type": "DataCatalog",
            "@id": site.url,
            "url": site.url,
            "name": site.title,
            "description": site.description,
            "inLanguage": site.language,
            "publisher": {"@type": "Organization", "name": site.publisher or site.title, "url": site.publisher_url},
        }
    )


def breadcrumb(steps: list[tuple[str, str]]) -> dict[str, Any]:
    """Give the way to a page, as (name, address) from the top."""
    return {
        "@context": "https://schema.org/",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": address}
            for position, (name, address) in enumerate(steps, 1)
        ],
    }


def script_text(document: Any) -> str:
    """Write JSON so that it can stand in a `script` element: nothing in it can close the element."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).translate(_SCRIPT)


def _filled(properties: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in properties.items() if value not in (None, "", [], {})}


def _agent(agent: Agent) -> dict[str, Any]:
    return _filled({"@type": "Organization", "name": agent.name, "url": agent.url, "email": agent.email})


def _period(period: Period) -> str:
    return f"{period.start or '..'}/{period.end or '..'}"


def _places(record: Record) -> list[dict[str, Any]]:
    places: list[dict[str, Any]] = [
        {"@type": "Place", "name": one.name, "identifier": one.code, "sameAs": one.uri} for one in record.communes
    ]
    if record.geometry and record.box:
        west, south, east, north = record.box
        shape = {"@type": "GeoShape", "box": f"{south} {west} {north} {east}"}
        places.append({"@type": "Place", "geo": shape})
    return places
