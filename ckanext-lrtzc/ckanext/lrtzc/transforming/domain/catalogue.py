"""The catalogue of steps: what each kind is told, and what may be asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ckanext.lrtzc.tabular.domain.filters import Operator

from .units import UNITS

MOST_STEPS = 50
"""Steps of one file."""
MOST_COLUMNS = 1_597
"""PostgreSQL allows 1,600 columns in a table; the portal adds three."""
MOST_PAIRS = 1_000
MOST_PARTS = 20
LONGEST_VALUE = 300
LONGEST_EXPRESSION = 2_000
_UNSTORABLE = re.compile("[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


class Kind(StrEnum):
    """What a step does."""

    SELECT = "select"
    DROP = "drop"
    RENAME = "rename"
    CAST = "cast"
    FILTER = "filter"
    NORMALISE = "normalise"
    REPLACE = "replace"
    SPLIT = "split"
    JOIN = "join"
    CONVERT = "convert"
    REPROJECT = "reproject"
    GEOCODE = "geocode"
    AGGREGATE = "aggregate"
    LOOKUP = "lookup"
    COMPUTE = "compute"


class Form(StrEnum):
    """How a parameter is given: existing columns, new names, a text, one of a few, a number from 0 to 1."""

    COLUMN = "column"
    COLUMNS = "columns"
    NAME = "name"
    NAMES = "names"
    TEXT = "text"
    CHOICE = "choice"
    VALUES = "values"
    PAIRS = "pairs"
    ROLES = "roles"
    SHARE = "share"


class Role(StrEnum):
    """What becomes of a column when rows are put together: it tells groups apart, or is counted together in each."""

    GROUP = "group"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    SUM = "sum"
    MEAN = "mean"
    MIN = "min"
    MAX = "max"


OPERATORS = (*(each.value for each in Operator if each is not Operator.EMPTY), "empty", "filled")
GROUPING = (Role.GROUP, Role.DAY, Role.MONTH, Role.YEAR)
TYPES = ("text", "int8", "numeric", "float8", "bool", "date", "timestamp")
# EPSG codes used in France, and those of devices and web maps.
SYSTEMS = (
    "2154", "27572", "3942", "3943", "3944", "3945", "3946", "3947", "3948", "3949", "3950", "32630", "32631", "32632",
    "4171", "4258", "3857", "2970", "5490", "2972", "2975", "4467",
)  # fmt: skip


@dataclass(frozen=True)
class Param:
    """A parameter: `choices` of one that is chosen (the first is usual); `optional` where nothing may be given.

    `usual`: what stands where nothing is given for a number.
    """

    name: str
    form: Form
    choices: tuple[str, ...] = ()
    optional: bool = False
    usual: float = 0.0


CATALOGUE: Mapping[Kind, tuple[Param, ...]] = {
    Kind.SELECT: (Param("columns", Form.COLUMNS),),
    Kind.DROP: (Param("columns", Form.COLUMNS),),
    Kind.RENAME: (Param("column", Form.COLUMN), Param("to", Form.NAME)),
    Kind.CAST: (Param("column", Form.COLUMN), Param("type", Form.CHOICE, TYPES)),
    Kind.FILTER: (
        Param("column", Form.COLUMN),
        Param("operator", Form.CHOICE, OPERATORS),
        Param("values", Form.VALUES, optional=True),
        Param("then", Form.CHOICE, ("keep", "leave_out")),
    ),
    Kind.NORMALISE: (
        Param("columns", Form.COLUMNS, optional=True),
        Param("case", Form.CHOICE, ("as_is", "lower", "upper", "title")),
        Param("accents", Form.CHOICE, ("as_is", "without")),
    ),
    Kind.REPLACE: (
        Param("column", Form.COLUMN),
        Param("pairs", Form.PAIRS),
        Param("where", Form.CHOICE, ("whole", "part")),
    ),
    Kind.SPLIT: (Param("column", Form.COLUMN), Param("separator", Form.TEXT), Param("names", Form.NAMES)),
    Kind.JOIN: (
        Param("columns", Form.COLUMNS),
        Param("separator", Form.TEXT, optional=True),
        Param("into", Form.NAME),
    ),
    Kind.CONVERT: (
        Param("column", Form.COLUMN),
        Param("from", Form.CHOICE, tuple(UNITS)),
        Param("to", Form.CHOICE, tuple(UNITS)),
    ),
    Kind.REPROJECT: (
        Param("x", Form.COLUMN),
        Param("y", Form.COLUMN),
        Param("crs", Form.CHOICE, SYSTEMS),
        Param("longitude", Form.NAME),
        Param("latitude", Form.NAME),
    ),
    Kind.GEOCODE: (
        Param("columns", Form.COLUMNS),
        Param("city", Form.COLUMN, optional=True),
        Param("postcode", Form.COLUMN, optional=True),
        Param("citycode", Form.COLUMN, optional=True),
        Param("minimum", Form.SHARE, usual=0.5),
        Param("longitude", Form.NAME),
        Param("latitude", Form.NAME),
        Param("score", Form.NAME, optional=True),
        Param("label", Form.NAME, optional=True),
    ),
    Kind.AGGREGATE: (Param("roles", Form.ROLES), Param("count", Form.NAME, optional=True)),
    Kind.LOOKUP: (
        Param("column", Form.COLUMN),
        Param("resource", Form.TEXT),
        Param("match", Form.TEXT),
        Param("take", Form.TEXT),
        Param("into", Form.NAME),
    ),
    Kind.COMPUTE: (Param("into", Form.NAME), Param("expression", Form.TEXT)),
}  # fmt: skip


class StepError(ValueError):
    """A step can't be kept: `field` names what is wrong of it, `code` says why, `found` the part at fault."""

    def __init__(self, field: str, code: str, found: str = ""):
        self.field, self.code, self.found = field, code, found
        super().__init__(f"{field}: {code} {found}")


@dataclass(frozen=True)
class Step:
    """One step: its kind, and its parameters as JSON can hold them."""

    kind: Kind
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def as_dict(self) -> dict[str, Any]:
        """Give a form that JSON can hold; `step_of` reads it back."""
        return {"kind": self.kind.value, "params": dict(self.params)}


def new_name(value: Any) -> str:
    """Give the name of a column as the DataStore accepts it. Raises ValueError."""
    name = str(value).strip() if isinstance(value, str) else ""
    if not name or name.startswith("_") or '"' in name or _UNSTORABLE.search(name) or len(name.encode()) > 63:
        raise ValueError("bad_name")
    return name


def _text(value: Any) -> str:
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        raise ValueError("not_text")
    text = str(value)
    if len(text) > LONGEST_EXPRESSION or re.search("[\x00\ud800-\udfff]", text):
        raise ValueError("not_text")
    return text


def _value(value: Any) -> str:
    text = _text(value)
    if len(text) > LONGEST_VALUE:
        raise ValueError("too_long")
    return text


def _list(value: Any, most: int) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise ValueError("not_a_list")
    if len(value) > most:
        raise ValueError("too_many")
    return list(value)


def _pairs(value: Any) -> list[list[str]]:
    found: list[list[str]] = []
    for pair in _list(value, MOST_PAIRS):
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise ValueError("not_a_pair")
        found.append([_value(pair[0]), _value(pair[1])])
    return found


def _roles(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise ValueError("not_a_list")
    if len(value) > MOST_COLUMNS:
        raise ValueError("too_many")
    roles = {_text(name): Role(role).value for name, role in value.items() if role}
    if not any(role in GROUPING for role in roles.values()):
        raise ValueError("no_group")
    return roles


def _share(value: Any) -> float:
    """Read a number from 0 to 1, with a point or a comma. Raises ValueError."""
    text = _text(value).strip().replace(",", ".")
    if not re.fullmatch(r"[0-9]{0,3}(\.[0-9]{1,15})?", text) or not text or float(text) > 1:
        raise ValueError("not_a_share")
    return float(text)


def _read(param: Param, value: Any) -> Any:
    """Give a parameter as it is kept. Raises ValueError with a code."""
    if param.form is Form.SHARE:
        return param.usual if value in (None, "") else _share(value)
    if value in (None, "", [], {}) and param.form is not Form.CHOICE:
        if param.optional:
            return [] if param.form in (Form.COLUMNS, Form.VALUES) else ""
        raise ValueError("empty")
    match param.form:
        case Form.COLUMN:
            return _text(value)
        case Form.COLUMNS:
            return list(dict.fromkeys(_text(each) for each in _list(value, MOST_COLUMNS)))
        case Form.NAME:
            return new_name(value)
        case Form.NAMES:
            names = [new_name(each) for each in _list(value, MOST_PARTS)]
            if len(set(names)) < len(names):
                raise ValueError("twice")
            return names
        case Form.TEXT:
            return _text(value)
        case Form.CHOICE:
            chosen = str(value or param.choices[0])
            if chosen not in param.choices:
                raise ValueError("not_a_choice")
            return chosen
        case Form.VALUES:
            return [_value(each) for each in _list(value, 200)]
        case Form.PAIRS:
            return _pairs(value)
        case Form.ROLES:
            return _roles(value)


def step_of(asked: Any) -> Step:
    """Read a step as it is sent or kept: `kind` and `params`. Raises StepError.

    Whether the columns are there is known only of a table; what its kind says more is checked when it is prepared.
    """
    if not isinstance(asked, Mapping):
        raise StepError("kind", "not_a_step")
    try:
        kind = Kind(str(asked.get("kind")))
    except ValueError as error:
        raise StepError("kind", "no_such_kind") from error
    given: Any = asked.get("params") or {}
    if not isinstance(given, Mapping):
        raise StepError("kind", "not_a_step")
    params: dict[str, Any] = {}
    for param in CATALOGUE[kind]:
        try:
            params[param.name] = _read(param, given.get(param.name))
        except ValueError as error:
            code = str(error)
            raise StepError(param.name, code if code.replace("_", "").isalpha() else "not_a_choice") from error
    return Step(kind, params)


def steps_of(asked: Any) -> list[Step]:
    """Read a list of steps. Raises StepError."""
    try:
        return [step_of(each) for each in _list(asked, MOST_STEPS)]
    except ValueError as error:
        if isinstance(error, StepError):
            raise
        raise StepError("steps", str(error)) from error
