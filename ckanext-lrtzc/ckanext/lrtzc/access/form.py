"""The form that opens a part of a dataset: its state, read from a form or an address, and what the action is asked."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.access import wording
from ckanext.lrtzc.access.api import Coarser, Mask, Perimeter
from ckanext.lrtzc.access.logic.schema import AUDIENCES, MOST_FILTERS
from ckanext.lrtzc.tabular.domain import values
from ckanext.lrtzc.tabular.domain.columns import GEOMETRY, Kind, Table
from ckanext.lrtzc.tabular.domain.filters import ColumnFilter, Operator, read_filter
from ckanext.lrtzc.tabular.domain.problems import Wrong

NAMED = ("organization", "group")
_LEFT_OUT = ("q", "bbox", "near")


@dataclass
class Line:
    """One condition on rows, or one column made less exact (then `value` is empty), as one chose and typed it."""

    column: str = ""
    choice: str = ""
    value: str = ""
    error: str = ""

    @property
    def is_blank(self) -> bool:
        """Say whether nothing was chosen."""
        return not self.column and not self.value


@dataclass
class Form:
    """What the form holds. `columns` are those ticked; they count when `which` is some. Days as one types them."""

    table: Table | None
    which: str = "some"
    columns: list[str] = field(default_factory=list[str])
    lines: list[Line] = field(default_factory=list[Line])
    masks: list[Line] = field(default_factory=list[Line])
    period: str = ""
    period_from: str = ""
    period_to: str = ""
    audience: str = "person"
    names: dict[str, str] = field(default_factory=dict[str, str])
    purpose: str = ""
    starts: str = ""
    ends: str = ""
    errors: dict[str, str] = field(default_factory=dict[str, str])
    left_out: bool = False

    @property
    def dates(self) -> list[Any]:
        """Give the columns that a period can be of."""
        return [column for column in self.table.columns if column.kind.is_time] if self.table else []

    @property
    def offered(self) -> list[tuple[str, str]]:
        """Give the columns one can tick, the position on the map too: name and title."""
        if self.table is None:
            return []
        place = [(GEOMETRY, wording.column_title(GEOMETRY, None))] if self.table.has_geometry else []
        return [(column.id, column.title) for column in self.table.columns] + place

    @property
    def wrong(self) -> bool:
        """Say whether something has to be mended."""
        return bool(self.errors) or any(line.error for line in (*self.lines, *self.masks))

    # What is asked

    def filters(self) -> list[ColumnFilter]:
        """Read the conditions and the period; what can't be read is told on its line."""
        found = [item for line in self.lines if not line.is_blank and (item := self._filter(line))]
        bounds = ((Operator.FROM, "period_from"), (Operator.TO, "period_to"))
        for operator, name in bounds:
            value = str(getattr(self, name)).strip()
            if value and self.table is not None:
                line = Line(self.period, str(operator), value)
                item = self._filter(line)
                if line.error:
                    self.errors[name] = line.error
                elif item:
                    found.append(item)
        return found

    def _filter(self, line: Line) -> ColumnFilter | None:
        column = self.table.get(line.column) if self.table else None
        if column is None:
            line.error = tk._("Choose a column.")
            return None
        if line.choice not in wording.operators():
            line.error = tk._("Choose how to compare.")
            return None
        operator, raws = _asked(line.choice, line.value)
        if not raws or not raws[0]:
            line.error = tk._("Write a value.")
            return None
        try:
            return read_filter(column, operator, raws)
        except Wrong as wrong:
            line.error = wording.wrong_value(wrong, line.value, column)
            return None

    def coarser(self) -> list[Mask]:
        """Read which columns are made less exact."""
        found: list[Mask] = []
        for line in self.masks:
            if line.is_blank:
                continue
            kind, _colon, size = line.choice.partition(":")
            if self.table is None or self.table.get(line.column) is None:
                line.error = tk._("Choose a column.")
            elif line.choice not in wording.coarser():
                line.error = tk._("Choose how exact it stays.")
            elif not _suits(kind, self.table[line.column].kind):
                line.error = tk._("This doesn't suit the column “{column}”.").format(
                    column=self.table[line.column].title
                )
            else:
                found.append(Mask(line.column, Coarser(kind), int(size or 1)))
        return found

    def perimeter(self) -> Perimeter:
        """Give the part that the form describes; what is wrong is told in its errors."""
        columns = None
        if self.table is not None and self.which == "some":
            columns = frozenset(self.columns)
            if not columns:
                self.errors["columns"] = tk._("Choose at least one column.")
        return Perimeter(columns, tuple(self.filters()), tuple(self.coarser()))

    def asked(self, perimeter: Perimeter) -> dict[str, Any]:
        """Give what the action takes, but for the dataset and the resource."""
        return {
            "audience": self.audience,
            "audience_id": self.names.get(self.audience) or None,
            "columns": None if perimeter.columns is None else list(self.columns),
            "rows": [
                {
                    "column": item.column,
                    "operator": str(item.operator),
                    "values": [values.write(value) for value in item.values],
                }
                for item in perimeter.rows
            ],
            "masks": [
                {"column": item.column, "coarser": str(item.coarser), "size": item.size} for item in perimeter.masks
            ],
            "purpose": self.purpose,
            "starts": self._day("starts", 0),
            "ends": self._day("ends", 1),
        }

    def _day(self, name: str, later: int) -> str | None:
        """Give a day of the form, some days later: people name the last day, the action the first one after."""
        text = str(getattr(self, name)).strip()
        if not text:
            return None
        try:
            return (values.read_date(text) + dt.timedelta(days=later)).isoformat()
        except (Wrong, OverflowError):
            self.errors[name] = tk._("“{value}” is not a date: write it as 2024-12-31 or 31/12/2024.").format(
                value=text[:40]
            )
            return None


def _asked(choice: str, value: str) -> tuple[Operator, Sequence[str]]:
    if choice in ("empty", "filled"):
        return Operator.EMPTY, ["true" if choice == "empty" else "false"]
    text = value.strip()
    if choice == "in":
        return Operator.ONE_OF, [part.strip() for part in text.split(";") if part.strip()]
    return Operator(choice), [text]


def _suits(kind: str, column: Kind) -> bool:
    match kind:
        case "start":
            return column is Kind.TEXT
        case "step":
            return column.is_number
        case _:
            return column.is_time


def from_post(posted: Any, table: Table | None) -> Form:
    """Read the state of a form that was sent."""
    known = {name for name, _title in Form(table).offered}
    audience = posted.get("audience", "person")
    return Form(
        table,
        which="all" if posted.get("which") == "all" else "some",
        columns=[name for name in dict.fromkeys(posted.getlist("column")) if name in known],
        lines=_lines(posted, "filter_column[]", "filter_operator[]", "filter_value[]"),
        masks=_lines(posted, "mask_column[]", "mask_how[]", None),
        period=posted.get("period", ""),
        period_from=posted.get("period_from", ""),
        period_to=posted.get("period_to", ""),
        audience=audience if audience in AUDIENCES else "person",
        names={name: posted.get(name, "").strip() for name in ("person", *NAMED)},
        purpose=posted.get("purpose", ""),
        starts=posted.get("starts", ""),
        ends=posted.get("ends", ""),
    )


def _lines(posted: Any, column: str, choice: str, value: str | None) -> list[Line]:
    columns, choices = posted.getlist(column)[:MOST_FILTERS], posted.getlist(choice)
    texts = posted.getlist(value) if value else []
    return [
        Line(name, choices[at] if at < len(choices) else "", texts[at] if at < len(texts) else "")
        for at, name in enumerate(columns)
    ]


def from_address(pairs: Iterable[tuple[str, str]], table: Table | None) -> Form:
    """Begin a form with the columns and filters that an address of the explorer names."""
    form = Form(table)
    if table is None:
        return form
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)
    form.left_out = any(name in given for name in _LEFT_OUT)
    form.columns = [name for name in given.get("column", ()) if table.get(name)]
    for parameter, raws in given.items():
        name, dot, column_id = parameter.partition(".")
        column = table.get(column_id)
        if not dot or column is None or name not in tuple(Operator):
            continue
        try:
            item = read_filter(column, Operator(name), raws)
        except Wrong:
            continue
        _begin(form, item, column.kind)
    if form.lines or form.period or form.columns:
        form.columns = form.columns or [name for name, _title in form.offered]
    return form


def _begin(form: Form, item: ColumnFilter, kind: Kind) -> None:
    """Put a filter into the period where it is one, else into the conditions."""
    texts = [values.write(value) for value in item.values]
    bounds = {Operator.FROM: "period_from", Operator.TO: "period_to"}
    if item.operator in bounds and kind is Kind.DATE and form.period in ("", item.column):
        form.period = item.column
        setattr(form, bounds[item.operator], texts[0])
    elif item.operator is Operator.EMPTY:
        form.lines.append(Line(item.column, "empty" if item.values[0] else "filled"))
    else:
        form.lines.append(Line(item.column, str(item.operator), "; ".join(texts)))
