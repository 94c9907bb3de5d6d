"""Values and filters in the words of the page's language."""

import datetime as dt
from collections.abc import Iterable
from typing import Literal, assert_never

import ckan.plugins.toolkit as tk
from babel.lists import format_list
from ckan.common import _, ungettext

from ckanext.lrtzc.tabular.domain import values
from ckanext.lrtzc.tabular.domain.columns import Column
from ckanext.lrtzc.tabular.domain.filters import ColumnFilter, Operator
from ckanext.lrtzc.tabular.domain.formats import Format, format_for

MOST_NAMED = 12


def habits() -> Format:
    """Give how the language of the page writes numbers and dates."""
    return format_for(str(tk.h.lang() or "fr"))


def listed(texts: Iterable[str], style: Literal["standard", "or"] = "standard", most: int = MOST_NAMED) -> str:
    """Write texts one after the other, the last after “and” (or “or”, as `style` says); many are cut to `most`."""
    found = list(texts)
    if len(found) > most:
        more = len(found) - most + 1
        found = [*found[: most - 1], ungettext("{count} more", "{count} more", more).format(count=more)]
    return format_list(found, style=style, locale=habits().locale)


def value(item: values.Value, column: Column) -> str:
    """Write one value of a column, with its unit."""
    if isinstance(item, bool):
        return _("yes") if item else _("no")
    written = values.write(item)
    if isinstance(item, str):
        return _("“{text}”").format(text=written) if not written.strip() or len(written) > 40 else written
    if isinstance(item, dt.date):
        return habits().moment(written)
    return f"{habits().number(item)} {column.unit}".strip()


def condition(item: ColumnFilter, column: Column, most: int = MOST_NAMED) -> str:
    """Say which rows a filter keeps, as the end of “rows where …”; of its values, `most` are named."""
    named = listed((value(each, column) for each in item.values), "or", most)
    match item.operator:
        case Operator.IS | Operator.ONE_OF:
            text = _("{column} is {value}")
        case Operator.NOT:
            text = _("{column} is not {value}")
        case Operator.CONTAINS:
            text = _("{column} contains {value}")
        case Operator.MIN:
            text = _("{column} is {value} or more")
        case Operator.MAX:
            text = _("{column} is {value} or less")
        case Operator.FROM:
            text = _("{column} is on {value} or later")
        case Operator.TO:
            text = _("{column} is on {value} or earlier")
        case Operator.EMPTY:
            text = _("{column} has no value") if item.values[0] else _("{column} has a value")
        case _:
            assert_never(item.operator)
    return text.replace("{value}", named).replace("{column}", column.title)
