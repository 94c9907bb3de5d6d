"""What the actions of the ledger take."""

import ckan.plugins.toolkit as tk
from ckan.logic.schema import validator_args

from ckanext.lrtzc.ledger.domain.traces import Kind


@validator_args
def lrtzc_ledger_search(ignore_missing, unicode_safe, isodate, one_of, default, natural_number_validator):
    """Take filters of a search, each optional."""
    return {
        "operation": [ignore_missing, unicode_safe],
        "outcome": [ignore_missing, one_of(["", "done", "refused", "failed"])],
        "actor": [ignore_missing, unicode_safe],
        "object_id": [ignore_missing, unicode_safe],
        "since": [ignore_missing, isodate],
        "until": [ignore_missing, isodate],
        "page": [default(1), natural_number_validator],
    }


@validator_args
def lrtzc_ledger_mine(default, natural_number_validator):
    """Take a page of entries."""
    return {"page": [default(1), natural_number_validator]}


@validator_args
def lrtzc_ledger_proof(ignore_missing, natural_number_validator):
    """Take a leaf's number, or an older size, in a tree of a size (by default the newest signed one)."""
    return {
        "index": [ignore_missing, natural_number_validator],
        "old": [ignore_missing, natural_number_validator],
        "size": [ignore_missing, natural_number_validator],
    }


@validator_args
def lrtzc_ledger_cosign(not_empty, unicode_safe):
    """Take a checkpoint with the witness's signature line."""
    return {"note": [not_empty, unicode_safe, _short]}


@validator_args
def lrtzc_ledger_traces_update(default):
    """Take the kinds of operations to trace, as a list."""
    return {"kinds": [default([]), _known_kinds]}


def _known_kinds(value: object) -> list[str]:
    kinds = [value] if isinstance(value, str) else value
    if not isinstance(kinds, list) or not all(kind in set(Kind) for kind in kinds):
        raise tk.Invalid(tk._("One of these kinds of operations isn't known."))
    return sorted(set(kinds))


def _short(value: str) -> str:
    if len(value) > 64 * 1024:
        raise tk.Invalid(tk._("A note holds 64 KiB at most."))
    return value
