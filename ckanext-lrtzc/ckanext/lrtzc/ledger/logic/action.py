"""Actions of the ledger."""

import json
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from psycopg2.extensions import connection as Connection

from ckanext.lrtzc.clock import midnight
from ckanext.lrtzc.ledger import audit, expiry, keys, owned, proofs, search, store, uses
from ckanext.lrtzc.ledger.api import chosen, record
from ckanext.lrtzc.ledger.domain import merkle, note, retention, tiles
from ckanext.lrtzc.ledger.logic import schema

__all__ = [
    "lrtzc_ledger_accesses",
    "lrtzc_ledger_cosign",
    "lrtzc_ledger_mine",
    "lrtzc_ledger_proof",
    "lrtzc_ledger_reuses",
    "lrtzc_ledger_search",
    "lrtzc_ledger_traces_update",
]


def connection() -> Connection:
    """Give the session's own connection."""
    return model.Session.connection().connection.dbapi_connection  # pyright: ignore[reportReturnType]


def filters(data_dict: dict[str, Any]) -> search.Filters:
    """Give the filters of a validated search; `until` names its last day, days are those of the portal's zone."""
    actor = data_dict.get("actor") or ""
    user = model.User.get(actor) if actor else None
    named = data_dict.get("object_id")
    until = data_dict.get("until")
    if isinstance(until, date) and not isinstance(until, datetime):
        until = None if until == date.max else until + timedelta(days=1)
    return search.Filters(
        operation=data_dict.get("operation") or "",
        outcome=data_dict.get("outcome") or "",
        actor=user.id if user else actor,
        objects=_identifiers(named) if named else None,
        since=_moment(data_dict.get("since")),
        until=_moment(until),
        before=data_dict.get("before"),
    )


def _moment(day: date | None) -> datetime | None:
    if day is None or isinstance(day, datetime):
        return day
    return midnight(day)


def _identifiers(name: str) -> tuple[str, ...]:
    """Give what a name may stand for: a dataset, an organisation or a group, a person, or itself."""
    found = [kind.get(name) for kind in (model.Package, model.Group, model.User)]
    return (name, *(thing.id for thing in found if thing))


def _answer(rows: list[search.Row], before: int | None) -> dict[str, Any]:
    return {"entries": [_entry(row) for row in rows], "before": before}


def _entry(row: search.Row) -> dict[str, Any]:
    """Give an entry with its details, and what is wrong with it where somebody changed it."""
    fields = asdict(row)
    fault = audit.entry_fault(row.leaf.encode(), bytes.fromhex(row.salt), row.payload, fields)
    try:
        details = json.loads(row.payload).get("details") or {}
    except (ValueError, AttributeError):
        details = {}
    return {**fields, "moment": row.moment.astimezone(UTC).isoformat(), "details": details, "altered": fault}


@tk.side_effect_free
@tk.validate_action_data(schema.lrtzc_ledger_search)
def lrtzc_ledger_search(context, data_dict):
    """Search the ledger; 50 entries a page, newest first.

    :param operation: its beginning, for instance `dataset` or `dataset.update`.
    :param outcome: `done`, `refused` or `failed`.
    :param actor: a person's name or identifier.
    :param object_id: name or identifier of a dataset, an organisation, an account…
    :param since: the first day (of the portal's zone), or a moment with its zone.
    :param until: the last day, or a moment with its zone.
    :param before: go on from here: what the page before gave.
    :returns: `entries`, and `before` for the page that follows (null where none does). An entry that somebody changed
        in the database says what is wrong in `altered`.
    """
    tk.check_access("lrtzc_ledger_search", context, data_dict)
    return _answer(*search.page(connection(), filters(data_dict)))


def _person(context: Any) -> Any:
    user = model.User.get(context.get("user") or "")
    if user is None:
        raise tk.NotAuthorized(tk._("Sign in to see what was done to what is yours."))
    return user


@tk.side_effect_free
@tk.validate_action_data(schema.lrtzc_ledger_mine)
def lrtzc_ledger_mine(context, data_dict):
    """Show what was done to one's account and to one's datasets, and by whom, newest first.

    One's datasets are those one made and those of the organisations where one may edit.

    :param before: go on from here: what the page before gave.
    """
    tk.check_access("lrtzc_ledger_mine", context, data_dict)
    user = _person(context)
    things = (user.id, *owned.things(owned.datasets(user)))
    return _answer(*search.page(connection(), search.Filters(objects=things, before=data_dict.get("before"))))


@tk.side_effect_free
@tk.validate_action_data(schema.lrtzc_ledger_accesses)
def lrtzc_ledger_accesses(context, data_dict):
    """Show who read, took or was given what isn't open of one's datasets and of oneself, newest first (LED-6).

    :param dataset: name or identifier of one dataset of one's own.
    :param before: go on from here: what the page before gave.
    """
    tk.check_access("lrtzc_ledger_accesses", context, data_dict)
    user = _person(context)
    mine = owned.datasets(user, data_dict.get("dataset"))
    things = owned.things(mine) if data_dict.get("dataset") else (user.id, *owned.things(mine))
    asked = search.Filters(operation="access.", objects=things, before=data_dict.get("before"))
    return _answer(*search.page(connection(), asked))


@tk.side_effect_free
@tk.validate_action_data(schema.lrtzc_ledger_reuses)
def lrtzc_ledger_reuses(context, data_dict):
    """Count who uses one's datasets: files, exports, reads by programs, what isn't open; most used first (LED-6).

    :param dataset: name or identifier of one dataset of one's own.
    :param days: over how many days until now, 365 by default, 3,660 at most.
    :returns: `datasets` (100 at most) as `package_id`, `files`, `exports`, `queries`, `accesses`, `people` (those who
        were signed in), `programs`, `last`; `catalogue`, the programs that read the whole catalogue, as `program`,
        `times`, `last`; `since`.
    """
    tk.check_access("lrtzc_ledger_reuses", context, data_dict)
    user = _person(context)
    days = min(data_dict.get("days") or 365, 3660)
    since = datetime.now(UTC) - timedelta(days=days)
    found = uses.by_dataset(connection(), owned.datasets(user, data_dict.get("dataset")), since)
    return {"datasets": found, "catalogue": uses.of_catalogue(connection(), since), "since": since.isoformat()}


@tk.side_effect_free
@tk.validate_action_data(schema.lrtzc_ledger_proof)
def lrtzc_ledger_proof(context, data_dict):
    """Prove that an entry is in the ledger (`index`), or that the ledger only grew (`old`).

    :param index: the entry's place, from 0 on.
    :param old: the size of an older checkpoint.
    :param size: the size of the newer checkpoint; by default the newest one.
    :returns: `size`, `root`, `proof` (hexadecimal hashes, in the order of RFC 9162), and `leaf_hash` for an entry.
    """
    tk.check_access("lrtzc_ledger_proof", context, data_dict)
    db = connection()
    head = store.latest_checkpoint(db)
    size = data_dict.get("size") or (head[0] if head else 0)
    if not head or size > head[0]:
        raise tk.ObjectNotFound(tk._("The ledger has no checkpoint of that size yet."))
    kept = head if size == head[0] else store.checkpoint_of(db, size)
    # Of a size that was never signed nothing is kept in memory.
    read = proofs.reader(db, size, kept[1]) if kept else tiles.node_reader(size, store.tile_reader(db))
    try:
        if data_dict.get("index") is not None:
            proof = merkle.inclusion_proof(data_dict["index"], size, read)
            leaf = {"leaf_hash": read(0, data_dict["index"]).hex()}
        elif data_dict.get("old"):
            proof, leaf = merkle.consistency_proof(data_dict["old"], size, read), {}
        else:
            raise tk.ValidationError({"index": [tk._("Say which entry (index) or which older size (old) to prove.")]})
    except IndexError as error:
        raise tk.ObjectNotFound(tk._("The ledger has no such entry in a tree of that size.")) from error
    root = merkle.root_hash(size, read).hex()
    return {"size": size, "root": root, "proof": [part.hex() for part in proof], **leaf}


@tk.validate_action_data(schema.lrtzc_ledger_cosign)
def lrtzc_ledger_cosign(context, data_dict):
    """Take a witness's signature of a checkpoint of ours (C2SP tlog-cosignature).

    :param note: the checkpoint as it was served, with the witness's signature line.
    :returns: the names of the witnesses whose signatures were kept.
    """
    tk.check_access("lrtzc_ledger_cosign", context, data_dict)
    try:
        signed = note.Note.parse(data_dict["note"])
        checkpoint = note.Checkpoint.parse(signed.text)
        found = signed.signed_by(witnesses())
    except note.NoteError as error:
        raise tk.ValidationError({"note": [str(error)]}) from error
    db = connection()
    kept = store.checkpoint_of(db, checkpoint.size)
    if not kept or checkpoint != note.Checkpoint(keys.signer().name, checkpoint.size, kept[1]):
        raise tk.ValidationError({"note": [tk._("This isn't a checkpoint of this ledger.")]})
    for name, data in signed.signatures:
        if found.get(name) is not None:
            moment = datetime.fromtimestamp(found[name] or 0, UTC)
            store.add_cosignature(db, checkpoint.size, name, str(note.Note("", ((name, data),))).lstrip("\n"), moment)
    record("ledger.cosign", details={"size": checkpoint.size, "witnesses": sorted(found)})
    model.Session.commit()
    return sorted(found)


def witnesses() -> list[note.Verifier]:
    """Give the witnesses that the administrator trusts."""
    return [note.Verifier.parse(key) for key in tk.aslist(tk.config.get("ckanext.lrtzc.ledger.witnesses"))]


@tk.validate_action_data(schema.lrtzc_ledger_traces_update)
def lrtzc_ledger_traces_update(context, data_dict):
    """Choose which kinds of operations leave a trace (some always do), and for how long their details are kept.

    :param kinds: list of kinds, for instance `["dataset", "resource"]`; left out, they stay as they are.
    :param keep: months by kind, for instance `{"access": 12}`; 0 is without end. Kinds left out stay as they are.
    """
    tk.check_access("lrtzc_ledger_traces_update", context, data_dict)
    before = {"kinds": sorted(chosen()), "keep": expiry.months()}
    after = {
        "kinds": data_dict.get("kinds", before["kinds"]),
        "keep": {**before["keep"], **(data_dict.get("keep") or {})},
    }
    record("ledger.traces", details={"before": before, "after": after})
    tk.get_action("config_option_update")(
        {"user": context["user"], "ignore_auth": True},
        {"ckanext.lrtzc.ledger.traces": " ".join(after["kinds"]), expiry.OPTION: retention.write(after["keep"])},
    )
    return {"kinds": after["kinds"], "keep": {kind: months for kind, months in after["keep"].items() if months}}
