"""The score of an object's metadata, and whether its data keep the rhythm that is declared of them (CAT-3).

The criteria are those of data.gouv.fr's quality score (udata, `udata.core.dataset.models.Dataset.quality`: description,
licence, update frequency and whether it is kept, period, area, open format, files that answer, documented files),
weighed by how much they hinder whoever wants to use the data. A criterion that an object can't meet, because its kind
has no such field, isn't counted.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from types import MappingProxyType


class Criterion(StrEnum):
    """What is looked at, in the order in which it is told."""

    LICENCE = "licence"
    DESCRIPTION = "description"
    OPEN_FORMAT = "open_format"
    REACHABLE = "reachable"
    COLUMNS = "columns"
    FREQUENCY = "frequency"
    KEPT = "frequency_kept"
    PERIOD = "period"
    EXTENT = "extent"


WEIGHTS: Mapping[Criterion, int] = MappingProxyType(
    {
        Criterion.LICENCE: 3,
        Criterion.DESCRIPTION: 2,
        Criterion.OPEN_FORMAT: 2,
        Criterion.REACHABLE: 3,
        Criterion.COLUMNS: 2,
        Criterion.FREQUENCY: 2,
        Criterion.KEPT: 2,
        Criterion.PERIOD: 1,
        Criterion.EXTENT: 1,
    }
)
DESCRIBED = 100
"""Characters of a description that tells something; udata's own bound."""
OPEN_FORMATS = frozenset(
    """csv tsv txt json geojson ndjson jsonl jsonld xml gml kml gpx rdf ttl n3 nt ods odt parquet geoparquet arrow
    gpkg geopackage sqlite html md gtfs gtfsrt netbios siri netex netcdf grib geotiff png svg flac ogg webm zip gzip
    tar wms wfs wmts ogcapi shp shapefile siard avro yaml""".split()  # noqa: SIM905
)
"""Formats that are read without buying a program, in small letters, signs left out."""


class Freshness(StrEnum):
    """Whether data keep their rhythm."""

    KEPT = "kept"
    LATE = "late"
    FREE = "free"
    FIXED = "fixed"
    UNDECLARED = "undeclared"


_RARELY_COUNTED = {"UPDATE_CONT", "CONT", "1MIN", "5MIN", "10MIN", "15MIN", "30MIN", "HOURLY", "BIHOURLY", "TRIHOURLY"}
DAYS: Mapping[str, int] = MappingProxyType(
    {
        **dict.fromkeys(_RARELY_COUNTED, 1),
        "12HRS": 1,
        "DAILY_2": 1,
        "DAILY": 1,
        "WEEKLY_5": 3,
        "WEEKLY_3": 3,
        "WEEKLY_2": 4,
        "WEEKLY": 7,
        "BIWEEKLY": 14,
        "MONTHLY_3": 11,
        "MONTHLY_2": 16,
        "MONTHLY": 31,
        "BIMONTHLY": 62,
        "QUARTERLY": 92,
        "ANNUAL_3": 123,
        "ANNUAL_2": 184,
        "ANNUAL": 366,
        "BIENNIAL": 731,
        "TRIENNIAL": 1_096,
        "QUADRENNIAL": 1_461,
        "QUINQUENNIAL": 1_827,
        "DECENNIAL": 3_653,
        "BIDECENNIAL": 7_305,
        "TRIDECENNIAL": 10_958,
    }
)
"""Days between two changes at most, by code of the authority table of frequencies; what changes many times a day is
looked at by the day."""
_FIXED = frozenset({"NEVER", "NOT_PLANNED"})


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of an object, as far as the criteria ask.

    `asked` are the criteria that its kind can meet. `frequency` is a code of the authority table, empty where none is
    declared; `changed` the day its data last changed. `columns` of its tables are open to all, `documented` of them say
    what they hold. `links` lead to data that aren't kept here, `broken` of them don't answer.
    """

    asked: frozenset[Criterion]
    licence: bool = False
    description: str = ""
    formats: tuple[str, ...] = ()
    files: int = 0
    broken: int = 0
    columns: int = 0
    documented: int = 0
    frequency: str = ""
    changed: dt.date | None = None
    period: bool = False
    extent: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """`value` of 100; the criteria that count and whether each is met; `due`: when data become late."""

    value: int
    met: Mapping[Criterion, bool]
    freshness: Freshness
    due: dt.date | None = None


def due_day(frequency: str, changed: dt.date | None) -> dt.date | None:
    """Give the last day on which data that changed on a day keep their rhythm; None where they have none.

    A quarter of the rhythm is forgiven, a day at least: publishers' own delays, harvests at night.
    """
    days = DAYS.get(frequency)
    if days is None or changed is None:
        return None
    try:
        return changed + dt.timedelta(days=days + max(1, ceil(days / 4)))
    except OverflowError:
        return None


def freshness(frequency: str, changed: dt.date | None, today: dt.date) -> Freshness:
    """Say whether data keep the rhythm that is declared of them."""
    if frequency in _FIXED:
        return Freshness.FIXED
    if frequency in ("", "UNKNOWN"):
        return Freshness.UNDECLARED
    due = due_day(frequency, changed)
    if due is None:
        return Freshness.FREE
    return Freshness.KEPT if today <= due else Freshness.LATE


def plain_format(name: str) -> str:
    """Give a format's name as `OPEN_FORMATS` writes it.

    >>> plain_format(".GeoJSON")
    'geojson'
    """
    return "".join(char for char in name.casefold() if char.isalnum())


def judge(record: Record, today: dt.date) -> Score:
    """Give the score of an object's metadata on a day."""
    state = freshness(record.frequency, record.changed, today)
    found: dict[Criterion, bool] = {
        Criterion.LICENCE: record.licence,
        Criterion.DESCRIPTION: len(record.description.strip()) >= DESCRIBED,
        Criterion.FREQUENCY: state is not Freshness.UNDECLARED,
        Criterion.PERIOD: record.period,
        Criterion.EXTENT: record.extent,
        Criterion.REACHABLE: record.files > 0 and not record.broken,
        Criterion.OPEN_FORMAT: any(plain_format(name) in OPEN_FORMATS for name in record.formats),
    }
    if state in (Freshness.KEPT, Freshness.LATE):
        found[Criterion.KEPT] = state is Freshness.KEPT
    if record.columns:
        found[Criterion.COLUMNS] = record.documented == record.columns
    met = {one: found[one] for one in Criterion if one in record.asked and one in found}
    whole = sum(WEIGHTS[one] for one in met)
    value = round(100 * sum(WEIGHTS[one] for one, done in met.items() if done) / whole) if whole else 0
    return Score(value, MappingProxyType(met), state, due_day(record.frequency, record.changed))


BANDS = (80, 60, 40, 0)
"""Lower bounds of the bands by which results are narrowed."""


def band(value: int) -> str:
    """Give the band of a score, as the search names it.

    >>> band(67)
    '60-79'
    """
    above = 100
    for low in BANDS:
        if value >= low:
            return f"{low}-{above}"
        above = low - 1
    raise ValueError(value)
