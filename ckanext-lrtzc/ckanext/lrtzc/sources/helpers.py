"""Helpers of the room's templates."""

import re
from collections.abc import Iterable
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.batches.api import formats
from ckanext.lrtzc.schedule import WORDS
from ckanext.lrtzc.sources.domain.states import State
from ckanext.lrtzc.sources.kinds import KINDS
from ckanext.lrtzc.sources.kinds.base import Field
from ckanext.lrtzc.sources.model import Source

_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")


def lrtzc_source_kinds() -> list[dict[str, str]]:
    """Give the kinds of sources: `name`, `label`, `hint`."""
    return [{"name": kind.name, "label": tk._(kind.label), "hint": tk._(kind.hint)} for kind in KINDS.values()]


def lrtzc_source_kind(name: str) -> str:
    """Give the words for a kind."""
    return tk._(KINDS[name].label) if name in KINDS else name


def lrtzc_source_example(name: str) -> str:
    """Give an address as a kind wants it."""
    return KINDS[name].example


def lrtzc_source_fields(name: str) -> list[dict[str, Any]]:
    """Give what a kind asks for: `name`, `label`, `help`, `control`, `secret`, `options` (value, words)."""
    return described(KINDS[name].fields)


def described(fields: Iterable[Field]) -> list[dict[str, Any]]:
    """Give the words of fields, as `lrtzc_source_fields` does."""
    return [
        {
            "name": field.name,
            "label": tk._(field.label),
            "help": tk._(field.help) if field.help else "",
            "control": field.control,
            "secret": field.secret,
            "options": [(value, tk._(words)) for value, words in field.choices],
        }
        for field in fields
    ]


def lrtzc_source_schedules() -> list[tuple[str, str]]:
    """Give the schedules as choices."""
    return [(schedule.value, tk._(words)) for schedule, words in WORDS.items()]


def lrtzc_source_modes() -> list[tuple[str, str]]:
    """Give what new rows do to those there are, as choices."""
    return [
        ("replace", tk._("They take the place of all rows")),
        ("append", tk._("They are added to the rows there are")),
        ("upsert", tk._("They replace the rows with the same key, and are added otherwise")),
    ]


def lrtzc_source_formats() -> list[tuple[str, str]]:
    """Give the formats that may be expected, as choices."""
    return [(name, name) for name in formats()]


def lrtzc_source_run_state(run: dict[str, Any] | None) -> dict[str, str]:
    """Give the words for where a run stands and the badge that goes with it."""
    texts = {
        State.WAITING: (tk._("Waits for its turn"), "badge-info"),
        State.RUNNING: (tk._("Under way"), "badge-info"),
        State.FINISHED: (tk._("Finished"), "badge-ok"),
        State.INCOMPLETE: (tk._("Incomplete"), "badge-notice"),
        State.FAILED: (tk._("Failed"), "badge-alert"),
    }
    text, badge = texts[State(run["state"])] if run else (tk._("Never run"), "")
    return {"text": text, "badge": badge}


def lrtzc_source_goes_on(run: dict[str, Any] | None) -> bool:
    """Say whether a run is under way."""
    return bool(run) and run["state"] in (State.WAITING, State.RUNNING)


def lrtzc_source_offered_key(errors: dict[str, Any]) -> str:
    """Give the fingerprint of the key that a server showed and that waits to be accepted; empty without one."""
    found = _FINGERPRINT.search(" ".join(str(text) for text in errors.get("host_key", ())))
    return found.group() if found else ""


def lrtzc_source_count(package_id: str) -> int:
    """Count the sources of a dataset."""
    query = sa.select(sa.func.count()).select_from(Source).where(Source.package_id == package_id)
    return model.Session.scalar(query) or 0
