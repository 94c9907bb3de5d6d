"""What moderators see of a batch: by the access decision, for those who are asked about it."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.access.api import AccessRefused, Action, decide_for_task, record_use
from ckanext.lrtzc.batches.api import asked_about, raw_form, read_seen
from ckanext.lrtzc.moderation import api as moderation
from ckanext.lrtzc.people import author_name, public_names
from ckanext.lrtzc.validation.asking import KIND

_SHOWN = (
    "id", "name", "state", "size", "sha256", "dataset", "resource_id", "resource", "kind", "rows", "rows_read",
    "rows_corrected", "rows_refused", "report",
)  # fmt: skip


def _none() -> tk.ObjectNotFound:
    return tk.ObjectNotFound(tk._("There is no such data for you to judge."))


def _allowed(context: Any, user: Any, batch_id: str, action: Action) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give a batch and its case to who is asked about it, where the access decision lets them see all of it.

    The owner lets those in whom they name; what other rules hold back from them stays held back.
    """
    case = moderation.case_about(context, user, KIND, batch_id)
    batch = asked_about([batch_id], whole=True).get(batch_id) if case else None
    if case is None or batch is None:
        raise _none()
    decision = decide_for_task(context, batch["package_id"], batch["resource_id"], action)
    if not decision.whole:
        raise AccessRefused(decision, batch["package_id"], batch["resource_id"])
    if batch["state"] == "waiting":
        record_use(decision, batch["resource_id"], action, by="moderation", batch=batch_id)
    return batch, case


def all_of(context: Any, user: Any, batch_ids: list[str]) -> list[dict[str, Any]]:
    """Give those of some batches that wait and that whoever is asked about them may take away, in their order.

    :param batch_ids: batches of cases that are theirs to judge
    """
    found = asked_about(batch_ids)
    taken = []
    for batch in (found[each] for each in batch_ids if each in found):
        decision = decide_for_task(context, batch["package_id"], batch["resource_id"], Action.TAKE)
        if decision.whole and batch["state"] == "waiting":
            record_use(decision, batch["resource_id"], Action.TAKE, by="moderation", batch=batch["id"])
            taken.append(batch)
    return taken


def batch_shown(context: Any, user: Any, batch_id: str) -> dict[str, Any]:
    """Give a batch as `lrtzc_validation_batch_show` says.

    :raises ObjectNotFound: where one isn't asked about it
    :raises AccessRefused: where a rule of access holds some of it back
    """
    batch, case = _allowed(context, user, batch_id, Action.READ)
    shown = {name: batch[name] for name in _SHOWN} | {"case": case, "created": batch["created"].isoformat()}
    shown["author"] = author_name(batch["author"], public_names({batch["author"]}))
    # Once it is decided, its rows are where they are published, or nowhere.
    waits = batch["state"] == "waiting"
    if not waits:
        shown["report"] = {name: part for name, part in batch["report"].items() if name in ("counts", "quality")}
    return shown | {"seen": (batch["seen"] or {}) if waits else {}}


def picture(context: Any, user: Any, batch_id: str, number: int) -> bytes:
    """Give a small picture (WebP) of a file of a batch that waits.

    :raises ObjectNotFound: where one isn't asked about it, it waits no more, or there is no such picture
    :raises AccessRefused: where a rule of access holds some of it back
    """
    batch, _case = _allowed(context, user, batch_id, Action.READ)
    found = read_seen(batch_id, number) if batch["state"] == "waiting" else None
    if found is None:
        raise _none()
    return found


@contextmanager
def raw(context: Any, user: Any, batch_id: str) -> Generator[tuple[Path, str]]:
    """Give a batch that waits as it was sent: a file, and its name.

    :raises ObjectNotFound: where one isn't asked about it, or it waits no more
    :raises AccessRefused: where a rule of access holds some of it back
    :raises BatchError: where it is no longer kept
    """
    batch, _case = _allowed(context, user, batch_id, Action.TAKE)
    if batch["state"] != "waiting":
        raise _none()
    with raw_form(batch_id) as found:
        yield found
