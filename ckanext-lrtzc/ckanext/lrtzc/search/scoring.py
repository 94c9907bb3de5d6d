"""The score of objects' metadata as it is kept in the index and shown: what is known of an object, put to the rules.

It is made when an object is indexed and stands in what the index answers, so a page of results costs nothing more. What
changes it has the object indexed: a change of the object, its columns read, a link that stops answering; and the day
on which its data become late, which the index keeps (`score_until_date`) and the scheduler looks for.
"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.lrtzc.access.api import Action, decide_many, decided
from ckanext.lrtzc.clock import local_now, midnight
from ckanext.lrtzc.objects.api import TYPES, find_licence, kind_of, period_bounds, vocabularies
from ckanext.lrtzc.search.domain.score import Criterion, Record, Score, band, judge
from ckanext.lrtzc.search.model import Content, Link

SCORE = "metadata_score"
"""Where objects carry their score; automatic: what somebody sends for it is ignored (OBJ-4)."""
UNTIL = "score_until_date"
QUALITY, FRESHNESS, ACCESS = "vocab_quality", "vocab_freshness", "vocab_access"
"""Facets of the search; keys that begin with `vocab_` are nobody's own."""

_STRANGER: Any = {"user": "", "auth_user_obj": None}
_UNSTATED = frozenset({"", "notspecified"})
_FIELDS = {
    Criterion.FREQUENCY: "frequency",
    Criterion.KEPT: "frequency",
    Criterion.PERIOD: "temporal_coverage",
    Criterion.EXTENT: "spatial",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the portal found out by itself: columns that all may read, those that are documented, links that fail."""

    columns: int = 0
    documented: int = 0
    broken: frozenset[str] = frozenset()


def facts_of(package_id: str, contents: Iterable[Content]) -> Facts:
    """Give what is known of an object beyond what is said of it."""
    counted = [(one.columns or 0, one.documented or 0) for one in contents]
    failing = sa.select(Link.resource_id).where(Link.package_id == package_id, Link.is_broken())
    return Facts(
        sum(columns for columns, _ in counted),
        sum(documented for _, documented in counted),
        frozenset(model.Session.scalars(failing)),
    )


def _list(value: Any) -> list[Any]:
    if isinstance(value, str) and value[:1] == "[":
        try:
            value = json.loads(value)
        except ValueError:
            return []
    return value if isinstance(value, list) else []


def _day(value: Any) -> dt.date | None:
    text = str(value or "")
    try:
        return dt.date.fromisoformat(period_bounds("", text)[1] or "")
    except ValueError:
        return None


def _changed(dataset: Mapping[str, Any], today: dt.date) -> dt.date | None:
    """Give the day on which data last changed: what its producer says and when files came here, else its record's day.

    A record's own change isn't a change of its data, so it only serves where nothing else is known.
    """
    resources = dataset.get("resources") or []
    kept = (one for one in resources if one.get("url_type"))
    said = [dataset.get("modified"), *(one.get("modified") for one in resources)]
    said += [one.get("last_modified") or one.get("created") for one in kept]
    days = [day for day in map(_day, said) if day] or [
        day for day in (_day(one.get("last_modified") or one.get("created")) for one in resources) if day
    ]
    latest = max(days, default=_day(dataset.get("metadata_created")))
    return min(latest, today) if latest else None


def record_of(dataset: Mapping[str, Any], facts: Facts, today: dt.date) -> Record:
    """Give what the criteria ask of an object, as `package_show` gives it."""
    kind = kind_of(dataset.get("type"))
    resources = dataset.get("resources") or []
    asked = {one for one in Criterion if one not in _FIELDS or kind.has(_FIELDS[one])}
    if not kind.tabular:
        asked -= {Criterion.OPEN_FORMAT, Criterion.COLUMNS}
    if "resources" not in kind.required:
        asked -= {Criterion.REACHABLE}
    term = vocabularies()["frequency"].find(str(dataset.get("frequency") or ""))
    licence = str(dataset.get("license_id") or "")
    return Record(
        asked=frozenset(asked),
        licence=licence not in _UNSTATED and (find_licence(licence) is not None or bool(dataset.get("license_url"))),
        description=str(dataset.get("notes") or ""),
        formats=tuple(str(one.get("format") or "") for one in resources),
        files=len(resources),
        broken=sum(one.get("id") in facts.broken for one in resources),
        columns=facts.columns,
        documented=facts.documented,
        frequency=term.code if term else "",
        changed=_changed(dataset, today),
        period=any(one.get("start") or one.get("end") for one in _list(dataset.get("temporal_coverage"))),
        extent=any(dataset.get(name) for name in ("spatial", "communes", "spatial_coverage")),
    )


def _end(day: dt.date) -> dt.datetime:
    """Give the moment at which a day is over."""
    return midnight(day + dt.timedelta(days=1)).astimezone(dt.UTC)


def _told(score: Score, today: dt.date) -> dict[str, Any]:
    coming = score.due if score.due and score.due >= today else None
    return {
        "value": score.value,
        "freshness": score.freshness.value,
        "due": score.due.isoformat() if score.due else None,
        "until": _end(coming).isoformat() if coming else None,
        "criteria": {criterion.value: met for criterion, met in score.met.items()},
    }


def score(dataset: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    """Give an object's score as programs read it.

    `value` of 100; `freshness`; `due`, the day by which data should have changed; `until`, the moment up to which all
    this holds if nothing changes; `criteria`, those that count for its kind and whether each is met.
    """
    today = local_now().date()
    return _told(judge(record_of(dataset, facts, today), today), today)


def _openness(dataset: Mapping[str, Any]) -> tuple[str, dt.datetime | None]:
    """Give whether a stranger may have all of an object, a part, or nothing without asking, and until when."""
    decisions = decide_many(_STRANGER, [dataset["id"]], Action.READ)
    resources = dataset.get("resources") or []
    found = [decided(decisions, dataset["id"], one.get("id")) for one in resources]
    found = found or [decided(decisions, dataset["id"], None)]
    until = min((one.until for one in found if one.until), default=None)
    if all(one.whole for one in found):
        return "open", until
    return ("part" if any(one.permitted for one in found) else "request"), until


def put_into(document: dict[str, Any], contents: Iterable[Content]) -> dict[str, Any]:
    """Add to a document of the index the score of its object, its facets, and when it is to be made anew."""
    for name in (UNTIL, QUALITY, FRESHNESS, ACCESS):
        document.pop(name, None)
    if document.get("dataset_type") not in TYPES or not document.get("validated_data_dict"):
        return document
    dataset = json.loads(document["validated_data_dict"])
    dataset[SCORE] = found = score(dataset, facts_of(dataset["id"], contents))
    document["validated_data_dict"] = json.dumps(dataset)
    document[QUALITY] = [band(found["value"])]
    if Criterion.FREQUENCY in found["criteria"]:
        document[FRESHNESS] = [found["freshness"]]
    ends = [dt.datetime.fromisoformat(found["until"])] if found["until"] else []
    if document.get("capacity") == "public" and document.get("state") == "active":
        state, until = _openness(dataset)
        document[ACCESS] = [state]
        ends += [until] if until else []
    if ends:
        document[UNTIL] = f"{min(ends).astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
    return document


def shown(context: Any, dataset: dict[str, Any]) -> None:
    """Add the score to an object that an action shows: that of the index while it holds, else made now."""
    if dataset.get("type") not in TYPES or not dataset.get("id"):
        return
    kept = dataset.get(SCORE)
    if isinstance(kept, dict) and (
        not kept.get("until") or dt.datetime.fromisoformat(kept["until"]) > dt.datetime.now(dt.UTC)
    ):
        return
    dataset.pop(SCORE, None)
    # what is built for the index or for a change isn't shown to anybody
    if context.get("use_cache", True) and not context.get("for_update"):
        contents = sa.select(Content).where(Content.package_id == dataset["id"])
        dataset[SCORE] = score(dataset, facts_of(dataset["id"], model.Session.scalars(contents)))
