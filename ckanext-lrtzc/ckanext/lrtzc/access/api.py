"""The door of access decisions. Whoever gives something out asks here first, and gives no more than the answer.

    from ckanext.lrtzc.access.api import Action, require

    decision = require(context, package_id, resource_id, Action.TAKE)   # raises AccessRefused, in words
    relation = Relation(table, decision.part)                           # never more than that is read

Nothing is kept between requests: an owner's change holds at the very next call.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.access import facts, point
from ckanext.lrtzc.access.domain.decision import (
    Action,
    Dataset,
    Decision,
    Person,
    Question,
    Reason,
    Sentence,
    Verdict,
    deny,
    part,
    permit,
)
from ckanext.lrtzc.access.model import AccessRestriction
from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.delivery.api import keep_personal
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.tabular.domain.part import Coarser, Mask, Part, Perimeter

__all__ = [
    "PERMITTED",
    "AccessRefused",
    "Action",
    "Coarser",
    "Dataset",
    "Decision",
    "Mask",
    "Part",
    "Perimeter",
    "Person",
    "Question",
    "Reason",
    "Sentence",
    "Verdict",
    "decide",
    "decide_for_task",
    "decide_many",
    "decided",
    "deny",
    "is_held_back",
    "opened_to",
    "part",
    "permit",
    "person_of",
    "record_use",
    "request_context",
    "require",
    "require_all",
    "say",
    "told",
]

PERMITTED = Decision(True)
_REFUSED = Decision(False)
Decisions = Mapping[tuple[str, str | None], Decision]


class AccessRefused(tk.NotAuthorized):
    """The decision is a refusal; its message says why and what one can do, in the language of the request.

    `dataset_id` and `resource_id` say on what.
    """

    def __init__(self, decision: Decision, dataset_id: str = "", resource_id: str | None = None):
        super().__init__(" ".join(say(decision)))
        self.decision, self.dataset_id, self.resource_id = decision, dataset_id, resource_id

    @property
    def findable(self) -> bool:
        """Say whether whoever asks may know that there is something."""
        return all(reason.code != "unknown" for reason in self.decision.reasons)


def say(decision: Decision) -> list[str]:
    """Give the sentences of a decision: why, and what one can do about it."""
    sentences = [reason.why.say(tk._) for reason in decision.reasons]
    remedies = [reason.remedy.say(tk._) for reason in decision.reasons if reason.remedy]
    return list(dict.fromkeys([*sentences, *remedies]))


def told(decision: Decision) -> list[dict[str, Any]]:
    """Give the reasons of a decision for a program: `code`, and `why` and `remedy` in the request's language."""
    return [
        {
            "code": reason.code,
            "why": reason.why.say(tk._),
            "remedy": reason.remedy.say(tk._) if reason.remedy else None,
        }
        for reason in decision.reasons
    ]


def _ends_by_itself(*decisions: Decision) -> None:
    """Keep a page made of a decision that ends by itself from being shared beyond that moment."""
    if any(decision.until is not None for decision in decisions):
        keep_personal()


def person_of(context: Any) -> Person:
    """Give who asks: the account that the context names, a stranger where there is none or it isn't active."""
    name = context.get("user")
    if not name:
        return Person()
    known = context.get("auth_user_obj")
    user = known if known is not None and getattr(known, "name", None) == name else model.User.get(name)
    if user is None or user.state != "active":
        return Person()
    return Person(user.id, user.name, bool(user.sysadmin))


def decide_many(context: Any, dataset_ids: Iterable[str], action: Action, purpose: str = "") -> Decisions:
    """Decide for all resources that are held back or opened in part, of several datasets, in one statement.

    :returns: decisions by (dataset, resource), to be asked by `decided`; what isn't named there follows the decision
        on the dataset as a whole, which is at (dataset, None).
    """
    ids = list(dataset_ids)
    if context.get("ignore_auth"):
        return {(each, None): PERMITTED for each in ids}
    person, found = person_of(context), {}
    for dataset in facts.load(person, ids).values():
        named = {held.resource_id for held in dataset.restrictions} | {each.resource_id for each in dataset.openings}
        for resource_id in named | {None}:
            found[dataset.id, resource_id] = point.answer(Question(person, action, dataset, resource_id, purpose))
    _ends_by_itself(*found.values())
    return found


def decided(decisions: Decisions, dataset_id: str, resource_id: str | None) -> Decision:
    """Give the decision on a resource among those of `decide_many`: its own, else its dataset's, else a refusal."""
    return decisions.get((dataset_id, resource_id)) or decisions.get((dataset_id, None), _REFUSED)


def decide(
    context: Any, dataset_id: str, resource_id: str | None = None, action: Action = Action.READ, purpose: str = ""
) -> Decision:
    """Decide on one dataset or one of its resources.

    :param context: CKAN's context: who asks. `ignore_auth` (the portal itself, for its own work) is given everything.
    :param dataset_id: identifier (not name) of the dataset.
    :param resource_id: identifier of the resource, None for the dataset as a whole.
    :returns: the decision; a refusal where there is no such dataset.
    """
    if context.get("ignore_auth"):
        return PERMITTED
    person = person_of(context)
    dataset = facts.load(person, [dataset_id]).get(dataset_id, Dataset(dataset_id, state="deleted"))
    decision = point.answer(Question(person, action, dataset, resource_id, purpose))
    _ends_by_itself(decision)
    return decision


def decide_for_task(context: Any, dataset_id: str, resource_id: str | None, action: Action) -> Decision:
    """Decide for somebody whom the dataset's owner named for a task on it, such as to judge what comes in.

    To name them is to let them in: what the owner holds back from others isn't held back from them. All other rules
    hold. Whoever calls has made sure that they were named, and gives no more than the task needs.
    """
    person = person_of(context)
    dataset = facts.load(person, [dataset_id]).get(dataset_id, Dataset(dataset_id, state="deleted"))
    decision = point.answer(Question(person, action, replace(dataset, insider=not person.is_stranger), resource_id))
    _ends_by_itself(decision)
    return decision


def require(
    context: Any,
    dataset_id: str,
    resource_id: str | None = None,
    action: Action = Action.READ,
    *,
    whole: bool = False,
    purpose: str = "",
) -> Decision:
    """Give the decision, or raise the refusal.

    :param whole: ask for something that can't be cut to a part: a file as it was sent, a copy of it, an old version.
    :raises AccessRefused: with why, and what one can do about it.
    """
    decision = decide(context, dataset_id, resource_id, action, purpose)
    if not decision.permitted:
        raise AccessRefused(decision, dataset_id, resource_id)
    if whole and not decision.whole:
        refusal = replace(decision, permitted=False, reasons=(*decision.reasons, point.ONLY_A_PART))
        raise AccessRefused(refusal, dataset_id, resource_id)
    return decision


def require_all(context: Any, dataset_id: str) -> None:
    """Ask for all that a dataset has or had: its former states, copies of it.

    :raises AccessRefused: where anything of it is held back.
    """
    for decision in decide_many(context, [dataset_id], Action.TAKE).values():
        if not decision.whole and not decision.insider:
            raise AccessRefused(replace(decision, permitted=False, reasons=(point.NO_FORMER_STATE,)), dataset_id)


def record_use(decision: Decision, resource_id: str, action: Action, *, purpose: str = "", **details: Any) -> None:
    """Leave a trace of data given out that not everybody may have, in a transaction of its own.

    Call it before the first byte is given: what can't be recorded isn't given.
    """
    if decision.on_record:
        verb = "download" if action is Action.TAKE else "read"
        said = {"purpose": purpose, "part": "whole" if decision.whole else "part", **details}
        record(f"access.{verb}", object_type="resource", object_id=resource_id, details=said)
        model.Session.commit()


def is_held_back(dataset_id: str) -> bool:
    """Say whether a dataset, or one of its files, isn't open to all by its owner's decision."""
    held = sa.exists().where(AccessRestriction.package_id == dataset_id)
    return bool(model.Session.scalar(sa.select(held)))


def opened_to(person_id: str) -> list[str]:
    """Give the identifiers of the datasets of which some part is opened to a person, now."""
    return facts.opened_to(Person(person_id))
