"""The words of rows: read as a stranger may read them, kept, and given to the index while that still holds.

Rows go through the same door as everybody's (`explore.api.select`, with the access decision of a stranger), so what is
held back from the public is never read for the index. What was read is indexed only while the decision is the one it
was read under: when an owner holds data back, its words are gone at the dataset's next indexing, which the access room
does at once, before anything is read anew.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.lrtzc.access.api import Action, Decision, decide_many, decided
from ckanext.lrtzc.collection.api import files_of, held_by
from ckanext.lrtzc.explore.api import Selection, reading, select
from ckanext.lrtzc.search.domain import words
from ckanext.lrtzc.search.model import Content, now
from ckanext.lrtzc.tabular.domain.columns import Kind

#: Milliseconds that reading one column may take: a worker's time, not a reader's.
_PATIENCE = 300_000
_SIZES = sa.text("SELECT relname, pg_relation_size(oid) FROM pg_class WHERE relname = ANY(:ids) AND relkind = 'r'")
#: Marks of resources whose words are read, as the index keeps a dataset.
_ACTIVE = ('"datastore_active": true', '"lrtzc_collection":')


def _stranger() -> Any:
    return {"user": "", "auth_user_obj": None}


def fingerprint(decision: Decision) -> str:
    """Give a digest of the part that a decision opens, the same in every process."""
    return hashlib.sha256(json.dumps(_canonical(decision.part), sort_keys=True, default=str).encode()).hexdigest()


def _canonical(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _canonical(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, set | frozenset):
        return sorted(str(item) for item in value)
    if isinstance(value, Mapping):
        return {str(key): _canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    return value


def sizes(package_ids: list[str]) -> dict[str, int]:
    """Give the bytes of the tables of datasets, of those that have any."""
    query = sa.select(model.Resource.id, model.Resource.package_id).where(
        model.Resource.package_id.in_(package_ids), model.Resource.state == "active"
    )
    owners = {row.id: row.package_id for row in model.Session.execute(query)}
    found: dict[str, int] = {}
    with reading() as connection:
        for resource_id, size in connection.execute(_SIZES, {"ids": list(owners)}):
            found[owners[resource_id]] = found.get(owners[resource_id], 0) + size
    return found


def read(package_id: str, pause: Callable[[], None] | None = None) -> bool:
    """Read the words of a dataset's files again, those whose rows and openness are unchanged excepted; commits.

    :param pause: is called between two columns, and may do other work.

    :returns: whether anything is other than it was.

    :raises ReadingFailed: when the database doesn't answer; what was read until then is kept.
    """
    try:
        dataset = tk.get_action("package_show")({"ignore_auth": True, "user": ""}, {"id": package_id})
    except tk.ObjectNotFound:
        dataset: dict[str, Any] = {"resources": []}
    resources: list[dict[str, Any]] = [one for one in dataset["resources"] if has_words(one)]
    kept = {one.resource_id: one for one in model.Session.scalars(_contents(package_id))}
    anew = False
    for resource in resources:
        found = _read(package_id, resource, kept.pop(resource["id"], None), pause)
        if found is not None:
            model.Session.merge(found)
            model.Session.commit()
            anew = True
    for gone in kept.values():
        model.Session.delete(gone)
    model.Session.commit()
    return anew or bool(kept)


def has_words(resource: dict[str, Any]) -> bool:
    """Say whether a resource has words to be searched: rows, or files of a collection."""
    return bool(resource.get("datastore_active")) or held_by(resource)


def _contents(package_id: str) -> Any:
    return sa.select(Content).where(Content.package_id == package_id)


def _read(
    package_id: str, resource: dict[str, Any], before: Content | None, pause: Callable[[], None] | None
) -> Content | None:
    """Give what to keep of a file; None where nothing changed since."""
    empty = Content(resource_id=resource["id"], package_id=package_id, version="", part="", words="", read=now())
    empty.columns = empty.documented = 0
    if held_by(resource):
        return _read_files(empty, resource, before)
    try:
        selection = select(_stranger(), resource, ())
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return empty
    if selection is None:
        return empty
    part, version = fingerprint(selection.decision), selection.table.version
    known = before is not None and before.columns is not None
    if known and (before.part, before.version, before.until) == (part, version, selection.decision.until):
        return None
    found, more = words.words_of(_values(selection, pause))
    empty.part, empty.version, empty.until = part, version, selection.decision.until
    empty.words, empty.more = "\n".join(found), more
    empty.columns = len(selection.table.columns)
    empty.documented = sum(bool(column.notes or column.concept or column.unit) for column in selection.table.columns)
    return empty


def _read_files(empty: Content, resource: dict[str, Any], before: Content | None) -> Content | None:
    """Give what to keep of a collection: the words of its files, where everybody may read all of them."""
    try:
        files = files_of(_stranger(), empty.package_id, resource)
    except tk.NotAuthorized:
        return empty
    part = fingerprint(files.decision)
    if before is not None and (before.part, before.version, before.until) == (
        part,
        files.version,
        files.decision.until,
    ):
        return None
    pieces = (piece for text in files.texts() for piece in _pieces(text))
    found, empty.more = words.words_of(pieces)
    empty.part, empty.version, empty.until, empty.words = part, files.version, files.decision.until, "\n".join(found)
    return empty


def _pieces(text: str) -> Iterator[str]:
    """Give a text in pieces of the length that is read of a value, cut between words."""
    while text:
        cut = text.rfind(" ", 1, words.VALUE_LENGTH) if len(text) > words.VALUE_LENGTH else len(text)
        cut = cut if cut > 0 else words.VALUE_LENGTH
        yield text[:cut]
        text = text[cut:]


def _values(selection: Selection, pause: Callable[[], None] | None) -> Iterator[str]:
    """Give the names and descriptions of columns, then the distinct texts of each column, up to a bound a column."""
    for column in selection.table.columns:
        yield f"{column.id} {column.label} {column.notes}"
    for column in selection.table.columns:
        if column.kind is not Kind.TEXT:
            continue
        expression = sa.func.left(selection.source.column(column.id), words.VALUE_LENGTH)
        with reading(_PATIENCE) as connection:
            yield from filter(
                None,
                connection.scalars(
                    selection.statement([expression]).distinct().limit(words.DISTINCT_VALUES),
                    execution_options={"stream_results": True, "yield_per": 5_000},
                ),
            )
        if pause:
            pause()


def standing(document: dict[str, Any]) -> list[Content]:
    """Give what was read of a document's files and may be read by everybody now."""
    stored = document.get("validated_data_dict") or ""
    if not any(mark in stored for mark in _ACTIVE):
        return []
    contents = [one for one in model.Session.scalars(_contents(document["id"])) if one.words]
    if not contents:
        return []
    decisions = decide_many(_stranger(), [document["id"]], Action.READ)
    answers = [(one, decided(decisions, document["id"], one.resource_id)) for one in contents]
    return [one for one, decision in answers if decision.permitted and fingerprint(decision) == one.part]


def put_into(document: dict[str, Any], contents: list[Content]) -> dict[str, Any]:
    """Add to a document of the index the words of its rows."""
    document.pop("content", None)
    document.pop("extras_content", None)
    if contents:
        document["content"] = [one.words for one in contents]
    return document
