"""The state of a view, read from an address and written back to it.

Everything a person sees is in the address, so that it can be shared: filters, search, sort, columns, page, and
which of the table, the map, the chart or the statistics is open.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

from ckanext.lrtzc.explore.domain import chart as charts
from ckanext.lrtzc.explore.domain.chart import Chart
from ckanext.lrtzc.tabular.domain.columns import Table
from ckanext.lrtzc.tabular.domain.filters import (
    Box,
    ColumnFilter,
    Near,
    Operator,
    read_box,
    read_filter,
    read_near,
    write_filter,
    write_floats,
)
from ckanext.lrtzc.tabular.domain.problems import Code, Problem, Wrong, problem
from ckanext.lrtzc.tabular.domain.values import read_text

T = TypeVar("T")

# A first page is light (docs/performance.md); those who want more rows ask for them.
SIZES = (15, 25, 50, 100)
DEFAULT_SIZE = 15
FILTERS_LIMIT = 50
SORTS_LIMIT = 5
# Pages are found by counting rows; further than this one filters, sorts or exports.
OFFSET_LIMIT = 10_000
KEY_LIMIT = 2**63 - 1


class View(StrEnum):
    """What is open on the page."""

    TABLE = "table"
    STATS = "stats"
    MAP = "map"
    CHART = "chart"


@dataclass(frozen=True)
class Sort:
    """One column that orders the rows; empty values always come last."""

    column: str
    descending: bool = False


@dataclass(frozen=True)
class Query:
    """The state of a view. `columns` is empty when nobody chose.

    `page` counts from 1. `after` and `before` are keys of rows that the page follows or precedes, in the order
    of the table; they are None when rows are sorted otherwise.
    """

    filters: tuple[ColumnFilter, ...] = ()
    box: Box | None = None
    near: Near | None = None
    search: str = ""
    sort: tuple[Sort, ...] = ()
    columns: tuple[str, ...] = ()
    view: View = View.TABLE
    chart: Chart | None = None
    page: int = 1
    after: int | None = None
    before: int | None = None
    size: int = DEFAULT_SIZE

    @property
    def selects(self) -> bool:
        """Say whether some rows may be left out."""
        return bool(self.filters or self.box or self.near or self.search)

    def first_page(self) -> "Query":
        """Give the same view at its first page."""
        return replace(self, page=1, after=None, before=None)

    def showing(self, view: View) -> "Query":
        """Give the same selection in another view."""
        return replace(self.first_page(), view=view)

    def without(self, dropped: ColumnFilter | Box | Near) -> "Query":
        """Give the same view without one of its filters."""
        return replace(
            self.first_page(),
            filters=tuple(item for item in self.filters if item != dropped),
            box=None if dropped == self.box else self.box,
            near=None if dropped == self.near else self.near,
        )

    def sorted_by(self, column: str) -> "Query":
        """Give the view after one asks for an order: ascending, then descending, then the table's own."""
        current = self.sort[0] if len(self.sort) == 1 else None
        if current == Sort(column):
            order = (Sort(column, descending=True),)
        elif current == Sort(column, descending=True):
            order = ()
        else:
            order = (Sort(column),)
        return replace(self.first_page(), sort=order)


@dataclass
class _Reader:
    table: Table
    given: dict[str, list[str]]
    problems: list[Problem] = field(default_factory=lambda: list[Problem]())

    def report(self, parameter: str, value: str, wrong: Wrong, column: str = "") -> None:
        self.problems.append(problem(wrong, parameter, value, column))

    def one(self, parameter: str, reader: Callable[[str], T], default: T) -> T:
        raws = self.given.get(parameter)
        if not raws:
            return default
        try:
            if len(set(raws)) > 1:
                raise Wrong(Code.REPEATED)
            return reader(raws[0])
        except Wrong as wrong:
            self.report(parameter, raws[-1], wrong)
            return default

    def filters(self) -> tuple[ColumnFilter, ...]:
        read: list[ColumnFilter] = []
        for parameter, raws in self.given.items():
            name, dot, column_id = parameter.partition(".")
            if not dot:
                continue
            try:
                if name not in tuple(Operator):
                    raise Wrong(Code.UNKNOWN_FILTER, tuple(Operator))
                column = self.table.get(column_id)
                if column is None:
                    raise Wrong(Code.UNKNOWN_COLUMN)
                if len(read) >= FILTERS_LIMIT:
                    raise Wrong(Code.TOO_MANY, limit=FILTERS_LIMIT)
                read.append(read_filter(column, Operator(name), raws))
            except Wrong as wrong:
                self.report(parameter, raws[0], wrong, column_id)
        return tuple(read)

    def sort(self) -> tuple[Sort, ...]:
        read: dict[str, Sort] = {}
        for raw in self.given.get("sort", ()):
            direction, dot, column_id = raw.partition(".")
            try:
                if not dot or direction not in ("asc", "desc"):
                    raise Wrong(Code.WRONG_CHOICE, ("asc.…", "desc.…"))
                if self.table.get(column_id) is None:
                    raise Wrong(Code.UNKNOWN_COLUMN)
                if len(read) >= SORTS_LIMIT:
                    raise Wrong(Code.TOO_MANY, limit=SORTS_LIMIT)
                read.setdefault(column_id, Sort(column_id, direction == "desc"))
            except Wrong as wrong:
                self.report("sort", raw, wrong, column_id)
        return tuple(read.values())

    def columns(self) -> tuple[str, ...]:
        read: dict[str, None] = {}
        for raw in self.given.get("column", ()):
            if self.table.get(raw) is None:
                self.report("column", raw, Wrong(Code.UNKNOWN_COLUMN), raw)
            else:
                read[raw] = None
        return tuple(read)

    def geometry(self, parameter: str, reader: Callable[[str], T]) -> T | None:
        def guarded(raw: str) -> T | None:
            if not self.table.has_geometry:
                raise Wrong(Code.NO_GEOMETRY)
            return reader(raw)

        return self.one(parameter, guarded, None)

    def chart(self, view: View) -> Chart | None:
        given = {name: value for name in charts.PARAMETERS if (value := self.one(name, str, ""))}
        if not given and view is not View.CHART:
            return None
        return charts.read_chart(given, self.table, self.report)


def _view(raw: str) -> View:
    if raw not in tuple(View):
        raise Wrong(Code.WRONG_CHOICE, tuple(View))
    return View(raw)


def _whole(raw: str, most: int) -> int:
    if not raw.isascii() or not raw.isdigit() or len(raw) > 19:
        raise Wrong(Code.WRONG_NUMBER)
    number = int(raw)
    if number > most:
        raise Wrong(Code.TOO_FAR, limit=most)
    return number


def _page(size: int) -> Callable[[str], int]:
    return lambda raw: _whole(raw, OFFSET_LIMIT // size)


def _search(raw: str) -> str:
    return read_text(raw.strip())


def _key(raw: str) -> int | None:
    return _whole(raw, KEY_LIMIT)


def _size(raw: str) -> int:
    if raw not in tuple(str(size) for size in SIZES):
        raise Wrong(Code.WRONG_CHOICE, tuple(str(size) for size in SIZES))
    return int(raw)


def read_query(pairs: Iterable[tuple[str, str]], table: Table) -> tuple[Query, list[Problem]]:
    """Read the parameters of an address against a table.

    Blank values mean nothing was asked. What can't be read is left out of the query and told in the problems, so
    that a page can show what it understood and say what it didn't.
    """
    given: dict[str, list[str]] = {}
    for parameter, value in pairs:
        if value.strip():
            given.setdefault(parameter, []).append(value)
    reader = _Reader(table, given)
    view = reader.one("view", _view, View.TABLE)
    if view is View.MAP and not table.has_geometry:
        reader.report("view", View.MAP, Wrong(Code.NO_GEOMETRY))
        view = View.TABLE
    size = reader.one("size", _size, DEFAULT_SIZE)
    sort = reader.sort()
    by_key = not sort and table.has_key and "q" not in given
    after = reader.one("after", _key, None) if by_key else None
    before = reader.one("before", _key, None) if by_key and after is None else None
    query = Query(
        filters=reader.filters(),
        box=reader.geometry("bbox", read_box),
        near=reader.geometry("near", read_near),
        search=reader.one("q", _search, ""),
        sort=sort,
        columns=reader.columns(),
        view=view,
        chart=reader.chart(view),
        page=max(1, reader.one("page", _page(size), 1)) if not by_key else 1,
        after=after,
        before=before,
        size=size,
    )
    return query, reader.problems


def write_query(query: Query) -> list[tuple[str, str]]:
    """Write a query as the parameters of an address, in one order and without what goes without saying."""
    written: list[tuple[str, str]] = []
    if query.view is not View.TABLE:
        written.append(("view", str(query.view)))
    if query.search:
        written.append(("q", query.search))
    for item in query.filters:
        written += write_filter(item)
    if query.box:
        box = query.box
        written.append(("bbox", write_floats(box.west, box.south, box.east, box.north)))
    if query.near:
        written.append(("near", write_floats(query.near.longitude, query.near.latitude, query.near.radius)))
    written += [("sort", f"{'desc' if order.descending else 'asc'}.{order.column}") for order in query.sort]
    written += [("column", column) for column in query.columns]
    if query.chart:
        written += charts.write_chart(query.chart)
    if query.size != DEFAULT_SIZE:
        written.append(("size", str(query.size)))
    if query.page > 1:
        written.append(("page", str(query.page)))
    for name, key in (("after", query.after), ("before", query.before)):
        if key is not None:
            written.append((name, str(key)))
    return written
