"""What a dataset needs to be published, in which step of the form, and what its state is called."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Step(StrEnum):
    """The steps of the form, in their order; the value is the word in the address."""

    DESCRIBE = "describe"
    COVERAGE = "coverage"
    FILES = "files"
    REVIEW = "review"


class Status(StrEnum):
    """What people are told about a dataset's visibility (OBJ-7)."""

    DRAFT = "draft"
    WITHHELD = "withheld"
    PUBLIC = "public"
    DELETED = "deleted"


STEP_FIELDS: Mapping[Step, tuple[str, ...]] = {
    Step.DESCRIBE: (
        "title",
        "notes",
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
"""Fields by step; each stands in one step only."""

REQUIRED = ("title", "notes", "license_id", "owner_org", "resources")
RECOMMENDED = ("axis", "theme", "tags", "contact", "frequency", "temporal_coverage", "spatial")

UNSTATED_LICENCE = "notspecified"


@dataclass(frozen=True, slots=True)
class Gap:
    """A field that is empty, and the step where to fill it."""

    field: str
    step: Step


def step_of(field: str) -> Step:
    """Give the step where `field` is filled; the first step for what no step knows."""
    field = "tag_string" if field == "tags" else field
    return next((step for step, fields in STEP_FIELDS.items() if field in fields), Step.DESCRIBE)


def _empty(dataset: Mapping[str, Any], field: str) -> bool:
    value = dataset.get(field)
    if field == "license_id" and value == UNSTATED_LICENCE:
        return True
    if field == "spatial":
        return not value and not dataset.get("communes") and not dataset.get("spatial_coverage")
    return not (value.strip() if isinstance(value, str) else value)


def missing(dataset: Mapping[str, Any]) -> list[Gap]:
    """Give what has to be filled before the dataset may be published, in the order of the form."""
    return [Gap(field, step_of(field)) for field in REQUIRED if _empty(dataset, field)]


def advised(dataset: Mapping[str, Any]) -> list[Gap]:
    """Give what isn't compulsory and would make the dataset easier to find and to reuse."""
    return [Gap(field, step_of(field)) for field in RECOMMENDED if _empty(dataset, field)]


def status(state: str | None, private: bool) -> Status:
    """Give what to call a dataset of this `state` (CKAN's draft, active, deleted) and privacy."""
    if state == "deleted":
        return Status.DELETED
    if state == "draft":
        return Status.DRAFT
    return Status.WITHHELD if private else Status.PUBLIC
