"""Requests that wait for a link to be opened: single use, for a time, the token known to its bearer only."""

import datetime as dt
import json
import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from ckanext.lrtzc.personal import store
from ckanext.lrtzc.personal.domain.cipher import token_digest

_TABLE = sa.table(
    "request",
    *(sa.column(name) for name in ("id", "kind", "content", "token", "made", "expires")),
    schema=store.SCHEMA,
)


@dataclass(frozen=True)
class Request:
    """What was asked, and by whom as they said."""

    id: str
    kind: str
    content: dict[str, Any]


def add(kind: str, content: dict[str, Any], lifetime: dt.timedelta) -> str:
    """Keep a request, sealed; give its identifier. It has no token yet, so nothing opens it.

    :raises ckanext.lrtzc.personal.store.StoreAway: where the store doesn't answer.
    """
    number = uuid4()
    sealed = store.seal("request", number, {"content": json.dumps(content)})
    values = {"id": number, "kind": kind, "expires": dt.datetime.now(dt.UTC) + lifetime, **sealed}
    with store.transaction() as connection:
        # What is over is erased by whoever asks next: nothing personal stays for want of a broom.
        connection.execute(sa.delete(_TABLE).where(_TABLE.c.expires < sa.func.now()))
        connection.execute(sa.insert(_TABLE).values(values))
    return str(number)


def with_token(number: str) -> tuple[Request, str] | None:
    """Give a request with a token made for it, once; None where it is over or has a token already."""
    token = secrets.token_urlsafe(32)
    statement = (
        sa.update(_TABLE)
        .where(_TABLE.c.id == UUID(number), _TABLE.c.token.is_(None), _TABLE.c.expires > sa.func.now())
        .values(token=token_digest(token))
        .returning(*_TABLE.c)
    )
    with store.transaction() as connection:
        row = connection.execute(statement).mappings().first()
    return None if row is None else (_read(row), token)


def by_token(kind: str, token: str) -> Request | None:
    """Give the request that a token opens, without using it up; None where it is over, used or unknown."""
    with store.transaction() as connection:
        row = connection.execute(sa.select(_TABLE).where(*_open(kind, token))).mappings().first()
    return None if row is None else _read(row)


def use(kind: str, token: str) -> Request | None:
    """Use up a token and erase what was kept: of two who try at once, one gets the request and the other None."""
    statement = sa.delete(_TABLE).where(*_open(kind, token)).returning(*_TABLE.c)
    with store.transaction() as connection:
        row = connection.execute(statement).mappings().first()
    return None if row is None else _read(row)


def drop(number: str) -> None:
    """Erase a request."""
    with store.transaction() as connection:
        connection.execute(sa.delete(_TABLE).where(_TABLE.c.id == UUID(number)))


def _open(kind: str, token: str) -> tuple[Any, ...]:
    return _TABLE.c.kind == kind, _TABLE.c.token == token_digest(token), _TABLE.c.expires > sa.func.now()


def _read(row: Any) -> Request:
    content = store.unseal("request", row["id"], {"content": row["content"]})["content"]
    return Request(str(row["id"]), row["kind"], json.loads(content or "{}"))
