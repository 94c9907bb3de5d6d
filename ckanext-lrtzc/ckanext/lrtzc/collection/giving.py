"""Files given out: one, or a part of one, its small picture, several as a ZIP made while it is sent."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import ckan.plugins.toolkit as tk
import file_keeper as fk
from flask import Response, send_file

from ckanext.lrtzc.collection import store
from ckanext.lrtzc.collection.integrating import places_of
from ckanext.lrtzc.collection.model import File

_BLOCK = 256 << 10
#: What a file may do that a browser opens by itself: nothing.
_INERT = "default-src 'none'; sandbox"


def content(file: File) -> Response:
    """Give a file to be saved, or the part of it that a player asks for (RFC 9110, section 14)."""
    whole, _small = places_of(file)
    path = store.local_path(whole)
    if path is not None and path.is_file():
        answer = send_file(path, mimetype=file.form.mimetype, conditional=True, etag=file.sha256, max_age=0)
    else:
        answer = _streamed(file, whole)
    answer.headers.set("Content-Disposition", "attachment", filename=file.name)
    return _inert(answer)


def _streamed(file: File, place: str) -> Response:
    wanted = tk.request.range
    span = wanted.range_for_length(file.size) if wanted and store.can_range() else None
    try:
        if span is None:
            answer = Response(_begun(store.parts(place)), 200, mimetype=file.form.mimetype)
            answer.headers["Content-Length"] = str(file.size)
        else:
            answer = Response(_begun(store.parts(place, *span)), 206, mimetype=file.form.mimetype)
            answer.headers["Content-Range"] = f"bytes {span[0]}-{span[1] - 1}/{file.size}"
            answer.headers["Content-Length"] = str(span[1] - span[0])
    except fk.exc.MissingFileError:
        return tk.abort(404, tk._("This file is no longer in store."))
    answer.headers["Accept-Ranges"] = "bytes" if store.can_range() else "none"
    answer.set_etag(file.sha256)
    return answer


def _begun(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Have the first part read now, so that a file that isn't there is told before the answer begins."""
    first = next(parts, b"")

    def rest() -> Iterator[bytes]:
        yield first
        yield from parts

    return rest()


def small(file: File) -> Response:
    """Give the small picture of a file."""
    place = places_of(file)[1]
    try:
        answer = Response(b"".join(store.parts(place)), mimetype="image/webp")
    except fk.exc.MissingFileError:
        return tk.abort(404, tk._("This file has no small picture."))
    answer.set_etag(f"{file.sha256}-small")
    answer.make_conditional(tk.request.environ)
    return _inert(answer)


def _inert(answer: Response) -> Response:
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = _INERT
    answer.headers["Cache-Control"] = "no-cache"
    return answer


class _Pipe(io.RawIOBase):
    """What a ZIP is written to: it gives what was written since it was asked last."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._written.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """Give what was written, and forget it."""
        written, self._written = b"".join(self._written), []
        return written


def archive(files: list[File], name: str) -> Response:
    """Give files together as a ZIP, made as it goes out: no more than a part of one file is held at once."""
    answer = Response(
        _zipped([(places_of(file)[0], file.name, file.added) for file in files]), mimetype="application/zip"
    )
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["X-Accel-Buffering"] = "no"
    answer.headers["Cache-Control"] = "no-store"
    tk.request.environ["__no_cache__"] = True
    return answer


def _zipped(listed: list[tuple[str, str, Any]]) -> Iterator[bytes]:
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as made:
        for place, name, added in listed:
            info = zipfile.ZipInfo(name, added.timetuple()[:6])
            try:
                with made.open(info, "w", force_zip64=True) as out:
                    for part in store.parts(place):
                        for start in range(0, len(part), _BLOCK):
                            out.write(part[start : start + _BLOCK])
                            yield pipe.taken()
            except fk.exc.MissingFileError:
                # removed while the ZIP was on its way: its entry is empty, the others come
                continue
    yield pipe.taken()
