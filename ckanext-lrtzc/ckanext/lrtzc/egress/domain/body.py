"""Reading an answer's body within bounds: decoded size and decompression ratio."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from ckanext.lrtzc.egress.domain.errors import Code, EgressError

MEGABYTE = 1_000_000
_CHUNK = 262_144
_RATIO_FLOOR = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one call may take.

    `seconds` for all of it, redirects included; `connect` seconds for one connection; `size` in bytes,
    decoded; `redirects` a count; `ratio` decoded bytes for one received (looked at from 1 MB decoded on); `stall`
    seconds without a byte after which a call is given up, or nothing where only `seconds` counts.
    """

    seconds: float = 60.0
    connect: float = 10.0
    size: int = 50 * MEGABYTE
    redirects: int = 5
    ratio: int = 120
    stall: float | None = None


def decoded(chunks: Iterator[bytes], encoding: str, limits: Limits, host: str) -> Iterator[bytes]:
    """Decode `chunks` (Content-Encoding `encoding`), never holding more than a bounded piece.

    :raises EgressError: too large, too compressed, an unknown or broken encoding, or an unfinished one.
    """
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        yield from _bounded(chunks, limits, host)
    elif encoding in ("gzip", "x-gzip", "deflate"):
        yield from _bounded(_inflate(chunks, encoding, limits, host), limits, host)
    else:
        raise EgressError(Code.ENCODING, host=host)


def _bounded(chunks: Iterator[bytes], limits: Limits, host: str) -> Iterator[bytes]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > limits.size:
            raise EgressError(Code.TOO_LARGE, host=host, megabytes=limits.size // MEGABYTE)
        yield chunk


def _inflate(chunks: Iterator[bytes], encoding: str, limits: Limits, host: str) -> Iterator[bytes]:
    engine = None
    received = produced = 0
    for chunk in chunks:
        received += len(chunk)
        pending = chunk
        while pending:
            if engine is None:
                engine = zlib.decompressobj(_window(encoding, pending))
            try:
                piece = engine.decompress(pending, _CHUNK)
            except zlib.error as err:
                raise EgressError(Code.ENCODING, host=host) from err
            produced += len(piece)
            if produced > _RATIO_FLOOR and produced > received * limits.ratio:
                raise EgressError(Code.TOO_COMPRESSED, host=host)
            if piece:
                yield piece
            pending = engine.unconsumed_tail
            if engine.eof:
                pending, engine = engine.unused_data, None
    if engine is not None:
        rest = engine.flush()
        if rest:
            yield rest
        if not engine.eof:
            raise EgressError(Code.TRUNCATED, host=host)


def _window(encoding: str, start: bytes) -> int:
    if encoding == "deflate" and not (start[0] & 0x0F == 8 and (start[0] << 8 | (start[1:2] or b"\x00")[0]) % 31 == 0):
        return -zlib.MAX_WBITS
    return zlib.MAX_WBITS | 32
