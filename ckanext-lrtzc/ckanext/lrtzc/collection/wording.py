"""Words of collections, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.collection.domain.kinds import Kind, formats_of
from ckanext.lrtzc.collection.domain.problems import Code


@dataclass(frozen=True)
class KindWords:
    """How a kind is called: several of them, what is taken, and an icon of the theme."""

    many: str
    taken: str
    icon: str


def kind_words(kind: str) -> KindWords:
    """Give the words for a kind of collection."""
    taken = ", ".join(one.code.upper().replace("JPEG", "JPEG (.jpg)") for one in formats_of(Kind(kind)))
    match Kind(kind):
        case Kind.PHOTO:
            return KindWords(tk._("Photos"), taken, "eye")
        case Kind.DOCUMENT:
            return KindWords(tk._("Documents"), taken, "file")
        case Kind.AUDIO:
            return KindWords(tk._("Sounds"), taken, "play")
        case Kind.VIDEO:
            return KindWords(tk._("Films"), taken, "play")


def counted(kind: str, number: int) -> str:
    """Give a number of files of a kind, in words."""
    shown = tk.h.lrtzc_number(number)
    match Kind(kind):
        case Kind.PHOTO:
            return tk.ungettext("{n} photo", "{n} photos", number).format(n=shown)
        case Kind.DOCUMENT:
            return tk.ungettext("{n} document", "{n} documents", number).format(n=shown)
        case Kind.AUDIO:
            return tk.ungettext("{n} sound", "{n} sounds", number).format(n=shown)
        case Kind.VIDEO:
            return tk.ungettext("{n} film", "{n} films", number).format(n=shown)


def remark(code: str, params: dict[str, Any]) -> str:
    """Say what became of a file that was refused, or taken with a remark."""
    sentences = {
        Code.OTHER_KIND: tk._("It is a file of another kind ({found}) than this collection's."),
        Code.UNKNOWN: tk._("Its content is of no format that is taken here."),
        Code.SCRIPT: tk._("It is a page, a drawing or a program that could do something by itself."),
        Code.EMPTY: tk._("It is empty."),
        Code.TOO_LARGE: tk._("It is larger than the {limit} accepted for one file."),
        Code.TOO_MANY_PIXELS: tk._("It has more pixels than the {limit} million accepted."),
        Code.UNREADABLE: tk._("It can't be read: it is damaged, or not what it says it is."),
        Code.TOO_HEAVY: tk._("Reading it takes too much memory or time."),
        Code.NOT_STRIPPED: tk._("The place where it was taken could not be removed from it."),
        Code.LINK: tk._("It is a link to another file."),
        Code.ARCHIVE: tk._("It is an archive: send it alone, or the files that it holds."),
        Code.TABLE: tk._("It is a table: send it to a dataset of tables, where it is explored row by row."),
        Code.INFECTED: tk._("The antivirus refused it: {reason}."),
        Code.MACRO: tk._("It holds macros. Save it without them."),
        Code.DUPLICATE: tk._("It is there already."),
        Code.RENAMED: tk._("Its name didn't fit its content; it is called {name} now."),
        Code.SAME_NAME: tk._("Another file had its name; it is called {name} now."),
        Code.TRAILING: tk._("Something stood behind the picture; it was cut off."),
        Code.POSITION_REMOVED: tk._("The place where it was taken was removed from it."),
        Code.NO_TEXT: tk._("No text was found in it."),
    }
    shown = {"found": "", "limit": "", "reason": "", "name": "", **params}
    shown["found"] = str(shown["found"]).upper()
    return sentences[Code(code)].format(**shown)


def is_refusal(code: str) -> bool:
    """Say whether the file of this remark wasn't taken."""
    taken = {Code.RENAMED, Code.SAME_NAME, Code.TRAILING, Code.POSITION_REMOVED, Code.NO_TEXT}
    return Code(code) not in taken
