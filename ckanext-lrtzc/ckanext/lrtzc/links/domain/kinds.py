"""The kinds of link, and which types of object each may join.

All links go from what was made to what it stands on, so that all kinds together are one graph without circles. They
are PROV-O's (W3C Recommendation, 30 April 2013): `wasDerivedFrom`, `used`, `wasGeneratedBy`.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class LinkKind(StrEnum):
    """What the source says of the target."""

    DERIVED_FROM = "derived_from"
    USES = "uses"
    PRODUCED_BY = "produced_by"


class Way(StrEnum):
    """Which end of a link an object is: `out`, it says it of another; `in`, another says it of it."""

    OUT = "out"
    IN = "in"


TARGETS: Mapping[LinkKind, Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        LinkKind.DERIVED_FROM: {
            "dataset": frozenset({"dataset", "restitution"}),
            "algorithm": frozenset({"algorithm"}),
            "restitution": frozenset({"restitution"}),
            "use-case": frozenset({"use-case"}),
        },
        LinkKind.USES: {"use-case": frozenset({"dataset", "algorithm", "restitution"})},
        LinkKind.PRODUCED_BY: {"restitution": frozenset({"dataset", "algorithm", "use-case"})},
    }
)
"""Types of targets by kind and type of source."""

BREAKING = (LinkKind.USES, LinkKind.PRODUCED_BY)
"""Kinds whose source no longer works when its target goes; what is derived stands on its own."""


def may_join(kind: LinkKind, source: str, target: str) -> bool:
    """Say whether a link of this kind may go from one type of object to another."""
    return target in TARGETS[kind].get(source, frozenset())


def kinds_from(source: str) -> list[LinkKind]:
    """Give the kinds of links that objects of a type may have."""
    return [kind for kind, sources in TARGETS.items() if source in sources]
