"""The files of an archive: which are taken, and under which names."""

import stat
import unicodedata
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

_UTF8 = 0x800
#: Files that systems add by themselves.
_SYSTEM = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Entry:
    """A file of an archive: where it is, the last part of its name, whether it is a link, its size said in bytes."""

    info: zipfile.ZipInfo
    name: str
    is_link: bool
    size: int


def readable_name(info: zipfile.ZipInfo) -> str:
    """Give the name of an entry as its author wrote it: UTF-8 whether it is declared or not, else DOS Latin (cp850).

    APPNOTE 6.3.10, appendix D: without the flag a name is in cp437, as which Python reads it.
    """
    name = info.filename
    if not info.flag_bits & _UTF8:
        try:
            raw = name.encode("cp437")
        except UnicodeEncodeError:
            return name
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError:
            name = raw.decode("cp850")
    return unicodedata.normalize("NFC", name)


def entries(infos: Iterable[zipfile.ZipInfo]) -> list[Entry]:
    """Give the files to look at, those that systems add left out."""
    found: list[Entry] = []
    for info in infos:
        name = readable_name(info).replace("\\", "/")
        last = PurePosixPath(name).name
        if info.is_dir() or name.startswith(_SYSTEM) or last in _SYSTEM or last.startswith("._"):
            continue
        found.append(Entry(info, last, stat.S_ISLNK(info.external_attr >> 16), info.file_size))
    return found


def free_name(name: str, taken: set[str]) -> str:
    """Give a name that isn't among `taken` (in lower case), by a number before its end; `taken` gains it.

    >>> free_name("vue.jpg", {"vue.jpg", "vue (2).jpg"})
    'vue (3).jpg'
    """
    stem, dot, end = name.rpartition(".")
    stem, tail = (stem, f".{end}") if dot and stem else (name, "")
    number, found = 1, name
    while found.lower() in taken:
        number += 1
        found = f"{stem} ({number}){tail}"
    taken.add(found.lower())
    return found
