"""What judges the rows of a batch between their typing and their storing; a room gives checks by `IBatchChecks`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import polars as pl

from .coltypes import ColumnType
from .problems import Problem


@dataclass(frozen=True)
class Load:
    """What a check is told of a load: for what, whose, the columns with their types in order.

    `placed`: rows have a geometry, in the column `_geometry` (hexadecimal EWKB, EPSG:4326). `released`: somebody has
    decided that the batch goes in although too much of it is wrong: its owner, or those who were asked. `key`: columns
    by which its rows take the place of those there are; none where they don't.
    """

    package_id: str
    resource_id: str
    author: str
    types: Mapping[str, ColumnType]
    placed: bool = False
    released: bool = False
    key: tuple[str, ...] = ()


@dataclass
class Judged:
    """A chunk once judged: `data` holds the rows that go in, with what was replaced in them.

    `refused` and `corrected` count rows, `counts` faults by code and column. `listed` are the first faults only, so
    that a rule broken by all rows costs no more than another.
    """

    data: pl.DataFrame
    refused: int = 0
    corrected: int = 0
    counts: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    listed: list[Problem] = field(default_factory=list[Problem])


class Then(StrEnum):
    """What becomes of a batch that a check doesn't let in, the most severe first.

    HOLD: it is put aside until its owner decides. ASK: those who judge the dataset's batches are asked; where nobody
    was named to, it is put aside.
    """

    REFUSE = "refuse"
    HOLD = "hold"
    ASK = "ask"


@dataclass(frozen=True)
class Conclusion:
    """What a check says of a whole batch: `report` as JSON can hold it, and `problem` where it may not go in.

    `then`: what becomes of it where it may not.
    """

    report: dict[str, Any]
    problem: Problem | None = None
    then: Then = Then.REFUSE


class BatchCheck(ABC):
    """A check of one load, which it sees chunk after chunk: typed columns, `_position`, `_geometry` where placed."""

    name: str
    """Where the report of a batch keeps what it says."""

    learns: bool = False
    """Whether it must have seen all rows, by `learn`, before it judges the first."""

    def begin(self, *, beside: bool) -> None:  # noqa: B027
        """Be told that the load begins, while nobody else loads the resource.

        :param beside: the rows join those that the resource has, rather than replace them
        """

    def learn(self, data: pl.DataFrame) -> None:  # noqa: B027
        """See a chunk before any is judged."""

    @abstractmethod
    def judge(self, data: pl.DataFrame) -> Judged:
        """Judge the rows of a chunk."""

    @abstractmethod
    def conclude(self, rows: int) -> Conclusion:
        """Judge the whole, once all chunks were; nothing is published yet.

        :param rows: how many the file has, with those that could not be read, without the empty ones
        """
