"""What portals have in common that list their datasets in JSON."""

from collections.abc import Callable
from typing import Any

from ckanext.lrtzc.partners.domain import guard, texts
from ckanext.lrtzc.partners.domain.kinds.base import NOT_THIS_KIND, Walk, ask, canonical, mapping, text_digest
from ckanext.lrtzc.partners.domain.record import Fetch, Page, Problem, Record, Reply, Unreadable
from ckanext.lrtzc.translation import mark

NOT_A_RECORD = mark("A record of the list is not a dataset.")


def answer_to(asked: str, fetch: Fetch, walk: Walk) -> tuple[Reply, dict[str, Any]]:
    """Ask for a page of the list; give the reply, and the object that it holds.

    :raises Unreadable: where it is no JSON, or a page that was given before.
    """
    reply = ask(fetch, asked)
    guard.refuse_html(reply)
    walk.step(asked, reply.body)
    return reply, mapping(guard.read_json(reply.body))


def page_of(found: list[Any], total: int, identifier: str, describe: Callable[[dict[str, Any]], Record | None]) -> Page:
    """Read a page of the list.

    :param identifier: name of the member without which something isn't a dataset
    :param describe: gives the record of a dataset, None for one to pass over
    """
    records: list[Record] = []
    problems: list[Problem] = []
    for data in found:
        if not isinstance(data, dict) or not data.get(identifier):
            problems.append(Problem(identifier, NOT_A_RECORD, fatal=True))
        elif record := describe(data):
            records.append(record)
    return Page(records, problems, total)


def record_of(guid: str, title: str, producer: str, modified: str, steady: dict[str, Any]) -> Record:
    """Make a record; `steady` is what the partner says of the dataset, without what changes by itself."""
    raw = canonical(steady)
    return Record(guid, title, modified, text_digest(raw), raw, texts.likeness(title, producer))


def dataset_in(raw: str, identifier: str) -> dict[str, Any]:
    """Read the dataset that a record's content is.

    :raises Unreadable: where it isn't one.
    """
    data = guard.read_json(raw.encode())
    if not isinstance(data, dict) or not data.get(identifier):
        raise Unreadable(NOT_THIS_KIND)
    return data
