"""OGC API – Features, Part 1: Core (OGC 17-069r4): what may be asked, and the documents that answer."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckanext.lrtzc.translation import mark

DEFAULT_LIMIT = 10
MOST = 10_000
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
JSON = "application/json"
GEOJSON = "application/geo+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
)
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}(T[\d:.]{5,15}(Z|[+-]\d{2}:\d{2})?)?$")


class BadParameter(ValueError):
    """A parameter that can't be understood: its `name`, and the sentence that says why (a message of the catalogue)."""

    def __init__(self, name: str, message: str):
        super().__init__(message)
        self.name, self.message = name, message


@dataclass(frozen=True)
class Layer:
    """A file with places, as a collection of features; `box` is its extent (west, south, east, north) where known."""

    id: str
    title: str
    description: str
    page: str
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Asked:
    """A request for features: how many, after which key, and filters as the explorer's addresses write them."""

    limit: int = DEFAULT_LIMIT
    after: int | None = None
    pairs: tuple[tuple[str, str], ...] = ()


def read_asked(given: Iterable[tuple[str, str]], columns: Sequence[str], day_column: str | None) -> Asked:
    """Read the parameters of a request for features.

    Besides those of the standard (`limit`, `bbox`, `datetime`), the name of a column asks for its value. Days are
    compared with the first column of days; where there is none, `datetime` leaves nothing out, as the standard says.

    :raises BadParameter: for what the collection doesn't know, or can't be read (requirement /req/core/query-param-*).
    """
    limit, after, pairs, seen = DEFAULT_LIMIT, None, list[tuple[str, str]](), set[str]()
    for name, value in given:
        if name in seen:
            raise BadParameter(name, mark("This parameter is given twice."))
        seen.add(name)
        if name == "limit":
            limit = min(_whole(name, value, least=1), MOST)
        elif name == "after":
            after = _whole(name, value, least=0)
        elif name == "bbox":
            pairs.append(("bbox", _box(value)))
        elif name == "datetime":
            pairs += _interval(value, day_column)
        elif name == "f":
            read_format(value)
        elif name in columns:
            pairs.append((f"is.{name}", value))
        else:
            raise BadParameter(name, mark("This collection doesn't know this parameter."))
    return Asked(limit, after, tuple(pairs))


def read_format(value: str) -> None:
    """Accept the one form that is given.

    :raises BadParameter: for another.
    """
    if value not in ("json", "geojson"):
        raise BadParameter("f", mark("Only JSON is given."))


def _whole(name: str, value: str, least: int) -> int:
    if not re.fullmatch(r"\d{1,18}", value) or int(value) < least:
        raise BadParameter(name, mark("A whole number is expected."))
    return int(value)


def _box(value: str) -> str:
    parts = value.split(",")
    if len(parts) == 6:
        # heights say nothing of what lies on the ground
        parts = [*parts[:2], *parts[3:5]]
    if len(parts) != 4 or not all(re.fullmatch(r"\s*[-+]?\d{1,3}(\.\d{1,20})?\s*", part) for part in parts):
        raise BadParameter("bbox", mark("Four numbers are expected: west, south, east, north, in degrees."))
    return ",".join(part.strip() for part in parts)


def _interval(value: str, column: str | None) -> list[tuple[str, str]]:
    start, slash, end = value.partition("/")
    bounds = (start, end) if slash else (start, start)
    days = [_day(bound) if bound not in ("", "..") else "" for bound in bounds]
    if not any(days) and not slash:
        raise BadParameter("datetime", mark("A day, or two days with a slash between, is expected (RFC 3339)."))
    if all(days) and days[0] > days[1]:
        raise BadParameter("datetime", mark("The interval ends before it begins."))
    if column is None:
        return []
    return [(f"{word}.{column}", day) for word, day in zip(("from", "to"), days, strict=True) if day]


def _day(bound: str) -> str:
    try:
        if not _DAY.match(bound):
            raise ValueError(bound)
        return dt.date.fromisoformat(bound[:10]).isoformat()
    except ValueError:
        raise BadParameter(
            "datetime", mark("A day, or two days with a slash between, is expected (RFC 3339).")
        ) from None


def _link(rel: str, href: str, kind: str, title: str) -> dict[str, str]:
    return {"rel": rel, "href": href, "type": kind, "title": title}


def landing(base: str, title: str, description: str) -> dict[str, Any]:
    """Give the landing page (clause 7.2); `base` is its address."""
    return {
        "title": title,
        "description": description,
        "links": [
            _link("self", base, JSON, title),
            _link("service-desc", f"{base}/api", OPENAPI, "OpenAPI 3.0"),
            _link("conformance", f"{base}/conformance", JSON, "OGC API – Features"),
            _link("data", f"{base}/collections", JSON, title),
        ],
    }


def conformance() -> dict[str, Any]:
    """Give the declaration of conformance (clause 7.4)."""
    return {"conformsTo": list(CONFORMANCE)}


def collection(base: str, layer: Layer) -> dict[str, Any]:
    """Describe one collection (clause 7.14)."""
    here = f"{base}/collections/{layer.id}"
    described: dict[str, Any] = {
        "id": layer.id,
        "title": layer.title,
        "description": layer.description,
        "itemType": "feature",
        "crs": [CRS84],
        "links": [
            _link("self", here, JSON, layer.title),
            _link("items", f"{here}/items", GEOJSON, layer.title),
            _link("describedby", layer.page, "text/html", layer.title),
        ],
    }
    if layer.box:
        described["extent"] = {"spatial": {"bbox": [list(layer.box)], "crs": CRS84}}
    return described


def collections(base: str, layers: Iterable[Layer], offset: int, following: int | None) -> dict[str, Any]:
    """List collections (clause 7.13), in pages as large catalogues need; `following` is where the next one begins."""
    here = f"{base}/collections"
    links = [_link("self", f"{here}?offset={offset}" if offset else here, JSON, "")]
    if following is not None:
        links.append(_link("next", f"{here}?offset={following}", JSON, ""))
    return {"links": links, "collections": [collection(base, layer) for layer in layers]}


def feature_links(base: str, layer: Layer, key: int) -> list[dict[str, str]]:
    """Give the links of one feature (clause 7.16)."""
    here = f"{base}/collections/{layer.id}"
    return [
        _link("self", f"{here}/items/{key}", GEOJSON, layer.title),
        _link("collection", here, JSON, layer.title),
    ]


def feature(key: int, geometry: Any, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Give a feature of GeoJSON (RFC 7946)."""
    return {"type": "Feature", "id": key, "geometry": geometry, "properties": dict(properties)}


def items(
    features: list[dict[str, Any]], matched: int | None, here: str, following: str | None, moment: dt.datetime
) -> dict[str, Any]:
    """Give a page of features (clause 7.15); `here` and `following` are the addresses of this page and the next."""
    links = [_link("self", here, GEOJSON, "")]
    if following:
        links.append(_link("next", following, GEOJSON, ""))
    page: dict[str, Any] = {
        "type": "FeatureCollection",
        "timeStamp": moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "numberReturned": len(features),
        "links": links,
        "features": features,
    }
    if matched is not None:
        page["numberMatched"] = matched
    return page


def api(base: str, title: str, description: str) -> dict[str, Any]:
    """Describe the interface in OpenAPI 3.0 (clause 7.3)."""

    def answers(kind: str, text: str) -> dict[str, Any]:
        return {
            "200": {"description": text, "content": {kind: {"schema": {"type": "object"}}}},
            "default": {
                "description": "problem details (RFC 9457)",
                "content": {"application/problem+json": {"schema": {"type": "object"}}},
            },
        }

    def parameter(name: str, place: str, text: str, schema: dict[str, Any]) -> dict[str, Any]:
        return {"name": name, "in": place, "required": place == "path", "description": text, "schema": schema}

    which = parameter("collectionId", "path", "identifier of the collection", {"type": "string"})
    one = parameter("featureId", "path", "identifier of the feature", {"type": "integer"})
    numbers = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}
    asked = [
        which,
        parameter(
            "limit", "query", "features at most",
            {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT},
        ),
        {**parameter("bbox", "query", "west, south, east, north", numbers), "style": "form", "explode": False},
        parameter("datetime", "query", "a day or an interval (RFC 3339)", {"type": "string"}),
        parameter("after", "query", "the feature after which the page begins", {"type": "integer", "minimum": 0}),
        {
            "name": "columns", "in": "query", "required": False, "style": "form", "explode": True,
            "description": "any column of the collection, by its name, and the value it is to have",
            "schema": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    ]  # fmt: skip
    operations: dict[str, tuple[str, str, str, list[dict[str, Any]]]] = {
        "/": ("landing", JSON, "landing page", []),
        "/conformance": ("conformance", JSON, "what it conforms to", []),
        "/api": ("api", OPENAPI, "this document", []),
        "/collections": ("collections", JSON, "collections", []),
        "/collections/{collectionId}": ("collection", JSON, "one collection", [which]),
        "/collections/{collectionId}/items": ("items", GEOJSON, "features", asked),
        "/collections/{collectionId}/items/{featureId}": ("item", GEOJSON, "one feature", [which, one]),
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": title, "description": description, "version": "1.0.0"},
        "servers": [{"url": base}],
        "paths": {
            path: {"get": {"operationId": name, "summary": text, "parameters": given, "responses": answers(kind, text)}}
            for path, (name, kind, text, given) in operations.items()
        },
    }
