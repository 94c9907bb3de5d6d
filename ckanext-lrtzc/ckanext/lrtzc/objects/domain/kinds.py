"""The four kinds of object: the steps of their forms, their fields, and what each needs to be published.

A kind is a descriptor: what differs between a dataset and an algorithm is said here, and nowhere by a branch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Type(StrEnum):
    """The types of object: CKAN's package type, and the word in the address."""

    DATASET = "dataset"
    ALGORITHM = "algorithm"
    RESTITUTION = "restitution"
    USE_CASE = "use-case"


class Step(StrEnum):
    """The steps of the forms, in their order; the value is the word in the address."""

    DESCRIBE = "describe"
    EXPLAIN = "explain"
    COVERAGE = "coverage"
    FILES = "files"
    REVIEW = "review"


STEP_FIELDS: Mapping[Step, tuple[str, ...]] = MappingProxyType(
    {
        Step.DESCRIBE: (
            "title",
            "notes",
            "title_translated",
            "notes_translated",
            "tag_string",
            "axis",
            "theme",
            "owner_org",
            "license_id",
            "access_rights",
            "contact",
            "provenance",
            "language",
            "hvd_category",
            "url",
            "documentation",
            "conforms_to",
            "applicable_legislation",
            "version",
            "programming_language",
            "result_kind",
        ),
        Step.EXPLAIN: (
            "purpose",
            "legal_ground",
            "input_data",
            "method",
            "effects",
            "recourse",
            "audience",
            "maturity",
        ),
        Step.COVERAGE: (
            "communes",
            "spatial",
            "temporal_coverage",
            "frequency",
            "issued",
            "modified",
            "temporal_resolution",
            "spatial_resolution_in_meters",
        ),
        Step.FILES: ("resources",),
        Step.REVIEW: (),
    }
)
"""Fields by step; each stands in one step only, and a kind has those that its schema has."""

TRANSPARENCY = ("purpose", "legal_ground", "input_data", "method", "effects", "recourse")
"""The transparency sheet of an algorithm (OBJ-13), after the State's guide for public algorithms."""

_EVERYWHERE = ("title", "notes", "license_id")
_COMMON = frozenset(
    [
        "title",
        "notes",
        "title_translated",
        "notes_translated",
        "tag_string",
        "axis",
        "theme",
        "owner_org",
        "license_id",
        "contact",
        "language",
        "url",
        "documentation",
        "version",
        "issued",
        "modified",
        "resources",
    ]
)
_PLACED = frozenset(["communes", "spatial", "temporal_coverage"])


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object.

    `fields` are those of its form; `required` what it can't be published without; `recommended` what makes it easier
    to find. `tabular`: its files become tables that are explored.
    """

    type: Type
    steps: tuple[Step, ...]
    fields: frozenset[str]
    required: tuple[str, ...]
    recommended: tuple[str, ...]
    tabular: bool = False

    def has(self, field: str) -> bool:
        """Say whether objects of this kind have a field."""
        return field in self.fields

    def fields_of(self, step: Step) -> tuple[str, ...]:
        """Give the fields that stand in a step."""
        return tuple(field for field in STEP_FIELDS[step] if field in self.fields)


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        Type.DATASET: Kind(
            Type.DATASET,
            (Step.DESCRIBE, Step.COVERAGE, Step.FILES, Step.REVIEW),
            frozenset(
                field
                for step, fields in STEP_FIELDS.items()
                if step is not Step.EXPLAIN
                for field in fields
                if field not in ("programming_language", "result_kind")
            ),
            (*_EVERYWHERE, "resources"),
            ("axis", "theme", "tags", "contact", "frequency", "temporal_coverage", "spatial"),
            tabular=True,
        ),
        Type.ALGORITHM: Kind(
            Type.ALGORITHM,
            (Step.DESCRIBE, Step.EXPLAIN, Step.FILES, Step.REVIEW),
            _COMMON | {"programming_language", *TRANSPARENCY},
            (*_EVERYWHERE, "purpose", "input_data", "method", "effects", "recourse", "resources"),
            ("axis", "tags", "programming_language", "version"),
        ),
        Type.RESTITUTION: Kind(
            Type.RESTITUTION,
            (Step.DESCRIBE, Step.COVERAGE, Step.FILES, Step.REVIEW),
            _COMMON | _PLACED | {"result_kind", "provenance", "frequency"},
            (*_EVERYWHERE, "resources"),
            ("axis", "tags", "result_kind", "temporal_coverage", "spatial"),
        ),
        Type.USE_CASE: Kind(
            Type.USE_CASE,
            (Step.DESCRIBE, Step.EXPLAIN, Step.COVERAGE, Step.FILES, Step.REVIEW),
            _COMMON | _PLACED | {"purpose", "legal_ground", "audience", "maturity"},
            (*_EVERYWHERE, "purpose"),
            ("axis", "tags", "audience", "maturity", "spatial"),
        ),
    }
)
"""The kinds by type."""

CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "result_kind": ("raw", "aggregated", "dashboard", "map"),
        "maturity": ("idea", "prototype", "service", "ended"),
    }
)
"""The values of fields that are chosen from a short list."""


def kind_of(type_: object) -> Kind:
    """Give the kind of a package's type; that of datasets for what isn't an object of ours (a dataset it was)."""
    return KINDS.get(str(type_), KINDS[Type.DATASET])


def is_object(type_: object) -> bool:
    """Say whether a package's type is one of the four."""
    return str(type_) in KINDS


def needs_legal_ground(type_: object, owner_org: object) -> bool:
    """Say whether the sheet must name a legal ground: an administration's algorithm acts by law, a person's needn't."""
    return str(type_) == Type.ALGORITHM and bool(owner_org)
