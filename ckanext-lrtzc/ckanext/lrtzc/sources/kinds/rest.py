"""Records of a web API, page after page, gathered into one JSON file."""

import json
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import IO, Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from ckanext.lrtzc.egress.client import Answer, Client
from ckanext.lrtzc.egress.domain.body import Limits
from ckanext.lrtzc.egress.domain.errors import Code as OutCode
from ckanext.lrtzc.egress.domain.errors import EgressError, public_host
from ckanext.lrtzc.sources.domain.faults import Code, Fault, OutFault
from ckanext.lrtzc.sources.domain.novelty import Found
from ckanext.lrtzc.sources.kinds import login
from ckanext.lrtzc.sources.kinds.base import Connection, Field, Kind, Settings, Taken, bounded
from ckanext.lrtzc.sources.kinds.web import ask, same_server
from ckanext.lrtzc.translation import mark

MOST_PAGES = 5_000
# Of one page, which is held in memory.
MOST_SECONDS, MOST_BYTES = 60.0, 20_000_000
NAME = "records.json"


class RestRecords(Connection):
    """The records of one address and of the pages that follow it."""

    def __init__(self, settings: Settings, sent: dict[str, str], client: Client) -> None:
        self._settings, self._sent, self._client = settings, sent, client
        self._host, self._gone = public_host(settings.address), 0

    def found(self) -> list[Found]:
        """Give the one file that the pages make."""
        return [Found(NAME)]

    def read(self, found: Found, to: IO[bytes], since: str) -> Taken | None:
        """Ask for the pages until one is short or none follows."""
        self._gone = 0
        bounded(self._pieces(), to, self._settings.limits.size, found.name)
        return Taken("")

    def _pieces(self) -> Iterator[bytes]:
        yield b"["
        first = True
        for records in self._pages():
            for record in records:
                yield (b"" if first else b",\n") + json.dumps(record, ensure_ascii=False).encode()
                first = False
        yield b"]"

    def _pages(self) -> Iterator[list[Any]]:
        paging, size = self._settings.get("paging"), int(self._settings.get("page_size", "0"))
        address, before = self._first(paging, size), b""
        end = time.monotonic() + self._settings.limits.seconds
        for number in range(MOST_PAGES):
            answer = ask(self._client, address, self._sent, self._bounds(end), None)
            try:
                said = json.loads(answer.body)
            except (ValueError, RecursionError):
                raise Fault(Code.JSON, field="address", host=self._host, page=number + 1) from None
            records = records_at(said, self._settings.get("records"))
            if records and answer.body == before:
                raise Fault(Code.LOOP, field="paging", host=self._host)
            before = answer.body
            yield records
            following = self._next(paging, size, number + 1, records, said, answer)
            if following is None:
                return
            address = same_server(urljoin(address, following), self._settings.address, "paging")
        raise Fault(Code.MANY, field="paging", host=self._host, most=MOST_PAGES)

    def _bounds(self, end: float) -> Limits:
        """Give what one page may take of the time that all have together."""
        left = end - time.monotonic()
        if left <= 0:
            seconds = round(self._settings.limits.seconds)
            raise OutFault(EgressError(OutCode.TIMEOUT, host=self._host, seconds=seconds))
        limits = self._settings.limits
        return replace(limits, seconds=min(left, MOST_SECONDS), size=min(limits.size, MOST_BYTES))

    def _first(self, paging: str, size: int) -> str:
        if paging not in ("page", "offset"):
            return self._settings.address
        return self._numbered(paging, size, 0, 0)

    def _numbered(self, paging: str, size: int, number: int, gone: int) -> str:
        start = int(self._settings.get("first_page", "1" if paging == "page" else "0"))
        more = {self._settings.get("page_param", paging): str(start + (number if paging == "page" else gone))}
        if size and self._settings.get("size_param"):
            more[self._settings.get("size_param")] = str(size)
        return with_parameters(self._settings.address, more)

    def _next(self, paging: str, size: int, number: int, records: list[Any], said: Any, answer: Answer) -> str | None:
        match paging:
            case "page" | "offset":
                self._gone += len(records)
                over = not records or (size and len(records) < size)
                return None if over else self._numbered(paging, size, number, self._gone)
            case "link":
                found = at(said, self._settings.get("next", "next"))
                return found if isinstance(found, str) and found else None
            case "header":
                return next_link(answer.headers.get("link", ""))
            case _:
                return None


class Rest(Kind):
    """A web API."""

    name = "rest"
    label = mark("A web API (REST)")
    hint = mark("Records in JSON that a program gives, page after page.")
    example = "https://api.example.org/v1/counts"
    fields = (
        Field(
            "records",
            mark("Where the records are"),
            mark(
                "Names that lead to the list, with points between, for instance data.items. Empty: all of the answer."
            ),
        ),
        Field(
            "paging",
            mark("How pages follow each other"),
            control="select",
            choices=(
                ("", mark("There is one page only")),
                ("page", mark("By their number")),
                ("offset", mark("By the number of records to skip")),
                ("link", mark("By an address in the answer")),
                ("header", mark("By the Link header")),
            ),
        ),
        Field(
            "page_param", mark("Parameter of the page or of the records to skip"), mark("For instance page or offset.")
        ),
        Field("first_page", mark("Number of the first page"), control="number"),
        Field("size_param", mark("Parameter of the size of a page"), mark("For instance limit.")),
        Field("page_size", mark("Records on a page"), control="number"),
        Field("next", mark("Where the address of the next page is"), mark("For instance links.next.")),
        *login.FIELDS,
    )

    @contextmanager
    def connect(self, settings: Settings, client: Client) -> Generator[Connection]:
        """Sign in; pages are asked for when they are read."""
        for name in ("first_page", "page_size"):
            if not settings.get(name, "0").isdecimal() or len(settings.get(name)) > 9:
                raise Fault(Code.NUMBER, field=name)
        yield RestRecords(settings, login.headers(settings, client) | {"accept": "application/json"}, client)


def at(said: Any, path: str) -> Any:
    """Give what stands in an answer at a path of names separated by points; None where nothing does."""
    for name in filter(None, path.split(".")):
        said = said.get(name) if isinstance(said, dict) else None
    return said


def records_at(said: Any, path: str) -> list[Any]:
    """Give the list of records of an answer.

    :raises Fault: there is none at `path`.
    """
    records = at(said, path)
    if not isinstance(records, list):
        raise Fault(Code.PATH, field="records", path=path)
    return records


def with_parameters(address: str, more: dict[str, str]) -> str:
    """Give an address with parameters of its query set."""
    parts = urlsplit(address)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in more]
    return urlunsplit(parts._replace(query=urlencode([*kept, *more.items()])))


def next_link(header: str) -> str | None:
    """Give the address of the next page in a Link header (RFC 8288), or nothing.

    >>> next_link('</a?page=2>; rel="next", </a?page=9>; rel="last"')
    '/a?page=2'
    """
    for part in header.split(","):
        address, *parameters = part.split(";")
        relations = {each.strip().lower().replace('"', "").replace("'", "") for each in parameters}
        if "rel=next" in relations:
            return address.strip().strip("<>")
    return None
