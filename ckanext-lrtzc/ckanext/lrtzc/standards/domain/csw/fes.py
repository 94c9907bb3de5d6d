"""OGC Filter Encoding 1.1.0 and 1.0.0 (OGC 04-095) read into a tree."""

import math

from ..xml import Node, local
from .errors import INVALID, CswError
from .query import (
    MOST_CONDITIONS,
    MOST_LEVELS,
    And,
    Between,
    Compare,
    Condition,
    IsNull,
    Like,
    Not,
    Or,
    Property,
    checked_box,
    find_property,
    pattern,
)

_COMPARISONS = {
    "PropertyIsEqualTo": "=",
    "PropertyIsNotEqualTo": "!=",
    "PropertyIsLessThan": "<",
    "PropertyIsLessThanOrEqualTo": "<=",
    "PropertyIsLessThanEqualTo": "<=",
    "PropertyIsGreaterThan": ">",
    "PropertyIsGreaterThanOrEqualTo": ">=",
    "PropertyIsGreaterThanEqualTo": ">=",
}
_SPATIAL = {"BBOX", "Intersects"}


def read_filter(node: Node) -> Condition:
    """Read an element `ogc:Filter`.

    :raises CswError: for what isn't a filter, or asks for what isn't offered.
    """
    if local(node) != "Filter":
        raise CswError(INVALID, "Constraint", "An ogc:Filter is wanted.")
    if sum(1 for _ in node.iter()) > MOST_CONDITIONS * 4:
        raise CswError(INVALID, "Constraint", "The filter has too many conditions.")
    parts = [child for child in node if isinstance(child.tag, str)]
    identifiers = [child for child in parts if local(child) in {"FeatureId", "GmlObjectId"}]
    if identifiers:
        wanted = [next(iter(one.attrib.values()), "") for one in identifiers]
        return Or(tuple(Compare(Property.IDENTIFIER, "=", one) for one in wanted))
    if len(parts) != 1:
        raise CswError(INVALID, "Constraint", "A filter has exactly one condition at its top.")
    return _condition(parts[0], 0)


def _condition(node: Node, level: int) -> Condition:
    if level > MOST_LEVELS:
        raise CswError(INVALID, "Constraint", "The filter is nested too deeply.")
    name = local(node)
    children = [child for child in node if isinstance(child.tag, str)]
    if name in {"And", "Or"}:
        if not children:
            raise CswError(INVALID, "Constraint", f"{name} has no condition.")
        parts = tuple(_condition(child, level + 1) for child in children)
        return And(parts) if name == "And" else Or(parts)
    if name == "Not":
        if len(children) != 1:
            raise CswError(INVALID, "Constraint", "Not takes one condition.")
        return Not(_condition(children[0], level + 1))
    if name in _COMPARISONS:
        return Compare(_property(node), _COMPARISONS[name], _value(node, "Literal"))
    if name == "PropertyIsLike":
        wild, single = node.get("wildCard", "%"), node.get("singleChar", "_")
        escape = node.get("escapeChar") or node.get("escape") or "\\"
        return Like(_property(node), pattern(_value(node, "Literal"), wild, single, escape))
    if name == "PropertyIsBetween":
        lower, upper = (_value(_child(node, bound), "Literal") for bound in ("LowerBoundary", "UpperBoundary"))
        return Between(_property(node), lower, upper)
    if name == "PropertyIsNull":
        return IsNull(_property(node))
    if name in _SPATIAL:
        return _box(node)
    raise CswError(INVALID, "Constraint", f"The operator “{name}” isn't offered here.")


def _child(node: Node, *names: str) -> Node:
    for child in node:
        if isinstance(child.tag, str) and local(child) in names:
            return child
    raise CswError(INVALID, "Constraint", f"{local(node)} wants {' or '.join(names)}.")


def _property(node: Node) -> Property:
    return find_property(_value(node, "PropertyName"))


def _value(node: Node, name: str) -> str:
    found = "".join(_child(node, name).itertext()).strip()
    if not found:
        raise CswError(INVALID, "Constraint", f"{name} is empty.")
    if len(found) > 1000:
        raise CswError(INVALID, "Constraint", f"{name} is too long.")
    return found


def _box(node: Node) -> Condition:
    shape = _child(node, "Envelope", "Box", "Point")
    corners: list[float] = []
    for part in shape.iter():
        if isinstance(part.tag, str) and local(part) in {"lowerCorner", "upperCorner", "coordinates", "pos"}:
            for raw in (part.text or "").replace(",", " ").split():
                corners.append(_number(raw))
    if local(shape) == "Point":
        corners = corners * 2
    if len(corners) != 4:
        raise CswError(INVALID, "Constraint", "A box has two corners of two numbers.")
    first, second, third, fourth = corners
    if _latitude_first(shape.get("srsName", "")):
        return checked_box(second, first, fourth, third)
    return checked_box(first, second, third, fourth)


def _latitude_first(system: str) -> bool:
    """Say whether the reference system, named as a URN or an address, puts latitude first (OGC 07-092r3)."""
    return "4326" in system and (system.startswith("urn:") or "opengis.net/def/crs" in system)


def _number(raw: str) -> float:
    try:
        number = float(raw)
    except ValueError as error:
        raise CswError(INVALID, "Constraint", f"“{raw[:40]}” isn't a coordinate.") from error
    if not math.isfinite(number):
        raise CswError(INVALID, "Constraint", f"“{raw[:40]}” isn't a coordinate.")
    return number
