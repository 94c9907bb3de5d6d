"""What is opened, to whom and until when, in the words of the page's language."""

import datetime as dt
from typing import assert_never

import ckan.plugins.toolkit as tk
from babel.dates import format_date, format_time
from ckan.common import _, ungettext

from ckanext.lrtzc.clock import zone
from ckanext.lrtzc.tabular.domain.columns import GEOMETRY, Column, Kind, Table
from ckanext.lrtzc.tabular.domain.part import Coarser, Mask, Part, Perimeter
from ckanext.lrtzc.tabular.domain.problems import Code, Wrong
from ckanext.lrtzc.tabular.wording import MOST_NAMED, condition, habits, listed


def _column(name: str, table: Table | None) -> Column:
    known = table.get(name) if table else None
    return known or Column(name, Kind.OTHER)


def column_title(name: str, table: Table | None) -> str:
    """Give what people call a column."""
    return _("the position on the map") if name == GEOMETRY else _column(name, table).title


def operators() -> dict[str, str]:
    """Name what a condition may ask, as a form offers it."""
    return {
        "is": _("is"),
        "not": _("is not"),
        "in": _("is one of (parted by ;)"),
        "contains": _("contains"),
        "min": _("is at least"),
        "max": _("is at most"),
        "from": _("is on this day or later"),
        "to": _("is on this day or earlier"),
        "empty": _("has no value"),
        "filled": _("has a value"),
    }


def coarser() -> dict[str, str]:
    """Name the ways to make a column less exact that a form offers, by kind and size."""
    return {
        "year": _("the year only (dates)"),
        "month": _("the month only (dates)"),
        "step:10": _("rounded down to tens (numbers)"),
        "step:100": _("rounded down to hundreds (numbers)"),
        "step:1000": _("rounded down to thousands (numbers)"),
        "start:1": _("the first character only (text)"),
        "start:2": _("the first 2 characters only (text)"),
        "start:3": _("the first 3 characters only (text)"),
        "start:5": _("the first 5 characters only (text)"),
    }


def mask(item: Mask, table: Table | None) -> str:
    """Say how a column is shown less exactly."""
    match item.coarser:
        case Coarser.START:
            text = ungettext("the first character of {column}", "the first {size} characters of {column}", item.size)
        case Coarser.STEP:
            text = _("{column} rounded down to multiples of {size}")
        case Coarser.MONTH:
            text = _("{column} to the month")
        case Coarser.YEAR:
            text = _("{column} to the year")
        case _:
            assert_never(item.coarser)
    size = habits().number(item.size)
    return text.replace("{size}", size).replace("{column}", column_title(item.column, table))


def perimeter(item: Perimeter, table: Table | None) -> str:
    """Say which part of a table a perimeter is, in one sentence."""
    if item.is_whole:
        return _("All columns and all rows.")
    said: list[str] = []
    if item.columns is None:
        said.append(_("all columns"))
    else:
        order = [column.id for column in table.columns] + [GEOMETRY] if table else sorted(item.columns)
        names = [name for name in order if name in item.columns] or sorted(item.columns)
        said.append(
            ungettext("column {names}", "columns {names}", len(names)).replace(
                "{names}", listed(column_title(name, table) for name in names)
            )
        )
    if item.rows:
        conditions = listed(condition(row, _column(row.column, table)) for row in item.rows)
        said.append(_("rows where {conditions}").replace("{conditions}", conditions))
    else:
        said.append(_("all rows"))
    if item.masks:
        masks = listed(mask(each, table) for each in item.masks)
        said.append(_("less exact: {masks}").replace("{masks}", masks))
    text = "; ".join(said) if not str(tk.h.lang()).startswith("fr") else " ; ".join(said)
    return f"{text[:1].upper()}{text[1:]}."


def part(item: Part, table: Table | None) -> list[str]:
    """Say what may be seen of a table: a sentence for each perimeter of what each rule leaves, twelve at most."""
    found = list(dict.fromkeys(each for layer in item.layers for each in layer))
    said = [perimeter(each, table) for each in found[:MOST_NAMED]]
    more = len(found) - len(said)
    if more:
        said.append(ungettext("And {count} other part.", "And {count} other parts.", more).format(count=more))
    return said


def until(moment: dt.datetime | str | None) -> str:
    """Say until when something holds: its last day where it ends at midnight, else the minute; nothing for good."""
    if not moment:
        return ""
    aware = dt.datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    local = aware.astimezone(zone())
    locale = habits().locale
    if local.time() == dt.time():
        return _("{day} included").format(day=format_date(local.date() - dt.timedelta(1), "long", locale=locale))
    day = format_date(local.date(), "long", locale=locale)
    return _("{day} at {time}").format(day=day, time=format_time(local.time(), "short", locale=locale))


def wrong_value(found: Wrong, value: str, column: Column) -> str:
    """Say why the value of a condition can't be read, and how to write it."""
    said = {"value": value[:80], "column": column.title, "limit": str(found.limit)}
    match found.code:
        case Code.NOT_FOR_COLUMN:
            text = _("This comparison doesn't suit the column “{column}”.")
        case Code.WRONG_NUMBER:
            text = _("“{value}” is not a number: write it as 1 234.5 or 1 234,5.")
        case Code.WRONG_DATE:
            text = _("“{value}” is not a date: write it as 2024-12-31 or 31/12/2024.")
        case Code.WRONG_BOOLEAN:
            text = _("“{value}” is neither yes nor no.")
        case Code.TOO_MANY:
            text = _("That is too many values: {limit} at the most.")
        case Code.TOO_LONG:
            text = _("This value is too long: {limit} characters at the most.")
        case _:
            text = _("This value holds characters that can't be searched for.")
    for name, words in said.items():
        text = text.replace("{" + name + "}", words)
    return text
