"""udata portals (data.gouv.fr and others), by `/api/1/datasets/`."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

from ckanext.lrtzc.partners.domain.kinds.base import NOT_THIS_KIND, Kind, Walk, mapping, with_query
from ckanext.lrtzc.partners.domain.kinds.lists import answer_to, dataset_in, page_of, record_of
from ckanext.lrtzc.partners.domain.record import Agent, Fetch, Harvested, Page, Record, Unreadable
from ckanext.lrtzc.partners.domain.wkt import sound
from ckanext.lrtzc.translation import mark

_VOLATILE = frozenset(
    {"metrics", "quality", "last_update", "internal", "harvest", "community_resources", "permissions"}
)


class Udata(Kind):
    """A udata portal."""

    name = "udata"
    label = "udata (data.gouv.fr)"
    hint = mark("The address of the portal's home page. Give the organisation's identifier to take only its datasets.")
    example = "https://www.data.gouv.fr"
    options = ("organization", "tag")

    def pages(self, address: str, options: Mapping[str, str], fetch: Fetch) -> Iterator[Page]:
        """See `Kind.pages`: follows `next_page`."""
        base = address.split("?")[0].split("/api/")[0].rstrip("/") + "/api/1/datasets/"
        wanted = {name: options.get(name, "").strip() or None for name in self.options}
        asked = with_query(base, page_size=100, sort="created", **wanted)
        walk = Walk()
        while asked:
            reply, answer = answer_to(asked, fetch, walk)
            found, total = answer.get("data"), answer.get("total")
            if not isinstance(found, list) or not isinstance(total, int):
                raise Unreadable(NOT_THIS_KIND)
            yield page_of(found, total, "id", _record)
            following = answer.get("next_page")
            asked = urljoin(reply.url, following) if isinstance(following, str) and following and found else ""

    def harvested(self, raw: str) -> Harvested:
        """See `Kind.harvested`."""
        data = dataset_in(raw, "id")
        organisation = mapping(data.get("organization"))
        spatial = mapping(data.get("spatial"))
        period = mapping(data.get("temporal_coverage"))
        owner = mapping(data.get("owner"))
        person = " ".join(str(owner.get(part) or "") for part in ("first_name", "last_name")).strip()
        publisher = Agent(str(organisation.get("name") or person), url=str(organisation.get("page") or ""))
        points = [item for item in data.get("contact_points") or [] if isinstance(item, dict)]
        contacts = [
            Agent(str(p.get("name") or ""), str(p.get("email") or ""), str(p.get("contact_form") or "")) for p in points
        ]
        extras = mapping(data.get("extras"))
        return Harvested(
            guid=str(data["id"]),
            title=str(data.get("title") or ""),
            notes=str(data.get("description") or ""),
            url=str(data.get("page") or ""),
            identifier=str(extras.get("dct:identifier") or extras.get("harvest:remote_id") or data["id"]),
            keywords=[str(tag) for tag in data.get("tags") or []],
            licences=[str(data.get("license") or "")],
            publisher=publisher if publisher.name else None,
            contacts=contacts,
            frequency=str(data.get("frequency") or ""),
            issued=str(data.get("created_at") or ""),
            modified=str(data.get("last_modified") or ""),
            access_rights=str(data.get("access_type") or ""),
            periods=[(str(period.get("start") or ""), str(period.get("end") or ""))] if period else [],
            geometry=sound(spatial.get("geom")),
            places=[str(zone) for zone in spatial.get("zones") or [] if isinstance(zone, str)],
            resources=[_resource(item) for item in data.get("resources") or [] if isinstance(item, dict)],
        )


def _record(data: dict[str, Any]) -> Record | None:
    if data.get("deleted") or data.get("private"):
        return None
    steady = {key: value for key, value in data.items() if key not in _VOLATILE}
    steady["resources"] = [
        {key: value for key, value in item.items() if key not in ("metrics", "extras", "preview_url", "internal")}
        for item in data.get("resources") or []
        if isinstance(item, dict)
    ]
    producer = str(mapping(data.get("organization")).get("name") or "")
    modified = str(data.get("last_modified") or "")
    return record_of(str(data["id"]), str(data.get("title") or ""), producer, modified, steady)


def _resource(item: dict[str, Any]) -> dict[str, Any]:
    checksum = mapping(item.get("checksum"))
    return {
        "url": item.get("url"),
        "name": item.get("title"),
        "description": item.get("description"),
        "format": item.get("format"),
        "mimetype": item.get("mime"),
        "size": item.get("filesize"),
        "issued": item.get("created_at"),
        "modified": item.get("last_modified"),
        "hash": checksum.get("value"),
        "hash_algorithm": checksum.get("type"),
    }
