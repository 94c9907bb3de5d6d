"""A dataset as `csw:Record`, `csw:SummaryRecord` or `csw:BriefRecord` (OGC 07-006r1 §10.2.5)."""

from ..iso19139 import metadata
from ..record import Record
from ..site import Site
from ..values import day
from ..xml import Node, fill, make
from .request import GMD_SCHEMA

_NAMES = {"brief": "csw:BriefRecord", "summary": "csw:SummaryRecord", "full": "csw:Record"}


def element(record: Record, schema: str, elements: str, site: Site, names: tuple[str, ...] = ()) -> Node:
    """Give a dataset in the schema wanted, with the elements wanted; `names` picks some of a full record."""
    if schema == GMD_SCHEMA:
        return metadata(record, site)
    parts = _box(record)
    if elements == "brief":
        content = [_identifier(record), make("dc:title", record.title), make("dc:type", "dataset"), *parts]
    elif elements == "summary":
        content = [*_summary(record), *parts]
    else:
        content = _full(record)
        if names:
            content = [one for one in content if one.tag.rpartition("}")[2] in names]
    return fill(make(_NAMES[elements]), content)


def _identifier(record: Record) -> Node:
    return make("dc:identifier", record.id)


def _subjects(record: Record) -> list[Node]:
    return [make("dc:subject", word) for word in (*record.keywords, *(one.label for one in record.themes))]


def _formats(record: Record) -> list[Node]:
    return [make("dc:format", one) for one in dict.fromkeys(file.format for file in record.distributions) if one]


def _summary(record: Record) -> list[Node]:
    changed = day(record.modified)
    return [
        _identifier(record),
        make("dc:title", record.title),
        make("dc:type", "dataset"),
        *_subjects(record),
        *_formats(record),
        *([make("dct:modified", changed)] if changed else []),
        make("dct:abstract", record.description),
    ]


def _full(record: Record) -> list[Node]:
    """Full records have their elements in any order; the box comes last."""
    issued = day(record.issued)
    found = [
        *_summary(record),
        make("dc:description", record.description),
        make("dc:publisher", record.publisher.name),
        *[make("dc:creator", one.name) for one in record.creators],
        *[make("dc:contributor", one.name) for one in record.contacts],
        *[make("dc:language", one) for one in record.languages],
        *([make("dct:issued", issued)] if issued else []),
        *([make("dc:date", issued)] if issued else []),
        *([make("dc:source", record.provenance)] if record.provenance else []),
        *([make("dct:provenance", record.provenance)] if record.provenance else []),
        *([make("dct:accessRights", record.access_rights)] if record.access_rights else []),
        *([make("dct:license", record.licence.uri), make("dc:rights", record.licence.title)] if record.licence else []),
        *[make("dct:spatial", one.name) for one in record.communes],
        *[make("dct:temporal", f"{one.start or ''}/{one.end or ''}") for one in record.periods],
        *[make("dct:conformsTo", one) for one in record.conforms_to],
        make("dct:references", record.page, scheme="WWW:LINK-1.0-http--link"),
        *[
            make("dct:references", one.address or one.page, scheme="WWW:DOWNLOAD-1.0-http--download")
            for one in record.distributions
        ],
    ]
    return [*found, *_box(record)]


def _box(record: Record) -> list[Node]:
    if not record.box:
        return []
    west, south, east, north = record.box
    # A URN of EPSG:4326 puts latitude first (OGC 07-092r3).
    box = make("ows:BoundingBox", crs="urn:x-ogc:def:crs:EPSG:6.11:4326", dimensions="2")
    return [
        fill(
            box,
            [make("ows:LowerCorner", f"{south:.6f} {west:.6f}"), make("ows:UpperCorner", f"{north:.6f} {east:.6f}")],
        )
    ]
