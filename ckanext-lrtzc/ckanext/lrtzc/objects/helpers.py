"""Template helpers of the objects."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from babel import Locale

from ckanext.lrtzc.objects import forges
from ckanext.lrtzc.objects.domain.licences import TERMS, find_licence
from ckanext.lrtzc.objects.domain.publication import Status, status
from ckanext.lrtzc.objects.domain.vocabulary import vocabularies
from ckanext.lrtzc.objects.names import KindWords, choice_words, kind_words, sheet_words
from ckanext.lrtzc.people import public_name


def _language() -> str:
    return str(tk.h.lang() or "fr")[:2]


def lrtzc_locale_name(code: str) -> str:
    """Give the name of a language, by CKAN's code, in the reader's."""
    return str(Locale.parse(code).get_display_name(str(tk.h.lang() or "fr")) or code)


def lrtzc_licence_terms(license_id: str | None) -> dict[str, Any] | None:
    """Give a licence and its terms in the reader's language, for three columns: you may, you must, you may not.

    :returns: `id`, `title`, `url`, `open` (bool), `may`, `must`, `may_not` (lists of sentences); nothing for a
        licence that isn't in our list
    """
    licence = find_licence(license_id or "")
    if licence is None:
        return None
    return {
        "id": licence.id,
        "title": licence.title(_language()),
        "url": licence.url,
        "open": licence.is_open,
        "may": [tk._(TERMS[term]) for term in licence.may],
        "must": [tk._(TERMS[term]) for term in licence.must],
        "may_not": [tk._(TERMS[term]) for term in licence.may_not],
    }


def lrtzc_vocabulary_label(vocabulary: str, value: str) -> str:
    """Give the label of a URI of `vocabulary` (data_theme, frequency…) in the reader's language."""
    return vocabularies()[vocabulary].label(value, _language())


def lrtzc_dataset_status(dataset: dict[str, Any]) -> Status:
    """Give draft, withheld, public or deleted."""
    return status(dataset.get("state"), bool(dataset.get("private")))


def lrtzc_kind_words(type_: str) -> KindWords:
    """Give the words for a type of object."""
    return kind_words(type_)


def lrtzc_object_sheet(dataset: dict[str, Any]) -> list[tuple[str, str]]:
    """Give what an object says of its purpose and effects, as name of the field and text; what is empty is left out."""
    said = [(words, str(dataset.get(name) or "")) for name, words in sheet_words().items() if name != "maturity"]
    maturity = choice_words("maturity").get(str(dataset.get("maturity") or ""), "")
    return [(words, text) for words, text in [*said, (sheet_words()["maturity"], maturity)] if text]


def lrtzc_object_owner(dataset: dict[str, Any]) -> str:
    """Give the name of the person who owns an object, nothing for one of an organisation.

    Their account's public name is said, never an address.
    """
    if dataset.get("organization") or dataset.get("owner_org") or not dataset.get("creator_user_id"):
        return ""
    return public_name(model.User.get(dataset["creator_user_id"]))


def lrtzc_revision(resource: dict[str, Any]) -> dict[str, str]:
    """Give `commit`, `date` and `read` of the revision that a link to a forge is at; nothing where none was read."""
    return forges.revision_of(resource)


def lrtzc_is_forge(resource: dict[str, Any]) -> bool:
    """Say whether a link leads to a repository of a forge that is known here."""
    return forges.repository_of(resource) is not None
