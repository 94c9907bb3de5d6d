"""What every writer is given and gives."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import sqlalchemy as sa

from ckanext.lrtzc.tabular.conditions import whole
from ckanext.lrtzc.tabular.domain.columns import Column

Batches = Iterator[Sequence[Sequence[Any]]]


@dataclass(frozen=True)
class Options:
    """What a person may choose of a file: the delimiter of a CSV, and whether it says that it is UTF-8."""

    delimiter: str = ","
    mark: bool = False


class Writer(ABC):
    """One format. A writer is used once."""

    name: ClassVar[str]
    mimetype: ClassVar[str]
    needs_geometry: ClassVar[bool] = False

    def __init__(self, columns: Sequence[Column], has_geometry: bool, title: str, options: Options):
        self.columns = tuple(columns)
        self.has_geometry = has_geometry
        self.title = title
        self.options = options

    def expression(self, raw: sa.ColumnElement[Any], column: Column) -> sa.ColumnElement[Any]:
        """Make what is read of a column; ISO text for times unless the format needs otherwise."""
        return whole(raw, column)

    def geometry(self, raw: sa.ColumnElement[Any]) -> sa.ColumnElement[Any] | None:
        """Make what is read of the geometry, as one more value at the end of each row; None when it isn't written."""
        return None

    @abstractmethod
    def write(self, batches: Batches) -> Iterator[bytes]:
        """Turn batches of rows into the chunks of a file."""
