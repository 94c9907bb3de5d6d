"""One file from a stranger, looked at for other rooms: what it is, safe to keep, without the place it was taken at."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.batches.api import BatchError, look_at
from ckanext.lrtzc.collection.domain.kinds import FORMATS, Kind, formats_of
from ckanext.lrtzc.collection.domain.outcome import Outcome
from ckanext.lrtzc.collection.domain.problems import Code, Refused
from ckanext.lrtzc.collection.reading import Reader
from ckanext.lrtzc.collection.wording import remark


class FileRefused(ValueError):
    """A file isn't taken; it says why, in the reader's language."""


@dataclass(frozen=True)
class Checked:
    """A file as it is to be kept: where it is, its media type, and its name with the end that fits its content."""

    path: Path
    mimetype: str
    name: str


def checked(path: Path, name: str, kinds: Collection[str], folder: Path, *, keeps_position: bool) -> Checked:
    """Look at a file: by the antivirus, then by a process apart that reads it.

    :param name: how it was called by who sent it
    :param kinds: of which kinds it may be (`photo`, `document`, `audio`, `video`)
    :param folder: where what is kept of it is put
    :param keeps_position: whether a photo keeps what it says of the place where it was taken
    :raises FileRefused: in words, where it isn't taken
    """
    try:
        look_at(path)
    except BatchError as error:
        raise FileRefused(error.problem.sentence(tk._)) from error
    allowed = [Kind(kind) for kind in kinds]
    with Reader() as reader:
        try:
            outcome = _read(reader, path, name, allowed, folder, strip=not keeps_position)
        except Refused as refused:
            if refused.code is Code.OTHER_KIND:
                expected = ", ".join(one.code.upper() for kind in allowed for one in formats_of(kind))
                raise FileRefused(
                    tk._("A file of these formats is expected: {formats}.").format(formats=expected)
                ) from None
            raise FileRefused(remark(refused.code, refused.params)) from refused
    form = FORMATS[outcome.format]
    return Checked(Path(outcome.file) if outcome.file else path, form.mimetype, form.name_for(name))


def _read(reader: Reader, path: Path, name: str, allowed: list[Kind], folder: Path, *, strip: bool) -> Outcome:
    """Read it as the first kind, or as the one that it is found to be where that is allowed."""
    try:
        return reader.read(path, allowed[0], folder, strip=strip, name=name)
    except Refused as refused:
        found = FORMATS.get(str(refused.params.get("found", "")))
        if refused.code is not Code.OTHER_KIND or found is None or found.kind not in allowed[1:]:
            raise
        return reader.read(path, found.kind, folder, strip=strip, name=name)
