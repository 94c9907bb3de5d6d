"""A dataset as Croissant 1.0 (MLCommons), with one record set for each table whose columns are known.

Structure: http://mlcommons.org/croissant/1.0 — the context is written in the document, as the specification asks.
"""

import re
from dataclasses import dataclass
from typing import Any

from .record import Distribution, Record
from .site import Site
from .values import text

CONTEXT: dict[str, Any] = {
    "@language": "fr",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataBiases": "cr:dataBiases",
    "dataCollection": "cr:dataCollection",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "personalSensitiveInformation": "cr:personalSensitiveInformation",
    "recordSet": "cr:recordSet",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_TYPES = {
    "int": "sc:Integer",
    "int2": "sc:Integer",
    "int4": "sc:Integer",
    "int8": "sc:Integer",
    "bigint": "sc:Integer",
    "integer": "sc:Integer",
    "float4": "sc:Float",
    "float8": "sc:Float",
    "numeric": "sc:Float",
    "bool": "sc:Boolean",
    "boolean": "sc:Boolean",
    "date": "sc:Date",
    "timestamp": "sc:DateTime",
    "timestamptz": "sc:DateTime",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table in the DataStore: name, type there, and what the dictionary says of it."""

    name: str
    kind: str
    label: str | None = None
    notes: str | None = None
    unit: str | None = None
    concept: str | None = None


def columns(fields: list[dict[str, Any]]) -> list[Column]:
    """Read the columns from the DataStore's `fields` (`id`, `type`, `info`), without its own `_id`."""
    found: list[Column] = []
    for field in fields:
        name = text(field.get("id"))
        if not name or name.startswith("_"):
            continue
        said = field.get("info")
        info: dict[str, Any] = said if isinstance(said, dict) else {}
        words = {key: text(info.get(key)) for key in ("label", "notes", "unit", "concept")}
        found.append(Column(name, str(field.get("type") or "text"), **words))
    return found


def croissant(record: Record, tables: dict[str, list[Column]], site: Site) -> dict[str, Any]:
    """Give a dataset as Croissant; `tables` are the columns of its resources in the DataStore, by resource id."""
    files = [_file(one) for one in record.distributions if one.address]
    document: dict[str, Any] = {
        "@context": {**CONTEXT, "@language": record.languages[0]},
        "@type": "sc:Dataset",
        "@id": record.uri,
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": record.title,
        "description": record.description,
        "url": record.page,
        "inLanguage": list(record.languages),
        "keywords": list(record.keywords),
        "version": _version(record.version),
        "datePublished": record.issued,
        "dateModified": record.modified,
        "license": record.licence.uri if record.licence else None,
        "creator": {"@type": "Organization", "name": record.publisher.name, "url": record.publisher.url},
        "publisher": {"@type": "Organization", "name": site.publisher or site.title},
        "citeAs": f"{record.publisher.name}: {record.title}. {record.page}",
        # Without a checksum a reader can't know that a file is still the same; Croissant then calls it live.
        "isLiveDataset": True if any("sha256" not in one and "md5" not in one for one in files) else None,
        "distribution": files,
        "recordSet": [
            _records(one, tables[one.id]) for one in record.distributions if one.address and tables.get(one.id)
        ],
    }
    document["creator"] = {key: value for key, value in document["creator"].items() if value}
    return {key: value for key, value in document.items() if value not in (None, "", [])}


def _file(one: Distribution) -> dict[str, Any]:
    described: dict[str, Any] = {
        "@type": "cr:FileObject",
        "@id": f"file-{one.id}",
        "name": one.title,
        "description": one.description,
        "contentUrl": one.address,
        "encodingFormat": one.media_type or "application/octet-stream",
        "contentSize": f"{one.size} B" if one.size is not None else None,
    }
    if one.checksum and one.checksum[0] in {"md5", "sha256"}:
        described[one.checksum[0]] = one.checksum[1]
    return {key: value for key, value in described.items() if value}


def _records(one: Distribution, table: list[Column]) -> dict[str, Any]:
    base = f"table-{one.id}"
    return {
        "@type": "cr:RecordSet",
        "@id": base,
        "name": one.title,
        "field": [_field(column, f"{base}/{number}", one) for number, column in enumerate(table, 1)],
    }


def _field(column: Column, identifier: str, one: Distribution) -> dict[str, Any]:
    described: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": identifier,
        "name": column.name,
        "description": " — ".join(part for part in (column.label, column.notes, column.unit) if part) or column.name,
        "dataType": _TYPES.get(column.kind.lower().split("(")[0].split(" ")[0], "sc:Text"),
        "source": {"fileObject": {"@id": f"file-{one.id}"}, "extract": {"column": column.name}},
    }
    if column.concept and column.concept.startswith(("http://", "https://")):
        described["equivalentProperty"] = column.concept
    return described


def _version(value: str | None) -> str | None:
    """Croissant wants semantic versions: `2` becomes `2.0.0`; what isn't one is left out."""
    found = re.fullmatch(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?", value or "")
    return ".".join(part or "0" for part in found.groups()) if found else None
