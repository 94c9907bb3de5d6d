"""The controlled vocabularies that a form offers and that other catalogues send, from `data/vocabularies.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

import yaml

from ckanext.lrtzc.objects.domain.errors import BadValueError

FILE = Path(__file__).parent.parent / "data" / "vocabularies.yaml"


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a vocabulary; `offered` when the form proposes it."""

    uri: str
    code: str
    labels: Mapping[str, str]
    offered: bool

    def label(self, language: str) -> str:
        """Give the label in `language` (`fr`, `en`…), in English when there is none."""
        return self.labels.get(language[:2], self.labels["en"])


class Vocabulary:
    """Terms in their order, found by URI, code, label or alias, whatever the case."""

    def __init__(self, name: str, base: str, terms: list[Term], aliases: Mapping[str, str], is_open: bool):
        self.name = name
        self.base = base
        self.terms = terms
        self.is_open = is_open
        by_code = {term.code: term for term in terms}
        found: dict[str, Term] = {}
        for term in terms:
            for key in (term.uri, term.code, *term.labels.values()):
                found.setdefault(key.casefold(), term)
            found[term.uri.replace("http://", "https://", 1).casefold()] = term
        found.update({alias.casefold(): by_code[code] for alias, code in aliases.items()})
        self._found = MappingProxyType(found)

    @property
    def offered(self) -> list[Term]:
        """The terms that the form proposes."""
        return [term for term in self.terms if term.offered]

    def find(self, value: str) -> Term | None:
        """Give the term of a URI (http or https), a code, a label or an alias."""
        return self._found.get(value.strip().rstrip("/").casefold())

    def clean(self, value: str) -> str:
        """Give the URI of the term that `value` names.

        :raises BadValueError: the vocabulary has no such term
        """
        text = value.strip()
        if not text:
            return ""
        if term := self.find(text):
            return term.uri
        if self.is_open and text.startswith(self.base) and text[len(self.base) :].replace("_", "").isalnum():
            return text
        raise BadValueError("“{value}” is not in the list of possible values.", value=text[:120])

    def label(self, value: str, language: str) -> str:
        """Give the label of a stored value in `language`, the value itself when it is unknown."""
        term = self.find(value)
        return term.label(language) if term else value


@cache
def vocabularies() -> Mapping[str, Vocabulary]:
    """Give all vocabularies by name: data_theme, frequency, language, access_right, hvd_category."""
    found: dict[str, Vocabulary] = {}
    for name, entry in yaml.safe_load(FILE.read_text("utf-8")).items():
        base = entry["base"]
        terms = [
            Term(base + code, code, MappingProxyType(labels), kind == "offered")
            for kind in ("offered", "other")
            for code, labels in (entry.get(kind) or {}).items()
        ]
        found[name] = Vocabulary(name, base, terms, entry.get("aliases") or {}, bool(entry.get("open")))
    return MappingProxyType(found)
