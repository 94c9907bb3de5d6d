"""What an object needs to be published, in which step of the form, and what its state is called."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ckanext.lrtzc.objects.domain.kinds import STEP_FIELDS, Step, kind_of, needs_legal_ground

UNSTATED_LICENCE = "notspecified"


class Status(StrEnum):
    """What people are told about an object's visibility (OBJ-7)."""

    DRAFT = "draft"
    WITHHELD = "withheld"
    PUBLIC = "public"
    DELETED = "deleted"


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
    """Give what has to be filled before the object may be published, in the order of the form."""
    required = [*kind_of(dataset.get("type")).required]
    if needs_legal_ground(dataset.get("type"), dataset.get("owner_org")):
        required.insert(required.index("purpose") + 1, "legal_ground")
    return [Gap(field, step_of(field)) for field in required if _empty(dataset, field)]


def advised(dataset: Mapping[str, Any]) -> list[Gap]:
    """Give what isn't compulsory and would make the object easier to find and to reuse."""
    recommended = kind_of(dataset.get("type")).recommended
    return [Gap(field, step_of(field)) for field in recommended if _empty(dataset, field)]


def status(state: str | None, private: bool) -> Status:
    """Give what to call an object of this `state` (CKAN's draft, active, deleted) and privacy."""
    if state == "deleted":
        return Status.DELETED
    if state == "draft":
        return Status.DRAFT
    return Status.WITHHELD if private else Status.PUBLIC
