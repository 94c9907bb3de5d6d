"""What one entry of the ledger says, and how it commits to what it doesn't say.

The leaf of the tree holds no personal data: a moment, an operation, an outcome, and a salted commitment to the payload
(who, on what, from where, details). The payload and its salt are kept apart and may be erased; the leaf, and so every
proof, stays valid.
"""

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

VERSION = 1
SALT_SIZE = 16
MAX_PAYLOAD = 64 * 1024
# Signs of an identifier.
MAX_NAME = 300
OPERATION = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
Outcome = Literal["done", "refused", "failed"]


class EntryError(ValueError):
    """An entry that can't be recorded, or doesn't match what it commits to."""


def canonical(value: object) -> bytes:
    """Give the one JSON text of a value: keys sorted, no spaces, UTF-8, no NaN (the form of RFC 8785 for what we keep).

    :raises EntryError: where the value has no such text, or floats, whose text differs among languages.
    """

    def check(part: object) -> None:
        match part:
            case None | bool() | int() | str():
                return
            case dict():
                for key, inner in part.items():  # pyright: ignore[reportUnknownVariableType]
                    if not isinstance(key, str):
                        raise EntryError("keys are texts")
                    check(inner)  # pyright: ignore[reportUnknownArgumentType]
            case list() | tuple():
                for inner in part:  # pyright: ignore[reportUnknownVariableType]
                    check(inner)  # pyright: ignore[reportUnknownArgumentType]
            case _:
                raise EntryError(f"a value of type {type(part).__name__} has no one text: write it as text")

    check(value)
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise EntryError("a text isn't valid Unicode") from error


def commitment(salt: bytes, payload: bytes) -> str:
    """Give the commitment to a payload: SHA-256 over salt ‖ payload, as hexadecimal digits."""
    return hashlib.sha256(salt + payload).hexdigest()


@dataclass(frozen=True)
class Entry:
    """One entry: what goes into the tree (`leaf`), and what is kept apart (`salt`, `payload`)."""

    leaf: bytes
    salt: bytes
    payload: bytes


def make_entry(
    operation: str, outcome: Outcome, payload: dict[str, Any], moment: datetime, salt: bytes | None = None
) -> Entry:
    """Make an entry.

    :param operation: what was done, as `thing.verb` (`dataset.update`).
    :param payload: who, on what, from where, details; texts, whole numbers, booleans, lists and dictionaries of these.
    :param moment: when, aware of its zone; kept to the microsecond, in UTC.
    :raises EntryError: where the operation's name, the moment or the payload isn't such.
    """
    if not OPERATION.fullmatch(operation):
        raise EntryError(f"an operation is named thing.verb, not “{operation[:60]}”")
    if moment.tzinfo is None:
        raise EntryError("the moment of an entry needs its zone")
    text = canonical(payload)
    if len(text) > MAX_PAYLOAD:
        raise EntryError(f"the details of an entry hold {MAX_PAYLOAD} bytes at most")
    salt = secrets.token_bytes(SALT_SIZE) if salt is None else salt
    leaf = canonical(
        {
            "v": VERSION,
            "time": moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "operation": operation,
            "outcome": outcome,
            "commitment": commitment(salt, text),
        }
    )
    return Entry(leaf, salt, text)


def read_leaf(leaf: bytes) -> dict[str, Any]:
    """Give the fields of a leaf.

    :raises EntryError: where it isn't the canonical text of an entry.
    """
    try:
        fields = json.loads(leaf)
    except ValueError as error:
        raise EntryError("the entry isn't JSON") from error
    if not isinstance(fields, dict) or canonical(fields) != leaf:  # pyright: ignore[reportUnknownArgumentType]
        raise EntryError("the entry isn't in its one form")
    if fields.get("v") != VERSION or not {"time", "operation", "outcome", "commitment"} <= set(fields):  # pyright: ignore
        raise EntryError("the entry lacks a field, or is of another version")
    return fields  # pyright: ignore[reportUnknownVariableType]


def verify_payload(leaf: bytes, salt: bytes, payload: bytes) -> None:
    """Check that a payload is the one that the entry committed to.

    :raises EntryError: where it isn't.
    """
    if not hmac.compare_digest(str(read_leaf(leaf)["commitment"]), commitment(salt, payload)):
        raise EntryError("the details aren't those that the entry committed to")
