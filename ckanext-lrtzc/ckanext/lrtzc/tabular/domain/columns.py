"""The columns of a table, as the person who explores sees them."""

from dataclasses import dataclass, field
from enum import StrEnum

KEY = "_id"
GEOMETRY = "_geometry"
FULL_TEXT = "_full_text"


class Kind(StrEnum):
    """What one may ask of a column; several database types share a kind."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    OTHER = "other"

    @property
    def is_number(self) -> bool:
        """Say whether sums and bins make sense."""
        return self in (Kind.INTEGER, Kind.NUMBER)

    @property
    def is_time(self) -> bool:
        """Say whether before and after make sense."""
        return self in (Kind.DATE, Kind.DATETIME)


# PostgreSQL's internal type names (pg_type.typname).
_KINDS = {
    "text": Kind.TEXT,
    "varchar": Kind.TEXT,
    "bpchar": Kind.TEXT,
    "name": Kind.TEXT,
    "uuid": Kind.OTHER,
    "int2": Kind.INTEGER,
    "int4": Kind.INTEGER,
    "int8": Kind.INTEGER,
    "float4": Kind.NUMBER,
    "float8": Kind.NUMBER,
    "numeric": Kind.NUMBER,
    "bool": Kind.BOOLEAN,
    "date": Kind.DATE,
    "timestamp": Kind.DATETIME,
    "timestamptz": Kind.DATETIME,
}


def kind_of(database_type: str) -> Kind:
    """Give the kind of a PostgreSQL type name (`int8`, `timestamp`…); unknown ones are read as text only."""
    return _KINDS.get(database_type, Kind.OTHER)


@dataclass(frozen=True)
class Column:
    """One column: its name in the table, its kind, and what the dictionary says of it.

    `unit` is the unit of the values as the dictionary writes it (`kWh`, `€`…), empty when there is none.
    `zoned` is true for instants that carry a time zone.
    """

    id: str
    kind: Kind
    label: str = ""
    notes: str = ""
    unit: str = ""
    concept: str = ""
    database_type: str = ""
    zoned: bool = False

    @property
    def title(self) -> str:
        """Give the name to show: the label when there is one."""
        return self.label or self.id


@dataclass(frozen=True)
class Table:
    """A table one explores: its visible columns in order, and what it can do.

    `estimate` is the database's own idea of the number of rows, or None when it has none yet. `language` is the
    full-text configuration by which the words of all its rows were made, or nothing where that isn't known.
    """

    resource_id: str
    columns: tuple[Column, ...]
    has_geometry: bool = False
    has_full_text: bool = False
    language: str = ""
    has_key: bool = True
    estimate: int | None = None
    version: str = ""
    _by_id: dict[str, Column] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {column.id: column for column in self.columns})

    def get(self, column_id: str) -> Column | None:
        """Give the column of that name, or None."""
        return self._by_id.get(column_id)

    def __getitem__(self, column_id: str) -> Column:
        return self._by_id[column_id]
