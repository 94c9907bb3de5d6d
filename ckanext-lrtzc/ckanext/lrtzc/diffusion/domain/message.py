"""What a message says: what came, and where to read it; never a row."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NEW_VERSION = "dataset.version"
TEST = "dataset.test"


@dataclass(frozen=True, slots=True)
class Came:
    """A version as a message tells it; `came` and `rows` are counts of rows, None where they aren't said."""

    number: int
    mode: str
    happened: dt.datetime
    came: int | None
    rows: int | None
    partial: bool


def body(kind: str, moment: dt.datetime, data: Mapping[str, Any]) -> bytes:
    """Write a message (Standard Webhooks, “Payload structure”): type, timestamp, data.

    :param moment: when what it tells happened
    """
    said = {"type": kind, "timestamp": moment.astimezone(dt.UTC).isoformat(), "data": data}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def version_data(
    dataset: Mapping[str, Any], resource: Mapping[str, Any], came: Came, full: Mapping[str, str], delta: str | None
) -> dict[str, Any]:
    """Give what is said of a version.

    :param dataset: its `id`, `name`, `title`, `url`; `resource`: `id`, `name`, `url`
    :param full: addresses of all of it by format; `delta`: that of what came or changed, None where all is new
    """
    return {
        "dataset": dict(dataset),
        "resource": dict(resource),
        "version": {
            "number": came.number,
            "mode": came.mode,
            "integrated": came.happened.astimezone(dt.UTC).isoformat(),
            "rows_that_came": came.came,
            "rows": came.rows,
            "only_a_part_is_yours": came.partial,
        },
        "full": dict(full),
        "delta": delta,
    }
