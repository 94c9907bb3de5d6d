"""What a file is, by its content and never by its name.

Signatures: JFIF, PNG (RFC 2083, section 3.1), RIFF, ISO 32000-1 section 7.5.2, ISO/IEC 14496-12 section 4.3, RFC 3533,
RFC 9559 (EBML), RFC 9639 (FLAC), ID3v2.4, Apache Parquet (File Format).
"""

import zipfile
from pathlib import Path

from ckanext.lrtzc.collection.domain.kinds import FORMATS, Format
from ckanext.lrtzc.collection.domain.problems import Code, Refused

_HEAD = 4096
_MARKUP = (b"<!doctype", b"<html", b"<svg", b"<?xml", b"<script", b"<head", b"<body", b"<?php", b"#!")
_AUDIO_BRANDS = (b"M4A ", b"M4B ")
_VIDEO_BRANDS = (
    b"isom",
    b"iso2",
    b"iso4",
    b"iso5",
    b"iso6",
    b"mp41",
    b"mp42",
    b"avc1",
    b"M4V ",
    b"qt  ",
    b"dash",
    b"MSNV",
)
_LARGEST_TEXT = 20 << 20
_TYPES_ENTRY = 1 << 20


def detect(path: Path) -> Format:
    """Give the format of a file.

    :raises Refused: where it is none that is taken, or could do something by itself (a script, a drawing, macros);
        `table` for a workbook or Parquet.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise Refused(Code.EMPTY)
    if head.startswith(b"PAR1"):
        raise Refused(Code.TABLE)
    code = _by_signature(head) or _by_content(path, head)
    return FORMATS[code]


def _by_signature(head: bytes) -> str | None:
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"fLaC"):
        return "flac"
    if head.startswith(b"RIFF"):
        return {b"WEBP": "webp", b"WAVE": "wav"}.get(head[8:12])
    if head.startswith(b"OggS"):
        return _ogg(head)
    if head[4:8] == b"ftyp":
        return "m4a" if head[8:12] in _AUDIO_BRANDS else "mp4" if head[8:12] in _VIDEO_BRANDS else None
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "webm" if b"webm" in head[:64] else None
    if head.startswith(b"ID3") or _is_mpeg_audio(head):
        return "mp3"
    return None


def _ogg(head: bytes) -> str | None:
    first = head[:200]
    if b"\x80theora" in first:
        return "ogv"
    return "ogg" if any(mark in first for mark in (b"\x01vorbis", b"OpusHead", b"\x7fFLAC", b"Speex")) else None


def _is_mpeg_audio(head: bytes) -> bool:
    """Say whether it begins with a frame of MPEG audio, layer III, whose rates aren't reserved values."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return False
    return head[1] & 0x18 != 0x08 and head[2] >> 4 not in (0, 15) and head[2] & 0x0C != 0x0C


def _by_content(path: Path, head: bytes) -> str:
    if head.startswith(b"PK\x03\x04"):
        return _office(path)
    lowered = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if lowered.startswith(_MARKUP) or b"<svg" in lowered[:1024] or b"<script" in lowered[:1024]:
        raise Refused(Code.SCRIPT)
    if b"\0" in head or path.stat().st_size > _LARGEST_TEXT or not _is_text(head):
        raise Refused(Code.UNKNOWN)
    return "txt"


def _is_text(head: bytes) -> bool:
    controls = sum(byte < 32 and byte not in (9, 10, 12, 13, 27) for byte in head)
    return controls == 0


def _office(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist()[:2000])
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                kind = archive.read("mimetype").strip()
                if kind == b"application/vnd.oasis.opendocument.text":
                    return "odt"
                if kind == b"application/vnd.oasis.opendocument.spreadsheet":
                    raise Refused(Code.TABLE)
            if "[Content_Types].xml" in names and archive.getinfo("[Content_Types].xml").file_size < _TYPES_ENTRY:
                types = archive.read("[Content_Types].xml")
                if b"macroEnabled" in types:
                    raise Refused(Code.MACRO)
                if b"wordprocessingml.document.main+xml" in types:
                    return "docx"
                if b"spreadsheetml.sheet.main+xml" in types:
                    raise Refused(Code.TABLE)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise Refused(Code.UNREADABLE) from error
    raise Refused(Code.ARCHIVE)
