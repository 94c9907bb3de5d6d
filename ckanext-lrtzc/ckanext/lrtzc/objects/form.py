"""Between a dataset and the steps of its form: what stands in the fields, what was typed, what to send to the action.

Values are kept as typed until the action has accepted them, so that nothing is lost when something is wrong.
"""

import hashlib
import json
import re
from typing import Any

from werkzeug.datastructures import MultiDict

from ckanext.lrtzc.objects.domain.errors import BadValueError
from ckanext.lrtzc.objects.domain.geometry import bounds, box_geometry
from ckanext.lrtzc.objects.domain.publication import STEP_FIELDS, Step
from ckanext.lrtzc.objects.domain.values import written_date
from ckanext.lrtzc.objects.logic.validators import area_of, say

Values = dict[str, Any]
Errors = dict[str, Any]

TEXTS = {
    Step.DESCRIBE: ("title", "notes", "owner_org", "license_id", "access_rights", "provenance", "url", "version"),
    Step.COVERAGE: ("frequency", "issued", "modified", "temporal_resolution", "spatial_resolution_in_meters"),
}
CHOICES = {Step.DESCRIBE: ("axis", "theme", "language", "hvd_category"), Step.COVERAGE: ("communes",)}
LINES = {Step.DESCRIBE: ("documentation", "conforms_to", "applicable_legislation"), Step.COVERAGE: ()}
ROWS = {
    Step.DESCRIBE: {"contact": ("name", "email", "url")},
    Step.COVERAGE: {"temporal_coverage": ("start", "end")},
}
DATES = ("issued", "modified", "start", "end")
BOX = ("west", "south", "east", "north")
MAX_ROWS = 50
_KEYWORDS = re.compile(r"[,;\n]+")


def values_of(dataset: dict[str, Any], step: Step, french: bool) -> Values:
    """Give what stands in the fields of a step, from the dataset as it is stored.

    :param french: whether days are written 31/12/2024
    """
    values: Values = {}
    for name in TEXTS[step]:
        text = str(dataset.get(name) or "")
        values[name] = written_date(text, french) if name in DATES else text
    for name in CHOICES[step]:
        values[name] = list(dataset.get(name) or [])
    for name in LINES[step]:
        values[name] = "\n".join(dataset.get(name) or [])
    for name, columns in ROWS[step].items():
        values[name] = [
            {
                key: written_date(str(row.get(key) or ""), french) if key in DATES else row.get(key) or ""
                for key in columns
            }
            for row in dataset.get(name) or []
        ]
    if step is Step.DESCRIBE:
        values["tag_string"] = ", ".join(tag["name"] for tag in dataset.get("tags") or [])
    if step is Step.COVERAGE:
        values.update(_area_values(dataset))
    return values


def _area_values(dataset: dict[str, Any]) -> Values:
    spatial, communes = dataset.get("spatial") or "", dataset.get("communes") or []
    limits = bounds(spatial) if spatial else None
    values: Values = dict(zip(BOX, (f"{number:.5f}".rstrip("0").rstrip(".") for number in limits or ()), strict=False))
    if not spatial or spatial == area_of(communes):
        values["area"] = "communes"
    else:
        values["area"] = "box" if _is_box(spatial, limits) else "keep"
    return values


def _is_box(spatial: str, limits: tuple[float, float, float, float] | None) -> bool:
    geometry = json.loads(spatial)
    points = geometry.get("coordinates", [[]])[0] if geometry.get("type") == "Polygon" else []
    if len(points) != 5 or limits is None:
        return False
    return all(point[0] in (limits[0], limits[2]) and point[1] in (limits[1], limits[3]) for point in points)


def typed(form: "MultiDict[str, str]", step: Step) -> Values:
    """Give what was typed in a step, unchanged."""
    values: Values = {name: form.get(name, "") for name in (*TEXTS[step], *LINES[step])}
    for name in CHOICES[step]:
        values[name] = [value for value in form.getlist(name) if value]
    for name, columns in ROWS[step].items():
        count = min(max((len(form.getlist(f"{name}-{key}")) for key in columns), default=0), MAX_ROWS)
        lists = {key: form.getlist(f"{name}-{key}") for key in columns}
        values[name] = [
            {key: lists[key][index] if index < len(lists[key]) else "" for key in columns} for index in range(count)
        ]
    if step is Step.DESCRIBE:
        values["tag_string"] = form.get("tag_string", "")
    if step is Step.COVERAGE:
        values["area"] = form.get("area", "communes")
        values.update({name: form.get(name, "") for name in BOX})
    return values


def to_action(values: Values, step: Step, stored: dict[str, Any]) -> tuple[dict[str, Any], Errors]:
    """Give what the action takes for a step that was typed, and errors that only the form can find.

    Sub-fields that the form doesn't show (a contact's identifier…) are kept, row by row.
    """
    data: dict[str, Any] = {name: values[name] for name in (*TEXTS[step], *CHOICES[step])}
    errors: Errors = {}
    for name in LINES[step]:
        data[name] = [line.strip() for line in values[name].splitlines() if line.strip()]
    for name in ROWS[step]:
        known = stored.get(name) or []
        data[name] = [
            {**(known[index] if index < len(known) else {}), **row}
            for index, row in enumerate(values[name])
            if any(cell.strip() for cell in row.values())
        ]
    if step is Step.DESCRIBE:
        names = (" ".join(name.split()) for name in _KEYWORDS.split(values["tag_string"]))
        data["tags"] = [{"name": name} for name in dict.fromkeys(name for name in names if name)]
    if step is Step.COVERAGE:
        try:
            data["spatial"] = _area(values, stored)
        except BadValueError as error:
            errors["spatial"] = [say(error)]
    return data, errors


def _area(values: Values, stored: dict[str, Any]) -> str:
    match values["area"]:
        case "box":
            return box_geometry(*(values[name] for name in BOX))
        case "keep":
            return stored.get("spatial") or ""
        case _:
            return area_of(values["communes"])


def by_field(errors: Errors) -> Errors:
    """Give the errors of an action as the form shows them: keywords under the name of their field."""
    found = dict(errors)
    tags = [error for error in found.pop("tags", []) if error]
    if tags:
        texts = [
            error if isinstance(error, str) else "; ".join(text for texts in error.values() for text in texts)
            for error in tags
        ]
        found["tag_string"] = [*found.get("tag_string", []), *texts]
    return {name: error for name, error in found.items() if error}


def fingerprint(dataset: dict[str, Any], step: Step) -> str:
    """Give a short text that changes when somebody changes what a step shows."""
    fields = {name: dataset.get(name) for name in STEP_FIELDS[step] if name != "resources"}
    fields["tags"] = sorted(tag["name"] for tag in dataset.get("tags") or []) if step is Step.DESCRIBE else None
    return hashlib.sha256(json.dumps(fields, sort_keys=True, default=str).encode()).hexdigest()[:16]


def differences(mine: Values, theirs: Values) -> list[str]:
    """Give the fields of a step in which two people differ."""
    return [name for name, value in theirs.items() if mine.get(name) != value]
