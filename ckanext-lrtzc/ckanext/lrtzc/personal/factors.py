"""What proves who signs in beside the password, sealed: generators of codes, passkeys, recovery codes."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID, uuid4

import sqlalchemy as sa

from ckanext.lrtzc.personal import store

Kind = Literal["codes", "passkey", "recovery"]

_TABLE = sa.table(
    "factor",
    *(sa.column(name) for name in ("id", "account_id", "kind", "title", "secret", "counter", "made", "used")),
    schema=store.SCHEMA,
)


@dataclass(frozen=True)
class Factor:
    """A means of a person; its secret is opened by `secret_of` only."""

    id: str
    kind: Kind
    title: str
    counter: int
    made: dt.datetime
    used: dt.datetime | None


def of(account_id: str) -> list[Factor]:
    """Give the means of a person, the oldest first."""
    query = sa.select(_TABLE).where(_TABLE.c.account_id == account_id).order_by(_TABLE.c.made, _TABLE.c.id)
    with store.transaction() as connection:
        return [_read(row) for row in connection.execute(query).mappings()]


def secrets_of(account_id: str, kind: Kind) -> list[tuple[Factor, str]]:
    """Give the means of one kind with their secrets."""
    query = sa.select(_TABLE).where(_TABLE.c.account_id == account_id, _TABLE.c.kind == kind).order_by(_TABLE.c.made)
    with store.transaction() as connection:
        rows = list(connection.execute(query).mappings())
    return [(_read(row), store.unseal("factor", row["id"], {"secret": row["secret"]})["secret"] or "") for row in rows]


def add(account_id: str, kind: Kind, secrets: list[str], title: str = "", counter: int = 0, *, only: bool) -> None:
    """Add means of one kind, in one transaction.

    :param only: take away those of this kind that were there, so that these are the only ones
    """
    rows = []
    for secret in secrets:
        number = uuid4()
        sealed = store.seal("factor", number, {"secret": secret})
        rows.append(
            {"id": number, "account_id": account_id, "kind": kind, "title": title, "counter": counter, **sealed}
        )
    with store.transaction() as connection:
        if only:
            connection.execute(sa.delete(_TABLE).where(_TABLE.c.account_id == account_id, _TABLE.c.kind == kind))
        connection.execute(sa.insert(_TABLE), rows)
        store.tell(connection, "factor_add", account_id, account_id, kind=kind)


def advance(factor_id: str, counter: int) -> bool:
    """Note that a means was used at a count; False where that count or a later one was used before."""
    statement = sa.update(_TABLE).where(_TABLE.c.id == UUID(factor_id), _TABLE.c.counter < counter)
    with store.transaction() as connection:
        done = connection.execute(statement.values(counter=counter, used=sa.func.now()))
        return bool(done.rowcount)


def remove(account_id: str, factor_id: str, *, used: bool = False) -> bool:
    """Take one means away, of this person only; of two who try at once, one gets True.

    :param used: it is taken away because it served, as a recovery code does once
    """
    try:
        number = UUID(factor_id)
    except ValueError:
        return False
    statement = sa.delete(_TABLE).where(_TABLE.c.id == number, _TABLE.c.account_id == account_id)
    with store.transaction() as connection:
        kind = connection.scalar(statement.returning(_TABLE.c.kind))
        if kind is not None:
            store.tell(connection, "factor_use" if used else "factor_remove", account_id, account_id, kind=kind)
    return kind is not None


def erase(account_id: str, kind: Kind | None = None) -> int:
    """Take away all means of a person, or those of one kind; give how many."""
    statement = sa.delete(_TABLE).where(_TABLE.c.account_id == account_id)
    if kind is not None:
        statement = statement.where(_TABLE.c.kind == kind)
    with store.transaction() as connection:
        erased = connection.execute(statement).rowcount
        if erased:
            store.tell(connection, "factor_erase", account_id, kind=kind or "all", erased=erased)
    return erased


def _read(row: Any) -> Factor:
    return Factor(str(row["id"]), row["kind"], row["title"], row["counter"], row["made"], row["used"])
