"""From what a person wrote to the value of a question, and from the value to the text that is kept."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from . import places
from .definition import Choice, Definition, Node
from .faults import Refusal
from .instances import without_places
from .kinds import METADATA, Kind
from .values import as_text

LONGEST = 10_000
"""Characters of a text that is answered."""
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_FRENCH_DAY = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")


class TypeRefused(ValueError):
    """What was written isn't of the question's type."""

    def __init__(self, code: str, **params: Any):
        self.refusal = Refusal(code, params)
        super().__init__(code)


def typed(node: Node, given: Sequence[str], choices: Sequence[Choice]) -> Any:
    """Give the value of what was written; an empty text where nothing was.

    :raises TypeRefused: where it isn't of the question's type
    """
    if not given:
        return ""
    if node.kind is Kind.MANY:
        names = [name for text in given for name in text.split()]
        known = [choice.name for choice in choices]
        if any(name not in known for name in names):
            raise TypeRefused("not_choice")
        # in the order of the list, each once, however they were sent
        return " ".join(name for name in known if name in names)
    if len(given) > 1:
        raise TypeRefused("too_many_choices")
    text = _UNSEEN.sub("", unicodedata.normalize("NFC", given[0])).replace("\r\n", "\n").strip()
    if len(text) > LONGEST and node.kind not in (Kind.LINE, Kind.AREA):
        raise TypeRefused("too_long_text", most=LONGEST)
    if not text:
        return ""
    match node.kind:
        case Kind.INTEGER:
            return _integer(text)
        case Kind.DECIMAL:
            return _decimal(text)
        case Kind.RANGE:
            return _within(node, _decimal(text))
        case Kind.ONE:
            if text not in [choice.name for choice in choices]:
                raise TypeRefused("not_choice")
            return text
        case Kind.DATE:
            return _day(text)
        case Kind.TIME:
            return _hour(text)
        case Kind.DATETIME:
            return _instant(text)
        case Kind.POINT | Kind.LINE | Kind.AREA:
            return _place(node.kind, text)
        case Kind.TICK:
            return "OK" if text.lower() in ("ok", "true", "1", "yes", "on") else ""
        case _:
            return text


def _integer(text: str) -> int:
    plain = re.sub(r"[\s\u00a0\u202f]", "", text)
    if not re.fullmatch(r"[-+]?[0-9]+", plain):
        raise TypeRefused("not_integer")
    # as many digits as the column holds (int8)
    if len(plain.lstrip("-+0")) > 18:
        raise TypeRefused("too_large_number")
    return int(plain)


def _decimal(text: str) -> float:
    plain = re.sub(r"[\s\u00a0\u202f]", "", text).replace(",", ".")
    if not re.fullmatch(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?", plain):
        raise TypeRefused("not_number")
    found = float(plain)
    if not math.isfinite(found) or abs(found) > 1e30:
        raise TypeRefused("too_large_number")
    return found


def _within(node: Node, value: float) -> float:
    scale = node.scale
    if scale is not None:
        steps = (value - scale.start) / scale.step
        if not scale.start <= value <= scale.end or abs(steps - round(steps)) > 1e-6:
            least, most, step = (as_text(each) for each in (scale.start, scale.end, scale.step))
            raise TypeRefused("out_of_range", least=least, most=most, step=step)
    return value


def _day(text: str) -> dt.date:
    french = _FRENCH_DAY.fullmatch(text)
    try:
        if french:
            return dt.date(int(french[3]), int(french[2]), int(french[1]))
        return dt.date.fromisoformat(text[:10]) if re.fullmatch(r"\d{4}-\d\d-\d\d(T.*)?", text) else _no("not_date")
    except ValueError as error:
        raise TypeRefused("not_date") from error


def _no(code: str) -> Any:
    raise TypeRefused(code)


def _hour(text: str) -> dt.time:
    try:
        return dt.time.fromisoformat(text.lower().replace("h", ":").rstrip(":") if len(text) < 9 else text).replace(
            tzinfo=None
        )
    except ValueError as error:
        raise TypeRefused("not_time") from error


def _instant(text: str) -> dt.datetime:
    french = re.fullmatch(r"(\d{1,2}[/.]\d{1,2}[/.]\d{4})\s+(?:à\s+)?(\d{1,2}[:h]\d\d)", text)
    if french:
        return dt.datetime.combine(_day(french[1]), _hour(french[2].zfill(5)))
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError as error:
        raise TypeRefused("not_datetime") from error


def moments(definition: Definition, noted: Mapping[str, str]) -> dict[str, dt.datetime]:
    """Give what a telephone noted of when a form was filled in; what can't be read as a moment is left out."""
    kinds = {node.key: node.kind for node in definition.questions() if node.kind in METADATA}
    found: dict[str, dt.datetime] = {}
    for key, text in noted.items():
        kind = kinds.get(without_places(key))
        try:
            if kind is Kind.TODAY:
                found[key] = dt.datetime.combine(_day(text), dt.time())
            elif kind is not None:
                found[key] = _instant(text).replace(microsecond=0)
        except TypeRefused:
            continue
    return found


def _place(kind: Kind, text: str) -> str:
    try:
        match kind:
            case Kind.POINT:
                return places.written([places.point(text)])
            case Kind.LINE:
                return places.written(places.line(text))
            case _:
                return places.written(places.area(text))
    except places.PlaceError as error:
        raise TypeRefused(error.code, **({"most": places.POINTS} if error.code == "too_many_points" else {})) from error


def as_written(node: Node, value: Any) -> str:
    """Write a value as it is kept: a question's as it was understood, a computed one bounded like a text."""
    if node.kind is Kind.TIME and isinstance(value, dt.time):
        return value.isoformat(timespec="minutes" if not value.second else "seconds")
    return as_text(value)[: LONGEST if node.kind not in (Kind.LINE, Kind.AREA) else None]
