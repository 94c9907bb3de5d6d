"""One dataset, cleaned: what is well-formed in it, in the words of the controlled vocabularies.

The result has the same field names as the dataset (those of ckanext-dcat's DCAT-AP scheming schema), so that its
profiles can read it; what is not understood isn't in it. All writers of this room start from here.
"""

from collections.abc import Callable
from typing import Any

from . import vocabulary as v
from .geometry import as_text, geometry
from .site import Site
from .values import checksum, decimal, duration, email, items, link, moment, text, texts, uri, uris, whole

_Reader = Callable[[object], Any]


def _fields(source: dict[str, Any], readers: dict[str, _Reader]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, read in readers.items():
        value = read(source.get(name))
        if value not in (None, [], {}, ""):
            found[name] = value
    return found


def _language(value: object) -> list[str]:
    codes = dict.fromkeys(v.language_code(one) for one in texts(value))
    return [v.authority("language", v.LANGUAGES[code][1]) for code in codes if code]


def _theme(value: object) -> list[str]:
    found: dict[str, None] = {}
    for one in texts(value):
        code = v.theme_code(one)
        address = v.authority("data-theme", code) if code else link(one)
        if address:
            found.setdefault(address)
    return list(found)


def _frequency(value: object) -> str | None:
    raw = text(value)
    return v.frequency_uri(raw) if raw else None


def _access_rights(value: object) -> str | None:
    raw = text(value)
    if not raw:
        return None
    code = v.code_in("access-right", raw) or v.ACCESS_RIGHTS.get(raw.lower())
    return v.authority("access-right", code) if code else raw


def _hvd(value: object) -> list[str]:
    return [one if one.startswith("http") else v.HVD_PREFIX + one for one in texts(value) if _is_hvd(one)]


def _is_hvd(value: str) -> bool:
    return value.removeprefix(v.HVD_PREFIX).startswith("c_") and uri(v.HVD_PREFIX + value) is not None


def _in_table(table: str, aliases: dict[str, str]) -> _Reader:
    def read(value: object) -> str | None:
        raw = text(value)
        if not raw:
            return None
        if v.code_in(table, raw):
            return uri(raw)
        known = aliases.get(raw.rpartition("/")[2].lower())
        return v.authority(table, known) if known else None

    return read


_status = _in_table(
    "distribution-status",
    {
        "completed": "COMPLETED",
        "underdevelopment": "DEVELOP",
        "develop": "DEVELOP",
        "deprecated": "DEPRECATED",
        "withdrawn": "WITHDRAWN",
    },
)
_availability = _in_table(
    "planned-availability",
    {
        "available": "AVAILABLE",
        "stable": "STABLE",
        "temporary": "TEMPORARY",
        "experimental": "EXPERIMENTAL",
    },
)

_AGENT: dict[str, _Reader] = {
    "uri": link,
    "name": text,
    "email": email,
    "url": link,
    "type": uri,
    "identifier": text,
}
_PERIOD: dict[str, _Reader] = {"start": moment, "end": moment}


def _agents(value: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for item in items(value):
        if isinstance(item, dict):
            agent = _fields(item, _AGENT)  # pyright: ignore[reportUnknownArgumentType]
            if agent.get("name") or agent.get("email"):
                found.append(agent)
    return found


def _periods(value: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for item in items(value):
        if isinstance(item, dict):
            period = _fields(item, _PERIOD)  # pyright: ignore[reportUnknownArgumentType]
            if period and period.get("start", "0") <= period.get("end", "9"):
                found.append(period)
    return found


def _geometry_text(value: object) -> str | None:
    found = geometry(value)
    return as_text(found) if found else None


_PLACE: dict[str, _Reader] = {
    "uri": link,
    "text": text,
    "geom": _geometry_text,
    "bbox": _geometry_text,
    "centroid": _geometry_text,
}


def _places(value: object) -> list[dict[str, Any]]:
    found = [_fields(item, _PLACE) for item in items(value) if isinstance(item, dict)]  # pyright: ignore
    return [place for place in found if place]


_SERVICE: dict[str, _Reader] = {
    "uri": link,
    "title": text,
    "description": text,
    "endpoint_description": link,
    "endpoint_url": lambda value: [one for one in uris(value) if one.startswith("http")],
    "serves_dataset": uris,
    "conforms_to": uris,
    "license": uri,
}


def _services(value: object) -> list[dict[str, Any]]:
    found = [_fields(item, _SERVICE) for item in items(value) if isinstance(item, dict)]  # pyright: ignore
    return [service for service in found if service.get("endpoint_url") and service.get("title")]


_DATASET: dict[str, _Reader] = {
    "id": text,
    "name": text,
    "type": text,
    "title": text,
    "notes": text,
    "url": link,
    "version": text,
    "version_notes": text,
    "license_id": text,
    "license_title": text,
    "license_url": link,
    "identifier": text,
    "frequency": _frequency,
    "provenance": text,
    "dcat_type": uri,
    "issued": moment,
    "modified": moment,
    "metadata_created": moment,
    "metadata_modified": moment,
    "temporal_coverage": _periods,
    "temporal_resolution": duration,
    "spatial": _geometry_text,
    "spatial_coverage": _places,
    "spatial_resolution_in_meters": decimal,
    "access_rights": _access_rights,
    "alternate_identifier": texts,
    "theme": _theme,
    "language": _language,
    "documentation": uris,
    "conforms_to": uris,
    "is_referenced_by": uris,
    "applicable_legislation": uris,
    "hvd_category": _hvd,
    "has_version": uris,
    "source": uris,
    "related_resource": uris,
    "contact": _agents,
    "publisher": _agents,
    "creator": _agents,
    "axis": texts,
    "communes": texts,
}
_RESOURCE: dict[str, _Reader] = {
    "id": text,
    "package_id": text,
    "url": link,
    "access_url": link,
    "download_url": link,
    "name": text,
    "description": text,
    "format": text,
    "mimetype": text,
    "size": whole,
    "rights": text,
    "license": uri,
    "status": _status,
    "availability": _availability,
    "issued": moment,
    "created": moment,
    "modified": moment,
    "last_modified": moment,
    "metadata_modified": moment,
    "temporal_resolution": duration,
    "language": _language,
    "documentation": uris,
    "conforms_to": uris,
    "applicable_legislation": uris,
    "access_services": _services,
}


def clean_dataset(source: dict[str, Any], site: Site) -> dict[str, Any]:
    """Give what is well-formed in a dataset as `package_show` or the search index gives it.

    The publisher is the one named, else the organization. The keys `uri` of the dataset and of its resources are
    kept when they come from elsewhere, never when they are an address of this portal: nobody may speak for
    another dataset by naming its address. Where files are held back from whoever asks, access rights are restricted
    unless the owner named others, and no address of those files is given. Where the dataset was withdrawn at its
    source, so were its files.
    """
    found = _fields(_with_extras(source), _DATASET)
    found.setdefault("title", found.get("name") or found.get("id") or "")
    found.setdefault("notes", found["title"])
    foreign = _foreign(_with_extras(source).get("uri"), site)
    if foreign:
        found["uri"] = foreign
    found["communes"] = [code for code in found.get("communes", []) if code in site.communes]
    found["axis"] = [code for code in found.get("axis", []) if code in site.axes]
    found["tags"] = [{"name": name} for name in _tags(source.get("tags"))]
    if "publisher" not in found:
        found["publisher"] = _organization(source.get("organization"), site)
    if "contact" not in found:
        found["contact"] = _maintainer(source)
    found["contact"] = found["contact"] or _contact_of(found["publisher"])
    if found.get("hvd_category"):
        legislation = found.setdefault("applicable_legislation", [])
        if v.HVD_LEGISLATION not in legislation:
            legislation.append(v.HVD_LEGISLATION)
    found["resources"] = _resources(source.get("resources"), found, site)
    if any(isinstance(one, dict) and one.get("held_back") for one in items(source.get("resources"))):
        found.setdefault("access_rights", v.authority("access-right", "RESTRICTED"))
    if _with_extras(source).get("withdrawn"):
        # DCAT-AP 3 says so of distributions
        for one in found["resources"]:
            one["status"] = v.authority("distribution-status", "WITHDRAWN")
    return found


def _with_extras(source: dict[str, Any]) -> dict[str, Any]:
    extras: dict[str, Any] = {}
    for extra in items(source.get("extras")):
        if isinstance(extra, dict) and isinstance(extra.get("key"), str):  # pyright: ignore
            extras.setdefault(extra["key"], extra.get("value"))  # pyright: ignore
    return {**extras, **{key: value for key, value in source.items() if value not in (None, "", [])}}


def _foreign(value: object, site: Site) -> str | None:
    found = link(value)
    if not found or found.startswith(site.url + "/") or found == site.url:
        return None
    return found


def _tags(value: object) -> list[str]:
    names: list[object] = [
        tag.get("display_name") or tag.get("name") if isinstance(tag, dict) else tag  # pyright: ignore
        for tag in items(value)
    ]
    return texts(names)


def _organization(value: object, site: Site) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        name, identifier = text(value.get("title")) or text(value.get("name")), text(value.get("id"))  # pyright: ignore
        if name and identifier and uri(f"{site.url}/organization/{identifier}"):
            return [{"uri": f"{site.url}/organization/{identifier}", "name": name}]
        if name:
            return [{"name": name}]
    return [{"uri": site.publisher_url or f"{site.url}/#publisher", "name": site.publisher or site.title}]


def _maintainer(source: dict[str, Any]) -> list[dict[str, Any]]:
    for role in ("maintainer", "author"):
        person = _fields(source, {role: text, f"{role}_email": email})
        if person:
            agent = {"name": person.get(role), "email": person.get(f"{role}_email")}
            return [{key: value for key, value in agent.items() if value}]
    return []


def _contact_of(publisher: list[dict[str, Any]]) -> list[dict[str, Any]]:
    agent = {key: publisher[0][key] for key in ("name", "email", "url") if key in publisher[0]}
    return [agent] if agent.get("email") or agent.get("url") else []


def _resources(value: object, dataset: dict[str, Any], site: Site) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for item in items(value):
        if not isinstance(item, dict):
            continue
        resource = _fields(item, _RESOURCE)  # pyright: ignore[reportUnknownArgumentType]
        identifier = resource.get("id")
        if not identifier or "id" not in dataset or not uri(site.resource_url(dataset["id"], identifier)):
            continue
        if item.get("held_back"):  # pyright: ignore[reportUnknownMemberType]
            resource.pop("url", None)
            resource.pop("download_url", None)
        digest = checksum(item.get("hash"))  # pyright: ignore[reportUnknownArgumentType]
        if digest:
            resource["hash_algorithm"], resource["hash"] = digest
        resource["package_id"] = dataset["id"]
        resource["datastore_active"] = item.get("datastore_active") in (True, "True", "true")  # pyright: ignore
        resource["uploaded"] = item.get("url_type") in ("upload", "lrtzc_collection")  # pyright: ignore
        foreign = _foreign(item.get("uri"), site)  # pyright: ignore[reportUnknownArgumentType]
        if foreign:
            resource["uri"] = foreign
        if dataset.get("hvd_category"):
            resource["applicable_legislation"] = [
                *dict.fromkeys([*resource.get("applicable_legislation", []), v.HVD_LEGISLATION])
            ]
        found.append(resource)
    return found
