"""A filter's tree as a query of the search index (Solr's standard syntax), every value quoted or escaped."""

import re
from datetime import UTC, datetime, timedelta

from ..values import moment
from .errors import INVALID, CswError
from .query import And, Between, Compare, Condition, Intersects, IsNull, Like, Not, Or, Property

# Fields of CKAN's schema: exact texts, and texts with French analysis.
_EXACT = {
    Property.TITLE: "title_string",
    Property.SUBJECT: "tags",
    Property.IDENTIFIER: "id",
    Property.FORMAT: "res_format",
    Property.RIGHTS: "license_id",
}
_WORDS = {
    Property.ANY_TEXT: "text",
    Property.TITLE: "title",
    Property.ABSTRACT: "notes",
}
_DATES = {Property.MODIFIED: "metadata_modified", Property.CREATED: "metadata_created"}
_SPECIAL = re.compile(r'([+\-!(){}\[\]^"~*?:\\/&|<>=,;@#$%\s])')
NOTHING = "(*:* -*:*)"
EVERYTHING = "*:*"
SORTABLE = {
    Property.TITLE: "title_string",
    Property.IDENTIFIER: "id",
    Property.MODIFIED: "metadata_modified",
    Property.CREATED: "metadata_created",
}


def query(condition: Condition) -> str:
    """Give the query of a condition.

    :raises CswError: where an operator makes no sense for a property.
    """
    match condition:
        case And(parts):
            return "(" + " AND ".join(query(part) for part in parts) + ")"
        case Or(parts):
            return "(" + " OR ".join(query(part) for part in parts) + ")"
        case Not(part):
            return f"(*:* NOT {query(part)})"
        case Intersects(west, south, east, north):
            return f'spatial_geom:["{south:f},{west:f}" TO "{north:f},{east:f}"]'
        case IsNull(of):
            return _null(of)
        case Between(of, lower, upper):
            return f"{_date_field(of)}:[{_instant(lower)} TO {_instant(upper, end=True)}]"
        case Like(of, pattern):
            return _like(of, pattern)
        case Compare(of, operator, value):
            return _compare(of, operator, value)


def quoted(value: str) -> str:
    """Give a value as a phrase that Solr takes literally."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _date_field(of: Property) -> str:
    if of not in _DATES:
        raise CswError(INVALID, "Constraint", f"“{of}” isn't a date: less, greater and between can't be asked of it.")
    return _DATES[of]


def _instant(value: str, *, end: bool = False) -> str:
    found = moment(value)
    if not found:
        raise CswError(INVALID, "Constraint", f"“{value[:40]}” isn't a date (ISO 8601).")
    year, month, exact_day = (found + "-01-01")[:4], found[5:7] or "01", found[8:10] or "01"
    if len(found) > 10:
        return datetime.fromisoformat(found).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    begin = datetime(int(year), int(month), int(exact_day), tzinfo=UTC)
    if not end:
        return begin.strftime("%Y-%m-%dT00:00:00Z").rjust(20, "0")
    return _last_second(begin, len(found)).strftime("%Y-%m-%dT%H:%M:%S.999Z").rjust(24, "0")


def _last_second(begin: datetime, written: int) -> datetime:
    """Give the last second of the year, month or day that was written with so many characters."""
    try:
        if written == 4:
            return begin.replace(month=12, day=31, hour=23, minute=59, second=59)
        if written == 7:
            following = (begin + timedelta(days=32)).replace(day=1)
            return following - timedelta(seconds=1)
        return begin.replace(hour=23, minute=59, second=59)
    except OverflowError:
        return datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def _null(of: Property) -> str:
    if of in {Property.TYPE, Property.ANY_TEXT}:
        return NOTHING
    if of == Property.BOX:
        return "(*:* NOT spatial_geom:[* TO *])"
    field = _DATES.get(of) or _WORDS.get(of) or _EXACT.get(of) or "organization"
    return f"(*:* NOT {field}:[* TO *])"


def _compare(of: Property, operator: str, value: str) -> str:
    if of == Property.BOX:
        raise CswError(INVALID, "Constraint", "Ask the box by a spatial operator.")
    if of in _DATES:
        return _compare_date(_DATES[of], operator, value)
    if operator not in {"=", "!="}:
        _date_field(of)
    equal = _equal(of, value)
    return equal if operator == "=" else f"(*:* NOT {equal})"


def _compare_date(field: str, operator: str, value: str) -> str:
    start, end = _instant(value), _instant(value, end=True)
    match operator:
        case "<":
            return f"{field}:[* TO {start}}}"
        case "<=":
            return f"{field}:[* TO {end}]"
        case ">":
            return f"{field}:{{{end} TO *]"
        case ">=":
            return f"{field}:[{start} TO *]"
        case "!=":
            return f"(*:* NOT {field}:[{start} TO {end}])"
        case _:
            return f"{field}:[{start} TO {end}]"


def _equal(of: Property, value: str) -> str:
    if of == Property.TYPE:
        known = {"dataset", "http://purl.org/dc/dcmitype/dataset", "nongeographicdataset"}
        return EVERYTHING if value.strip().lower() in known else NOTHING
    if of == Property.PUBLISHER:
        return f"(organization:{quoted(value)} OR text:{quoted(value)})"
    if of == Property.IDENTIFIER:
        return f"(id:{quoted(value)} OR name:{quoted(value)})"
    if of in _EXACT:
        return f"{_EXACT[of]}:{quoted(value)}"
    return f"{_WORDS[of]}:{quoted(value)}"


def _like(of: Property, pattern: str) -> str:
    if of == Property.TYPE:
        return EVERYTHING if _glob(pattern).fullmatch("dataset") else NOTHING
    if of in _DATES or of == Property.BOX:
        raise CswError(INVALID, "Constraint", f"“{of}” can't be matched with a pattern.")
    if of in _WORDS or of == Property.PUBLISHER:
        return _like_words(_WORDS.get(of, "text"), pattern)
    return f"{_EXACT[of]}:{_escaped(pattern)}"


def _like_words(field: str, pattern: str) -> str:
    """Match word by word: each as French analysis understands it, or inside a longer word where the pattern says so."""
    words = [word for word in re.split(r"(?<!\\)\s+", pattern.strip()) if word.strip("*?")]
    if not words:
        return EVERYTHING
    found: list[str] = []
    for position, word in enumerate(words):
        bare = re.sub(r"\\(.)", r"\1", word.strip("*"))
        opened = word.startswith("*") and position == 0
        closed = word.endswith("*") and position == len(words) - 1
        inside = f"{'*' if opened else ''}{_escaped(word.strip('*'))}{'*' if closed else ''}"
        found.append(f"({field}:{quoted(bare)} OR {field}:{inside})")
    return "(" + " AND ".join(found) + ")"


def _escaped(pattern: str) -> str:
    r"""Give a pattern with `*` and `?` as wildcards and the rest taken literally (`\` marks literal wildcards)."""
    written: list[str] = []
    literal = False
    for character in pattern:
        if literal:
            written.append("\\" + character)
            literal = False
        elif character == "\\":
            literal = True
        elif character in "*?":
            written.append(character)
        else:
            written.append(_SPECIAL.sub(r"\\\1", character))
    return "".join(written) or "*"


def _glob(pattern: str) -> re.Pattern[str]:
    parts = [".*" if one == "*" else "." if one == "?" else re.escape(one) for one in pattern.replace("\\", "")]
    return re.compile("".join(parts), re.IGNORECASE)
