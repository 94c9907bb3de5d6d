"""The part of a table that somebody may see: which columns, of which rows, and how exactly.

A `Perimeter` is what one grant opens. Several grants add up; several rules (rights, licence, consent) each hold back
what they hold back. A `Part` keeps both: all of its `layers` must agree, and within a layer any perimeter is enough.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from ckanext.lrtzc.tabular.domain.columns import Table
from ckanext.lrtzc.tabular.domain.filters import ColumnFilter, operators_for


class Coarser(StrEnum):
    """How a value is made less exact, its type staying the same.

    START keeps the first `size` characters of a text; STEP rounds a number down to a multiple of `size`; MONTH and
    YEAR give the first day of a date's month or year.
    """

    START = "start"
    STEP = "step"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True)
class Mask:
    """A column shown less exactly; `size` is in characters or in the column's unit."""

    column: str
    coarser: Coarser
    size: int = 1


@dataclass(frozen=True)
class Perimeter:
    """Some columns of some rows: `columns` None means all of them, `rows` are filters that all hold."""

    columns: frozenset[str] | None = None
    rows: tuple[ColumnFilter, ...] = ()
    masks: tuple[Mask, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Say whether nothing is held back."""
        return self.columns is None and not self.rows and not self.masks

    def shows(self, column: str) -> bool:
        """Say whether the column is among those shown."""
        return self.columns is None or column in self.columns

    def mask(self, column: str) -> Mask | None:
        """Give how the column is made less exact, or None."""
        return next((mask for mask in self.masks if mask.column == column), None)

    def fits(self, table: Table) -> bool:
        """Say whether the table still has every column that the perimeter's filters and masks speak of.

        Where it has not, nothing of the table may be shown by this perimeter: what it held back can't be told.
        """
        for item in self.rows:
            column = table.get(item.column)
            if column is None or item.operator not in operators_for(column):
                return False
        return all(table.get(mask.column) is not None for mask in self.masks)


@dataclass(frozen=True)
class Part:
    """What may be seen of a table. No layer means all of it."""

    layers: tuple[tuple[Perimeter, ...], ...] = field(default=())

    @property
    def is_whole(self) -> bool:
        """Say whether nothing is held back."""
        return not self.layers

    @classmethod
    def of(cls, perimeters: Iterable[Perimeter]) -> "Part":
        """Give what these perimeters open together."""
        layer = tuple(dict.fromkeys(perimeters))
        return cls() if any(perimeter.is_whole for perimeter in layer) else cls((layer,))

    def within(self, other: "Part") -> "Part":
        """Give what both parts show."""
        return Part(tuple(dict.fromkeys((*self.layers, *other.layers))))

    def shows(self, column: str) -> bool:
        """Say whether the column is seen in some row at least."""
        return all(any(perimeter.shows(column) for perimeter in layer) for layer in self.layers)

    def changes(self, column: str) -> bool:
        """Say whether the column's values are hidden or less exact in some rows that are seen."""
        return any(
            not perimeter.shows(column) or perimeter.mask(column) is not None
            for layer in self.layers
            for perimeter in layer
        )


EVERYTHING = Part()
