"""Between an object and the steps of its form: what stands in the fields, what was typed, what to send to the action.

Values are kept as typed until the action has accepted them, so that nothing is lost when something is wrong.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

from werkzeug.datastructures import MultiDict

from ckanext.lrtzc.objects.domain.errors import BadValueError
from ckanext.lrtzc.objects.domain.geometry import bounds, box_geometry
from ckanext.lrtzc.objects.domain.kinds import STEP_FIELDS, Kind, Step, kind_of
from ckanext.lrtzc.objects.domain.values import written_date
from ckanext.lrtzc.objects.logic.validators.area import area_of
from ckanext.lrtzc.objects.logic.validators.cleaning import say
from ckanext.lrtzc.objects.logic.validators.texts import other_languages

Values = dict[str, Any]
Errors = dict[str, Any]

TEXTS = {
    Step.DESCRIBE: (
        "title",
        "notes",
        "owner_org",
        "license_id",
        "access_rights",
        "provenance",
        "url",
        "version",
        "programming_language",
        "result_kind",
    ),
    Step.EXPLAIN: STEP_FIELDS[Step.EXPLAIN],
    Step.COVERAGE: ("frequency", "issued", "modified", "temporal_resolution", "spatial_resolution_in_meters"),
}
CHOICES = {Step.DESCRIBE: ("axis", "theme", "language", "hvd_category"), Step.EXPLAIN: (), Step.COVERAGE: ("communes",)}
LINES = {
    Step.DESCRIBE: ("documentation", "conforms_to", "applicable_legislation"),
    Step.EXPLAIN: (),
    Step.COVERAGE: (),
}
TRANSLATIONS = {Step.DESCRIBE: ("title_translated", "notes_translated"), Step.EXPLAIN: (), Step.COVERAGE: ()}
ROWS = {
    Step.DESCRIBE: {"contact": ("name", "email", "url")},
    Step.EXPLAIN: {},
    Step.COVERAGE: {"temporal_coverage": ("start", "end")},
}
DATES = ("issued", "modified", "start", "end")
BOX = ("west", "south", "east", "north")
MAX_ROWS = 50
MYSELF = "me"
"""What the form says for an owner that is the person themselves, so that nothing chosen can be told from it."""
_KEYWORDS = re.compile(r"[,;\n]+")


def _of(kind: Kind, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if kind.has(name))


def values_of(dataset: dict[str, Any], step: Step, french: bool) -> Values:
    """Give what stands in the fields of a step, from the object as it is stored (its `type` says which fields).

    :param french: whether days are written 31/12/2024
    """
    values: Values = {}
    kind = kind_of(dataset.get("type"))
    for name in _of(kind, TEXTS[step]):
        text = str(dataset.get(name) or "")
        values[name] = written_date(text, french) if name in DATES else text
    for name in _of(kind, CHOICES[step]):
        values[name] = list(dataset.get(name) or [])
    for name in _of(kind, LINES[step]):
        values[name] = "\n".join(dataset.get(name) or [])
    for name in _of(kind, TRANSLATIONS[step]):
        stored = dataset.get(name) or {}
        values[name] = {language: stored.get(language) or "" for language in other_languages()}
    for name in _of(kind, ROWS[step]):
        columns = ROWS[step][name]
        values[name] = [
            {
                key: written_date(str(row.get(key) or ""), french) if key in DATES else row.get(key) or ""
                for key in columns
            }
            for row in dataset.get(name) or []
        ]
    if step is Step.DESCRIBE:
        values["tag_string"] = ", ".join(tag["name"] for tag in dataset.get("tags") or [])
        if dataset.get("id") and not values["owner_org"]:
            values["owner_org"] = MYSELF
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


def typed(form: "MultiDict[str, str]", step: Step, kind: Kind) -> Values:
    """Give what was typed in a step of a kind's form, unchanged."""
    values: Values = {name: form.get(name, "") for name in _of(kind, (*TEXTS[step], *LINES[step]))}
    for name in _of(kind, CHOICES[step]):
        values[name] = [value for value in form.getlist(name) if value]
    for name in _of(kind, TRANSLATIONS[step]):
        values[name] = {language: form.get(f"{name}-{language}", "") for language in other_languages()}
    for name in _of(kind, ROWS[step]):
        columns = ROWS[step][name]
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


def to_action(values: Values, step: Step, stored: dict[str, Any], kind: Kind) -> tuple[dict[str, Any], Errors]:
    """Give what the action takes for a step that was typed, and errors that only the form can find.

    Sub-fields that the form doesn't show (a contact's identifier…) are kept, row by row.
    """
    shown = (*TEXTS[step], *CHOICES[step], *TRANSLATIONS[step])
    data: dict[str, Any] = {name: values[name] for name in _of(kind, shown)}
    errors: Errors = {}
    for name in _of(kind, LINES[step]):
        data[name] = [line.strip() for line in values[name].splitlines() if line.strip()]
    for name in _of(kind, ROWS[step]):
        known = stored.get(name) or []
        data[name] = [
            {**(known[index] if index < len(known) else {}), **row}
            for index, row in enumerate(values[name])
            if any(cell.strip() for cell in row.values())
        ]
    if step is Step.DESCRIBE:
        data["owner_org"] = "" if values["owner_org"] == MYSELF else values["owner_org"]
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
    fields = {name: dataset.get(name) for name in kind_of(dataset.get("type")).fields_of(step) if name != "resources"}
    fields["tags"] = sorted(tag["name"] for tag in dataset.get("tags") or []) if step is Step.DESCRIBE else None
    return hashlib.sha256(json.dumps(fields, sort_keys=True, default=str).encode()).hexdigest()[:16]


def differences(mine: Values, theirs: Values) -> list[str]:
    """Give the fields of a step in which two people differ."""
    return [name for name, value in theirs.items() if mine.get(name) != value]
