"""The types of questions: how XLSForm calls them, and what the portal makes of each."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a question asks for."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    RANGE = "range"
    ONE = "select_one"
    MANY = "select_multiple"
    DATE = "date"
    TIME = "time"
    DATETIME = "dateTime"
    POINT = "geopoint"
    LINE = "geotrace"
    AREA = "geoshape"
    TICK = "acknowledge"
    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    FILE = "file"
    NOTE = "note"
    CALCULATE = "calculate"
    HIDDEN = "hidden"
    START = "start"
    END = "end"
    TODAY = "today"
    GROUP = "group"
    REPEAT = "repeat"
    ABSENT = "absent"
    """Asked by other programs only: the portal's pages leave it out."""


ASKED = frozenset(
    [
        Kind.TEXT, Kind.INTEGER, Kind.DECIMAL, Kind.RANGE, Kind.ONE, Kind.MANY, Kind.DATE, Kind.TIME, Kind.DATETIME,
        Kind.POINT, Kind.LINE, Kind.AREA, Kind.TICK, Kind.IMAGE, Kind.AUDIO, Kind.VIDEO, Kind.FILE,
    ]
)  # fmt: skip
FILES = frozenset([Kind.IMAGE, Kind.AUDIO, Kind.VIDEO, Kind.FILE])
PLACES = frozenset([Kind.POINT, Kind.LINE, Kind.AREA])
CHOSEN = frozenset([Kind.ONE, Kind.MANY])
COMPUTED = frozenset([Kind.CALCULATE, Kind.HIDDEN, Kind.START, Kind.END, Kind.TODAY])
NESTING = frozenset([Kind.GROUP, Kind.REPEAT])
METADATA = frozenset([Kind.START, Kind.END, Kind.TODAY])

NAMES: dict[str, Kind] = {
    "text": Kind.TEXT,
    "string": Kind.TEXT,
    "barcode": Kind.TEXT,
    "integer": Kind.INTEGER,
    "int": Kind.INTEGER,
    "decimal": Kind.DECIMAL,
    "range": Kind.RANGE,
    "date": Kind.DATE,
    "time": Kind.TIME,
    "datetime": Kind.DATETIME,
    "geopoint": Kind.POINT,
    "gps": Kind.POINT,
    "location": Kind.POINT,
    "geotrace": Kind.LINE,
    "geoshape": Kind.AREA,
    "acknowledge": Kind.TICK,
    "trigger": Kind.TICK,
    "image": Kind.IMAGE,
    "photo": Kind.IMAGE,
    "audio": Kind.AUDIO,
    "video": Kind.VIDEO,
    "file": Kind.FILE,
    "note": Kind.NOTE,
    "calculate": Kind.CALCULATE,
    "hidden": Kind.HIDDEN,
    "start": Kind.START,
    "end": Kind.END,
    "today": Kind.TODAY,
}
#: What telephones fill in or other programs send: it isn't asked on pages.
ELSEWHERE = frozenset(
    [
        "background-audio", "osm", "rank", "xml-external", "csv-external",
        "deviceid", "phonenumber", "username", "email", "subscriberid", "simserial", "imei", "audit", "start-geopoint",
        "background-geopoint", "uri:deviceid", "uri:phonenumber", "uri:username", "uri:email", "uri:simserial",
        "uri:subscriberid", "entity",
    ]
)  # fmt: skip
EXTERNAL = {"csv-external": ".csv", "xml-external": ".xml"}
"""Rows that ask nothing and name a file for `instance()`: their types, and how the file's name ends."""
METADATA_ELSEWHERE = frozenset(
    name for name in ELSEWHERE if name.startswith(("uri:", "device", "phone", "user", "email", "subsc", "sim", "imei"))
) | {"audit", "start-geopoint", "background-geopoint"}
ONE_OF = ("select_one", "select one", "select one from", "select1", "add select one prompt using")
MANY_OF = (
    "select_multiple", "select multiple", "select all that apply from", "select all that apply",
    "add select multiple prompt using",
)  # fmt: skip
ONE_OF_FILE = ("select_one_from_file", "select one from file")
MANY_OF_FILE = ("select_multiple_from_file", "select multiple from file")
ONE_OF_SHEET = ("select_one_external", "select one external")
CHOSEN_ELSEWHERE = ("rank", "osm")
