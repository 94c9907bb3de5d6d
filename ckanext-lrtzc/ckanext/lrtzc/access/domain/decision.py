"""A question of access, the verdict of each rule on it, and the decision they make together.

The most restrictive rule wins: one refusal refuses, and where several rules hold something back, all of it is
held back.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ckanext.lrtzc.tabular.domain.part import EVERYTHING, Part, Perimeter


class Action(StrEnum):
    """What a person wants to do.

    SEE: find an object and read what is said of it. READ: look at its data, by page or preview. TAKE: leave with data,
    by download, export or API.
    """

    SEE = "see"
    READ = "read"
    TAKE = "take"


@dataclass(frozen=True)
class Sentence:
    """Words for a person: a message of the translation catalogue and its values."""

    message: str
    values: Mapping[str, str] = field(default_factory=dict[str, str])

    def say(self, translate: Callable[[str], str] = str) -> str:
        """Give the sentence through `translate`, a function from message to text."""
        return translate(self.message).format(**self.values)


@dataclass(frozen=True)
class Reason:
    """Why a rule decides as it does: a stable code for programs, words for people, and what one can do about it."""

    code: str
    why: Sentence
    remedy: Sentence | None = None


@dataclass(frozen=True)
class Person:
    """Who asks. A stranger has no `id`."""

    id: str = ""
    name: str = ""
    is_sysadmin: bool = False

    @property
    def is_stranger(self) -> bool:
        """Say whether nobody is signed in."""
        return not self.id


@dataclass(frozen=True)
class Restriction:
    """The data of a dataset, or of one of its resources, isn't open to all; `reason` is its owner's text."""

    resource_id: str | None
    reason: str = ""


@dataclass(frozen=True)
class Opening:
    """A part of a dataset opened by a grant to whoever asks; `until` is exclusive."""

    grant_id: str
    resource_id: str | None
    perimeter: Perimeter
    purpose: str = ""
    until: datetime | None = None
    to_all: bool = False


@dataclass(frozen=True)
class Dataset:
    """What the rules need to know of a dataset, as far as whoever asks is concerned.

    `insider`: they may change the dataset, by its organisation or as the one who made it; as with restrictions and
    openings, nobody asks where all is open.
    """

    id: str
    name: str = ""
    title: str = ""
    state: str = "active"
    private: bool = False
    owner_org: str | None = None
    insider: bool = False
    restrictions: tuple[Restriction, ...] = ()
    openings: tuple[Opening, ...] = ()

    @property
    def is_public(self) -> bool:
        """Say whether everybody finds it."""
        return self.state == "active" and not self.private

    def restriction(self, resource_id: str | None) -> Restriction | None:
        """Give what holds back a resource, or the dataset as a whole (None); the resource's own comes first."""
        own = [held for held in self.restrictions if held.resource_id is not None and held.resource_id == resource_id]
        return next(iter([*own, *(held for held in self.restrictions if held.resource_id is None)]), None)

    def openings_of(self, resource_id: str | None) -> tuple[Opening, ...]:
        """Give the openings that reach a resource; for the dataset as a whole (None), those that reach all of it."""
        return tuple(each for each in self.openings if each.resource_id is None or each.resource_id == resource_id)

    def is_open(self, resource_id: str | None) -> bool:
        """Say whether everybody may read the data, all of it."""
        return self.is_public and self.restriction(resource_id) is None


@dataclass(frozen=True)
class Question:
    """May this person do this, on this dataset or on one of its resources, for this purpose: what a rule is asked."""

    person: Person
    action: Action
    dataset: Dataset
    resource_id: str | None = None
    purpose: str = ""


class Effect(StrEnum):
    """What a rule says."""

    PERMIT = "permit"
    PART = "part"
    DENY = "deny"


@dataclass(frozen=True)
class Verdict:
    """What one rule says. Make it by `permit`, `part` or `deny`."""

    effect: Effect
    perimeters: tuple[Perimeter, ...] = ()
    reasons: tuple[Reason, ...] = ()
    until: datetime | None = None
    on_record: bool = False


def permit(*reasons: Reason, until: datetime | None = None, on_record: bool = False) -> Verdict:
    """Let it be done.

    :param until: when this verdict ends, if it does.
    :param on_record: each use leaves a trace in the ledger, because not everybody may do the same.
    """
    return Verdict(Effect.PERMIT, (), reasons, until, on_record)


def part(
    perimeters: Iterable[Perimeter], *reasons: Reason, until: datetime | None = None, on_record: bool = True
) -> Verdict:
    """Let it be done with what these perimeters open together."""
    return Verdict(Effect.PART, tuple(perimeters), reasons, until, on_record)


def deny(*reasons: Reason) -> Verdict:
    """Refuse."""
    return Verdict(Effect.DENY, (), reasons)


@dataclass(frozen=True)
class Decision:
    """What all rules say together; `insider`: whoever asks may change the dataset, and so its metadata is theirs."""

    permitted: bool
    part: Part = EVERYTHING
    reasons: tuple[Reason, ...] = ()
    until: datetime | None = None
    on_record: bool = False
    insider: bool = False

    @property
    def whole(self) -> bool:
        """Say whether nothing is held back: only then may files as they were sent, and copies of them, be given."""
        return self.permitted and self.part.is_whole


def combine(verdicts: Iterable[Verdict]) -> Decision:
    """Make the decision of the verdicts of all rules. No verdict at all is a refusal."""
    said = list(verdicts)
    refusals = [verdict for verdict in said if verdict.effect is Effect.DENY]
    if refusals or not said:
        return Decision(False, reasons=_reasons(refusals))
    seen = Part()
    for verdict in said:
        if verdict.effect is Effect.PART:
            seen = seen.within(Part.of(verdict.perimeters) if verdict.perimeters else Part(((),)))
    ends = [verdict.until for verdict in said if verdict.until is not None]
    return Decision(True, seen, _reasons(said), min(ends, default=None), any(verdict.on_record for verdict in said))


def _reasons(verdicts: Iterable[Verdict]) -> tuple[Reason, ...]:
    found: list[Reason] = []
    for verdict in verdicts:
        found += [reason for reason in verdict.reasons if reason not in found]
    return tuple(found)
