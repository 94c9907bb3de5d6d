"""Which changes of an object are told, and what is said of several of them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Change(StrEnum):
    """What becomes of an object, in the order in which it is said."""

    PUBLISHED = "published"
    DATA = "data"
    METADATA = "metadata"
    WITHDRAWN = "withdrawn"
    DELETED = "deleted"


GONE = frozenset({Change.WITHDRAWN, Change.DELETED})
PASSAGES = GONE | {Change.PUBLISHED}
ORDER = tuple(Change)

MATERIAL = frozenset({"title", "notes", "license_id", "url", "version", "owner_org", "author", "maintainer"})
"""Columns of an object whose change is told; those of its further fields are, but for `UNTOLD`."""
UNTOLD = frozenset({"identifier", "uri", "issued", "modified", "metadata_created", "metadata_modified"})
"""Further fields that the portal keeps by itself, or that go with a change told otherwise."""


@dataclass(frozen=True, slots=True)
class Stand:
    """How an object stands: its state in the catalogue, and whether it is held back from the public."""

    state: str
    private: bool

    @property
    def public(self) -> bool:
        """Say whether everybody sees it."""
        return self.state == "active" and not self.private


def change_of(before: Stand | None, after: Stand, material: bool) -> Change | None:
    """Say what became of an object, None where nobody is told.

    :param before: how it stood; None for a new object
    :param material: whether what is said of it changed
    """
    was_public = before is not None and before.public
    if after.public and not was_public:
        return Change.PUBLISHED
    if was_public and not after.public:
        return Change.DELETED if after.state == "deleted" else Change.WITHDRAWN
    if before is not None and material and before.state == after.state == "active":
        return Change.METADATA
    return None


def is_material(columns: Iterable[str], further_before: Mapping[str, str], further_after: Mapping[str, str]) -> bool:
    """Say whether a change matters to who uses the object.

    :param columns: names of the columns that changed
    :param further_before: further fields until now, by name; `further_after`: from now on
    """
    if MATERIAL & set(columns):
        return True
    names = (set(further_before) | set(further_after)) - UNTOLD
    return any((further_before.get(name) or "") != (further_after.get(name) or "") for name in names)


def summed_up(changes: Iterable[Collection[str]], *, seen: bool, public: bool) -> list[Change]:
    """Give what is said to one person of an object's changes since they were last told, each once.

    :param changes: the changes in their order, each of one kind or several
    :param seen: whether the person may see the object now. Who may not is told only that it is gone, and only where
        that is the last that was told to all.
    :param public: whether everybody sees it now
    """
    told = [{Change(kind) for kind in kinds} for kinds in changes]
    if not seen:
        passages = [kinds & PASSAGES for kinds in told]
        last = next((kinds for kinds in reversed(passages) if kinds), set[Change]())
        return [kind for kind in ORDER if kind in last & GONE][-1:]
    left = set[Change]().union(*told) - (GONE if public else {Change.PUBLISHED, Change.DELETED})
    # what is new as a whole isn't said of its parts
    return [Change.PUBLISHED] if Change.PUBLISHED in left else [kind for kind in ORDER if kind in left]
