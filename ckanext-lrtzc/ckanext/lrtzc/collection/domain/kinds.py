"""The kinds of collection, and the formats of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """What all files of a collection are."""

    PHOTO = "photo"
    DOCUMENT = "document"
    AUDIO = "audio"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its media type, and the ends that its names may have, the usual one first."""

    code: str
    kind: Kind
    mimetype: str
    extensions: tuple[str, ...]

    def fits(self, name: str) -> bool:
        """Say whether a file of this name says what it is."""
        return name.lower().endswith(tuple(f".{one}" for one in self.extensions))

    def name_for(self, name: str) -> str:
        """Give the name with the end that the content has.

        >>> FORMATS["jpeg"].name_for("vue.png")
        'vue.jpg'
        """
        if self.fits(name):
            return name
        stem, dot, end = name.rpartition(".")
        known = dot and end.lower() in _EXTENSIONS
        return f"{stem if known and stem else name}.{self.extensions[0]}"


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        one.code: one
        for one in (
            Format("jpeg", Kind.PHOTO, "image/jpeg", ("jpg", "jpeg")),
            Format("png", Kind.PHOTO, "image/png", ("png",)),
            Format("webp", Kind.PHOTO, "image/webp", ("webp",)),
            Format("pdf", Kind.DOCUMENT, "application/pdf", ("pdf",)),
            Format(
                "docx",
                Kind.DOCUMENT,
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                ("docx",),
            ),
            Format("odt", Kind.DOCUMENT, "application/vnd.oasis.opendocument.text", ("odt",)),
            Format("txt", Kind.DOCUMENT, "text/plain", ("txt", "md", "text")),
            Format("mp3", Kind.AUDIO, "audio/mpeg", ("mp3",)),
            Format("ogg", Kind.AUDIO, "audio/ogg", ("ogg", "oga", "opus")),
            Format("flac", Kind.AUDIO, "audio/flac", ("flac",)),
            Format("wav", Kind.AUDIO, "audio/wav", ("wav",)),
            Format("m4a", Kind.AUDIO, "audio/mp4", ("m4a",)),
            Format("mp4", Kind.VIDEO, "video/mp4", ("mp4", "m4v", "mov")),
            Format("webm", Kind.VIDEO, "video/webm", ("webm",)),
            Format("ogv", Kind.VIDEO, "video/ogg", ("ogv",)),
        )
    }
)
"""The formats that are taken, by code."""

_TABLES = (".csv", ".tsv", ".json", ".geojson", ".ndjson")

_EXTENSIONS = frozenset(
    {end for one in FORMATS.values() for end in one.extensions}
    | {"gif", "tif", "tiff", "bmp", "heic", "svg", "doc", "html", "htm", "xml", "exe", "zip", "bin", "php", "js"}
)


def formats_of(kind: Kind) -> tuple[Format, ...]:
    """Give the formats of a kind."""
    return tuple(one for one in FORMATS.values() if one.kind is kind)


def names_table(name: str) -> bool:
    """Say whether a plain text of this name is a table, which its content alone doesn't tell from words.

    >>> names_table("Compteurs.CSV"), names_table("carnet.txt")
    (True, False)
    """
    return name.lower().endswith(_TABLES)
