"""Opening a source as it is kept, or as somebody wants to keep it."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.batches.api import BatchError, format_of, largest_file
from ckanext.lrtzc.egress import api as egress
from ckanext.lrtzc.sources.domain.faults import Code, Fault
from ckanext.lrtzc.sources.domain.novelty import Found, plan
from ckanext.lrtzc.sources.keeping import opened
from ckanext.lrtzc.sources.kinds import KINDS
from ckanext.lrtzc.sources.kinds.base import Connection, Settings
from ckanext.lrtzc.sources.model import Source

# What a trial may take, while somebody waits: seconds, seconds without a byte, bytes of a file.
TRIAL = egress.Limits(seconds=25, connect=8, stall=12, size=1_000_000)
SHOWN = 20


def limits(source: Source) -> egress.Limits:
    """Give what a run of a source may take."""
    seconds, stall = tk.config["ckanext.lrtzc.sources.run_seconds"], tk.config["ckanext.lrtzc.sources.stall_seconds"]
    size = min(source.most or largest_file(), largest_file())
    return egress.Limits(seconds=float(seconds), connect=15, stall=float(stall), size=size)


def connect(source: Source, bounds: egress.Limits) -> AbstractContextManager[Connection]:
    """Open a source.

    :raises Fault: as its kind does.
    """
    settings = Settings(source.address, source.options, opened(source), bounds)
    return KINDS[source.kind].connect(settings, egress.client(bounds))


def tried(kind: str, address: str, options: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, Any]:
    """Connect, list what there is, and read the newest file's beginning; nothing is kept.

    :returns: `count` of files, the first of them as `files` (`name`, `size`, `modified`), the newest first, and what
        was seen of the newest: `name`, `format` (empty where it can't be told by its beginning), `size` (None where
        it is larger than a trial reads)
    :raises Fault: what a run would fail of.
    """
    settings = Settings(address, options, secrets, TRIAL)
    with KINDS[kind].connect(settings, egress.client(TRIAL)) as connection:
        found = connection.found()
        ordered = [one for one, _verdict in plan(found, {}, last_only=False)][::-1]
        files = [{"name": one.name, "size": one.size, "modified": _iso(one)} for one in ordered[:SHOWN]]
        seen = _seen(connection, ordered[0]) if ordered else {}
    return {"count": len(found), "files": files, **seen}


def _iso(found: Found) -> str | None:
    return found.modified.isoformat() if found.modified else None


def _seen(connection: Connection, found: Found) -> dict[str, Any]:
    with NamedTemporaryFile(prefix="lrtzc-source-") as file:
        name, size = found.name, None
        try:
            taken = connection.read(found, file, "")
            name, size = (taken.name if taken else "") or name, file.tell()
        except Fault as fault:
            # its beginning is enough: a run has more time, and takes more
            begun = fault.code == egress.Code.TIMEOUT and file.tell() > 0
            if not begun and fault.code not in (Code.LARGE, egress.Code.TOO_LARGE):
                raise
        try:
            file.flush()
            detected = format_of(Path(file.name), name)
        except BatchError:
            detected = ""
        return {"name": name, "size": size, "format": detected}
