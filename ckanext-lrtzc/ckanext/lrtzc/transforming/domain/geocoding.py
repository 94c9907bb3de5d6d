"""Addresses made places by a geocoding service: the step, and what is said to the service and read of its answer.

The protocol is that of addok (https://addok.readthedocs.io, with addok-csv), by which the service of the French Base
Adresse Nationale answers: a table of addresses is sent to `search/csv`, and comes back with columns beside its own.
"""

from __future__ import annotations

import csv
import io
import math
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

import polars as pl

from .catalogue import Step
from .formulas import written
from .working import Tools, Unfit, Work, present, with_new

LONGEST_ADDRESS, SHORTEST_ADDRESS = 200, 3
"""Characters: addok refuses a whole table for one address that is longer, and a shorter one finds anything."""
_DECIMALS = 7
_BETWEEN = r"[\s\"\x00-\x1f\x7f\u2028\u2029]+"
_HEAD = ("id", "address", "postcode", "citycode")


@dataclass(frozen=True, slots=True)
class Address:
    """What is asked for: `text` as a letter's, the post code and the commune's INSEE code, empty where not known."""

    text: str
    postcode: str = ""
    citycode: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Where an address is (degrees, EPSG:4326), how sure that is (0 to 1), and the address that stands there."""

    longitude: float
    latitude: float
    score: float
    label: str


class Unknown(Enum):
    """Why there is no place: none was found, or the service wasn't asked since only a few rows are looked at."""

    NOWHERE = "nowhere"
    UNASKED = "unasked"


Place = Found | Unknown
_NOWHERE: Final = Unknown.NOWHERE


class Geocode(Work):
    """Give the longitude and latitude of addresses; one whose score is too low has none, and is counted."""

    def __init__(self, step: Step, tools: Tools):
        super().__init__(step, tools)
        self._made = [self.params[name] for name in ("longitude", "latitude", "score", "label") if self.params[name]]
        for name in self._made:
            if self._made.count(name) > 1:
                raise Unfit("taken", name=name)
        self._doubtful = self._unasked = 0

    def names(self, names: Sequence[str]) -> list[str]:
        """See the base."""
        params = self.params
        present(
            names, [*params["columns"], *(params[name] for name in ("city", "postcode", "citycode") if params[name])]
        )
        return with_new(names, self._made)

    def apply(self, data: pl.DataFrame) -> pl.DataFrame:
        """See the base."""
        rows = self._addresses(data)
        # each address is asked for once
        several = rows.unique(maintain_order=True).filter(_usable())
        places = self.tools.places([Address(*row) for row in several.iter_rows()])
        found = rows.join(several.with_columns(_columns(places)), on=list(_HEAD[1:]), how="left", maintain_order="left")
        sure = (found["score"] >= self.params["minimum"]).fill_null(value=False)
        unasked = found["unasked"].fill_null(value=False)
        self._unasked += int(unasked.sum())
        self._doubtful += int((found["score"].is_not_null() & ~sure).sum())
        self.left += int(((rows["address"] != "") & found["score"].is_null() & ~unasked).sum())
        nothing = pl.Series([None], dtype=pl.Float64)
        for name in ("longitude", "latitude"):
            data = self.put(data, self.params[name], written(found[name].round(_DECIMALS).zip_with(sure, nothing)))
        if self.params["score"]:
            data = self.put(data, self.params["score"], written(found["score"]))
        if self.params["label"]:
            label = found["label"].zip_with(sure, pl.Series([None], dtype=pl.String))
            data = self.put(data, self.params["label"], written(label))
        return data

    def more(self) -> Mapping[str, int]:
        """Count the rows whose address was found with too low a score, and those not asked for in a look at a few."""
        return {"doubtful": self._doubtful, "unasked": self._unasked}

    def _addresses(self, data: pl.DataFrame) -> pl.DataFrame:
        """Give what is asked for each row: nothing of it but the columns that the step names."""
        parts = [*self.params["columns"], *([self.params["city"]] if self.params["city"] else [])]
        text = pl.concat_str([pl.col(name) for name in parts], separator=" ", ignore_nulls=True)
        codes = [
            (pl.col(self.params[name]) if self.params[name] else pl.lit(None, dtype=pl.String)).alias(name)
            for name in ("postcode", "citycode")
        ]
        found = data.select(text.alias("address"), *codes)
        return found.select(pl.all().fill_null("").str.replace_all(_BETWEEN, " ").str.strip_chars())


def _usable() -> pl.Expr:
    length = pl.col("address").str.len_chars()
    return (
        length.is_between(SHORTEST_ADDRESS, LONGEST_ADDRESS)
        & pl.col("address").str.contains(r"[\p{L}\p{N}]")
        & (pl.col("postcode").str.len_chars() <= LONGEST_ADDRESS)
        & (pl.col("citycode").str.len_chars() <= LONGEST_ADDRESS)
    )


def _columns(places: Sequence[Place]) -> list[pl.Series]:
    found = [place if isinstance(place, Found) else None for place in places]
    numbers = [
        pl.Series(name, [getattr(place, name) if place else None for place in found], dtype=pl.Float64)
        for name in ("longitude", "latitude", "score")
    ]
    return [
        *numbers,
        pl.Series("label", [place.label if place else None for place in found], dtype=pl.String),
        pl.Series("unasked", [place is Unknown.UNASKED for place in places], dtype=pl.Boolean),
    ]


@dataclass(frozen=True)
class Question:
    """A table of addresses as it is sent: its `body` and media type, and the `ids` by which its rows come back."""

    body: bytes
    media_type: str
    ids: tuple[str, ...]


def question(addresses: Sequence[Address]) -> Question:
    """Write a table of addresses for the service; its rows are told apart by words that no other question has."""
    # a cache between us and the service may have the answer to another question, whose rows would be numbered alike
    token = secrets.token_hex(8)
    ids = tuple(f"{token}-{number}" for number in range(len(addresses)))
    table = io.StringIO()
    writer = csv.writer(table, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(_HEAD)
    writer.writerows((key, each.text, each.postcode, each.citycode) for key, each in zip(ids, addresses, strict=True))
    fields = [("columns", "address"), ("encoding", "utf-8"), ("delimiter", ",")]
    # a filter with no value in a row filters nothing of it; where no row has one, it isn't spoken of
    fields += [(name, name) for name in ("postcode", "citycode") if any(getattr(each, name) for each in addresses)]
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}' for name, value in fields]
    head = (
        'Content-Disposition: form-data; name="data"; filename="addresses.csv"\r\nContent-Type: text/csv; charset=utf-8'
    )
    parts.append(f"{head}\r\n\r\n{table.getvalue()}")
    boundary = f"----{token}{token}"
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts) + f"--{boundary}--\r\n"
    return Question(body.encode(), f"multipart/form-data; boundary={boundary}", ids)


def answer(body: bytes, ids: Sequence[str]) -> list[Place]:
    """Read the places of the rows that were asked for, in their order.

    :raises ValueError: it isn't an answer to that question: other rows, fewer, in another order, or no table at all
    """
    rows = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
    try:
        if not {"id", "longitude", "latitude", "result_score"} <= set(rows.fieldnames or ()):
            raise ValueError("columns")
        found: list[Place] = []
        errors = 0
        for number, row in enumerate(rows):
            if number >= len(ids) or row["id"] != ids[number] or None in row.values() or None in row:
                raise ValueError("rows")
            place, failed = _place(row)
            errors += failed
            found.append(place)
    except csv.Error as error:
        raise ValueError("csv") from error
    if len(found) != len(ids) or (found and errors == len(found)):
        raise ValueError("rows")
    return found


def _place(row: Mapping[str, str]) -> tuple[Place, bool]:
    """Give the place that a row of the answer tells, and whether the service failed at it. Raises ValueError."""
    status = row.get("result_status", "").strip()
    told = [row[name].strip() for name in ("longitude", "latitude", "result_score")]
    if status in ("error", "not-found", "skipped") or not any(told):
        return _NOWHERE, status == "error"
    longitude, latitude, score = (_number(text) for text in told)
    if abs(longitude) > 180 or abs(latitude) > 90 or score < 0:
        raise ValueError("place")
    label = re.sub(r"\s+", " ", row.get("result_label", "")).strip()
    return Found(longitude, latitude, score, label[:500]), False


def _number(text: str) -> float:
    found = float(text)
    if not math.isfinite(found):
        raise ValueError("number")
    return found
