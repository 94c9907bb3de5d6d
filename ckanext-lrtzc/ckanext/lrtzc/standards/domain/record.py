"""What the formats other than DCAT need of a dataset, ready to write."""

from dataclasses import dataclass
from typing import Any

from . import vocabulary as v
from .clean import clean_dataset
from .geometry import Box, box, box_of_communes
from .site import Commune, Site
from .values import day, from_json


@dataclass(frozen=True, slots=True)
class Agent:
    """An organization or a person: publisher, creator or contact."""

    name: str
    email: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A period of time; a missing end is open. Dates as ISO 8601 texts."""

    start: str | None
    end: str | None


@dataclass(frozen=True, slots=True)
class Distribution:
    """A resource: where it is, in what form. Size in bytes; `checksum` is (algorithm, hexadecimal digest)."""

    id: str
    uri: str
    page: str
    title: str
    description: str | None
    address: str | None
    format: str | None
    media_type: str | None
    size: int | None
    checksum: tuple[str, str] | None
    in_datastore: bool
    modified: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """A dataset as the writers see it: every value well-formed, absent ones None or empty."""

    id: str
    name: str
    uri: str
    page: str
    title: str
    description: str
    keywords: tuple[str, ...]
    themes: tuple[v.Theme, ...]
    axes: tuple[str, ...]
    communes: tuple[Commune, ...]
    languages: tuple[str, ...]
    publisher: Agent
    creators: tuple[Agent, ...]
    contacts: tuple[Agent, ...]
    licence: v.Licence | None
    access_rights: str | None
    provenance: str | None
    frequency: str | None
    version: str | None
    identifier: str
    issued: str | None
    modified: str | None
    created: str | None
    metadata_modified: str | None
    periods: tuple[Period, ...]
    geometry: dict[str, Any] | None
    box: Box | None
    resolution: str | None
    conforms_to: tuple[str, ...]
    documentation: tuple[str, ...]
    distributions: tuple[Distribution, ...]

    @property
    def geographic(self) -> bool:
        """Whether the dataset itself has a geometry: it names a geographic format or a geographic resolution."""
        return bool(self.resolution) or any(
            v.format_key(one.format) in v.GEOGRAPHIC_FORMATS or v.format_key(one.media_type) in v.GEOGRAPHIC_FORMATS
            for one in self.distributions
        )


def record(source: dict[str, Any], site: Site) -> Record:
    """Build the record of a dataset given as `package_show` or the search index gives it; never raises on odd values.

    :raises KeyError: if the dataset has no `id`.
    """
    return from_clean(clean_dataset(source, site), site)


def from_clean(found: dict[str, Any], site: Site) -> Record:
    """Build the record from a dataset that `clean_dataset` gave."""
    identifier = found["id"]
    page = site.dataset_url(identifier)
    communes = tuple(site.communes[code] for code in found["communes"])
    geometry = from_json(found["spatial"]) if "spatial" in found else None
    agents = _agents(found["publisher"])
    return Record(
        id=identifier,
        name=found.get("name", identifier),
        uri=found.get("uri", page),
        page=site.dataset_url(found.get("name", identifier)),
        title=found.get("title") or found.get("name") or identifier,
        description=found.get("notes") or found.get("title") or identifier,
        keywords=tuple(tag["name"] for tag in found["tags"]),
        themes=tuple(v.THEMES[code] for one in found.get("theme", []) if (code := v.theme_code(one))),
        axes=tuple(found["axis"]),
        communes=communes,
        languages=tuple(code for one in found.get("language", []) if (code := v.language_code(one)))
        or (site.language,),
        publisher=agents[0] if agents else Agent(site.publisher or site.title),
        creators=_agents(found.get("creator", [])),
        contacts=_agents(found["contact"]),
        licence=v.licence(found.get("license_id"), found.get("license_url"), found.get("license_title")),
        access_rights=found.get("access_rights"),
        provenance=found.get("provenance"),
        frequency=found.get("frequency"),
        version=found.get("version"),
        identifier=found.get("identifier", identifier),
        issued=found.get("issued") or found.get("metadata_created"),
        modified=found.get("modified") or found.get("metadata_modified"),
        created=found.get("metadata_created"),
        metadata_modified=found.get("metadata_modified"),
        periods=tuple(Period(one.get("start"), one.get("end")) for one in found.get("temporal_coverage", [])),
        geometry=geometry,
        box=box(geometry) if geometry else box_of_communes(communes),
        resolution=found.get("spatial_resolution_in_meters"),
        conforms_to=tuple(found.get("conforms_to", [])),
        documentation=tuple(found.get("documentation", [])),
        distributions=tuple(_distribution(one, site) for one in found["resources"]),
    )


def _agents(found: list[dict[str, Any]]) -> tuple[Agent, ...]:
    return tuple(
        Agent(one.get("name") or one["email"], one.get("email"), one.get("url") or one.get("uri")) for one in found
    )


def _distribution(found: dict[str, Any], site: Site) -> Distribution:
    page = site.resource_url(found["package_id"], found["id"])
    key = v.format_key(found.get("format")) or v.format_key(found.get("mimetype"))
    return Distribution(
        id=found["id"],
        uri=found.get("uri", page),
        page=page,
        title=found.get("name") or found.get("format") or found["id"],
        description=found.get("description"),
        address=found.get("download_url") or found.get("url") or found.get("access_url"),
        format=found.get("format"),
        media_type=(v.FORMATS[key].media_type if key else None) or _media_type(found.get("mimetype")),
        size=found.get("size"),
        checksum=(found["hash_algorithm"], found["hash"]) if "hash" in found else None,
        in_datastore=found["datastore_active"],
        modified=day(found.get("modified") or found.get("last_modified") or found.get("metadata_modified")),
    )


def _media_type(value: str | None) -> str | None:
    kind, slash, rest = (value or "").partition("/")
    return value if slash and kind.isalnum() and rest and not any(c in rest for c in "/ <>\"'") else None
