"""The topics of help: read from folders, found by page."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

import yaml

FOLDER = Path(__file__).with_name("topics")
LANGUAGES = ("fr", "en")


class Reader(StrEnum):
    """For whom a topic is."""

    VISITOR = "visitor"
    CONTRIBUTOR = "contributor"
    PRODUCER = "producer"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True)
class Text:
    """A topic in one language: its title, and a short text in Markdown."""

    title: str
    body: str


@dataclass(frozen=True)
class Topic:
    """A topic: for whom, shown on which pages (patterns of endpoints), and its texts by language."""

    code: str
    reader: Reader
    pages: tuple[str, ...]
    texts: dict[str, Text]

    def say(self, language: str) -> Text:
        """Give the text in a language; that of the portal's first where there is none."""
        return self.texts.get(language[:2]) or self.texts[LANGUAGES[0]]


@lru_cache(maxsize=8)
def read(folder: Path) -> tuple[Topic, ...]:
    """Read a folder of topics, in the order of its `topics.yaml`, once a process.

    :raises FileNotFoundError: where a topic lacks a language.
    """
    listed = yaml.safe_load((folder / "topics.yaml").read_text())
    return tuple(
        Topic(
            code,
            Reader(said["for"]),
            tuple(said["pages"]),
            {language: _text(folder / language / f"{code}.md") for language in LANGUAGES},
        )
        for code, said in listed.items()
    )


def _text(path: Path) -> Text:
    first, _blank, body = path.read_text().partition("\n")
    return Text(first.removeprefix("#").strip(), body.strip())


def for_page(topics: Iterable[Topic], endpoint: str) -> Topic | None:
    """Give the topic of a page: the one that names it, before those that name a pattern it matches."""
    found = [each for each in topics if any(fnmatchcase(endpoint, pattern) for pattern in each.pages)]
    return next((each for each in found if endpoint in each.pages), found[0] if found else None)


def containing(topics: Iterable[Topic], words: str, language: str) -> list[Topic]:
    """Give the topics in which all words stand, in a language; all of them without words."""
    wanted = words.casefold().split()
    return [
        each
        for each in topics
        if all(word in f"{each.say(language).title} {each.say(language).body}".casefold() for word in wanted)
    ]
