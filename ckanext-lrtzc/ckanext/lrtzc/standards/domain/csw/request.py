"""A request of a CSW client, by key-value pairs or by XML, read into one shape."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..xml import NS, Node, UnreadableXml, local, read
from .cql import read_cql
from .errors import INVALID, MISSING, NOT_APPLICABLE, NOT_SUPPORTED, VERSION, CswError
from .fes import read_filter
from .query import And, Condition, Property, find_property
from .query import checked_box as box_condition
from .solr import SORTABLE

VERSIONS = ("2.0.2",)
CSW_SCHEMA = NS["csw"]
GMD_SCHEMA = NS["gmd"]
SCHEMAS = (CSW_SCHEMA, GMD_SCHEMA)
ELEMENT_SETS = ("brief", "summary", "full")
XML_FORMATS = ("application/xml", "text/xml")
OPERATIONS = ("GetCapabilities", "DescribeRecord", "GetRecords", "GetRecordById", "GetDomain")
TYPE_NAMES = {"csw:Record", "gmd:MD_Metadata", "Record", "MD_Metadata"}
DEFAULT_RECORDS = 10


@dataclass(frozen=True, slots=True)
class GetCapabilities:
    """Ask what is offered; an empty `sections` asks for all."""

    sections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DescribeRecord:
    """Ask what records look like; type names with prefixes."""

    type_names: tuple[str, ...] = ("csw:Record",)


@dataclass(frozen=True, slots=True)
class Sort:
    """An order: a property and its direction."""

    of: Property
    descending: bool = False


@dataclass(frozen=True, slots=True)
class GetRecords:
    """Ask which records fit; `start` counts from 1; `result` is hits, results or validate."""

    condition: Condition | None = None
    result: str = "hits"
    schema: str = CSW_SCHEMA
    elements: str = "summary"
    start: int = 1
    most: int = DEFAULT_RECORDS
    sort: tuple[Sort, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GetRecordById:
    """These records, by identifier."""

    identifiers: tuple[str, ...]
    schema: str = CSW_SCHEMA
    elements: str = "summary"


@dataclass(frozen=True, slots=True)
class GetDomain:
    """Ask which values a property of the records, or a parameter of an operation, takes."""

    properties: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()


Request = GetCapabilities | DescribeRecord | GetRecords | GetRecordById | GetDomain


@dataclass
class _Values:
    """The parts of a request by their names in lower case, whatever its form."""

    values: dict[str, str] = field(default_factory=dict[str, str])

    def text(self, name: str, default: str = "") -> str:
        return self.values.get(name.lower(), "").strip() or default

    def many(self, name: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.text(name).split(",") if part.strip())

    def needed(self, name: str) -> str:
        found = self.text(name)
        if not found:
            raise CswError(MISSING, name, f"The parameter {name} is missing.")
        return found

    def one_of(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        found = self.text(name, default)
        for one in allowed:
            if one.lower() == found.lower():
                return one
        raise CswError(INVALID, name, f"{name} is one of: {', '.join(allowed)}.")

    def count(self, name: str, default: int, least: int) -> int:
        raw = self.text(name)
        if not raw:
            return default
        if not (raw.isascii() and raw.isdecimal()) or len(raw) > 9 or int(raw) < least:
            raise CswError(INVALID, name, f"{name} is a whole number from {least}.")
        return int(raw)


def from_pairs(pairs: Mapping[str, str]) -> Request:
    """Read a request given by key-value pairs; the names' case is of no matter.

    :raises CswError: for what can't be answered.
    """
    values = _Values({name.lower(): value for name, value in pairs.items()})
    _check_service(values)
    operation = values.needed("request")
    known = next((one for one in OPERATIONS if one.lower() == operation.lower()), None)
    if known is None:
        raise _unknown(operation)
    if known == "GetCapabilities":
        _negotiate(values.many("AcceptVersions"))
        return GetCapabilities(values.many("sections"))
    _check_version(values)
    _check_format(values)
    if known == "DescribeRecord":
        return DescribeRecord(_type_names(values.text("TypeName") or values.text("TypeNames")))
    if known == "GetDomain":
        return _domain(values.many("PropertyName"), values.many("ParameterName"))
    if known == "GetRecordById":
        return GetRecordById(
            _identifiers(values.needed("id").split(",")),
            _schema(values),
            values.one_of("ElementSetName", ELEMENT_SETS, "summary"),
        )
    condition = _constraint_of_pairs(values)
    sort = tuple(_sort(*part.rpartition(":")[::2]) for part in values.many("SortBy"))
    return _get_records(values, condition, sort, values.text("TypeNames", "csw:Record"), values.text("ElementName"))


def from_xml(body: bytes) -> Request:
    """Read a request posted as XML, inside a SOAP envelope or not.

    :raises CswError: for what isn't XML, and for what can't be answered.
    """
    try:
        node = read(body)
    except UnreadableXml as error:
        raise CswError(NOT_APPLICABLE, None, f"The request isn't XML that can be read: {error}") from error
    if local(node) == "Envelope":
        inner = [part for part in node.iter() if isinstance(part.tag, str) and local(part) in OPERATIONS]
        node = inner[0] if inner else node
    operation = local(node)
    values = _Values({name.lower(): value for name, value in node.attrib.items() if not name.startswith("{")})
    _check_service(values)
    if operation == "GetCapabilities":
        _negotiate(tuple(_texts(node, "Version")))
        return GetCapabilities(tuple(_texts(node, "Section")))
    if operation not in OPERATIONS:
        raise _unknown(operation)
    _check_version(values)
    _check_format(values)
    if operation == "DescribeRecord":
        return DescribeRecord(_type_names(",".join(_texts(node, "TypeName"))))
    if operation == "GetDomain":
        return _domain(tuple(_texts(node, "PropertyName")), tuple(_texts(node, "ParameterName")))
    for name in _texts(node, "ElementSetName"):
        values.values["elementsetname"] = name
    if operation == "GetRecordById":
        elements = values.one_of("ElementSetName", ELEMENT_SETS, "summary")
        return GetRecordById(_identifiers(_texts(node, "Id")), _schema(values), elements)
    return _records_of_xml(node, values)


def _records_of_xml(node: Node, values: _Values) -> GetRecords:
    queries = _all(node, "Query")
    if not queries:
        raise CswError(MISSING, "Query", "The request has no csw:Query.")
    query = queries[0]
    condition: Condition | None = None
    for constraint in _all(query, "Constraint"):
        parts = [part for part in constraint if isinstance(part.tag, str)]
        if len(parts) != 1:
            raise CswError(INVALID, "Constraint", "A constraint holds one filter or one CqlText.")
        text = "".join(parts[0].itertext()).strip()
        condition = read_cql(text) if local(parts[0]) == "CqlText" else read_filter(parts[0])
    orders: list[Sort] = []
    for part in _all(query, "SortProperty"):
        direction = (_texts(part, "SortOrder") or ["ASC"])[0]
        orders.append(
            _sort((_texts(part, "PropertyName") or [""])[0], "D" if direction.upper().startswith("D") else "A")
        )
    names = ",".join(_texts(query, "ElementName"))
    return _get_records(values, condition, tuple(orders), query.get("typeNames") or "csw:Record", names)


def _get_records(
    values: _Values, condition: Condition | None, sort: tuple[Sort, ...], type_names: str, names: str
) -> GetRecords:
    _type_names(type_names)
    return GetRecords(
        condition=condition,
        result=values.one_of("resultType", ("hits", "results", "validate"), "hits"),
        schema=_schema(values),
        elements=values.one_of("ElementSetName", ELEMENT_SETS, "full" if names else "summary"),
        start=values.count("startPosition", 1, 1),
        most=values.count("maxRecords", DEFAULT_RECORDS, 0),
        sort=sort,
        names=tuple(part.strip().rpartition(":")[2] for part in names.replace("/", "").split(",") if part.strip()),
    )


def _constraint_of_pairs(values: _Values) -> Condition | None:
    found: list[Condition] = []
    raw = values.text("Constraint")
    if raw:
        language = values.one_of(
            "ConstraintLanguage", ("CQL_TEXT", "FILTER"), "FILTER" if raw[0] == "<" else "CQL_TEXT"
        )
        found.append(read_cql(raw) if language == "CQL_TEXT" else _filter_of(raw))
    box = values.many("bbox")
    if box:
        try:
            corners = [float(corner) for corner in box[:4]]
        except ValueError as error:
            raise CswError(INVALID, "bbox", "bbox is west, south, east, north in degrees.") from error
        if len(corners) != 4:
            raise CswError(INVALID, "bbox", "bbox is west, south, east, north in degrees.")
        found.append(box_condition(*corners))
    words = values.text("q")
    if words:
        found.append(
            read_cql("AnyText LIKE '%{}%'".format(words.replace("'", "''").replace("\\", "").replace("%", "")))
        )
    if not found:
        return None
    return found[0] if len(found) == 1 else And(tuple(found))


def _filter_of(raw: str) -> Condition:
    try:
        return read_filter(read(raw.encode()))
    except UnreadableXml as error:
        raise CswError(INVALID, "Constraint", f"The filter isn't XML that can be read: {error}") from error


def _check_service(values: _Values) -> None:
    service = values.needed("service")
    if service.upper() != "CSW":
        raise CswError(INVALID, "service", "The service here is CSW.")


def _check_version(values: _Values) -> None:
    version = values.needed("version")
    if version not in VERSIONS:
        raise CswError(INVALID, "version", f"The version here is {VERSIONS[0]}.")


def _negotiate(accepted: tuple[str, ...]) -> None:
    if accepted and not set(accepted) & set(VERSIONS):
        raise CswError(VERSION, "AcceptVersions", f"The version here is {VERSIONS[0]}.")


def _check_format(values: _Values) -> None:
    wanted = values.text("outputFormat", XML_FORMATS[0]).split(";")[0].strip()
    if wanted not in XML_FORMATS:
        raise CswError(INVALID, "outputFormat", f"outputFormat is {XML_FORMATS[0]}.")


def _unknown(operation: str) -> CswError:
    return CswError(NOT_SUPPORTED, "request", f"The operation “{operation[:60]}” isn't offered here.")


def _schema(values: _Values) -> str:
    found = values.text("outputSchema", CSW_SCHEMA)
    if found.lower() in {"csw:record", "ogccore", "http://www.opengis.net/cat/csw/2.0.2/"}:
        return CSW_SCHEMA
    if found not in SCHEMAS:
        raise CswError(INVALID, "outputSchema", f"outputSchema is one of: {', '.join(SCHEMAS)}.")
    return found


def _type_names(raw: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in raw.replace(" ", ",").split(",") if part.strip())
    for name in found:
        if name not in TYPE_NAMES:
            raise CswError(INVALID, "typeNames", "Records here are csw:Record or gmd:MD_Metadata.")
    return found or ("csw:Record", "gmd:MD_Metadata")


def _identifiers(raw: list[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(one.strip() for one in raw if one.strip()))
    if not found:
        raise CswError(MISSING, "id", "The parameter id is missing.")
    if len(found) > 100 or any(len(one) > 300 for one in found):
        raise CswError(INVALID, "id", "At most 100 identifiers can be asked at once.")
    return found


def _domain(properties: tuple[str, ...], parameters: tuple[str, ...]) -> GetDomain:
    if not properties and not parameters:
        raise CswError(MISSING, "PropertyName", "GetDomain wants a PropertyName or a ParameterName.")
    return GetDomain(properties[:20], parameters[:20])


def _sort(name: str, direction: str) -> Sort:
    if not name:
        name, direction = direction, "A"
    found = find_property(name)
    if found not in SORTABLE:
        raise CswError(INVALID, "SortBy", f"Records can be sorted by: {', '.join(SORTABLE)}.")
    return Sort(found, direction.upper().startswith("D"))


def _all(node: Node, name: str) -> list[Node]:
    return [part for part in node.iter() if isinstance(part.tag, str) and local(part) == name]


def _texts(node: Node, name: str) -> list[str]:
    return [text for part in _all(node, name) if (text := "".join(part.itertext()).strip())]
