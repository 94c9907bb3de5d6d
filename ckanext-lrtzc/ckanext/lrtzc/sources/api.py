"""The room's door: other rooms leave files where sources could fetch them, by the same settings and credentials."""

from collections.abc import Mapping, Sequence
from typing import IO, Any, cast

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.egress import api as egress
from ckanext.lrtzc.sources.declaring import sifted
from ckanext.lrtzc.sources.domain.faults import Fault
from ckanext.lrtzc.sources.helpers import described, lrtzc_source_offered_key
from ckanext.lrtzc.sources.kinds import KINDS, inbox, mqtt
from ckanext.lrtzc.sources.kinds.base import Field, Inbox, Settings
from ckanext.lrtzc.sources.telling import sentence

__all__ = [
    "PLACES",
    "Fault",
    "bound_of",
    "fields_of",
    "leave",
    "lrtzc_source_offered_key",
    "publish",
    "sentence",
    "settings_of",
    "takes_messages",
]

PLACES: dict[str, Any] = {
    **{name: KINDS[name] for name in ("sftp", "s3", "webdav")},
    "http": inbox.Web(),
    "mqtt": mqtt.Mqtt(),
}
"""Where files can be left, or messages published, by name: each with `label`, `hint` and `example`."""


def takes_messages(kind: str) -> bool:
    """Say whether messages are published at a place (`publish`), and not files left there (`leave`)."""
    return isinstance(PLACES.get(kind), mqtt.Mqtt)


def _fields(kind: str) -> tuple[Field, ...]:
    return tuple(field for field in PLACES[kind].fields if field.name != "pattern")


def fields_of(kind: str) -> list[dict[str, Any]]:
    """Give what a place asks for: `name`, `label`, `help`, `control`, `secret`, `options` (value, words)."""
    return described(_fields(kind))


def bound_of(kind: str) -> tuple[str, ...]:
    """Give the names of the settings that say where credentials go, beside the address."""
    return tuple(field.name for field in _fields(kind) if field.bound)


def settings_of(kind: str, asked: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Give the settings and the credentials among what was sent; empty ones are left out.

    :raises ValidationError: one isn't known, or can't be taken.
    """
    return sifted(_fields(kind), asked)


def leave(
    kind: str,
    address: str,
    options: Mapping[str, str],
    secrets: Mapping[str, str],
    content: IO[bytes],
    name: str,
    size: int,
    seconds: float,
) -> None:
    """Leave a file of `size` bytes at a place.

    :param seconds: that all of it may take
    :raises Fault: it can't be reached, or doesn't take the file.
    """
    bounds = _bounds(seconds)
    with PLACES[kind].connect(Settings(address, options, secrets, bounds), egress.client(bounds)) as place:
        cast(Inbox, place).put(name, content, size)


def publish(
    kind: str,
    address: str,
    options: Mapping[str, str],
    secrets: Mapping[str, str],
    messages: Sequence[bytes],
    seconds: float,
    *,
    retain: bool = True,
) -> None:
    """Publish messages at a place, in their order; with none, only sign in.

    :param seconds: that all of it may take
    :param retain: whether the settings may have them kept there
    :raises Fault: it can't be reached, or one wasn't acknowledged; those before it were.
    """
    bounds = _bounds(seconds)
    with PLACES[kind].connect(Settings(address, options, secrets, bounds), egress.client(bounds)) as place:
        for message in messages:
            cast(mqtt.Broker, place).publish(message, retain=retain)


def _bounds(seconds: float) -> egress.Limits:
    return egress.Limits(seconds=seconds, connect=10, stall=float(tk.config["ckanext.lrtzc.sources.stall_seconds"]))
