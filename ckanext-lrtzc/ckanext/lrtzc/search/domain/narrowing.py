"""Narrowing a search by place and period: what people type into the form, as the parameters of the search."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from ckanext.lrtzc.translation import mark

Args = list[tuple[str, str]]
SIDES = ("west", "south", "east", "north")
BOX, START, END, COMMUNE = "ext_bbox", "ext_start", "ext_end", "vocab_communes"
_OWN = frozenset({BOX, START, END, COMMUNE})
#: What the form itself sends, and what doesn't hold for another search.
_FORM = frozenset({*SIDES, "start", "end", "commune", "go", "page", "of"})
_LIMITS = {"west": 180.0, "east": 180.0, "south": 90.0, "north": 90.0}

BAD_DATE = mark("Give a date: 31/12/2024, a month 12/2024, or a year 2024.")
BAD_SIDE = mark("Give the four limits in degrees: 180 at most for west and east, 90 for south and north.")
EMPTY = mark("This limit must be greater than the opposite one.")
BACKWARDS = mark("The end is before the beginning.")


@dataclass
class Asked:
    """What stands in the form; `kept` are the parameters of the search that it doesn't speak of."""

    west: str = ""
    south: str = ""
    east: str = ""
    north: str = ""
    start: str = ""
    end: str = ""
    commune: str = ""
    kept: Args = field(default_factory=list)


def asked_by(args: Iterable[tuple[str, str]]) -> Asked:
    """Give what the form shows for the address of a search."""
    found = Asked()
    for name, value in args:
        if name == BOX and value.count(",") == 3:
            found.west, found.south, found.east, found.north = (side.strip() for side in value.split(","))
        elif name == START:
            found.start = value
        elif name == END:
            found.end = value
        elif name == COMMUNE:
            found.commune = value
        elif name in _FORM - {"go", "page", "of"}:
            setattr(found, name, value)
        elif name not in _OWN | _FORM:
            found.kept.append((name, value))
    return found


def search_of(asked: Asked, read_date: Callable[[str], str]) -> tuple[Args, Mapping[str, str]]:
    """Give the parameters of the search that a form asks for, and the errors by field (messages, untranslated).

    :param read_date: gives a date as the search takes it; raises ValueError for what is none.
    """
    errors: dict[str, str] = {}
    found = list(asked.kept)
    if asked.commune:
        found.append((COMMUNE, asked.commune))
    typed = [getattr(asked, side).strip().replace(",", ".") for side in SIDES]
    if any(typed) and (box := _box(typed, errors)):
        found.append((BOX, ",".join(f"{number:.5f}" for number in box)))
    dates: dict[str, str] = {}
    for name in ("start", "end"):
        try:
            dates[name] = read_date(getattr(asked, name))
        except ValueError:
            errors[name] = BAD_DATE
    if not errors and dates["start"] and dates["end"] and dates["end"] < dates["start"][: len(dates["end"])]:
        errors["end"] = BACKWARDS
    found += [(f"ext_{name}", day) for name, day in dates.items() if day]
    return found, errors


def _box(typed: list[str], errors: dict[str, str]) -> list[float] | None:
    numbers = []
    for side, text in zip(SIDES, typed, strict=True):
        try:
            number = float(text)
        except ValueError:
            errors[side] = BAD_SIDE
            continue
        # what is no number at all (NaN) isn't within limits either
        if not -_LIMITS[side] <= number <= _LIMITS[side]:
            errors[side] = BAD_SIDE
            continue
        numbers.append(number)
    if len(numbers) < len(SIDES):
        return None
    west, south, east, north = numbers
    if west >= east:
        errors["east"] = EMPTY
    if south >= north:
        errors["north"] = EMPTY
    return None if errors else numbers
