"""The kinds of questions as the page that builds a form offers them, and how each is written in a workbook."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .conditions import EMAIL, Limits, limits_of
from .definition import Node
from .kinds import NAMES, Kind


class Bounded(StrEnum):
    """What the answers to a question may be held to."""

    NUMBER = "number"
    DAY = "day"
    TEXT = "text"


@dataclass(frozen=True)
class Sort:
    """One that is offered: its code, the type that XLSForm calls it by, and the word of its appearance.

    `bounded` is what its answers may be held to; `asked` says whether somebody answers it.
    """

    code: str
    type: str
    appearance: str = ""
    bounded: Bounded | None = None
    asked: bool = True

    @property
    def chosen(self) -> bool:
        """Whether it has a list of choices."""
        return self.type.startswith("select_")

    @property
    def nesting(self) -> bool:
        """Whether other questions stand in it."""
        return self.type in ("group", "repeat")


_ALL = (
    Sort("text", "text", bounded=Bounded.TEXT),
    Sort("long", "text", "multiline", bounded=Bounded.TEXT),
    Sort("email", "text"),
    Sort("integer", "integer", bounded=Bounded.NUMBER),
    Sort("decimal", "decimal", bounded=Bounded.NUMBER),
    Sort("date", "date", bounded=Bounded.DAY),
    Sort("time", "time"),
    Sort("instant", "datetime"),
    Sort("yesno", "select_one"),
    Sort("one", "select_one"),
    Sort("dropdown", "select_one", "minimal"),
    Sort("many", "select_multiple"),
    Sort("scale", "range"),
    Sort("tick", "acknowledge"),
    Sort("point", "geopoint"),
    Sort("line", "geotrace"),
    Sort("area", "geoshape"),
    Sort("photo", "image"),
    Sort("note", "note", asked=False),
    Sort("calculation", "calculate", asked=False),
    Sort("group", "group", asked=False),
    Sort("repeat", "repeat", asked=False),
    Sort("matrix", "group", "table-list", asked=False),
)
# what the portal's pages don't ask isn't offered
SORTS: dict[str, Sort] = {
    sort.code: sort
    for sort in _ALL
    if sort.chosen or sort.nesting or sort.type in NAMES or any(name.lower() == sort.type for name in NAMES)
}
YES_NO = "yes_no"
"""The list of choices of questions that are answered by yes or no."""
YES_NO_TEXTS = {"yes": {"fr": "Oui", "": "Yes"}, "no": {"fr": "Non", "": "No"}}
_BY_KIND = {
    Kind.INTEGER: "integer",
    Kind.DECIMAL: "decimal",
    Kind.DATE: "date",
    Kind.TIME: "time",
    Kind.DATETIME: "instant",
    Kind.MANY: "many",
    Kind.RANGE: "scale",
    Kind.TICK: "tick",
    Kind.POINT: "point",
    Kind.LINE: "line",
    Kind.AREA: "area",
    Kind.NOTE: "note",
    Kind.CALCULATE: "calculation",
    Kind.REPEAT: "repeat",
}


def sort_of(node: Node, constraint: str = "") -> Sort | None:
    """Give the sort of a question of a workbook; None where the page that builds offers none like it.

    :param constraint: the constraint as it is written, by which e-mail addresses are known
    """
    words = node.appearance.split()
    if node.file:
        return None
    match node.kind:
        case Kind.TEXT:
            if node.type.lower() not in ("text", "string"):
                return None
            limits = limits_of(constraint, Kind.TEXT)
            if limits is not None and limits == Limits(pattern=EMAIL):
                return SORTS["email"]
            return SORTS["long" if "multiline" in words or node.rows else "text"]
        case Kind.ONE:
            if node.list == YES_NO:
                return SORTS["yesno"]
            return SORTS["dropdown" if "minimal" in words else "one"]
        case Kind.GROUP:
            return SORTS["matrix" if "table-list" in words else "group"]
        case _:
            if node.type.lower() in ("image", "photo"):
                return SORTS.get("photo")
            code = _BY_KIND.get(node.kind)
            return SORTS[code] if code else None


def exchangeable(sort: Sort) -> list[Sort]:
    """Give the sorts that a question of this one may become: those that others stand in stay what they are."""
    if sort.nesting:
        return [sort]
    return [other for other in SORTS.values() if not other.nesting]


__all__ = ["SORTS", "YES_NO", "YES_NO_TEXTS", "Bounded", "Sort", "exchangeable", "sort_of"]
