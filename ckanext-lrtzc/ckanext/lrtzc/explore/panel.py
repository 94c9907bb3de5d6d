"""What the explorer shows: the state of a view made into the parts that templates draw."""

import json
from dataclasses import dataclass, replace
from typing import Any, assert_never
from urllib.parse import urlencode

import ckan.plugins.toolkit as tk
from markupsafe import Markup

from ckanext.lrtzc.explore import words
from ckanext.lrtzc.explore.addresses import Addresses
from ckanext.lrtzc.explore.api import CELL_LIMIT, Failure, ReadingFailed, Rows, Selection, reading
from ckanext.lrtzc.explore.builder import Field, builder
from ckanext.lrtzc.explore.domain.query import SIZES, Sort, View, write_query
from ckanext.lrtzc.explore.parts import view_parts
from ckanext.lrtzc.tabular.domain.columns import Column, Kind
from ckanext.lrtzc.tabular.domain.filters import ColumnFilter, Operator
from ckanext.lrtzc.tabular.domain.formats import Format
from ckanext.lrtzc.tabular.domain.values import write
from ckanext.lrtzc.tabular.wording import condition, habits

# Columns in the table at first, and at most when one chooses them.
COLUMNS = 8
CHOSEN_COLUMNS = 60
MAP_COLUMNS = 4
# Values of one filter that are named where it is shown as on.
NAMED_VALUES = 5
# What an address says of a selection besides its filters.
_GRANTED = ("column", "q", "bbox", "near")


@dataclass(frozen=True)
class Cell:
    """A value as one sees it; `empty` when there is none, `cut` when there is more of it on the row's page."""

    text: str
    numeric: bool = False
    empty: bool = False
    cut: bool = False


@dataclass(frozen=True)
class Header:
    """The head of a column: how it is sorted, what its filters hold, where its links lead.

    `fields` holds the values of its filters by operator, as one types them. One column's filters are `opened` at a
    time, so that the page stays light.
    """

    column: Column
    index: int
    sort: str
    sort_url: str
    filter_url: str
    opened: bool
    fields: dict[str, str]
    filtered: bool
    kind: str


@dataclass(frozen=True)
class Applied:
    """A filter that is on: what it says, and the address without it."""

    text: str
    url: str


class Panel(Addresses):
    """The explorer's parts for one request. What reads the database does so in `load`.

    A `preview` stands in another page: its links lead to the explorer's own. `opened` is the column whose filters
    are open.
    """

    def __init__(self, selection: Selection, dataset: str, preview: bool = False, opened: str = ""):
        super().__init__(dataset, selection.table, selection.query)
        self.selection, self.preview, self.opened = selection, preview, opened
        self.habits: Format = habits()
        self.rows: Rows | None = None
        self.failure: Failure | None = None
        self.parts: dict[str, Any] = {}

    @property
    def columns(self) -> tuple[Column, ...]:
        """Give the columns in the table."""
        if self.query.view is View.MAP and not self.query.columns:
            return self.selection.columns(MAP_COLUMNS)
        return self.selection.columns(CHOSEN_COLUMNS if self.query.columns else COLUMNS)

    @property
    def problems(self) -> list[str]:
        """Say what wasn't understood in the address."""
        return [words.problem(found, self.table) for found in self.selection.problems]

    def load(self) -> "Panel":
        """Read what the view shows; a database that doesn't answer is a state of the page."""
        try:
            with reading() as connection:
                if self.query.view in (View.TABLE, View.MAP):
                    self.rows = self.selection.page(connection, self.columns)
                self.parts = view_parts(self.selection, connection, self.habits)
        except ReadingFailed as failed:
            self.failure = failed.failure
        return self

    @property
    def failure_text(self) -> str:
        """Say why there is nothing to show."""
        return words.failure(self.failure) if self.failure else ""

    @property
    def tabs(self) -> list[tuple[str, str, str]]:
        """Give the views one can open: code, name and address."""
        names = [(View.TABLE, tk._("Table"), "table"), (View.STATS, tk._("Statistics"), "list")]
        if self.table.has_geometry:
            names.append((View.MAP, tk._("Map"), "map"))
        names.append((View.CHART, tk._("Chart"), "chart"))
        return [(str(view), name, icon) for view, name, icon in names]

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """Give what the form of filters must carry along without showing it."""
        shown = {f"{op}.{header.column.id}" for header in self.headers if header.opened for op in header.fields}
        shown |= {"q", "after", "before", "page"}
        if self.query.view is View.MAP:
            shown.add("near")
        return [(name, value) for name, value in write_query(self.query) if name not in shown]

    def carried(self, *left_out: str) -> list[tuple[str, str]]:
        """Give the parameters of this state but some, for a form of its own."""
        return [(name, value) for name, value in write_query(self.query) if name not in left_out]

    # The table

    @property
    def headers(self) -> list[Header]:
        """Give the heads of the columns in the table."""
        filters = {(item.column, item.operator): item for item in self.query.filters}
        sorts = {item.column: item for item in self.query.sort}
        return [self._header(index, column, filters, sorts.get(column.id)) for index, column in enumerate(self.columns)]

    def _header(
        self, index: int, column: Column, filters: dict[tuple[str, Operator], ColumnFilter], sort: Sort | None
    ) -> Header:
        offered = {
            Kind.TEXT: (Operator.CONTAINS, Operator.IS),
            Kind.OTHER: (Operator.CONTAINS, Operator.IS),
            Kind.INTEGER: (Operator.MIN, Operator.MAX),
            Kind.NUMBER: (Operator.MIN, Operator.MAX),
            Kind.DATE: (Operator.FROM, Operator.TO),
            Kind.DATETIME: (Operator.FROM, Operator.TO),
            Kind.BOOLEAN: (Operator.IS,),
        }[column.kind]
        fields = {
            str(operator): write(filters[column.id, operator].values[0]) if (column.id, operator) in filters else ""
            for operator in (*offered, Operator.EMPTY)
        }
        return Header(
            column,
            index,
            sort="" if sort is None else "descending" if sort.descending else "ascending",
            sort_url=self.url(self.query.sorted_by(column.id)),
            filter_url=self.opening(column),
            opened=column.id == self.opened,
            fields=fields,
            filtered=any(name == column.id for name, _operator in filters),
            kind=words.kind(column),
        )

    def cell(self, value: Any, column: Column, cut: bool = True) -> Cell:
        """Write a value by the habits of the language; texts stay as they are."""
        if value is None or value == "":
            return Cell("", empty=True, numeric=column.kind.is_number)
        match column.kind:
            case Kind.INTEGER | Kind.NUMBER:
                return Cell(self.habits.number(value), numeric=True)
            case Kind.BOOLEAN:
                return Cell(tk._("yes") if value else tk._("no"))
            case Kind.DATE | Kind.DATETIME:
                return Cell(self.habits.moment(value))
            case Kind.TEXT | Kind.OTHER:
                long = cut and len(value) > CELL_LIMIT
                return Cell(value[:CELL_LIMIT] + "…" if long else value, cut=long)
            case _:
                assert_never(column.kind)

    @property
    def lines(self) -> list[tuple[int | None, list[Cell]]]:
        """Give the rows of the page with their keys."""
        if self.rows is None:
            return []
        columns = self.columns
        return [
            (row.key, [self.cell(value, column) for value, column in zip(row.values, columns, strict=True)])
            for row in self.rows.rows
        ]

    @property
    def total(self) -> str:
        """Say how many rows there are."""
        if self.rows is None:
            return ""
        return self.counted(self.rows.total, self.rows.about)

    def counted(self, total: int, about: bool) -> str:
        """Say a number of rows; an estimate is rounded and said to be one."""
        if about:
            magnitude = 10 ** max(0, len(str(total)) - 3)
            return tk._("about {count} rows").format(count=self.habits.number(round(total / magnitude) * magnitude))
        return tk.ungettext("{count} row", "{count} rows", total).format(count=self.habits.number(total))

    @property
    def previous_url(self) -> str:
        """Give the address of the page before, or nothing."""
        if self.rows is None or not self.rows.has_previous:
            return ""
        if self._by_key:
            first = self.rows.rows[0].key if self.rows.rows else None
            return self.url(replace(self.query.first_page(), before=first) if first else self.query.first_page())
        return self.url(replace(self.query, page=self.query.page - 1))

    @property
    def next_url(self) -> str:
        """Give the address of the page after, or nothing."""
        if self.rows is None or not self.rows.has_next or not self.rows.rows:
            return ""
        if self._by_key:
            return self.url(replace(self.query.first_page(), after=self.rows.rows[-1].key))
        return self.url(replace(self.query, page=self.query.page + 1))

    @property
    def _by_key(self) -> bool:
        return self.table.has_key and not self.query.sort and not self.query.search

    @property
    def longer_url(self) -> str:
        """Give the address of the same with as many rows as a page may hold; nothing where it shows them all."""
        if self.rows is None or not self.rows.has_next or self.query.size == SIZES[-1]:
            return ""
        return self.url(replace(self.query.first_page(), size=SIZES[-1]))

    # What is on

    @property
    def applied(self) -> list[Applied]:
        """Give the filters that are on."""
        found = [
            Applied(condition(item, self.table[item.column], NAMED_VALUES), self.url(self.query.without(item)))
            for item in self.query.filters
        ]
        for place in (self.query.box, self.query.near):
            if place is not None:
                found.append(Applied(words.place(place, self.habits), self.url(self.query.without(place))))
        if self.query.search:
            text = tk._("Words: {words}").format(words=self.query.search)
            found.append(Applied(text, self.url(replace(self.query.first_page(), search=""))))
        return found

    @property
    def formats(self) -> list[tuple[str, str, str]]:
        """Give the formats one can take the selection away in: code, name and address."""
        names = [("csv", "CSV"), ("xlsx", "Excel (XLSX)"), ("json", "JSON")]
        if self.table.has_geometry:
            names.append(("geojson", "GeoJSON"))
        names.append(("parquet", "Parquet"))
        found = [(code, name, self.url(endpoint="export", name=code)) for code, name in names]
        spreadsheet = (("delimiter", "semicolon"), ("bom", "1"))
        found.insert(1, ("csv-excel", tk._("CSV for Excel"), self.url(None, "export", spreadsheet, name="csv")))
        return found

    @property
    def grant_url(self) -> str:
        """Give where those who may change the dataset open this selection to somebody; nothing to the others."""
        if not self.selection.decision.insider:
            return ""
        kept = [(name, value) for name, value in write_query(self.query) if "." in name or name in _GRANTED]
        address = tk.h.url_for("lrtzc_access.grant", id=self.dataset, resource=self.table.resource_id)
        return f"{address}&{urlencode(kept)}" if kept else address

    @property
    def builder(self) -> list[Field]:
        """Give the form that builds a chart."""
        return builder(self.table, self.query.chart)

    @property
    def left_out_columns(self) -> str:
        """Say that the table has more columns than are shown."""
        known, shown = len(self.selection.columns()), len(self.columns)
        if known == shown:
            return ""
        return tk._("{shown} of {known} columns").format(shown=shown, known=known)

    def json(self, value: Any) -> Markup:
        """Give a value as JSON for a data attribute."""
        return Markup.escape(json.dumps(value, ensure_ascii=False))
