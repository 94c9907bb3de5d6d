"""Which representation a client wants, from its `Accept` header (RFC 9110 §12.5.1)."""

from dataclasses import dataclass

_MOST_RANGES = 50


@dataclass(frozen=True, slots=True)
class _Range:
    kind: str
    subtype: str
    parameters: int
    quality: float


def _ranges(accept: str) -> list[_Range]:
    found: list[_Range] = []
    for part in accept.split(",")[:_MOST_RANGES]:
        media, *parameters = (piece.strip() for piece in part.split(";"))
        kind, slash, subtype = media.lower().partition("/")
        if not slash or not kind or not subtype:
            continue
        quality, specific = 1.0, 0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "q":
                quality = _quality(value.strip())
            elif name.strip():
                specific += 1
        found.append(_Range(kind, subtype, specific, quality))
    return found


def _quality(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        return 0.0
    return min(max(number, 0.0), 1.0) if number == number else 0.0


def _quality_of(media_type: str, ranges: list[_Range]) -> float:
    kind, _, subtype = media_type.partition("/")
    best: tuple[int, float] = (-1, 0.0)
    for one in ranges:
        if one.kind == kind and one.subtype == subtype:
            rank = 2
        elif one.kind == kind and one.subtype == "*":
            rank = 1
        elif one.kind == one.subtype == "*":
            rank = 0
        else:
            continue
        if rank > best[0] or (rank == best[0] and one.quality > best[1]):
            best = (rank, one.quality)
    return best[1]


def negotiate(accept: str | None, offers: dict[str, str]) -> str | None:
    """Give the offer the client likes best, or None if it accepts none of them.

    `offers` maps a media type to what to answer; on equal quality the earlier offer wins. A missing or unreadable
    header accepts everything.
    """
    ranges = _ranges(accept or "*/*") or _ranges("*/*")
    chosen: tuple[float, str | None] = (0.0, None)
    for media_type, offer in offers.items():
        quality = _quality_of(media_type, ranges)
        if quality > chosen[0]:
            chosen = (quality, offer)
    return chosen[1]


PAGE = "html"
RDF_OFFERS = {
    "text/html": PAGE,
    "application/xhtml+xml": PAGE,
    "text/turtle": "ttl",
    "application/x-turtle": "ttl",
    "application/ld+json": "jsonld",
    "application/rdf+xml": "xml",
    "text/n3": "n3",
}


def page_or_data(accept: str | None) -> str | None:
    """Give what to answer at an address that has a page and RDF: `html`, `ttl`, `jsonld`, `xml`, `n3`, or None."""
    return negotiate(accept, RDF_OFFERS)
