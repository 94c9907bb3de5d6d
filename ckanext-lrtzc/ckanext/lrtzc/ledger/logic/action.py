"""Actions of the ledger."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from psycopg2.extensions import connection as Connection

from ckanext.lrtzc.ledger import keys, search, store
from ckanext.lrtzc.ledger.api import chosen, record
from ckanext.lrtzc.ledger.domain import merkle, note, tiles
from ckanext.lrtzc.ledger.logic import schema

__all__ = [
    "lrtzc_ledger_cosign",
    "lrtzc_ledger_mine",
    "lrtzc_ledger_proof",
    "lrtzc_ledger_search",
    "lrtzc_ledger_traces_update",
]


def connection() -> Connection:
    """Give the session's own connection."""
    return model.Session.connection().connection.dbapi_connection  # pyright: ignore[reportReturnType]


def filters(data_dict: dict[str, Any]) -> search.Filters:
    """Give the filters of a validated search; `until` names its last day."""
    day = {key: data_dict[key].replace(tzinfo=UTC) for key in ("since", "until") if data_dict.get(key)}
    if isinstance(until := day.get("until"), datetime) and until.time() == datetime.min.time():
        day["until"] = until + timedelta(days=1)
    actor = data_dict.get("actor") or ""
    user = model.User.get(actor) if actor else None
    named = data_dict.get("object_id")
    return search.Filters(
        operation=data_dict.get("operation") or "",
        outcome=data_dict.get("outcome") or "",
        actor=user.id if user else actor,
        objects=_identifiers(named) if named else (),
        **day,
    )


def _identifiers(name: str) -> tuple[str, ...]:
    """Give what a name may stand for: a dataset, an organisation or a group, a person, or itself."""
    found = [kind.get(name) for kind in (model.Package, model.Group, model.User)]
    return (name, *(thing.id for thing in found if thing))


def _answer(rows: list[search.Row], more: bool) -> dict[str, Any]:
    entries = [{**asdict(row), "moment": row.moment.astimezone(UTC).isoformat()} for row in rows]
    return {"entries": entries, "more": more}


@tk.side_effect_free
@tk.validate_action_data(schema.lrtzc_ledger_search)
def lrtzc_ledger_search(context, data_dict):
    """Find entries of the ledger, newest first.

    :param operation: beginning of the operation's name, for instance `dataset` or `dataset.update`.
    :param outcome: `done`, `refused` or `failed`.
    :param actor: account name or identifier.
    :param object_id: name or identifier of what it was done to.
    :param since, until: days, in UTC, both included.
    :param page: from 1 on, of 50 entries.
    :returns: `entries` (index, moment, operation, outcome, actor, object, origin, leaf, salt, payload) and `more`.
    """
    tk.check_access("lrtzc_ledger_search", context, data_dict)
    return _answer(*search.page(connection(), filters(data_dict), data_dict["page"]))


@tk.side_effect_free
@tk.validate_action_data(schema.lrtzc_ledger_mine)
def lrtzc_ledger_mine(context, data_dict):
    """Show what was done to one's account and to one's datasets, and by whom, newest first.

    One's datasets are those of the organisations where one may edit.
    """
    tk.check_access("lrtzc_ledger_mine", context, data_dict)
    user = model.User.get(context["user"])
    if user is None:
        raise tk.NotAuthorized(tk._("Sign in to see what was done to what is yours."))
    organizations = sa.select(model.Member.group_id).where(
        model.Member.table_name == "user",
        model.Member.table_id == user.id,
        model.Member.state == "active",
        model.Member.capacity.in_(["admin", "editor"]),
    )
    owned = sa.select(model.Package.id).where(
        sa.or_(model.Package.creator_user_id == user.id, model.Package.owner_org.in_(organizations))
    )
    resources = sa.select(model.Resource.id).where(model.Resource.package_id.in_(owned))
    mine = (user.id, *model.Session.scalars(owned), *model.Session.scalars(resources))
    return _answer(*search.page(connection(), search.Filters(objects=mine), data_dict["page"]))


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
    read = tiles.node_reader(size, store.tile_reader(db))
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
    """Choose which kinds of operations leave a trace; some always do.

    :param kinds: list of kinds, for instance `["dataset", "resource"]`.
    """
    tk.check_access("lrtzc_ledger_traces_update", context, data_dict)
    before = sorted(chosen())
    tk.get_action("config_option_update")(
        {"user": context["user"]}, {"ckanext.lrtzc.ledger.traces": " ".join(data_dict["kinds"])}
    )
    record("ledger.traces", details={"before": before, "after": data_dict["kinds"]})
    model.Session.commit()
    return data_dict["kinds"]
