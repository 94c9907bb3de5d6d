"""The room's door: other rooms leave files where sources could fetch them, by the same settings and credentials."""

from collections.abc import Mapping
from typing import IO, Any, cast

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.egress import api as egress
from ckanext.lrtzc.sources.declaring import sifted
from ckanext.lrtzc.sources.domain.faults import Fault
from ckanext.lrtzc.sources.helpers import described, lrtzc_source_offered_key
from ckanext.lrtzc.sources.kinds import KINDS, inbox
from ckanext.lrtzc.sources.kinds.base import Field, Inbox, Settings
from ckanext.lrtzc.sources.telling import sentence

__all__ = ["PLACES", "Fault", "bound_of", "fields_of", "leave", "lrtzc_source_offered_key", "sentence", "settings_of"]

PLACES: dict[str, Any] = {"sftp": KINDS["sftp"], "s3": KINDS["s3"], "webdav": KINDS["webdav"], "http": inbox.Web()}
"""Where files can be left, by name: each with `label`, `hint` and `example`."""


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
    bounds = egress.Limits(seconds=seconds, connect=10, stall=float(tk.config["ckanext.lrtzc.sources.stall_seconds"]))
    with PLACES[kind].connect(Settings(address, options, secrets, bounds), egress.client(bounds)) as place:
        cast(Inbox, place).put(name, content, size)
