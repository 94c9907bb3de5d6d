"""The words for the codes that datasets hold: axes, communes, themes, frequencies, licences, formats."""

from dataclasses import dataclass
from functools import lru_cache

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.objects.api import TERMS, find_licence, kind_words, vocabularies
from ckanext.lrtzc.search.api import facet_label
from ckanext.lrtzc.territory import get_territory
from ckanext.lrtzc.theme.words import territory_words

VOCABULARY_OF = {
    "vocab_theme": "data_theme",
    "frequency": "frequency",
    "vocab_language": "language",
    "vocab_hvd_category": "hvd_category",
    "access_rights": "access_right",
}
"""Which controlled vocabulary a search field takes its values from."""


@dataclass(frozen=True)
class LicenceWords:
    """A licence in the language of the page: what one may, must and may not do, as sentences."""

    title: str
    url: str
    is_open: bool
    is_known: bool
    may: list[str]
    must: list[str]
    may_not: list[str]


def value_label(field: str, value: str, language: str) -> str:
    """Give the words for a value of a search field; the value itself where there are none."""
    if field == "vocab_axis":
        axis = territory_words(language).axis(value)
        return axis.label if axis else value
    if field == "dataset_type":
        return kind_words(value).many
    if field == "vocab_communes":
        commune = get_territory().communes_by_code.get(value)
        return commune.name if commune else value
    if field == "license_id":
        licence = find_licence(value)
        return licence.title(language) if licence else value
    if field in VOCABULARY_OF:
        return vocabularies()[VOCABULARY_OF[field]].label(value, language)
    return facet_label(field, value)


@lru_cache(maxsize=1_000)
def licence_words(licence_id: str, title: str, url: str, language: str) -> LicenceWords:
    """Say what a dataset's licence allows; a licence we don't know is named, with its own text to read.

    :param title: the name the dataset's record gives, for a licence we don't know.
    :param url: the address the record gives, likewise.
    """

    def sentences(terms: tuple[str, ...]) -> list[str]:
        return [tk._(TERMS[term]) for term in terms]

    licence = find_licence(licence_id or "notspecified")
    if licence is None:
        return LicenceWords(title or licence_id, url, False, False, [], sentences(("read-terms",)), [])

    return LicenceWords(
        title=licence.title(language),
        url=licence.url or url,
        is_open=licence.is_open,
        is_known=True,
        may=sentences(licence.may),
        must=sentences(licence.must),
        may_not=sentences(licence.may_not),
    )
