"""What the actions of the ledger take."""

import datetime as dt
import re
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.logic.schema import validator_args

from ckanext.lrtzc.ledger import store
from ckanext.lrtzc.ledger.domain import retention
from ckanext.lrtzc.ledger.domain.traces import Kind

MAX_TEXT = 200
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_DIGITS = re.compile(r"[0-9]{1,19}")


@validator_args
def lrtzc_ledger_search(ignore_missing, one_of):
    """Take filters of a search, each optional."""
    return {
        "operation": [ignore_missing, _text],
        "outcome": [ignore_missing, one_of(["", "done", "refused", "failed"])],
        "actor": [ignore_missing, _text],
        "object_id": [ignore_missing, _text],
        "since": [ignore_missing, _moment],
        "until": [ignore_missing, _moment],
        "before": [ignore_missing, _whole],
    }


@validator_args
def lrtzc_ledger_mine(ignore_missing):
    """Take the entry before which to go on."""
    return {"before": [ignore_missing, _whole]}


@validator_args
def lrtzc_ledger_accesses(ignore_missing):
    """Take a dataset, and the entry before which to go on, each optional."""
    return {"dataset": [ignore_missing, _text], "before": [ignore_missing, _whole]}


@validator_args
def lrtzc_ledger_reuses(ignore_missing):
    """Take a dataset and a number of days, each optional."""
    return {"dataset": [ignore_missing, _text], "days": [ignore_missing, _whole]}


@validator_args
def lrtzc_ledger_proof(ignore_missing):
    """Take a leaf's number, or an older size, in a tree of a size (by default the newest signed one)."""
    return {
        "index": [ignore_missing, _whole],
        "old": [ignore_missing, _whole],
        "size": [ignore_missing, _whole],
    }


@validator_args
def lrtzc_ledger_cosign(not_empty):
    """Take a checkpoint with the witness's signature line."""
    return {"note": [not_empty, _note]}


@validator_args
def lrtzc_ledger_traces_update(ignore_missing):
    """Take the kinds of operations to trace, as a list, and for each kind the months its details are kept."""
    return {"kinds": [ignore_missing, _known_kinds], "keep": [ignore_missing, _months]}


def _known_kinds(value: object) -> list[str]:
    kinds = [value] if isinstance(value, str) else value
    known = set(Kind)
    if not isinstance(kinds, list) or not all(isinstance(kind, str) and kind in known for kind in kinds):
        raise tk.Invalid(tk._("One of these kinds of operations isn't known."))
    return sorted(set(kinds))


def _months(value: object) -> dict[str, int]:
    if not isinstance(value, dict) or not set(value) <= set(Kind):
        raise tk.Invalid(tk._("One of these kinds of operations isn't known."))
    found = {kind: _whole(months) for kind, months in value.items()}
    if any(months > retention.LONGEST for months in found.values()):
        raise tk.Invalid(
            tk._("Details are kept for {most} months at most, or without end (0).").format(most=retention.LONGEST)
        )
    return found


def traces_text(value: Any) -> str:
    """Check the setting of what leaves a trace: kinds, with spaces between."""
    return " ".join(_known_kinds(tk.aslist(value)))


def retention_text(value: Any) -> str:
    """Check the setting of how long details are kept: `kind=months`, with spaces between."""
    parts = tk.aslist(value)
    months = retention.read(parts)
    if len(months) != len(parts):
        raise tk.Invalid(tk._("Write kind=months, with spaces between, for instance: access=12 account=6."))
    return retention.write(months)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise tk.Invalid(tk._("Give a text."))
    if len(value) > MAX_TEXT:
        raise tk.Invalid(tk._("Give {most} characters at most.").format(most=MAX_TEXT))
    if _UNPRINTABLE.search(value):
        raise tk.Invalid(tk._("This text holds signs that nothing is named by."))
    return value.strip()


def _whole(value: Any) -> int:
    number = None
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str) and _DIGITS.fullmatch(value.strip()):
        number = int(value)
    if number is None or not 0 <= number <= store.MAX_INDEX:
        raise tk.Invalid(tk._("Give a whole number, from 0 on."))
    return number


def _moment(value: Any) -> dt.datetime | dt.date | None:
    """Read a day (of the portal's zone) or a moment with its zone."""
    if value == "":
        return None
    try:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return dt.date.fromisoformat(value)
        found = dt.datetime.fromisoformat(value) if isinstance(value, str) else None
        if found is not None and found.tzinfo is not None:
            return found.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        pass
    raise tk.Invalid(tk._("Give a day as year-month-day, for instance 2026-03-29."))


def _note(value: Any) -> str:
    if not isinstance(value, str):
        raise tk.Invalid(tk._("Give a text."))
    if len(value) > 64 * 1024:
        raise tk.Invalid(tk._("A note holds 64 KiB at most."))
    return value
