"""What a definition means: questions, groups, repeats and choices, as a tree, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .expressions import Expression
from .kinds import ASKED, NESTING, Kind
from .tables import Named, Table

Texts = Mapping[str, str]
"""A text by language; the empty language is that of columns which name none."""

PATH = "/"


def said(texts: Texts, language: str) -> str:
    """Give a text in a language: by its code, as “fr” in “Français (fr)”; else the first there is."""
    if not texts:
        return ""
    for name, text in texts.items():
        if code_of(name) == language:
            return text
    return texts.get("") or next(iter(texts.values()))


_CODES = {
    "français": "fr", "francais": "fr", "french": "fr", "english": "en", "anglais": "en", "deutsch": "de",
    "german": "de", "español": "es", "espanol": "es", "spanish": "es", "português": "pt", "portuguese": "pt",
    "italiano": "it", "italian": "it", "chinese": "zh", "arabic": "ar",
}  # fmt: skip


def code_of(language: str) -> str:
    """Give the code of a language as XLSForm names it.

    >>> code_of("Français (fr)"), code_of("english"), code_of("fr")
    ('fr', 'en', 'fr')
    """
    name = language.strip().lower()
    if name.endswith(")") and "(" in name:
        return name[name.rindex("(") + 1 : -1].strip()
    return _CODES.get(name, name)


@dataclass(frozen=True)
class Choice:
    """One of a list: its name, its text, what else its row says (for filters), and the files shown beside its text.

    `media` names these by what they are and by language; `searched` says that `search()` may leave it out.
    """

    name: str
    label: Texts
    more: Mapping[str, str] = field(default_factory=dict[str, str])
    media: Mapping[str, Texts] = field(default_factory=dict[str, Texts])
    searched: bool = False


@dataclass(frozen=True)
class Search:
    """What `search()` looks for in a file: a text in columns, by a way, in the rows where a column holds a value."""

    file: str
    way: str = ""
    columns: tuple[str, ...] = ()
    text: Expression | None = None
    column: str = ""
    value: Expression | None = None


@dataclass(frozen=True)
class Scale:
    """The bounds of a scale and its step."""

    start: float
    end: float
    step: float


@dataclass(frozen=True)
class Node:
    """A question, a group or a repeat. `path` are the names that lead to it; `row` is its row in the sheet.

    Expressions that the cell doesn't hold are None; `required` may be one. `personal` marks a question that collects
    personal data. `file` names the file that its choices come from, `search` how it is searched; `media` names those
    shown beside its text.
    """

    kind: Kind
    row: int
    type: str
    name: str
    path: tuple[str, ...]
    label: Texts
    hint: Texts
    relevant: Expression | None = None
    required: Expression | None = None
    required_message: Texts = field(default_factory=dict[str, str])
    constraint: Expression | None = None
    constraint_message: Texts = field(default_factory=dict[str, str])
    calculation: Expression | None = None
    choice_filter: Expression | None = None
    repeat_count: Expression | None = None
    default: str = ""
    appearance: str = ""
    rows: int = 0
    read_only: bool = False
    personal: bool = False
    list: str = ""
    file: str = ""
    search: Search | None = None
    media: Mapping[str, Texts] = field(default_factory=dict[str, Texts])
    scale: Scale | None = None
    children: tuple[Node, ...] = ()

    @property
    def given(self) -> bool:
        """Whether its answer is written by who answers, rather than calculated or fixed by the form."""
        return self.kind in ASKED and self.calculation is None and not self.read_only

    @property
    def key(self) -> str:
        """The path as one text."""
        return PATH.join(self.path)

    def walk(self) -> Iterator[Node]:
        """Give the node and all under it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Definition:
    """A form: its title, its languages in order, its nodes, its lists of choices.

    `order` are the names of nodes, each after those that it depends on; `files` those that it names, `tables` what is
    read of those that hold rows, both by name; `instances` the rows that `instance()` looks into, by its name for them.
    """

    title: str
    languages: tuple[str, ...]
    children: tuple[Node, ...]
    choices: Mapping[str, tuple[Choice, ...]]
    order: tuple[str, ...] = ()
    files: Mapping[str, Named] = field(default_factory=dict[str, Named])
    tables: Mapping[str, Table] = field(default_factory=dict[str, Table])
    instances: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict[str, tuple[Choice, ...]])

    def walk(self) -> Iterator[Node]:
        """Give all nodes, in order."""
        for child in self.children:
            yield from child.walk()

    def questions(self) -> list[Node]:
        """Give the nodes that are neither groups nor repeats."""
        return [node for node in self.walk() if node.kind not in NESTING]

    def named(self, name: str) -> Node | None:
        """Give the first node of a name."""
        return next((node for node in self.walk() if node.name == name), None)
