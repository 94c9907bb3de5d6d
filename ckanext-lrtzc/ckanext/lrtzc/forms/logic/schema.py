"""What the actions of forms take."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import ckan.plugins.toolkit as tk
from werkzeug.datastructures import FileStorage

from ckanext.lrtzc.asking import name, number_within
from ckanext.lrtzc.clock import zone
from ckanext.lrtzc.forms.domain import workbook
from ckanext.lrtzc.forms.domain.workbook import Sheet, Workbook
from ckanext.lrtzc.forms.model import Openness

TITLE = 200
INTRO = 5_000
ADDRESSES = 2_000
"""Invitations to a form, at most."""
FIELDS = 20_000
"""Fields of an answer, at most."""
QUOTA = 10_000_000
_ADDRESS = re.compile(
    r"[^@\s,;<>\"()\[\]\\\x00-\x1f]{1,64}@[^@\s,;<>\"()\[\]\\\x00-\x1f.]+(\.[^@\s,;<>\"()\[\]\\\x00-\x1f.]+)+"
)


def _title(value: Any) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    if not text:
        raise tk.Invalid(tk._("Give the form a title."))
    if len(text) > TITLE or not text.isprintable():
        raise tk.Invalid(tk._("A text of at most {most} signs is expected.").format(most=TITLE))
    return text


def _intro(value: Any) -> str:
    if not isinstance(value, str) or len(value) > INTRO:
        raise tk.Invalid(tk._("A text of at most {most} signs is expected.").format(most=INTRO))
    return "".join(sign for sign in value.replace("\r\n", "\n") if sign == "\n" or sign.isprintable()).strip()


def _moment(value: Any) -> dt.datetime | None:
    """Accept an instant as 2024-12-31T18:00, by the portal's clock where it names no zone; nothing for none."""
    if value in (None, ""):
        return None
    try:
        found = dt.datetime.fromisoformat(str(value))
        return (found if found.tzinfo else found.replace(tzinfo=zone())).astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise tk.Invalid(tk._("A date and a time are expected, such as 2024-12-31T18:00.")) from error


def _quota(value: Any) -> int | None:
    if value in (None, ""):
        return None
    try:
        found = int(str(value).strip())
    except ValueError:
        raise tk.Invalid(tk._("A whole number is expected.")) from None
    if not 1 <= found <= QUOTA:
        raise tk.Invalid(tk._("A number from {least} to {most} is expected.").format(least=1, most=QUOTA))
    return found


def _openness(value: Any) -> str:
    try:
        return Openness(str(value)).value
    except ValueError:
        raise tk.Invalid(tk._("Choose who may answer.")) from None


def _upload(value: Any) -> FileStorage:
    if not isinstance(value, FileStorage) or not value.filename:
        raise tk.Invalid(tk._("Choose a workbook."))
    return value


def _file(value: Any) -> FileStorage:
    if not isinstance(value, FileStorage) or not value.filename:
        raise tk.Invalid(tk._("Choose a file."))
    return value


def addresses(value: Any) -> list[str]:
    """Accept e-mail addresses, as a list or as a text that parts them by spaces, commas, semicolons or lines."""
    given = re.split(r"[\s,;]+", value) if isinstance(value, str) else value
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise tk.Invalid(tk._("A list of e-mail addresses is expected."))
    found = list(dict.fromkeys(each.strip().lower() for each in given if each.strip()))
    if not found:
        raise tk.Invalid(tk._("Give one e-mail address at least."))
    if len(found) > ADDRESSES:
        raise tk.Invalid(tk._("{most} addresses at most are taken.").format(most=ADDRESSES))
    for each in found:
        if len(each) > 254 or not _ADDRESS.fullmatch(each):
            raise tk.Invalid(tk._("“{address}” is no e-mail address.").format(address=each[:100]))
    return found


def fields(value: Any) -> dict[str, list[str]]:
    """Accept the fields of an answer: texts, or lists of texts, by the path of their question."""
    if not isinstance(value, dict) or len(value) > FIELDS:
        raise tk.Invalid(tk._("The answers are expected as texts, each by the path of its question."))
    found: dict[str, list[str]] = {}
    for key, given in value.items():
        texts = given if isinstance(given, list) else [given]
        if not isinstance(key, str) or len(texts) > 1_000 or not all(isinstance(text, str) for text in texts):
            raise tk.Invalid(tk._("The answers are expected as texts, each by the path of its question."))
        found[key] = texts
    return found


def _sheets(value: Any) -> Workbook:
    """Accept the sheets of a definition: each with its name, its columns, its rows of texts."""
    wrong = tk.Invalid(tk._("The sheets are expected as a list, each with “name”, “header” and “rows” of texts."))
    if not isinstance(value, list) or not 1 <= len(value) <= workbook.SHEETS:
        raise wrong
    found: list[Sheet] = []
    for one in value:
        if not isinstance(one, dict) or not isinstance(one.get("name"), str):
            raise wrong
        rows = one.get("rows")
        table: list[Any] = [one.get("header"), *(rows if isinstance(rows, list) else [None])]
        if not all(isinstance(cells, list) and all(isinstance(cell, str) for cell in cells) for cells in table):
            raise wrong
        if len(table) > workbook.ROWS or any(len(cells) > workbook.COLUMNS for cells in table):
            said = tk._("The workbook is too large: {most} rows a sheet and {columns} columns are read at most.")
            raise tk.Invalid(said.format(most=workbook.ROWS, columns=workbook.COLUMNS))
        header, *lines = [[workbook.clean(cell) for cell in cells] for cells in table]
        found.append(Sheet(workbook.clean(one["name"])[:100], header, lines))
    return Workbook(found)


def _version(value: Any) -> int:
    try:
        return int(str(value))
    except ValueError:
        raise tk.Invalid(tk._("A whole number is expected.")) from None


def _said(value: Any) -> str:
    return " ".join(value.split())[:TITLE] if isinstance(value, str) else ""


def _rules(*names: str) -> list[Any]:
    return [tk.get_validator(name) for name in names]


def _all(**more: list[Any]) -> dict[str, Any]:
    return {**more, "__extras": _rules("ignore")}


def dataset() -> dict[str, Any]:
    """Which dataset."""
    return _all(id=[*_rules("not_missing"), name])


def create() -> dict[str, Any]:
    """Of which dataset, under which title, and from which workbook if any."""
    return _all(
        id=[*_rules("not_missing"), name],
        title=[*_rules("ignore_missing", "ignore_empty"), _title],
        upload=[*_rules("ignore_missing", "ignore_empty"), _upload],
    )


def form() -> dict[str, Any]:
    """Which form."""
    return _all(form=[*_rules("not_missing"), name])


def update() -> dict[str, Any]:
    """Which form, and what of it changes."""
    return _all(
        form=[*_rules("not_missing"), name],
        title=[*_rules("ignore_missing"), _title],
        intro=[*_rules("ignore_missing"), _intro],
        openness=[*_rules("ignore_missing"), _openness],
        opens=[*_rules("ignore_missing"), _moment],
        closes=[*_rules("ignore_missing"), _moment],
        quota=[*_rules("ignore_missing"), _quota],
        once=[*_rules("ignore_missing", "boolean_validator")],
        keeps_position=[*_rules("ignore_missing", "boolean_validator")],
    )


def define() -> dict[str, Any]:
    """Which form, and its workbook."""
    return _all(form=[*_rules("not_missing"), name], upload=[*_rules("not_missing"), _upload])


def build() -> dict[str, Any]:
    """Which form, which version of it was seen, its sheets from now on, and what was done in a few words."""
    return _all(
        form=[*_rules("not_missing"), name],
        version=[*_rules("not_missing"), _version],
        sheets=[*_rules("not_missing"), _sheets],
        said=[*_rules("ignore_missing"), _said],
    )


def unbuild() -> dict[str, Any]:
    """Which form, and which version of it was seen."""
    return _all(form=[*_rules("not_missing"), name], version=[*_rules("not_missing"), _version])


def invite() -> dict[str, Any]:
    """Which form, and whom."""
    return _all(form=[*_rules("not_missing"), name], emails=[*_rules("not_missing"), addresses])


def uninvite() -> dict[str, Any]:
    """Which form, and which invitation."""
    return _all(form=[*_rules("not_missing"), name], invitation=[*_rules("not_missing"), name])


def file_added() -> dict[str, Any]:
    """Which form, and a file."""
    return _all(form=[*_rules("not_missing"), name], upload=[*_rules("not_missing"), _file])


def file_removed() -> dict[str, Any]:
    """Which form, and the name of one of its files."""
    return _all(form=[*_rules("not_missing"), name], name=[*_rules("not_missing"), name])


def read() -> dict[str, Any]:
    """Which form, by which personal invitation if any."""
    return _all(form=[*_rules("not_missing"), name], invitation=[*_rules("ignore_missing", "ignore_empty"), name])


def answer() -> dict[str, Any]:
    """Which form, the token of its page, and the answers."""
    return _all(
        form=[*_rules("not_missing"), name],
        token=[*_rules("not_missing"), name],
        fields=[*_rules("not_missing"), fields],
        invitation=[*_rules("ignore_missing", "ignore_empty"), name],
    )


def given() -> dict[str, Any]:
    """Which answer, by the end of its private link."""
    return _all(answer=[*_rules("not_missing"), name])


def correct() -> dict[str, Any]:
    """Which answer, by the end of its private link, and what it says now."""
    return _all(answer=[*_rules("not_missing"), name], fields=[*_rules("not_missing"), fields])


def listed() -> dict[str, Any]:
    """Which page."""
    return _all(page=[*_rules("ignore_missing", "ignore_empty"), number_within(1, 100_000)])
