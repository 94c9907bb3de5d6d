"""Opendatasoft portals, by the Explore API v2.1.

`/api/explore/v2.1/catalog/datasets` gives at most 100 records a call and refuses `offset + limit` over 10,000.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from ckanext.lrtzc.partners.domain.kinds.base import NOT_THIS_KIND, Kind, Walk, mapping, with_query
from ckanext.lrtzc.partners.domain.kinds.base import texts as listed
from ckanext.lrtzc.partners.domain.kinds.lists import answer_to, dataset_in, page_of, record_of
from ckanext.lrtzc.partners.domain.record import Agent, Fetch, Harvested, Page, Record, Unreadable
from ckanext.lrtzc.partners.domain.wkt import geometry_of_text, sound
from ckanext.lrtzc.translation import mark

LIMIT = 100
WINDOW = 10_000
_VOLATILE = frozenset({"attachments_count", "data_visible", "_links"})
_VOLATILE_METAS = frozenset({"metadata_processed", "data_processed", "records_count", "update_frequency_seconds"})
_EXPORTS = (
    ("csv", "CSV", "text/csv"),
    ("json", "JSON", "application/json"),
    ("xlsx", "XLSX", ""),
    ("parquet", "Parquet", ""),
)
_GEO_EXPORTS = (("geojson", "GeoJSON", "application/geo+json"), ("shp", "SHP", ""))


class Opendatasoft(Kind):
    """An Opendatasoft portal."""

    name = "opendatasoft"
    label = "Opendatasoft (Explore v2.1)"
    hint = mark("The address of the portal's home page.")
    example = "https://data.example.opendatasoft.com"
    options = ("where",)

    def pages(self, address: str, options: Mapping[str, str], fetch: Fetch) -> Iterator[Page]:
        """See `Kind.pages`: by offset, in the order of identifiers."""
        base = _home(address) + "/api/explore/v2.1/catalog/datasets"
        where = options.get("where", "").strip() or None
        walk = Walk()
        start, total = 0, 1
        while start < min(total, WINDOW):
            asked = with_query(base, limit=LIMIT, offset=start, order_by="dataset_id", where=where)
            reply, answer = answer_to(asked, fetch, walk)
            found, total = answer.get("results"), answer.get("total_count")
            if not isinstance(found, list) or not isinstance(total, int):
                raise Unreadable(NOT_THIS_KIND)
            yield page_of(found, total, "dataset_id", partial(_record, _home(reply.url)))
            if not found:
                break
            start += len(found)

    def harvested(self, raw: str) -> Harvested:
        """See `Kind.harvested`."""
        data = dataset_in(raw, "dataset_id")
        metas = mapping(data.get("metas"))
        default = mapping(metas.get("default"))
        dcat = {**mapping(metas.get("dcat")), **mapping(metas.get("dcat_ap"))}
        page = f"{data.get('home', '')}/explore/dataset/{quote(str(data['dataset_id']))}/"

        def get(*names: str) -> str:
            for name in names:
                for group in (default, dcat):
                    if group.get(name) not in (None, "", []) and not isinstance(group[name], (dict, list)):
                        return str(group[name])
            return ""

        contact = Agent(get("contact_name"), get("contact_email"))
        creator = Agent(get("creator")) if get("creator") else None
        publisher = Agent(get("publisher", "publisher_name", "creator"))
        period = (get("temporal_coverage_start", "temporal_start"), get("temporal_coverage_end", "temporal_end"))
        return Harvested(
            guid=_guid(data),
            title=get("title"),
            notes=get("description"),
            url=page,
            identifier=get("identifier") or _guid(data),
            keywords=listed(default.get("keyword")),
            themes=listed(default.get("theme")),
            licences=[word for word in (get("license_url"), get("license")) if word],
            languages=listed(default.get("language")) + listed(default.get("metadata_languages")),
            publisher=publisher if publisher.name else None,
            creator=creator,
            contacts=[contact] if contact.name or contact.email else [],
            frequency=get("accrualperiodicity", "update_frequency"),
            issued=get("issued", "created"),
            modified=get("modified"),
            periods=[period] if any(period) else [],
            geometry=_geometry(default),
            places=listed(default.get("territory"))
            + listed(default.get("geographic_reference"))
            + listed(dcat.get("spatial")),
            conforms_to=listed(default.get("references")),
            resources=_resources(data, default),
        )


def _home(address: str) -> str:
    parts = urlsplit(address)
    path = parts.path.split("/api/")[0].split("/explore")[0].rstrip("/")
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def _guid(data: dict[str, Any]) -> str:
    return str(data.get("dataset_uid") or data.get("dataset_id"))


def _record(home: str, data: dict[str, Any]) -> Record:
    steady = {key: value for key, value in data.items() if key not in _VOLATILE}
    metas = mapping(data.get("metas"))
    default = {k: v for k, v in mapping(metas.get("default")).items() if k not in _VOLATILE_METAS}
    steady["metas"] = {**{k: v for k, v in metas.items() if k != "explore"}, "default": default}
    steady["home"] = home
    title, producer, modified = (str(default.get(name) or "") for name in ("title", "publisher", "modified"))
    return record_of(_guid(data), title, producer, modified, steady)


def _geometry(default: dict[str, Any]) -> dict[str, Any] | None:
    boxed = default.get("bbox")
    if isinstance(boxed, dict):
        return sound(boxed)
    return geometry_of_text(boxed) if isinstance(boxed, str) else None


def _resources(data: dict[str, Any], default: dict[str, Any]) -> list[dict[str, Any]]:
    base = f"{data.get('home', '')}/api/explore/v2.1/catalog/datasets/{quote(str(data['dataset_id']))}"
    features = listed(data.get("features"))
    exports = _EXPORTS + (_GEO_EXPORTS if "geo" in features or default.get("geometry_types") else ())
    found: list[dict[str, Any]] = []
    if data.get("has_records", True):
        for name, form, media in exports:
            found.append({"url": f"{base}/exports/{name}", "name": form, "format": form, "mimetype": media})
    for item in data.get("attachments") or []:
        if isinstance(item, dict) and item.get("id"):
            attached = {
                "url": f"{base}/attachments/{quote(str(item['id']))}",
                "name": item.get("title"),
                "mimetype": item.get("mimetype"),
            }
            found.append(attached)
    return found
