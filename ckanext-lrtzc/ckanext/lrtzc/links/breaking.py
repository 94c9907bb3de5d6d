"""What is asked before an object, or a file of it, goes that others stand on (OBJ-10)."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.links import store

CONFIRM = "confirm_breaks"
"""What a program or a form says to go on, having seen what breaks."""

_asked: ContextVar[bool] = ContextVar("lrtzc_links_asked", default=False)


@contextmanager
def asked() -> Generator[None]:
    """Do what was asked about already: the actions called within don't ask again."""
    mark = _asked.set(True)
    try:
        yield
    finally:
        _asked.reset(mark)


def confirmed(data: dict[str, Any]) -> bool:
    """Say whether what would break was accepted; the word is taken out of what is sent."""
    try:
        return tk.asbool(data.pop(CONFIRM, False))
    except ValueError:
        return False


def leaves_the_catalogue(package: Any, data: dict[str, Any]) -> bool:
    """Say whether a change withdraws a public object: draft again, withheld or deleted."""
    if package.state != "active" or package.private:
        return False
    try:
        private = tk.asbool(data.get("private") or False)
    except ValueError:
        private = True
    return private or data.get("state") in ("draft", "deleted")


def loses_files(package: Any, data: dict[str, Any]) -> bool:
    """Say whether a change takes a file or a link away from a public object."""
    given = data.get("resources")
    if package.state != "active" or package.private or not isinstance(given, list):
        return False
    kept = {each.get("id") for each in given if isinstance(each, dict)}
    return any(each.id not in kept for each in package.resources)


def told(broken: list[store.Broken]) -> dict[str, Any]:
    """Give what would break, for a program."""
    foreign = broken[0].foreign_total if broken else 0
    names = ("kind", "id", "name", "title", "type", "foreign")
    return {
        "broken": [{name: value for name, value in asdict(each).items() if name in names} for each in broken],
        "total": broken[0].total if broken else 0,
        "foreign_total": foreign,
        "confirm": bool(foreign),
    }


def ask_first(context: Any, package: Any, is_confirmed: bool) -> None:
    """Refuse to take away what others stand on, unless that was confirmed; then leave a trace of it.

    :raises ValidationError: with the names of what would break
    """
    if context.get("ignore_auth") or _asked.get() or package.state == "deleted":
        return
    broken = store.broken_without(context, package.id)
    if not broken or not broken[0].foreign:
        return
    titles = ", ".join(f"“{each.title}”" for each in broken if each.foreign)
    if not is_confirmed:
        message = tk._(
            "Others' objects stand on this one and would no longer work: {titles} ({number} in all). "
            "Send confirm_breaks with it to go on."
        )
        raise tk.ValidationError({CONFIRM: [message.format(titles=titles, number=broken[0].foreign_total)]})
    details = {"broken": [each.id for each in broken], "total": broken[0].total}
    record("link.break", object_type=package.type, object_id=package.id, details=details)
