"""The answers of the service as XML."""

from datetime import UTC, datetime

from ..site import Site
from ..xml import NS, Node, fill, make, root, write
from .errors import CswError
from .request import (
    CSW_SCHEMA,
    ELEMENT_SETS,
    OPERATIONS,
    SCHEMAS,
    VERSIONS,
    XML_FORMATS,
    DescribeRecord,
    GetCapabilities,
    GetRecords,
)

_SCHEMA_ADDRESS = "http://schemas.opengis.net/csw/2.0.2/"
_COMPARISONS = (
    "EqualTo",
    "NotEqualTo",
    "LessThan",
    "LessThanEqualTo",
    "GreaterThan",
    "GreaterThanEqualTo",
    "Like",
    "Between",
    "NullCheck",
)
SUPPORTED_QUERYABLES = (
    "dc:title",
    "dct:abstract",
    "dc:subject",
    "dc:identifier",
    "dc:type",
    "dc:format",
    "dct:modified",
    "dc:publisher",
    "dc:rights",
    "csw:AnyText",
    "ows:BoundingBox",
)


def report(error: CswError) -> bytes:
    """Give an error as an `ows:ExceptionReport`."""
    document = root("ows:ExceptionReport", "ows", "xsi")
    document.set("version", "1.2.0")
    exception = make("ows:Exception", exceptionCode=error.code, locator=error.locator)
    return write(fill(document, [fill(exception, [make("ows:ExceptionText", error.message)])]))


def capabilities(request: GetCapabilities, site: Site, endpoint: str, most_records: int) -> bytes:
    """Give the capabilities; `endpoint` is the service's address."""
    document = root("csw:Capabilities", "csw", "ows", "ogc", "gml", "xlink", "xsi")
    document.set("version", VERSIONS[0])
    sections = {
        "ServiceIdentification": lambda: _identification(site),
        "ServiceProvider": lambda: _provider(site),
        "OperationsMetadata": lambda: _operations(endpoint, most_records),
    }
    wanted = {one.lower() for one in request.sections}
    chosen = [
        make_it() for name, make_it in sections.items() if not wanted or "all" in wanted or name.lower() in wanted
    ]
    return write(fill(document, [*chosen, _filter_capabilities()]))


def _identification(site: Site) -> Node:
    return make(
        "ows:ServiceIdentification",
        make("ows:Title", site.title),
        make("ows:Abstract", site.description or site.title),
        make("ows:Keywords", [make("ows:Keyword", one) for one in site.axes.values()]) if site.axes else None,
        make("ows:ServiceType", "CSW"),
        make("ows:ServiceTypeVersion", VERSIONS[0]),
        make("ows:Fees", "NONE"),
        make("ows:AccessConstraints", "NONE"),
    )


def _provider(site: Site) -> Node:
    address = make("ows:Address", make("ows:ElectronicMailAddress", site.email)) if site.email else None
    contact = make(
        "ows:ServiceContact",
        make("ows:IndividualName", site.publisher or site.title),
        make("ows:ContactInfo", address, make("ows:OnlineResource", xlink__href=site.url, xlink__type="simple")),
        make("ows:Role", "pointOfContact"),
    )
    return make(
        "ows:ServiceProvider",
        make("ows:ProviderName", site.publisher or site.title),
        make("ows:ProviderSite", xlink__href=site.url, xlink__type="simple"),
        contact,
    )


def _values(kind: str, name: str, values: tuple[str, ...]) -> Node:
    return fill(make(f"ows:{kind}", name=name), [make("ows:Value", one) for one in values])


def _operations(endpoint: str, most_records: int) -> Node:
    schemas = _values("Parameter", "outputSchema", SCHEMAS)
    formats = _values("Parameter", "outputFormat", XML_FORMATS)
    elements = _values("Parameter", "ElementSetName", ELEMENT_SETS)
    parameters: dict[str, list[Node]] = {
        "GetCapabilities": [
            _values(
                "Parameter",
                "sections",
                ("ServiceIdentification", "ServiceProvider", "OperationsMetadata", "Filter_Capabilities"),
            )
        ],
        "DescribeRecord": [_values("Parameter", "typeName", ("csw:Record", "gmd:MD_Metadata")), formats],
        "GetRecords": [
            _values("Parameter", "typeNames", ("csw:Record", "gmd:MD_Metadata")),
            formats,
            schemas,
            _values("Parameter", "resultType", ("hits", "results", "validate")),
            elements,
            _values("Parameter", "CONSTRAINTLANGUAGE", ("CQL_TEXT", "FILTER")),
            _values("Constraint", "SupportedDublinCoreQueryables", SUPPORTED_QUERYABLES),
        ],
        "GetRecordById": [formats, schemas, elements],
        "GetDomain": [_values("Parameter", "ParameterName", tuple(f"GetRecords.{one}" for one in DOMAINS))],
    }
    operations = [_operation(name, endpoint, parameters[name]) for name in OPERATIONS]
    return make(
        "ows:OperationsMetadata",
        operations,
        _values("Parameter", "service", ("CSW",)),
        _values("Parameter", "version", VERSIONS),
        _values("Constraint", "MaxRecordDefault", (str(most_records),)),
        _values("Constraint", "PostEncoding", ("XML", "SOAP")),
        _values("Constraint", "XPathQueryables", ("allowed",)),
    )


def _operation(name: str, endpoint: str, described: list[Node]) -> Node:
    # An element has one parent in lxml: what several operations share is copied.
    copies = [
        fill(make(_named(one), **one.attrib), [make("ows:Value", part.text) for part in one]) for one in described
    ]
    post = make("ows:Post", xlink__href=endpoint, xlink__type="simple")
    http = make("ows:HTTP", make("ows:Get", xlink__href=endpoint, xlink__type="simple"), post)
    return fill(make("ows:Operation", name=name), [make("ows:DCP", http), *copies])


def _named(node: Node) -> str:
    return "ows:" + node.tag.rpartition("}")[2]


def _filter_capabilities() -> Node:
    operands = [make("ogc:GeometryOperand", f"gml:{one}") for one in ("Envelope", "Point")]
    spatial = [make("ogc:SpatialOperator", name=one) for one in ("BBOX", "Intersects")]
    return make(
        "ogc:Filter_Capabilities",
        make(
            "ogc:Spatial_Capabilities",
            make("ogc:GeometryOperands", operands),
            make("ogc:SpatialOperators", spatial),
        ),
        make(
            "ogc:Scalar_Capabilities",
            make("ogc:LogicalOperators"),
            make("ogc:ComparisonOperators", [make("ogc:ComparisonOperator", one) for one in _COMPARISONS]),
        ),
        make("ogc:Id_Capabilities", make("ogc:EID"), make("ogc:FID")),
    )


def described(request: DescribeRecord) -> bytes:
    """Give where the schemas of the records are; they are the OGC's and ISO's own, not repeated here."""
    document = root("csw:DescribeRecordResponse", "csw", "gmd", "xsi")
    places = {"Record": (CSW_SCHEMA, _SCHEMA_ADDRESS + "record.xsd")}
    places["MD_Metadata"] = (NS["gmd"], "http://schemas.opengis.net/iso/19139/20060504/gmd/gmd.xsd")
    for name in request.type_names:
        namespace, address = places[name.rpartition(":")[2]]
        component = make(
            "csw:SchemaComponent", targetNamespace=namespace, schemaLanguage="http://www.w3.org/XML/Schema"
        )
        schema = f"{{{_XSD}}}"
        holder = component.makeelement(schema + "schema", nsmap={"xs": _XSD})
        holder.set("targetNamespace", namespace)
        holder.append(holder.makeelement(schema + "include", schemaLocation=address))
        document.append(fill(component, [holder]))
    return write(document)


_XSD = "http://www.w3.org/2001/XMLSchema"


def records(request: GetRecords, found: list[Node], matched: int) -> bytes:
    """Give a page of records; for `hits`, only their number."""
    document = root("csw:GetRecordsResponse", "csw", "dc", "dct", "ows", "gmd", "gco", "gml", "xsi")
    document.set("version", VERSIONS[0])
    following = request.start + len(found)
    more = following <= matched and bool(found or request.result == "hits")
    results = make(
        "csw:SearchResults",
        numberOfRecordsMatched=str(matched),
        numberOfRecordsReturned=str(len(found)),
        nextRecord=str(following if more else 0),
        recordSchema=request.schema,
        elementSet=request.elements,
    )
    status = make("csw:SearchStatus", timestamp=_now())
    return write(fill(document, [status, fill(results, found)]))


def by_id(found: list[Node]) -> bytes:
    """Give records that were asked by identifier; unknown ones are simply absent."""
    document = root("csw:GetRecordByIdResponse", "csw", "dc", "dct", "ows", "gmd", "gco", "gml", "xsi")
    return write(fill(document, found))


def acknowledgement(echo: Node, identifier: str) -> bytes:
    """Confirm a request that only was to be validated."""
    document = root("csw:Acknowledgement", "csw", "xsi")
    document.set("timeStamp", _now())
    return write(fill(document, [make("csw:EchoedRequest", echo), make("csw:RequestId", identifier)]))


def echo_of_pairs() -> Node:
    """Give the XML that stands for a valid request by key-value pairs."""
    query = make("csw:Query", make("csw:ElementSetName", "summary"), typeNames="csw:Record")
    return make("csw:GetRecords", query, service="CSW", version=VERSIONS[0])


DOMAINS: dict[str, tuple[str, ...]] = {
    "resultType": ("hits", "results", "validate"),
    "outputSchema": SCHEMAS,
    "outputFormat": XML_FORMATS,
    "ElementSetName": ELEMENT_SETS,
    "typeNames": ("csw:Record", "gmd:MD_Metadata"),
    "CONSTRAINTLANGUAGE": ("CQL_TEXT", "FILTER"),
}


def domain(values: list[tuple[str, str, tuple[str, ...]]]) -> bytes:
    """Give the values of properties and parameters: (`PropertyName` or `ParameterName`, its name, its values)."""
    document = root("csw:GetDomainResponse", "csw", "xsi")
    for kind, name, known in values:
        holder = make("csw:DomainValues", type="csw:Record")
        fill(holder, [make(f"csw:{kind}", name)])
        if known:
            fill(holder, [make("csw:ListOfValues", [make("csw:Value", one) for one in known])])
        document.append(holder)
    return write(document)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
