"""A dataset as ISO 19139 (gmd:MD_Metadata), as INSPIRE's technical guidance 2.0 wants it for geographic data.

Elements stand in the order of the schema gmd of 2006-05-04, which CSW 2.0.2's ISO profile names.
"""

from . import vocabulary as v
from .record import Agent, Distribution, Period, Record
from .site import Site
from .values import day
from .xml import NS, Node, fill, make, root

_CODELISTS = "http://standards.iso.org/iso/19139/resources/gmxCodelists.xml#"
_LANGUAGE_LIST = "http://www.loc.gov/standards/iso639-2/"
_LIMITATIONS = "http://inspire.ec.europa.eu/metadata-codelist/LimitationsOnPublicAccess/noLimitations"
_GENERIC_CRS = "http://www.opengis.net/def/crs/EPSG/0/4326"


def metadata(record: Record, site: Site) -> Node:
    """Give the metadata of a dataset as an element `gmd:MD_Metadata`."""
    contact = record.contacts[0] if record.contacts else record.publisher
    if not contact.email and site.email:
        contact = Agent(contact.name, site.email, contact.url)
    language = v.LANGUAGES[record.languages[0]][0]
    document = root("gmd:MD_Metadata", "gmd", "gco", "gml", "xlink", "xsi")
    return fill(
        document,
        [
            make("gmd:fileIdentifier", _string(record.id)),
            make("gmd:language", _language(language)),
            make("gmd:characterSet", _code("MD_CharacterSetCode", "utf8")),
            make("gmd:hierarchyLevel", _code("MD_ScopeCode", "dataset")),
            make("gmd:hierarchyLevelName", _string("dataset")),
            make("gmd:contact", _party(contact, "pointOfContact")),
            make(
                "gmd:dateStamp", make("gco:Date", day(record.metadata_modified) or day(record.created) or "1970-01-01")
            ),
            make("gmd:metadataStandardName", _string("ISO 19115")),
            make("gmd:metadataStandardVersion", _string("2003/Cor.1:2006")),
            make("gmd:referenceSystemInfo", _reference_system()) if record.box else None,
            make("gmd:identificationInfo", _identification(record, language, contact)),
            make("gmd:distributionInfo", _distribution(record)),
            make("gmd:dataQualityInfo", _quality(record)),
        ],
    )


def _string(value: str) -> Node:
    return make("gco:CharacterString", value)


def _code(codelist: str, value: str) -> Node:
    return make(f"gmd:{codelist}", value, codeList=_CODELISTS + codelist, codeListValue=value)


def _language(code: str) -> Node:
    return make("gmd:LanguageCode", code, codeList=_LANGUAGE_LIST, codeListValue=code)


def _anchored(value: str, address: str) -> Node:
    """Give a text; the address stands behind it in words, since gmd of 2006 has no anchors."""
    return _string(f"{value} ({address})" if value != address else address)


def _party(agent: Agent, role: str) -> Node:
    address = make("gmd:CI_Address", make("gmd:electronicMailAddress", _string(agent.email))) if agent.email else None
    online = make("gmd:CI_OnlineResource", make("gmd:linkage", make("gmd:URL", agent.url))) if agent.url else None
    contact = make(
        "gmd:CI_Contact",
        make("gmd:address", address) if address is not None else None,
        make("gmd:onlineResource", online) if online is not None else None,
    )
    return make(
        "gmd:CI_ResponsibleParty",
        make("gmd:organisationName", _string(agent.name)),
        make("gmd:contactInfo", contact) if len(contact) else None,
        make("gmd:role", _code("CI_RoleCode", role)),
    )


def _reference_system() -> Node:
    identifier = make(
        "gmd:RS_Identifier",
        make("gmd:code", _string(_GENERIC_CRS)),
        make("gmd:codeSpace", _string("EPSG")),
    )
    return make("gmd:MD_ReferenceSystem", make("gmd:referenceSystemIdentifier", identifier))


def _date(value: str | None, kind: str) -> Node:
    exact = day(value)
    if not exact:
        return None
    return make(
        "gmd:date",
        make(
            "gmd:CI_Date",
            make("gmd:date", make("gco:Date", exact)),
            make("gmd:dateType", _code("CI_DateTypeCode", kind)),
        ),
    )


def _citation(title: str, dates: list[Node], identifier: str | None = None) -> Node:
    return make(
        "gmd:CI_Citation",
        make("gmd:title", _string(title)),
        [one for one in dates if one is not None] or make("gmd:date", gco__nilReason="unknown"),
        make("gmd:identifier", make("gmd:MD_Identifier", make("gmd:code", _string(identifier))))
        if identifier
        else None,
    )


def _identification(record: Record, language: str, contact: Agent) -> Node:
    dates = [_date(record.created, "creation"), _date(record.issued, "publication"), _date(record.modified, "revision")]
    return make(
        "gmd:MD_DataIdentification",
        make("gmd:citation", _citation(record.title, dates, record.uri)),
        make("gmd:abstract", _string(record.description)),
        make("gmd:status", _code("MD_ProgressCode", "onGoing")),
        make("gmd:pointOfContact", _party(contact, "pointOfContact")),
        make("gmd:pointOfContact", _party(record.publisher, "publisher")),
        [make("gmd:pointOfContact", _party(one, "originator")) for one in record.creators],
        _maintenance(record),
        _keywords(list(record.keywords), "theme"),
        _keywords([one.name for one in record.communes], "place"),
        _keywords([one.label for one in record.themes], "theme", v.DATA_THEMES),
        _constraints(record),
        make(
            "gmd:spatialRepresentationType",
            _code("MD_SpatialRepresentationTypeCode", "vector" if record.geographic else "textTable"),
        ),
        _resolution(record),
        make("gmd:language", _language(language)),
        make("gmd:characterSet", _code("MD_CharacterSetCode", "utf8")),
        [make("gmd:topicCategory", make("gmd:MD_TopicCategoryCode", topic)) for topic in _topics(record)],
        _extent(record),
    )


def _topics(record: Record) -> list[str]:
    return list(dict.fromkeys(one.topic for one in record.themes)) or ["environment"]


def _maintenance(record: Record) -> Node:
    code = v.code_in("frequency", record.frequency) or "UNKNOWN"
    frequency = _code("MD_MaintenanceFrequencyCode", v.MAINTENANCE.get(code, "unknown"))
    information = make("gmd:MD_MaintenanceInformation", make("gmd:maintenanceAndUpdateFrequency", frequency))
    return make("gmd:resourceMaintenance", information)


def _keywords(words: list[str], kind: str, thesaurus: str | None = None) -> Node:
    if not words:
        return None
    named = None
    if thesaurus:
        named = make("gmd:thesaurusName", _citation(thesaurus, [_date("2015-10-01", "publication")]))
    return make(
        "gmd:descriptiveKeywords",
        make(
            "gmd:MD_Keywords",
            [make("gmd:keyword", _string(word)) for word in words],
            make("gmd:type", _code("MD_KeywordTypeCode", kind)),
            named,
        ),
    )


def _constraints(record: Record) -> list[Node]:
    other = _code("MD_RestrictionCode", "otherRestrictions")
    public = not record.access_rights or v.code_in("access-right", record.access_rights) == "PUBLIC"
    access = make(
        "gmd:MD_LegalConstraints",
        make("gmd:accessConstraints", other),
        make("gmd:otherConstraints", _string(_LIMITATIONS if public else str(record.access_rights))),
    )
    found = [make("gmd:resourceConstraints", access)]
    if record.licence:
        use = make(
            "gmd:MD_LegalConstraints",
            make("gmd:useConstraints", _code("MD_RestrictionCode", "otherRestrictions")),
            make("gmd:otherConstraints", _anchored(record.licence.title, record.licence.uri)),
        )
        found.append(make("gmd:resourceConstraints", use))
    return found


def _resolution(record: Record) -> Node:
    if not record.resolution:
        return None
    distance = make("gco:Distance", record.resolution, uom="m")
    return make("gmd:spatialResolution", make("gmd:MD_Resolution", make("gmd:distance", distance)))


def _extent(record: Record) -> Node:
    places: list[Node] = []
    if record.box:
        west, south, east, north = (make("gco:Decimal", f"{number:.6f}") for number in record.box)
        box = make(
            "gmd:EX_GeographicBoundingBox",
            make("gmd:westBoundLongitude", west),
            make("gmd:eastBoundLongitude", east),
            make("gmd:southBoundLatitude", south),
            make("gmd:northBoundLatitude", north),
        )
        places.append(make("gmd:geographicElement", box))
    times = [_period(one, number) for number, one in enumerate(record.periods)]
    if not places and not times:
        return None
    return make("gmd:extent", make("gmd:EX_Extent", places, times))


def _period(period: Period, number: int) -> Node:
    def position(name: str, value: str | None) -> Node:
        return make(f"gml:{name}", value) if value else make(f"gml:{name}", indeterminatePosition="unknown")

    time = make("gml:TimePeriod", position("beginPosition", period.start), position("endPosition", period.end))
    time.set(f"{{{NS['gml']}}}id", f"period-{number}")
    return make("gmd:temporalElement", make("gmd:EX_TemporalExtent", make("gmd:extent", time)))


def _distribution(record: Record) -> Node:
    formats = list(dict.fromkeys(one.format for one in record.distributions if one.format))
    online = [make("gmd:onLine", _online(one)) for one in record.distributions]
    page = make(
        "gmd:CI_OnlineResource",
        make("gmd:linkage", make("gmd:URL", record.page)),
        make("gmd:protocol", _string("WWW:LINK-1.0-http--link")),
        make("gmd:name", _string(record.title)),
        make("gmd:function", _code("CI_OnLineFunctionCode", "information")),
    )
    return make(
        "gmd:MD_Distribution",
        [
            make(
                "gmd:distributionFormat",
                make(
                    "gmd:MD_Format",
                    make("gmd:name", _string(name)),
                    make("gmd:version", gco__nilReason="unknown"),
                ),
            )
            for name in formats
        ],
        make("gmd:transferOptions", make("gmd:MD_DigitalTransferOptions", online, make("gmd:onLine", page))),
    )


def _online(one: Distribution) -> Node:
    return make(
        "gmd:CI_OnlineResource",
        make("gmd:linkage", make("gmd:URL", one.address or one.page)),
        make("gmd:protocol", _string("WWW:DOWNLOAD-1.0-http--download")),
        make("gmd:name", _string(one.title)),
        make("gmd:description", _string(one.description)) if one.description else None,
        make("gmd:function", _code("CI_OnLineFunctionCode", "download")),
    )


def _quality(record: Record) -> Node:
    statement = record.provenance or record.publisher.name
    return make(
        "gmd:DQ_DataQuality",
        make("gmd:scope", make("gmd:DQ_Scope", make("gmd:level", _code("MD_ScopeCode", "dataset")))),
        make("gmd:lineage", make("gmd:LI_Lineage", make("gmd:statement", _string(statement)))),
    )
