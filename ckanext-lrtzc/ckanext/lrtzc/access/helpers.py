"""Template helpers of access."""

from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.access import granting, wording
from ckanext.lrtzc.access.api import Action, Decision, decide, decide_many, decided, request_context, say


@dataclass(frozen=True)
class Notice:
    """What to say of data that isn't all open to whoever looks.

    `kind` is closed, part, opened (all of it, to them) or kept (theirs, and not open to all); `names` are the files
    that it speaks of, none where that is all of them; `part` says what is seen.
    """

    kind: str
    sentences: list[str]
    until: str = ""
    names: tuple[str, ...] = ()
    part: tuple[str, ...] = ()


def lrtzc_access(dataset: dict[str, Any], resource: dict[str, Any] | None = None) -> Decision:
    """Give the decision on reading a dataset, or one of its resources, for whoever looks at the page."""
    return decide(request_context(), dataset["id"], resource["id"] if resource else None, Action.READ)


def _kind(decision: Decision, dataset: dict[str, Any]) -> str:
    if not decision.permitted:
        return "closed"
    if decision.insider:
        return "kept" if decision.on_record and not dataset.get("private") else ""
    if not decision.whole:
        return "part"
    return "opened" if any(reason.code == "granted" for reason in decision.reasons) else ""


def _notice(decision: Decision, kind: str, names: tuple[str, ...] = (), resource_id: str = "") -> Notice:
    part: list[str] = []
    if kind == "part" and resource_id:
        part = wording.part(decision.part, granting.table_of(resource_id))
    return Notice(kind, say(decision), wording.until(decision.until), names, tuple(part))


def lrtzc_access_notice(dataset: dict[str, Any], resource: dict[str, Any]) -> Notice | None:
    """Give what to say on the page of a resource; nothing where all of it is open to all."""
    decision = lrtzc_access(dataset, resource)
    kind = _kind(decision, dataset)
    return _notice(decision, kind, resource_id=resource["id"]) if kind else None


def lrtzc_access_notices(dataset: dict[str, Any]) -> list[Notice]:
    """Give what to say on the page of a dataset: one notice for all files of which the same is to be said."""
    found = decide_many(request_context(), [dataset["id"]], Action.READ)
    if not found:
        return []
    resources = dataset.get("resources") or []
    named: list[tuple[Decision, list[str]]] = [] if resources else [(decided(found, dataset["id"], None), [])]
    for resource in resources:
        decision = decided(found, dataset["id"], resource["id"])
        name = tk.h.resource_display_name(resource)
        same = next((names for other, names in named if other == decision), None)
        if same is None:
            named.append((decision, [name]))
        else:
            same.append(name)
    return [
        _notice(decision, kind, tuple(names) if len(named) > 1 else ())
        for decision, names in named
        if (kind := _kind(decision, dataset))
    ]


def lrtzc_access_held_back(dataset: dict[str, Any]) -> bool:
    """Say whether a dataset, as an action gave it, holds data that whoever looks may not take whole."""
    return any(resource.get("held_back") for resource in dataset.get("resources") or ())
