"""Synonyms: groups of words that mean the same, of one word or several; how a search asks for all of a group.

Terms are compared as the index compares words: capitals, accents, elided articles and plurals don't matter. A term
stands in one group only, so there are neither chains nor cycles to follow.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ckanext.lrtzc.search.domain.words import fold

#: Bounds, of terms in a group, words and letters in a term, groups.
TERMS = 12
WORDS = 6
LETTERS = 60
GROUPS = 500
#: Bounds of one search: words that are looked at, words of other terms that are asked for (the engine takes 1,024
#: clauses at most, one for each word and field).
_CHUNKS = 30
_OTHERS = 120
#: How much a synonym counts beside the word itself.
_WEIGHT = 0.8

_ELISION = re.compile(r"(?<!\w)(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)'")
_TERM = re.compile(r"[^\W_](?:[\w '’.-]*[^\W_])?")
_STOPS = re.compile(r"[.,;?!…]+(?=\s|$)")
_ASKED = re.compile(r"[\w'’ʼ.-]+")
_OPERATORS = frozenset({"AND", "OR", "NOT"})

Key = tuple[str, ...]


class Fault(StrEnum):
    """What is wrong with a group."""

    FEW = "few"
    MANY = "many"
    LONG = "long"
    SIGNS = "signs"
    ELSEWHERE = "elsewhere"
    FULL = "full"


class WrongGroupError(ValueError):
    """A group that can't be kept: why, and the term it is about."""

    def __init__(self, fault: Fault, term: str = ""):
        super().__init__(fault, term)
        self.fault, self.term = fault, term


@dataclass(frozen=True)
class Group:
    """Terms that mean the same, as they were typed."""

    id: str
    terms: tuple[str, ...]


def key(term: str) -> Key:
    """Give the words by which a term is compared.

    >>> key("Plans locaux d’urbanisme")
    ('plan', 'locaux', 'urbanisme')
    """
    bare = _ELISION.sub(" ", fold(term).replace("ʼ", "'"))
    return tuple(_singular(word) for word in re.findall(r"[^\W_]+", bare))


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word


def cleaned(terms: Iterable[str], others: Iterable[Group] = ()) -> tuple[str, ...]:
    """Give the terms of a group as they are kept, each once.

    :param others: the other groups
    :raises WrongGroupError: where there are fewer than two or too many, one is too long, has signs that no word has, or
        stands in another group
    """
    taken = {key(term): group for group in others for term in group.terms}
    found: dict[Key, str] = {}
    for given in terms:
        term = " ".join(given.split())
        if not term:
            continue
        if len(term) > LETTERS or len(key(term)) > WORDS:
            raise WrongGroupError(Fault.LONG, term[:LETTERS])
        if not _TERM.fullmatch(term) or not key(term) or len("".join(key(term))) < 2:
            raise WrongGroupError(Fault.SIGNS, term)
        if key(term) in taken:
            raise WrongGroupError(Fault.ELSEWHERE, term)
        found.setdefault(key(term), term)
        if len(found) > TERMS:
            raise WrongGroupError(Fault.MANY)
    if len(found) < 2:
        raise WrongGroupError(Fault.FEW)
    return tuple(found.values())


def read_file(text: str) -> list[Group]:
    """Read groups from a file: one a line, terms between commas, lines that begin with # left out.

    A group is named by its terms, so that it is known again in a file that changed elsewhere. What can't be kept is
    left out.
    """
    found: list[Group] = []
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            continue
        try:
            terms = cleaned(line.split(","), found)
        except WrongGroupError:
            continue
        digest = hashlib.sha256(repr(sorted(map(key, terms))).encode()).hexdigest()
        found.append(Group(f"file-{digest[:16]}", terms))
    return found[:GROUPS]


@dataclass(frozen=True)
class Expanded:
    """A search that asks for synonyms too, for the engine's parser `edismax`.

    `rows` is the same for words of rows, which don't stand as in sentences.
    """

    query: str
    rows: str


class Thesaurus:
    """All groups, ready to be asked."""

    def __init__(self, groups: Iterable[Group]):
        self._groups: dict[Key, Sequence[str]] = {key(term): group.terms for group in groups for term in group.terms}
        self._longest = max(map(len, self._groups), default=0)

    def expand(self, query: str) -> Expanded | None:
        """Give a search that asks for synonyms too; None where there are none to ask for, or it is no plain words."""
        chunks = _STOPS.sub(" ", query).split()
        if not self._groups or len(chunks) > _CHUNKS or not all(map(_is_plain, chunks)):
            return None
        clauses: list[str] = []
        rows: list[str] = []
        start, left = 0, _OTHERS
        while start < len(chunks):
            end, others = self._longest_from(chunks, start)
            words, asked = end - start, []
            for one in others:
                left -= words * len(one.split())
                if left < 0:
                    break
                asked.append(one)
            typed = _together(chunks[start:end])
            # a term of several words counts as so many: the engine asks for a share of the words, not for all
            clauses += [_clause(typed, [_phrase(one) for one in asked])] * words
            rows.append(_clause(typed, [_together(one.split()) for one in asked]))
            start = end
        return Expanded(" ".join(clauses), " ".join(rows)) if left < _OTHERS else None

    def _longest_from(self, chunks: Sequence[str], start: int) -> tuple[int, list[str]]:
        """Give where the longest term ends that begins at a word, and the other terms of its group."""
        for end in range(min(len(chunks), start + max(self._longest, WORDS)), start, -1):
            asked = key(" ".join(chunks[start:end]))
            if asked in self._groups:
                return end, [one for one in self._groups[asked] if key(one) != asked]
        return start + 1, []


def _is_plain(chunk: str) -> bool:
    return bool(_ASKED.fullmatch(chunk)) and not chunk.startswith("-") and bool(_bare(chunk))


def _bare(word: str) -> str:
    """Give a word that the engine's parser can't take for an operator."""
    word = word.strip(".-'’ʼ")
    return word.lower() if word in _OPERATORS else word


def _together(words: Sequence[str]) -> str:
    bare = [one for one in map(_bare, words) if one]
    return bare[0] if len(bare) == 1 else "(" + " ".join(f"+{word}" for word in bare) + ")"


def _phrase(term: str) -> str:
    return f'"{term}"' if " " in term else _bare(term)


def _clause(typed: str, others: Sequence[str]) -> str:
    return "(" + " OR ".join([typed, *(f"{one}^{_WEIGHT}" for one in others)]) + ")"


def effective(defaults: Iterable[Group], kept: Mapping[str, tuple[str, ...]]) -> list[Group]:
    """Give the groups that are in force: the defaults as they were changed, then those that were added.

    :param kept: terms by the group's id; none where a default was taken away
    """
    known = list(defaults)
    found = [Group(one.id, kept.get(one.id, one.terms)) for one in known]
    added = sorted(kept.keys() - {one.id for one in known})
    return [one for one in [*found, *(Group(each, kept[each]) for each in added)] if one.terms]
