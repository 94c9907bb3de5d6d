"""A harvested record fitted to this portal: the fields of our dataset schema, and what was amiss."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ckanext.lrtzc.partners.domain import texts, vocabularies
from ckanext.lrtzc.partners.domain.record import Agent, Harvested, Problem
from ckanext.lrtzc.translation import mark

NO_TITLE = mark("The record has no title.")
NO_NOTES = mark("The record has no description: its title stands in for it.")
NO_LICENCE = mark("The record names no licence that the portal knows.")
BAD_LINK = mark("The file “%(name)s” has no address that a page may link to, and was left out.")
BAD_WORD = mark("“%(value)s” is not understood, and was left out.")
NO_KNOWN_LICENCE = "notspecified"

MAX_KEYWORDS = 30
MAX_RESOURCES = 200
_INSEE = re.compile(r"(?<![0-9A-Za-z])(\d[0-9AB]\d{3})(?![0-9A-Za-z])")
_ACCESS_BASE = "http://publications.europa.eu/resource/authority/access-right/"
_ACCESS = {"open": "PUBLIC", "public": "PUBLIC", "restricted": "RESTRICTED", "non_public": "NON_PUBLIC"}
_HVD_BASE = "http://data.europa.eu/bna/c_"
_TEXTS = ("rights", "status", "availability", "license", "hash", "hash_algorithm")


@dataclass(frozen=True)
class Ground:
    """What the portal knows and the record doesn't.

    `communes` gives INSEE codes by folded name; `axes` axis codes by folded word; `licence` stands in where the
    record names none; `axis` is given to records that fall under none.
    """

    communes: Mapping[str, str] = field(default_factory=dict)
    axes: Mapping[str, str] = field(default_factory=dict)
    licence: str = ""
    axis: str = ""


def fit(record: Harvested, ground: Ground) -> tuple[dict[str, Any], list[Problem]]:
    """Give the dataset that `record` makes here (for the catalogue's schema), and the problems met.

    A fatal problem among them means that the record can't be taken.
    """
    problems: list[Problem] = []
    title = texts.line(record.title, 250)
    if not title:
        problems.append(Problem("title", NO_TITLE, fatal=True))
    notes = texts.plain(record.notes, 20_000)
    if title and not notes:
        problems.append(Problem("notes", NO_NOTES))
    licence = vocabularies.licence_of(record.licences)
    if not licence and not ground.licence:
        problems.append(Problem("license_id", NO_LICENCE))
    communes = _communes(record, ground)
    dataset: dict[str, Any] = {
        "title": title,
        "name": texts.slug(title, record.guid),
        "notes": notes or title,
        "url": texts.link(record.url),
        "license_id": licence or ground.licence or NO_KNOWN_LICENCE,
        "identifier": texts.line(record.identifier or record.guid, 500),
        "uri": texts.link(record.guid),
        "version": texts.line(record.version, 100),
        "provenance": texts.plain(record.provenance, 20_000),
        "issued": _date(record.issued, "issued", problems),
        "modified": _date(record.modified, "modified", problems),
        "frequency": _coded(record.frequency, "frequency", vocabularies.frequency_of, problems),
        "access_rights": _access(record.access_rights),
        "language": list(dict.fromkeys(filter(None, map(vocabularies.language_of, record.languages)))),
        "theme": [link for link in dict.fromkeys(map(texts.link, record.themes)) if link],
        "hvd_category": [uri for uri in dict.fromkeys(record.hvd_category) if uri.startswith(_HVD_BASE)],
        "conforms_to": _links(record.conforms_to),
        "documentation": [link for link in _links(record.documentation) if link != texts.link(record.url)],
        "applicable_legislation": _links(record.applicable_legislation),
        "alternate_identifier": [line for line in (texts.line(i) for i in record.alternate_identifiers) if line],
        "publisher": _agents([record.publisher]),
        "creator": _agents([record.creator]),
        "contact": _agents(list(dict.fromkeys(record.contacts))[:5]),
        "temporal_coverage": _periods(record, problems),
        "communes": communes,
        "spatial": json.dumps(record.geometry) if record.geometry else "",
        "axis": _axes(record, ground),
        "tags": [{"name": word} for word in _keywords(record)],
        "resources": _resources(record, problems),
    }
    return {name: value for name, value in dataset.items() if value not in ("", [], None)}, problems


def _coded(word: str, name: str, read: Any, problems: list[Problem]) -> str:
    found = read(word) if word else ""
    if word and not found:
        problems.append(Problem(name, BAD_WORD, {"value": texts.line(word, 100)}))
    return found


def _access(word: str) -> str:
    if word.startswith(_ACCESS_BASE):
        return word
    code = _ACCESS.get(word.strip().lower().rpartition("/")[2].replace("-", "_"))
    return _ACCESS_BASE + code if code else ""


def _date(word: str, name: str, problems: list[Problem]) -> str:
    text = texts.line(word, 60)
    if not text:
        return ""
    match = re.match(r"\d{4}(-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2})?(\.\d+)?)?)?)?", text)
    rest = text[match.end() :] if match else text
    if match and re.fullmatch(r"(Z|[+-]\d{2}:?\d{2})?", rest.strip()):
        return match.group().replace(" ", "T")[:19] + (rest.strip().replace("Z", "+00:00") if match.group(3) else "")
    if re.fullmatch(r"\d{1,2}/\d{1,2}/\d{4}", text):
        return text
    problems.append(Problem(name, BAD_WORD, {"value": text}))
    return ""


def _links(values: list[str]) -> list[str]:
    return [link for link in dict.fromkeys(map(texts.link, values)) if link][:50]


def _agents(agents: Sequence[Agent | None]) -> list[dict[str, str]]:
    found = []
    for agent in agents:
        if agent is None:
            continue
        own = {
            "name": texts.line(agent.name, 200),
            "email": texts.email(agent.email),
            "url": texts.link(agent.url),
            "uri": texts.link(agent.uri),
            "identifier": texts.line(agent.identifier, 200),
        }
        kept = {name: value for name, value in own.items() if value}
        if kept:
            found.append(kept)
    return found


def _periods(record: Harvested, problems: list[Problem]) -> list[dict[str, str]]:
    found = []
    for start, end in record.periods[:20]:
        period = {
            "start": _date(start, "temporal_coverage", problems),
            "end": _date(end, "temporal_coverage", problems),
        }
        kept = {name: value for name, value in period.items() if value}
        if kept:
            found.append(kept)
    return found


def _communes(record: Harvested, ground: Ground) -> list[str]:
    known = set(ground.communes.values())
    found = [code for place in record.places for code in _INSEE.findall(place) if code in known]
    words = [*record.places, *record.keywords]
    found += [ground.communes[word] for word in map(texts.folded, words) if word in ground.communes]
    return list(dict.fromkeys(found))


def _axes(record: Harvested, ground: Ground) -> list[str]:
    words = [texts.folded(word) for word in (*record.themes, *record.hvd_category, *record.keywords)]
    found = list(dict.fromkeys(ground.axes[word] for word in words if word in ground.axes))
    return found or ([ground.axis] if ground.axis else [])


def _keywords(record: Harvested) -> list[str]:
    labels = [theme for theme in record.themes if "://" not in theme and len(theme) <= 60]
    kept: dict[str, str] = {}
    for word in (*record.keywords, *labels):
        keyword = texts.keyword(word)
        if keyword:
            kept.setdefault(keyword.casefold(), keyword)
    return list(kept.values())[:MAX_KEYWORDS]


def _resources(record: Harvested, problems: list[Problem]) -> list[dict[str, Any]]:
    found = []
    for item in record.resources[:MAX_RESOURCES]:
        url = texts.link(item.get("url"))
        name = texts.line(item.get("name"), 250)
        if not url.startswith(("http://", "https://")):
            problems.append(Problem("resources", BAD_LINK, {"name": name or texts.line(item.get("url"), 80) or "?"}))
            continue
        media = texts.line(item.get("mimetype"), 200)
        media = media.rpartition("media-types/")[2] if "media-types/" in media else media
        own: dict[str, Any] = {
            "url": url,
            "name": name or url.rstrip("/").rpartition("/")[2].partition("?")[0][:250] or record.title[:250],
            "description": texts.plain(item.get("description"), 20_000),
            "format": vocabularies.format_of(texts.line(item.get("format"), 200), media, url),
            "mimetype": media if "/" in media and "://" not in media else "",
            "access_url": texts.link(item.get("access_url")),
            "download_url": texts.link(item.get("download_url")),
            "size": _size(item.get("size")),
            "issued": _date(str(item.get("issued") or ""), "resources", problems),
            "modified": _date(str(item.get("modified") or ""), "resources", problems),
            "conforms_to": _links([v for v in item.get("conforms_to") or [] if isinstance(v, str)]),
        }
        own |= {key: texts.line(item.get(key), 200) for key in _TEXTS}
        found.append({key: value for key, value in own.items() if value not in ("", [], None)})
    return found


def _size(value: Any) -> int | None:
    try:
        size = int(float(str(value).replace(" ", "")))
    except (ValueError, OverflowError):
        return None
    return size if 0 < size < 2**53 else None
