"""The addresses of the explorer, made from the state of a view."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.explore.domain.query import Query, View, write_query
from ckanext.lrtzc.tabular.domain.columns import Column, Kind, Table
from ckanext.lrtzc.tabular.domain.filters import ColumnFilter, Operator, write_floats


class Addresses:
    """The addresses that a view leads to. `dataset` is the name of the dataset."""

    def __init__(self, dataset: str, table: Table, query: Query):
        self.dataset, self.table, self.query = dataset, table, query

    def _at(self, endpoint: str, **values: Any) -> str:
        return tk.h.url_for(f"lrtzc_explore.{endpoint}", id=self.dataset, resource_id=self.table.resource_id, **values)

    def url(
        self,
        query: Query | None = None,
        endpoint: str = "page",
        more: Sequence[tuple[str, str]] = (),
        **values: Any,
    ) -> str:
        """Give the address of a view, or of another endpoint on the same selection, with `more` parameters."""
        pairs = [*write_query(self.query if query is None else query), *more]
        address = self._at(endpoint, **values)
        return f"{address}?{urlencode(pairs)}" if pairs else address

    @property
    def here(self) -> str:
        """Give the address that says exactly this state."""
        return self.url()

    @property
    def shared_url(self) -> str:
        """Give the same with the portal's host, to send to somebody."""
        pairs = write_query(self.query)
        address = self._at("page", qualified=True)
        return f"{address}?{urlencode(pairs)}" if pairs else address

    @property
    def bare_url(self) -> str:
        """Give the address that forms send to."""
        return self._at("page")

    @property
    def columns_url(self) -> str:
        """Give the address of the dictionary, which keeps the state."""
        return self.url(endpoint="columns")

    @property
    def dictionary_url(self) -> str:
        """Give the address of the Table Schema."""
        return self._at("dictionary")

    def row_url(self, key: int) -> str:
        """Give the address of a row's own page."""
        return self._at("row", key=key)

    def showing(self, view: str) -> str:
        """Give the address of the same selection in another view."""
        return self.url(self.query.showing(View(view)))

    def column_url(self, column: Column) -> str:
        """Give the address of the statistics of one column."""
        return self.url(replace(self.query.showing(View.STATS), columns=(column.id,)))

    def value_url(self, column: Column, value: str) -> str:
        """Give the address of the rows that hold a value."""
        shown = value == "true" if column.kind is Kind.BOOLEAN else value
        item = ColumnFilter(column.id, Operator.IS, (shown,))
        others = tuple(kept for kept in self.query.filters if kept.parameter != item.parameter)
        return self.url(replace(self.query.showing(View.TABLE), filters=(*others, item)))

    def opening(self, column: Column) -> str:
        """Give the address of the same view with the filters of a column open."""
        return self.url(more=[("filter", column.id)])

    @property
    def cleared_url(self) -> str:
        """Give the address without any filter."""
        return self.url(replace(self.query.first_page(), filters=(), box=None, near=None, search=""))

    @property
    def chart_url(self) -> str:
        """Give the address of the chart's specification."""
        return self.url(endpoint="chart")

    @property
    def _mapped(self) -> str:
        query = replace(self.query.first_page(), view=View.TABLE, chart=None, sort=(), columns=())
        return urlencode(write_query(query))

    @property
    def features_url(self) -> str:
        """Give the address of the features on the map."""
        return f"{self._at('map_features')}?{self._mapped}"

    @property
    def tiles_url(self) -> str:
        """Give the address of the tiles, with `{z}`, `{x}` and `{y}` in the place of numbers."""
        path = self._at("map_tile", z=0, x=0, y=0).replace("/0/0/0.mvt", "/{z}/{x}/{y}.mvt")
        return f"{path}?{self._mapped}"

    @property
    def contours_url(self) -> str:
        """Give the address of the territory's contours."""
        return tk.h.url_for("lrtzc_explore.contours", locale="default")

    @property
    def boxless_url(self) -> str:
        """Give this view without its rectangle, ready for another: it ends where `bbox=` goes on."""
        address = self.url(replace(self.query.first_page(), box=None))
        return f"{address}{'&' if '?' in address else '?'}bbox="

    @property
    def near_text(self) -> str:
        """Give the point that rows are near to, as one types it."""
        near = self.query.near
        return write_floats(near.longitude, near.latitude, near.radius) if near else ""
