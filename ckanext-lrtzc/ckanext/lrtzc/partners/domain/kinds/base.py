"""What a kind of partner portal is."""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ckanext.lrtzc.partners.domain.record import Fetch, Harvested, Page, Reply, Unreadable
from ckanext.lrtzc.translation import mark

NO_PROGRESS = mark("The partner gives the same page again and again.")
TOO_MANY_PAGES = mark("The partner has more than %(pages)s pages, which is beyond reason.")
NOT_THIS_KIND = mark("The address answers, but not as a portal of this kind does.")
FEWER = mark("The partner announced %(total)s records and gave %(count)s.")

MAX_PAGES = 5_000


class Kind(ABC):
    """One way of publishing a catalogue: how its pages are asked for, and what its records mean.

    Subclasses hold no state. `name` is stored and shown in addresses; `label` is a proper name, the same in all
    languages; `hint` a sentence that helps to fill the address; `options` the names of the settings it knows.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    hint: ClassVar[str]
    example: ClassVar[str]
    options: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def pages(self, address: str, options: Mapping[str, str], fetch: Fetch) -> Iterator[Page]:
        """Ask for the catalogue at `address`, page by page, until its end.

        :raises Unreadable: an answer that isn't what this kind sends; whatever `fetch` raises passes through.
        """

    @abstractmethod
    def harvested(self, raw: str) -> Harvested:
        """Say a record's `raw` content in our words.

        :raises Unreadable: content that isn't a record of this kind.
        """


class Walk:
    """Guards a walk from page to page: refuses loops and walks without end."""

    def __init__(self, limit: int = MAX_PAGES) -> None:
        self.limit = limit
        self.steps = 0
        self.seen: set[str] = set()

    def step(self, address: str, body: bytes) -> None:
        """Count one page.

        :raises Unreadable: an address or a content seen before, or too many pages.
        """
        self.steps += 1
        if self.steps > self.limit:
            raise Unreadable(TOO_MANY_PAGES, pages=self.limit)
        marks = {address, hashlib.sha256(body).hexdigest()}
        if self.seen & marks:
            raise Unreadable(NO_PROGRESS)
        self.seen |= marks


def with_query(address: str, **query: Any) -> str:
    """Give `address` with the parameters of `query` set, the others kept; `None` drops one."""
    parts = urlsplit(address)
    kept = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key not in query]
    kept += [(key, str(value)) for key, value in query.items() if value is not None]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(kept), ""))


def canonical(value: Any) -> str:
    """Write JSON so that the same content is the same text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def text_digest(canonical_text: str) -> str:
    """Hash what `canonical` wrote: the same for the same content, whatever its key order and layout."""
    return hashlib.blake2b(canonical_text.encode("utf-8", "surrogatepass"), digest_size=24).hexdigest()


def ask(fetch: Fetch, address: str, accept: str = "application/json") -> Reply:
    """Call `address` for `accept`."""
    return fetch(address, "GET", None, {"accept": accept})


def texts(value: Any) -> list[str]:
    """Give the texts of a value that partners write as a text or as a list."""
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, list):
        return [item for item in value if isinstance(item, str) and item.strip()]
    return []


def mapping(value: Any) -> dict[str, Any]:
    """Give `value` when it is a mapping, else an empty one: partners write null or a list where none is."""
    return value if isinstance(value, dict) else {}
