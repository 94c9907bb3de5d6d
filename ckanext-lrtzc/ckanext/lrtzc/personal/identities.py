"""Who stands behind an account: title, names and day of birth, sealed."""

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ckanext.lrtzc.personal import store

_COLUMNS = store.SEALED["identity"][1]
_TABLE = sa.table(
    "identity",
    *(sa.column(name) for name in ("account_id", "restricted", "changed", *_COLUMNS)),
    schema=store.SCHEMA,
)


@dataclass(frozen=True)
class Identity:
    """What a person said of themselves; the day of birth in ISO 8601."""

    title: str
    first_name: str
    last_name: str
    birth_date: str


def keep(account_id: str, identity: Identity, by: str | None = None) -> None:
    """Keep the identity behind an account, in place of an earlier one.

    :param by: who does it, as an account's identifier; by default who is signed in
    :raises ckanext.lrtzc.personal.store.StoreAway: where the store doesn't answer.
    """
    sealed = store.seal("identity", account_id, asdict(identity))
    values = {"account_id": account_id, "changed": dt.datetime.now(dt.UTC), **sealed}
    statement = insert(_TABLE).values(values)
    update = {name: statement.excluded[name] for name in (*_COLUMNS, "changed")}
    with store.transaction() as connection:
        connection.execute(statement.on_conflict_do_update(index_elements=["account_id"], set_=update))
        store.tell(connection, "identity_keep", account_id, by)


def of(account_id: str) -> Identity | None:
    """Give the identity behind an account, or None where there is none.

    :raises ckanext.lrtzc.personal.store.StoreAway: where the store doesn't answer.
    """
    row = _row(account_id)
    if row is None:
        return None
    opened = store.unseal("identity", account_id, {name: row[name] for name in _COLUMNS})
    return Identity(**{name: value or "" for name, value in opened.items()})


def is_restricted(account_id: str) -> bool:
    """Say whether the identity may only be stored, not used (article 18 of the GDPR)."""
    row = _row(account_id)
    return bool(row is not None and row["restricted"])


def restrict(account_id: str, restricted: bool) -> bool:
    """Mark or unmark an identity as stored only; give whether there is one."""
    statement = sa.update(_TABLE).where(_TABLE.c.account_id == account_id).values(restricted=restricted)
    with store.transaction() as connection:
        found = bool(connection.execute(statement).rowcount)
        if found:
            store.tell(connection, "identity_restrict", account_id, restricted=restricted)
    return found


def erase(account_id: str) -> bool:
    """Erase the identity behind an account for good; give whether there was one."""
    with store.transaction() as connection:
        found = bool(connection.execute(sa.delete(_TABLE).where(_TABLE.c.account_id == account_id)).rowcount)
        if found:
            store.tell(connection, "identity_erase", account_id)
    return found


def _row(account_id: str) -> Any:
    with store.transaction() as connection:
        return connection.execute(sa.select(_TABLE).where(_TABLE.c.account_id == account_id)).mappings().first()
