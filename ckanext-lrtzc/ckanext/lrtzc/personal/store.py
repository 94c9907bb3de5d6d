"""The database of identities: its connections, and reading and writing of its sealed fields."""

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError

from ckanext.lrtzc.ledger.api import record_in
from ckanext.lrtzc.personal.domain.cipher import Cipher

SCHEMA = "lrtzc_personal"
# The sealed columns of each table, and the column that says which row.
SEALED: dict[str, tuple[str, tuple[str, ...]]] = {
    "identity": ("account_id", ("title", "first_name", "last_name", "birth_date")),
    "request": ("id", ("content",)),
    "factor": ("id", ("secret",)),
}


class StoreAway(RuntimeError):
    """The personal store doesn't answer; the catalogue works without it."""


@lru_cache(maxsize=4)
def _engine(url: str) -> sa.Engine:
    return sa.create_engine(url, pool_pre_ping=True, pool_size=2, max_overflow=8, hide_parameters=True)


@lru_cache(maxsize=4)
def _cipher(secrets: tuple[str, ...]) -> Cipher:
    return Cipher(secrets)


def cipher() -> Cipher:
    """Give the cipher of the configured keys.

    :raises StoreAway: where no key is configured.
    """
    try:
        return _cipher(tuple(tk.aslist(tk.config.get("ckanext.lrtzc.personal.keys"))))
    except ValueError as error:
        raise StoreAway(str(error)) from error


@contextmanager
def transaction() -> Generator[sa.Connection]:
    """Open a transaction on the store; it is committed at the end, or rolled back on an error.

    :raises StoreAway: where the store can't be reached.
    """
    url = tk.config.get("ckanext.lrtzc.personal.url")
    if not url:
        raise StoreAway("ckanext.lrtzc.personal.url is empty: there is no personal store")
    try:
        with _engine(url).begin() as connection:
            yield connection
    except OperationalError as error:
        raise StoreAway("the personal store doesn't answer") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StoreAway("the personal store doesn't answer") from error
        raise


def tell(connection: sa.Connection, verb: str, account_id: str, actor: str | None = None, **details: Any) -> None:
    """Record in the store's own transaction what is done to what is a person's, as `account.<verb>`.

    :param actor: who does it, as an account's identifier; by default who is signed in, or nobody
    :raises ckanext.lrtzc.ledger.api.NotRecorded: where the store can't keep the trace; let it undo the rest.
    """
    about: Any = {"actor": actor, "object_type": "account", "object_id": account_id, "details": details}
    record_in(connection, f"account.{verb}", **about)


def place(table: str, column: str, row: object) -> str:
    """Give the place of a field, to which it is sealed."""
    return f"{table}.{column}:{row}"


def seal(table: str, row: object, values: Mapping[str, str | None]) -> dict[str, bytes | None]:
    """Seal the values of a row's columns."""
    return {
        column: None if value is None else cipher().seal(value, place(table, column, row))
        for column, value in values.items()
    }


def unseal(table: str, row: object, values: Mapping[str, Any]) -> dict[str, str | None]:
    """Open the sealed values of a row's columns.

    :raises ckanext.lrtzc.personal.domain.cipher.SealBroken: where one can't be read.
    """
    return {
        column: None if value is None else cipher().open(bytes(value), place(table, column, row))
        for column, value in values.items()
    }


def rotate(size: int = 500) -> int:
    """Seal with the newest key all that is sealed with another; give how many rows were changed.

    By small transactions, so that the portal works meanwhile; may be cut off and run again.
    """
    changed = 0
    for table, (key, columns) in SEALED.items():
        last: object = None
        while rows := _page(table, key, columns, last, size):
            changed += _reseal(table, key, columns, rows)
            last = rows[-1][0]
    return changed


def _table(table: str, key: str, columns: Iterable[str]) -> sa.TableClause:
    return sa.table(table, sa.column(key), *map(sa.column, columns), schema=SCHEMA)


def _page(table: str, key: str, columns: tuple[str, ...], last: object, size: int) -> list[Any]:
    source = _table(table, key, columns)
    query = sa.select(source.c[key], *(source.c[name] for name in columns)).order_by(source.c[key]).limit(size)
    if last is not None:
        query = query.where(source.c[key] > last)
    with transaction() as connection:
        return list(connection.execute(query))


def _reseal(table: str, key: str, columns: tuple[str, ...], rows: list[Any]) -> int:
    source, changed = _table(table, key, columns), 0
    with transaction() as connection:
        for row, *values in rows:
            old = {name: value for name, value in zip(columns, values, strict=True) if value is not None}
            if all(cipher().is_newest(bytes(value)) for value in old.values()):
                continue
            new = seal(table, row, unseal(table, row, old))
            # Only what nobody changed since it was read.
            same = [source.c[name] == value for name, value in old.items()]
            done = connection.execute(sa.update(source).where(source.c[key] == row, *same).values(new))
            changed += done.rowcount
    return changed
