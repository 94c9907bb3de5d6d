"""Reading what is kept of versions: who may, and what."""

from collections.abc import Iterator
from typing import Any

import ckan.plugins.toolkit as tk
import polars as pl

from ckanext.lrtzc.access.api import Action, Decision, decide, require
from ckanext.lrtzc.batches.api import KEY, copy_of, key_of, keys_hold, last_version
from ckanext.lrtzc.versions.domain.comparing import Difference, difference
from ckanext.lrtzc.versions.model import Copy, State

_AT_ONCE = 20_000


class NotKeptError(Exception):
    """The rows of a version can't be read again; `state` says why, None where nobody but its owners may."""

    def __init__(self, number: int, state: State | None):
        self.number, self.state = number, state
        super().__init__(f"version {number} is not kept")


def may_change(context: Any, package_id: str) -> bool:
    """Say whether who asks may change the dataset."""
    try:
        tk.check_access("package_update", tk.fresh_context(context), {"id": package_id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return False
    return True


def open_to_all(package_id: str, resource_id: str) -> bool:
    """Say whether everybody may take all of a resource's data, as it is now."""
    decision = decide({"user": ""}, package_id, resource_id, Action.TAKE)
    return decision.permitted and decision.whole


def readable(copy: Copy | None, *, last: int, owner: bool) -> bool:
    """Say whether a version may be read by who may read the whole of what the resource holds now.

    What was held back when it was the last version isn't opened by what came later.
    """
    return copy is not None and copy.state == State.KEPT and (copy.open or owner or copy.number == last)


def ask(context: Any, package_id: str, resource_id: str, number: int, action: Action) -> tuple[Copy, Decision]:
    """Give the copy of a version for who may read it, and the decision that lets them.

    :raises AccessRefused: they may not read all of the data
    :raises NotKeptError: the version isn't kept, or not for them
    """
    decision = require(context, package_id, resource_id, action, whole=True)
    copy = Copy.get(resource_id, number)
    if copy is None or copy.state != State.KEPT:
        raise NotKeptError(number, State(copy.state) if copy is not None else State.NONE)
    if not readable(copy, last=last_version(resource_id), owner=may_change(context, package_id)):
        raise NotKeptError(number, None)
    return copy, decision


def page_of(copy: Copy, limit: int, offset: int) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Give the names of a version's columns, and some of its rows as texts.

    :raises NotKeptError: its copy is gone
    """
    with copy_of(copy.resource_id, copy.number) as path:
        if path is None:
            raise NotKeptError(copy.number, State.ERASED)
        frame = pl.scan_parquet(path).drop(KEY).slice(offset, limit).collect()
    return frame.columns, frame.rows()


def rows_of(copy: Copy) -> Iterator[tuple[list[str], list[tuple[Any, ...]]]]:
    """Give the names of a version's columns with its rows, some thousand at a time; an empty version gives its names.

    :raises NotKeptError: its copy is gone
    """
    for offset in range(0, max(copy.rows or 0, 1), _AT_ONCE):
        yield page_of(copy, _AT_ONCE, offset)


def compared(before: Copy, after: Copy) -> Difference:
    """Compare two versions of a resource that are kept.

    :raises NotKeptError: the copy of one is gone
    """
    frames = []
    for one in (before, after):
        with copy_of(one.resource_id, one.number) as path:
            if path is None:
                raise NotKeptError(one.number, State.ERASED)
            frames.append(pl.read_parquet(path))
    first, last = sorted((before.number, after.number))
    numbered = keys_hold(before.resource_id, first, last)
    return difference(*frames, key_of(before.resource_id), numbered=numbered)
