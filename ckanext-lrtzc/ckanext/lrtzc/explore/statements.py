"""A query made into SQL over the relation that the reader may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import INT8MULTIRANGE

from ckanext.lrtzc.explore.domain.query import Query
from ckanext.lrtzc.tabular.conditions import comparable, condition, in_box, near
from ckanext.lrtzc.tabular.relation import Relation


@dataclass(frozen=True)
class Source(Relation):
    """A relation that answers queries of the explorer.

    `keys`: only rows with these keys, as text of an int8multirange.
    """

    keys: str | None = None

    def conditions(self, query: Query) -> list[sa.ColumnElement[bool]]:
        """Give what rows must meet for the query."""
        found = [condition(self.column(item.column), self.table[item.column], item) for item in query.filters]
        if query.box:
            found.append(in_box(self.geometry, query.box))
        if query.near:
            found.append(near(self.geometry, query.near))
        if query.search:
            found.append(self.matches(query.search))
        if self.keys is not None:
            key = sa.cast(self.key, sa.BigInteger())
            found.append(key.op("<@", is_comparison=True)(sa.cast(sa.literal(self.keys), INT8MULTIRANGE)))
        return found

    def order(self, query: Query) -> list[sa.ColumnElement[Any]]:
        """Give the order of the rows: as asked, empty values last, then by key so that pages never overlap."""
        order: list[sa.ColumnElement[Any]] = []
        for item in query.sort:
            column = comparable(self.column(item.column), self.table[item.column])
            order.append((column.desc() if item.descending else column.asc()).nulls_last())
        if self.table.has_key:
            order.append(self.key.desc() if query.before is not None else self.key.asc())
        return order

    def select(self, query: Query, columns: Sequence[sa.ColumnElement[Any]]) -> sa.Select[Any]:
        """Select expressions over the rows of a query, in no order and without limit."""
        return sa.select(*columns).select_from(self.source).where(*self.conditions(query))
