"""Synonyms as they are in force: those of the configuration's file, and what administrators made of them.

They are met in the question, so a change holds at the very next search, whatever process answers it, and nothing is
indexed again.
"""

import json
import uuid
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import insert

from ckanext.lrtzc.interfaces import Undo
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.search.domain.synonyms import (
    GROUPS,
    Expanded,
    Fault,
    Group,
    Thesaurus,
    WrongGroupError,
    cleaned,
    effective,
    read_file,
)
from ckanext.lrtzc.search.model import Synonyms, now

FILE = "ckanext.lrtzc.search.synonyms"
OPERATION = "search.synonyms"

_held: tuple[Any, Thesaurus] | None = None


def defaults() -> list[Group]:
    """Give the groups of the configuration's file; none where there is no such file."""
    path = str(tk.config.get(FILE) or "")
    if not path:
        folder = str(tk.config.get("ckanext.lrtzc.territory") or "")
        path = str(Path(folder) / "synonyms.txt") if folder else ""
    return list(_read(path)) if path else []


@lru_cache(maxsize=2)
def _read(path: str) -> tuple[Group, ...]:
    try:
        return tuple(read_file(Path(path).read_text("utf-8")))
    except (OSError, UnicodeDecodeError):
        return ()


def kept() -> dict[str, tuple[str, ...]]:
    """Give what administrators made of groups, by id."""
    return {one.id: tuple(one.terms) for one in model.Session.execute(sa.select(Synonyms.id, Synonyms.terms))}


def groups() -> list[Group]:
    """Give the groups in force."""
    return effective(defaults(), kept())


def told() -> list[dict[str, Any]]:
    """Give all groups as `lrtzc_synonym_list` does: those added, then those of the file, taken away or not."""
    first, found = defaults(), kept()
    known = {one.id for one in first}
    added = [
        {"id": each, "terms": list(terms), "default": [], "state": "added"}
        for each, terms in found.items()
        if each not in known and terms
    ]
    added.sort(key=lambda one: one["terms"][0].casefold())
    return added + [
        {
            "id": one.id,
            "terms": list(found.get(one.id, one.terms)),
            "default": list(one.terms),
            "state": "default" if one.id not in found else "changed" if found[one.id] else "removed",
        }
        for one in first
    ]


def expand(query: str) -> Expanded | None:
    """Give a search that asks for synonyms too; None where there are none to ask for."""
    global _held
    version = model.Session.execute(sa.select(sa.func.count(), sa.func.max(Synonyms.changed))).one()
    asked = (tuple(version), tk.config.get(FILE), tk.config.get("ckanext.lrtzc.territory"))
    if _held is None or _held[0] != asked:
        _held = (asked, Thesaurus(groups()))
    return _held[1].expand(query)


def write(group_id: str, terms: list[str]) -> Group | None:
    """Keep a group with these terms, or take it away where there are none; commits.

    :param group_id: of a known group; nothing for a new one
    :returns: the group; None where it was taken away
    :raises WrongGroupError: where it can't be kept
    """
    # of two who write at the same instant the second sees what the first wrote
    model.Session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('lrtzc_search_synonyms'))"))
    first = {one.id: one.terms for one in defaults()}
    standing = {one.id: one for one in groups()}
    identifier = group_id or str(uuid.uuid4())
    before = standing.pop(identifier, None)
    if terms and before is None and len(standing) >= GROUPS:
        raise WrongGroupError(Fault.FULL)
    made = cleaned(terms, standing.values()) if terms else ()
    if made == first.get(identifier, ()):
        model.Session.execute(sa.delete(Synonyms).where(Synonyms.id == identifier))
    else:
        row = insert(Synonyms).values(id=identifier, terms=list(made), changed=now())
        renewed = {"terms": row.excluded.terms, "changed": row.excluded.changed}
        model.Session.execute(row.on_conflict_do_update(index_elements=["id"], set_=renewed))
    details = {"before": list(before.terms) if before else [], "after": list(made)}
    record(OPERATION, object_type="synonyms", object_id=identifier, details=details)
    model.Session.commit()
    return Group(identifier, made) if made else None


def _state(what: Mapping[str, Any]) -> str:
    return json.dumps(next((one.terms for one in groups() if one.id == what["id"]), ()))


def _put_back(context: Any, what: Mapping[str, Any]) -> None:
    if not what["terms"]:
        tk.get_action("lrtzc_synonym_delete")(context, {"id": what["id"]})
    elif what["id"] in {one["id"] for one in told()}:
        tk.get_action("lrtzc_synonym_update")(context, {"id": what["id"], "terms": what["terms"]})
    else:
        tk.get_action("lrtzc_synonym_create")(context, {"id": what["id"], "terms": what["terms"]})


def _page(_what: Mapping[str, Any]) -> str:
    return tk.h.url_for("lrtzc_search.synonyms")


UNDOS = {OPERATION: Undo(_state, _put_back, _page)}
