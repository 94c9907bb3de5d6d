"""The facts of a dataset or a resource, as label and values, in the order in which people ask for them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.objects.api import choice_words
from ckanext.lrtzc.territory import get_territory
from ckanext.lrtzc.theme.domain import wording
from ckanext.lrtzc.theme.labels import value_label


@dataclass(frozen=True)
class Value:
    """A text, and where it leads if anywhere; `is_markdown` for texts of several lines."""

    text: str
    url: str = ""
    is_markdown: bool = False


@dataclass(frozen=True)
class Fact:
    """A label and its values."""

    label: str
    values: list[Value]


def dataset_facts(dataset: Mapping[str, Any], language: str) -> list[Fact]:
    """Give what is known of a dataset beyond its title, description, licence and files; what is empty is left out."""
    zone = get_territory().timezone

    def coded(field: str, vocabulary: str) -> list[Value]:
        return [Value(value_label(vocabulary, code, language)) for code in _list(dataset.get(field))]

    def day(field: str) -> list[Value]:
        value = dataset.get(field)
        return [Value(wording.full_date(str(value), language, zone))] if value else []

    facts = [
        Fact(tk._("Update"), coded("frequency", "frequency")),
        Fact(tk._("Period"), [Value(_period(row, language)) for row in _rows(dataset.get("temporal_coverage"))]),
        Fact(tk._("Communes"), _communes(_list(dataset.get("communes")), language)),
        Fact(
            tk._("Places"),
            [Value(str(row["text"])) for row in _rows(dataset.get("spatial_coverage")) if row.get("text")],
        ),
        Fact(tk._("Themes"), coded("theme", "vocab_theme")),
        Fact(tk._("High-value data"), coded("hvd_category", "vocab_hvd_category")),
        Fact(tk._("Origin and method"), _prose(dataset.get("provenance"))),
        Fact(tk._("Documentation"), _links(dataset.get("documentation"))),
        Fact(tk._("Conforms to"), _links(dataset.get("conforms_to"))),
        Fact(tk._("Legislation"), _links(dataset.get("applicable_legislation"))),
        Fact(tk._("Contact"), [_person(row) for row in _rows(dataset.get("contact"))]),
        Fact(tk._("Publisher"), [_person(row) for row in _rows(dataset.get("publisher"))]),
        Fact(tk._("Author"), [_person(row) for row in _rows(dataset.get("creator"))]),
        Fact(tk._("Access"), coded("access_rights", "access_rights")),
        Fact(tk._("Languages"), coded("language", "vocab_language")),
        Fact(tk._("Programming language"), _texts(dataset.get("programming_language"))),
        Fact(tk._("Form of the result"), _chosen("result_kind", dataset.get("result_kind"))),
        Fact(tk._("Version"), _texts(dataset.get("version"))),
        Fact(tk._("What this version brings"), _prose(dataset.get("version_notes"))),
        Fact(tk._("First published"), day("issued")),
        Fact(tk._("Data changed"), day("modified")),
        Fact(tk._("Record changed"), day("metadata_modified")),
        Fact(tk._("Page of origin"), _links(dataset.get("url"))),
        Fact(tk._("Identifier"), _texts(dataset.get("identifier") or dataset.get("id"))),
    ]
    facts += [
        Fact(str(extra.get("key")), _links(extra.get("value")))
        for extra in dataset.get("extras") or []
        if extra.get("key") and not _is_internal(str(extra["key"]))
    ]
    return [fact for fact in facts if any(value.text for value in fact.values)]


def resource_facts(resource: Mapping[str, Any], language: str) -> list[Fact]:
    """Give what is known of a file beyond its name and description; what is empty is left out."""
    zone = get_territory().timezone
    changed = resource.get("modified") or resource.get("last_modified") or resource.get("created")
    size = str(resource.get("size") or "")
    facts = [
        Fact(tk._("Format"), _texts(resource.get("format"))),
        Fact(tk._("Size"), _texts(wording.file_size(int(size), language) if size.isdecimal() else "")),
        Fact(tk._("Data changed"), _texts(wording.full_date(str(changed), language, zone) if changed else "")),
        Fact(tk._("Conforms to"), _links(resource.get("conforms_to"))),
        Fact(tk._("Documentation"), _links(resource.get("documentation"))),
        Fact(tk._("Rights"), _texts(resource.get("rights"))),
        Fact(tk._("Checksum"), _texts(resource.get("hash"))),
        Fact(tk._("Identifier"), _texts(resource.get("id"))),
    ]
    return [fact for fact in facts if any(value.text for value in fact.values)]


def _is_internal(key: str) -> bool:
    return key.startswith("harvest_") or key in ("guid", "spatial", "dcat_metadata")


def _loaded(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in "[{":
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _list(value: Any) -> list[str]:
    value = _loaded(value)
    items = value if isinstance(value, list) else [value]
    return [str(item) for item in items if item]


def _rows(value: Any) -> list[Mapping[str, Any]]:
    value = _loaded(value)
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def _texts(value: Any) -> list[Value]:
    return [Value(text) for text in _list(value)]


def _chosen(field: str, value: Any) -> list[Value]:
    return [Value(choice_words(field).get(text, text)) for text in _list(value)]


def _prose(value: Any) -> list[Value]:
    return [Value(str(value), is_markdown=True)] if value else []


def _links(value: Any) -> list[Value]:
    return [Value(text, text if urlsplit(text).scheme in ("http", "https") else "") for text in _list(value)]


def _communes(codes: list[str], language: str) -> list[Value]:
    known = get_territory().communes_by_code
    if len(codes) == len(known) and set(codes) == set(known):
        everywhere = tk.ungettext("The only commune", "All {number} communes", len(codes))
        return [Value(everywhere.format(number=wording.number(len(codes), language)))]
    search = tk.h.url_for("dataset.search")
    return [Value(value_label("vocab_communes", code, language), f"{search}?vocab_communes={code}") for code in codes]


def _period(row: Mapping[str, Any], language: str) -> str:
    start, end = (wording.full_date(str(row[key]), language) if row.get(key) else "" for key in ("start", "end"))
    # French says « du 3 mai au 4 juin », but « de 2018 à 2020 »
    to_the_day = all(len(str(row[key])) > len("2024-12") for key in ("start", "end") if row.get(key))
    if start and end:
        said = tk._("From {start} to {end}") if to_the_day else tk._("{start} to {end}")
        return said.format(start=start, end=end)
    if start:
        return (tk._("Since {start}") if to_the_day else tk._("From {start} on")).format(start=start)
    if end:
        return (tk._("Until {end}") if to_the_day else tk._("Up to {end}")).format(end=end)
    return ""


def _person(row: Mapping[str, Any]) -> Value:
    name = str(row.get("name") or row.get("email") or row.get("url") or row.get("uri") or "")
    email = str(row.get("email") or "").removeprefix("mailto:")
    url = next((link for link in _present(row, ("url", "uri")) if urlsplit(link).scheme in ("http", "https")), "")
    return Value(name, f"mailto:{email}" if "@" in email else url)


def _present(row: Mapping[str, Any], keys: Iterable[str]) -> list[str]:
    return [str(row[key]) for key in keys if row.get(key)]
