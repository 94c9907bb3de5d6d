"""Comparing what a partner gives with what it gave: what is new, changed, the same, gone, renumbered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ckanext.lrtzc.partners.domain.record import Record
from ckanext.lrtzc.translation import mark

TWICE = mark("The record stands twice in the partner's catalogue; the first one was kept.")
EMPTIED = mark("The partner gave no record at all, though it had %(count)s: nothing was withdrawn.")
SHRUNK = mark("The partner gave %(count)s of its %(known)s known records: too few to withdraw the others unseen.")

#: Under this share of known records still there, a run withdraws nothing by itself.
LEAST_SHARE = 0.5
FEW = 10


@dataclass(frozen=True, slots=True)
class Known:
    """A record of earlier runs: hash of its content, what stays when it is renumbered, and whether it is shown."""

    digest: str
    likeness: str
    shown: bool


@dataclass(slots=True)
class Comparison:
    """The state of a comparison while a catalogue is read; feed it records, then `close` it."""

    known: Mapping[str, Known]
    seen: set[str] = field(default_factory=set)
    unchanged: int = 0
    fresh: dict[str, str] = field(default_factory=dict)

    def sift(self, records: Iterable[Record]) -> tuple[list[Record], list[Record]]:
        """Give the records that must be written (new, changed, or shown again) and those that stand twice."""
        changed, twice = [], []
        for record in records:
            guid = record.guid
            if guid in self.seen:
                twice.append(record)
                continue
            self.seen.add(guid)
            before = self.known.get(guid)
            if before is not None and before.digest == record.digest and before.shown:
                self.unchanged += 1
                continue
            if before is None:
                self.fresh[guid] = record.likeness
            changed.append(record)
        return changed, twice

    def renumbered(self) -> dict[str, str]:
        """Give new identities by old ones, for records that went and came back under another one.

        Only where the likeness is of one record alone on each side.
        """
        gone: dict[str, list[str]] = {}
        for guid, before in self.known.items():
            if guid not in self.seen and before.shown:
                gone.setdefault(before.likeness, []).append(guid)
        came: dict[str, list[str]] = {}
        for guid, likeness in self.fresh.items():
            came.setdefault(likeness, []).append(guid)
        pairs = ((gone[likeness], came[likeness]) for likeness in gone.keys() & came.keys())
        return {old[0]: new[0] for old, new in pairs if len(old) == len(new) == 1}

    def gone(self) -> list[str]:
        """Give the identities of shown records that the partner no longer has."""
        return [guid for guid, before in self.known.items() if before.shown and guid not in self.seen]

    def doubt(self, renumbered: int = 0) -> tuple[str, dict[str, int]] | None:
        """Give the sentence that says why withdrawing would be rash, or nothing."""
        shown = sum(before.shown for before in self.known.values())
        still = sum(before.shown for guid, before in self.known.items() if guid in self.seen) + renumbered
        if shown and not self.seen:
            return EMPTIED, {"count": shown}
        if shown >= FEW and still < shown * LEAST_SHARE:
            return SHRUNK, {"count": still, "known": shown}
        return None
