"""Validators of what has a form: dates, addresses, numbers, sizes."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.objects.domain import values
from ckanext.lrtzc.objects.logic.validators.cleaning import Data, Errors, Key, clean, clean_each
from ckanext.lrtzc.objects.logic.validators.texts import lrtzc_text

lrtzc_date = clean(values.clean_date)
lrtzc_email = clean(values.clean_email)
lrtzc_url = clean(values.clean_url)
lrtzc_uri = clean(values.clean_uri)
lrtzc_urls = clean_each(values.clean_url)
lrtzc_uris = clean_each(values.clean_uri)
lrtzc_number = clean(values.clean_number)
lrtzc_duration = clean(values.clean_duration)


def lrtzc_size(value: Any) -> int | None:
    """Read a size in bytes."""
    if value in ("", None):
        return None
    try:
        size = int(value)
    except (TypeError, ValueError, OverflowError):
        size = -1
    if not 0 <= size < 2**63:
        raise tk.Invalid(tk._("A size is a whole number of bytes."))
    return size


def lrtzc_resource_address(key: Key, data: Data, errors: Errors, context: Any) -> None:
    """Read the address of a file or a link: http or https, or the name of an uploaded file."""
    value = data[key]
    kind = data.get((*key[:-1], "url_type"))
    if kind in ("upload", "datastore", "tabledesigner"):
        data[key] = lrtzc_text(2000)(value)
    else:
        data[key] = lrtzc_url(value)


def lrtzc_dataset_consistent(key: Key, data: Data, errors: Errors, context: Any) -> None:
    """Check fields against each other: a period ends after it starts."""
    starts = [field for field in data if field[0] == "temporal_coverage" and field[-1] == "start"]
    for field in starts:
        end = (*field[:2], "end")
        start_text, end_text = data.get(field), data.get(end)
        if not isinstance(start_text, str) or not isinstance(end_text, str) or errors.get(field) or errors.get(end):
            continue
        first, last = values.period_bounds(start_text, end_text)
        if first and last and first > last:
            errors.setdefault(end, []).append(tk._("The period ends before it starts."))
