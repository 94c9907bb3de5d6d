"""The words and choices of the form, in the reader's language."""

from typing import Any

import ckan.plugins.toolkit as tk
from flask import current_app

from ckanext.lrtzc.objects.domain.kinds import KINDS, Kind, Step, kind_of
from ckanext.lrtzc.objects.domain.licences import licences
from ckanext.lrtzc.objects.domain.publication import step_of
from ckanext.lrtzc.objects.domain.text import slug
from ckanext.lrtzc.objects.domain.values import written_date
from ckanext.lrtzc.objects.domain.vocabulary import vocabularies
from ckanext.lrtzc.objects.helpers import lrtzc_licence_terms
from ckanext.lrtzc.objects.names import KindWords, choice_words, kind_words, sheet_words
from ckanext.lrtzc.territory import get_territory

Choice = tuple[str, str]


def _language() -> str:
    return str(tk.h.lang() or "fr")[:2]


def optional_url(endpoint: str, **arguments: str) -> str:
    """Give the address of a page of another room, nothing where that room is switched off."""
    return tk.h.url_for(endpoint, **arguments) if endpoint in current_app.view_functions else ""


def own_language() -> str:
    """Give the URI of the reader's language, which most datasets are written in."""
    term = vocabularies()["language"].find(_language())
    return term.uri if term else ""


def labels() -> dict[str, str]:
    """Give the name of each field, as the form and its messages say it."""
    return {
        "title": tk._("Title"),
        "notes": tk._("Description"),
        "title_translated": tk._("Title"),
        "notes_translated": tk._("Description"),
        "tag_string": tk._("Keywords"),
        "tags": tk._("Keywords"),
        "axis": tk._("Axes of the territory"),
        "theme": tk._("European themes"),
        "owner_org": tk._("Owner"),
        "license_id": tk._("Licence"),
        "access_rights": tk._("Access"),
        "contact": tk._("Contact"),
        "provenance": tk._("Origin and method"),
        "language": tk._("Languages of the data"),
        "hvd_category": tk._("High-value data"),
        "url": tk._("Page of origin"),
        "documentation": tk._("Documentation"),
        "conforms_to": tk._("Standards followed"),
        "applicable_legislation": tk._("Laws that require these data"),
        "version": tk._("Version"),
        "communes": tk._("Communes"),
        "spatial": tk._("Area described"),
        "area": tk._("Area described"),
        "west": tk._("West"),
        "south": tk._("South"),
        "east": tk._("East"),
        "north": tk._("North"),
        "temporal_coverage": tk._("Period"),
        "frequency": tk._("Update rhythm"),
        "issued": tk._("First published on"),
        "modified": tk._("Data changed on"),
        "temporal_resolution": tk._("Time step"),
        "spatial_resolution_in_meters": tk._("Resolution in metres"),
        "resources": tk._("Files"),
        "programming_language": tk._("Programming language"),
        "result_kind": tk._("Form of the result"),
        **sheet_words(),
        "confirm_breaks": tk._("What stands on it"),
        "name": tk._("Name"),
        "email": tk._("E-mail"),
        "start": tk._("First day"),
        "end": tk._("Last day"),
        "format": tk._("Format"),
        "description": tk._("Description"),
        Step.DESCRIBE.value: tk._("Describe"),
        Step.EXPLAIN.value: tk._("Purpose and effects"),
        Step.COVERAGE.value: tk._("Where and when"),
        Step.FILES.value: tk._("Files"),
        Step.REVIEW.value: tk._("Review and publish"),
    }


def _terms(name: str, chosen: list[str]) -> list[Choice]:
    """Give the terms that the form offers, and those already chosen that it doesn't offer."""
    vocabulary = vocabularies()[name]
    offered = [(term.uri, term.label(_language())) for term in vocabulary.offered]
    known = {uri for uri, _label in offered}
    return [*offered, *((uri, vocabulary.label(uri, _language())) for uri in chosen if uri and uri not in known)]


def _as_list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []


def all_kind_words() -> dict[str, KindWords]:
    """Give the words for each type of object."""
    return {type_: kind_words(type_) for type_ in KINDS}


def _optional(kind: Kind, values: dict[str, Any], fields: dict[str, str]) -> dict[str, list[Choice]]:
    """Give the terms of fields (name to vocabulary) that objects of a kind have."""
    return {
        name: _terms(vocabulary, _as_list(values.get(name))) for name, vocabulary in fields.items() if kind.has(name)
    }


def choices(kind: Kind, step: Step, values: dict[str, Any]) -> dict[str, Any]:
    """Give the choices of a step's fields, as (value, label); licences with their terms."""
    if step is Step.DESCRIBE:
        chosen = str(values.get("license_id") or "")
        offered = [licence.id for licence in licences().values() if licence.offered]
        if chosen and chosen not in offered and chosen in licences():
            offered.append(chosen)
        return {
            "axis": [(axis.code, axis.label.say(_language())) for axis in get_territory().axes],
            **_optional(
                kind,
                values,
                {
                    "theme": "data_theme",
                    "language": "language",
                    "hvd_category": "hvd_category",
                    "access_rights": "access_right",
                },
            ),
            "result_kind": list(choice_words("result_kind").items()),
            "licences": [
                {**terms, "recommended": licences()[terms["id"]].recommended}
                for terms in map(lrtzc_licence_terms, offered)
                if terms
            ],
        }
    if step is Step.EXPLAIN:
        return {"maturity": list(choice_words("maturity").items())}
    if step is Step.COVERAGE:
        territory = get_territory()
        communes = sorted(((item.code, item.name) for item in territory.communes), key=lambda item: slug(item[1]))
        known = {code for code, _name in communes}
        return {
            "communes": [*communes, *((code, code) for code in _as_list(values.get("communes")) if code not in known)],
            **_optional(kind, values, {"frequency": "frequency"}),
            "territory": territory.name.say(_language()),
            "contours": optional_url("lrtzc_explore.contours"),
            "bbox": ",".join(f"{number:.4f}" for number in territory.bbox),
        }
    return {}


def facts(dataset: dict[str, Any]) -> list[tuple[str, Step, list[str]]]:
    """Give what the dataset says, field by field: name of the field, its step, texts; empty fields are left out."""
    territory = get_territory()
    communes = territory.communes_by_code
    language = _language()

    def coded(name: str, vocabulary: str) -> list[str]:
        return [vocabularies()[vocabulary].label(value, language) for value in _as_list(dataset.get(name))]

    terms = lrtzc_licence_terms(dataset.get("license_id"))
    axes = territory.axes_by_code
    periods = [
        " – ".join(written_date(row.get(side) or "", language == "fr") or "…" for side in ("start", "end"))
        for row in dataset.get("temporal_coverage") or []
    ]
    found = {
        "title": _as_list(dataset.get("title")),
        "notes": _as_list(dataset.get("notes")),
        "tag_string": [tag["name"] for tag in dataset.get("tags") or []],
        "axis": [axes[code].label.say(language) for code in dataset.get("axis") or [] if code in axes],
        "theme": coded("theme", "data_theme"),
        "owner_org": [(dataset.get("organization") or {}).get("title") or tk._("Yourself")],
        **{name: _as_list(dataset.get(name)) for name in sheet_words() if name != "maturity"},
        "maturity": [choice_words("maturity")[value] for value in _as_list(dataset.get("maturity"))],
        "result_kind": [choice_words("result_kind")[value] for value in _as_list(dataset.get("result_kind"))],
        "programming_language": _as_list(dataset.get("programming_language")),
        "license_id": [terms["title"]] if terms else _as_list(dataset.get("license_title")),
        "access_rights": coded("access_rights", "access_right"),
        "contact": [
            ", ".join(filter(None, (row.get("name"), row.get("email")))) for row in dataset.get("contact") or []
        ],
        "communes": [communes[code].name if code in communes else code for code in dataset.get("communes") or []],
        "temporal_coverage": periods,
        "frequency": coded("frequency", "frequency"),
        "resources": [item.get("name") or item.get("url") or "" for item in dataset.get("resources") or []],
    }
    words = labels()
    kind = kind_of(dataset.get("type"))
    return [(words[name], step_of(name), texts) for name, texts in found.items() if kind.has(name) and any(texts)]
