"""Template helpers of the objects."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.objects.domain.licences import TERMS, find_licence
from ckanext.lrtzc.objects.domain.publication import Status, status
from ckanext.lrtzc.objects.domain.vocabulary import vocabularies


def _language() -> str:
    return str(tk.h.lang() or "fr")[:2]


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
