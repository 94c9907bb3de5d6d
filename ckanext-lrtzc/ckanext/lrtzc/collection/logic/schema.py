"""What the actions of collections take."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.logic.schema import validator_args
from werkzeug.datastructures import FileStorage

from ckanext.lrtzc.collection.domain.kinds import Kind

CAPTION = 2_000
"""Characters of a caption."""
MOST = 1_000
"""Files listed by one call."""


def uploads(value: Any) -> list[FileStorage]:
    """Accept one file or several."""
    given = value if isinstance(value, list) else [value]
    files = [one for one in given if isinstance(one, FileStorage) and one.filename]
    if not files or len(files) != len(given):
        raise tk.Invalid(tk._("Choose files."))
    return files


def day(value: Any) -> dt.date:
    """Accept a day as 2024-12-31."""
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError as error:
        raise tk.Invalid(tk._("A day is expected, such as 2024-12-31.")) from error


def caption(value: Any) -> str:
    """Accept a short text on one line."""
    if not isinstance(value, str) or len(value) > CAPTION:
        raise tk.Invalid(tk._("A text of at most {most} characters is expected.").format(most=CAPTION))
    return " ".join("".join(sign for sign in value if sign.isprintable() or sign.isspace()).split())


def text(value: Any) -> str:
    """Accept a text."""
    if not isinstance(value, str):
        raise tk.Invalid(tk._("A text is expected."))
    return value.strip()


@validator_args
def create(not_empty, unicode_safe, one_of, default, boolean_validator) -> Any:
    """Which dataset, of what, and whether photos keep where they were taken."""
    return {
        "id": [not_empty, text],
        "kind": [not_empty, text, one_of([kind.value for kind in Kind])],
        "keeps_position": [default(False), boolean_validator],
    }


@validator_args
def show(not_empty) -> Any:
    """Which dataset."""
    return {"id": [not_empty, text]}


@validator_args
def submit(not_empty, not_missing, ignore_empty) -> Any:
    """Which dataset, and files; `replaces` names a file."""
    return {"id": [not_empty, text], "upload": [not_missing, uploads], "replaces": [ignore_empty, text]}


@validator_args
def file_list(not_empty, default, natural_number_validator, ignore_empty) -> Any:
    """Which dataset, and which of its files."""
    return {
        "id": [not_empty, text],
        "q": [ignore_empty, text],
        "since": [ignore_empty, day],
        "until": [ignore_empty, day],
        "limit": [default(100), natural_number_validator],
        "offset": [default(0), natural_number_validator],
    }


@validator_args
def file_show(not_empty) -> Any:
    """Which dataset, and which file."""
    return {"id": [not_empty, text], "file_id": [not_empty, text]}


@validator_args
def file_update(not_empty, not_missing) -> Any:
    """Which file, and its caption."""
    return {"id": [not_empty, text], "file_id": [not_empty, text], "caption": [not_missing, caption]}
