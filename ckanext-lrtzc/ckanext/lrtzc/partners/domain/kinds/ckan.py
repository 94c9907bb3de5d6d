"""CKAN portals, by their action API (`package_search`)."""

from collections.abc import Iterator, Mapping
from typing import Any

from ckanext.lrtzc.partners.domain import guard
from ckanext.lrtzc.partners.domain.kinds.base import NOT_THIS_KIND, Kind, Walk, mapping, with_query
from ckanext.lrtzc.partners.domain.kinds.base import texts as listed
from ckanext.lrtzc.partners.domain.kinds.lists import answer_to, dataset_in, page_of, record_of
from ckanext.lrtzc.partners.domain.record import Agent, Fetch, Harvested, Page, Record, Unreadable
from ckanext.lrtzc.partners.domain.wkt import geometry_of_text
from ckanext.lrtzc.translation import mark

ROWS = 200
_VOLATILE = frozenset(
    {"tracking_summary", "score", "harvest_object_id", "indexed_ts", "isopen", "relationships_as_object"}
)


class Ckan(Kind):
    """A CKAN portal, from version 2.0 on."""

    name = "ckan"
    label = "CKAN"
    hint = mark("The address of the portal's home page.")
    example = "https://opendata.example.org"
    options = ("organization", "query")

    def pages(self, address: str, options: Mapping[str, str], fetch: Fetch) -> Iterator[Page]:
        """See `Kind.pages`: asks by creation date, so that changes during the run lose nothing."""
        base = address.split("?")[0].split("/api/")[0].rstrip("/") + "/api/3/action/package_search"
        query = options.get("query", "").strip() or "*:*"
        organisation = options.get("organization", "").strip()
        filters = f'organization:"{organisation}"' if organisation else None
        walk = Walk()
        start, total = 0, 1
        while start < total:
            asked = with_query(base, q=query, fq=filters, rows=ROWS, start=start, sort="metadata_created asc, id asc")
            _reply, answer = answer_to(asked, fetch, walk)
            result = mapping(answer.get("result"))
            found, total = result.get("results"), result.get("count")
            if answer.get("success") is not True or not isinstance(found, list) or not isinstance(total, int):
                raise Unreadable(NOT_THIS_KIND)
            yield page_of(found, total, "id", _record)
            if not found:
                break
            start += len(found)

    def harvested(self, raw: str) -> Harvested:
        """See `Kind.harvested`."""
        data = dataset_in(raw, "id")
        more = _extras(data)

        def get(*names: str) -> str:
            return next((str(more[name]) for name in names if isinstance(more.get(name), (str, int, float))), "")

        organisation = mapping(data.get("organization"))
        return Harvested(
            guid=str(data["id"]),
            title=get("title"),
            notes=get("notes"),
            url=get("url"),
            identifier=get("identifier", "guid") or str(data["id"]),
            alternate_identifiers=_list(more.get("alternate_identifier")),
            keywords=[str(tag.get("display_name") or tag.get("name") or "") for tag in _dicts(data.get("tags"))],
            themes=[str(g.get("title") or g.get("name") or "") for g in _dicts(data.get("groups"))]
            + _list(more.get("theme")),
            licences=[
                word for word in (get("license_url"), get("license_id"), get("license_title"), get("license")) if word
            ],
            languages=_list(more.get("language")),
            publisher=_agent(more, "publisher")
            or Agent(str(organisation.get("title") or organisation.get("name") or "")),
            creator=_agent(more, "creator"),
            contacts=_contacts(more),
            frequency=get("frequency", "accrual_periodicity", "update_frequency"),
            issued=get("issued", "dcat_issued") or get("metadata_created"),
            modified=get("modified", "dcat_modified") or get("metadata_modified"),
            version=get("version", "dcat_version"),
            access_rights=get("access_rights"),
            provenance=get("provenance"),
            periods=_periods(more),
            geometry=geometry_of_text(get("spatial")),
            places=[get("spatial_text"), get("spatial_uri")],
            conforms_to=_list(more.get("conforms_to")),
            documentation=_list(more.get("documentation")),
            applicable_legislation=_list(more.get("applicable_legislation")),
            hvd_category=_list(more.get("hvd_category")),
            resources=[_resource(item) for item in _dicts(data.get("resources"))],
        )


def _record(data: dict[str, Any]) -> Record:
    steady = {key: value for key, value in data.items() if key not in _VOLATILE}
    title = str(data.get("title") or data.get("name") or "")
    producer = str(mapping(data.get("organization")).get("title") or "")
    return record_of(str(data["id"]), title, producer, str(data.get("metadata_modified") or ""), steady)


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _list(value: Any) -> list[str]:
    if isinstance(value, str) and value.startswith("["):
        try:
            return listed(guard.read_json(value.encode()))
        except Unreadable:
            return [value]
    return listed(value)


def _extras(data: dict[str, Any]) -> dict[str, Any]:
    extras = {str(item.get("key")): item.get("value") for item in _dicts(data.get("extras"))}
    return {**extras, **{key: value for key, value in data.items() if value not in (None, "", [], {})}}


def _agent(more: dict[str, Any], role: str) -> Agent | None:
    whole = _dicts(more.get(role))
    if whole:
        first = whole[0]
        return Agent(*(str(first.get(key) or "") for key in ("name", "email", "url", "uri", "identifier")))
    name = more.get(f"{role}_name") or (more.get(role) if isinstance(more.get(role), str) else "")
    values = [str(more.get(f"{role}_{key}") or "") for key in ("email", "url", "uri")]
    return Agent(str(name), *values) if name else None


def _contacts(more: dict[str, Any]) -> list[Agent]:
    keys = ("name", "email", "url", "uri", "identifier")
    whole = [Agent(*(str(item.get(key) or "") for key in keys)) for item in _dicts(more.get("contact"))]
    if whole:
        return whole
    pairs = [("contact_name", "contact_email"), ("maintainer", "maintainer_email"), ("author", "author_email")]
    agents = [Agent(str(more.get(name) or ""), str(more.get(email) or "")) for name, email in pairs]
    return [agent for agent in agents if agent.name or agent.email][:1]


def _periods(more: dict[str, Any]) -> list[tuple[str, str]]:
    whole = [
        (str(item.get("start") or ""), str(item.get("end") or "")) for item in _dicts(more.get("temporal_coverage"))
    ]
    pair = (str(more.get("temporal_start") or ""), str(more.get("temporal_end") or ""))
    return whole or ([pair] if any(pair) else [])


def _resource(item: dict[str, Any]) -> dict[str, Any]:
    names = (
        "url",
        "name",
        "description",
        "format",
        "mimetype",
        "size",
        "license",
        "rights",
        "availability",
        "status",
        "hash",
        "hash_algorithm",
        "access_url",
        "download_url",
        "issued",
        "conforms_to",
        "documentation",
        "language",
    )
    resource = {name: item.get(name) for name in names if item.get(name) not in (None, "", [])}
    return {**resource, "modified": item.get("modified") or item.get("last_modified") or ""}
