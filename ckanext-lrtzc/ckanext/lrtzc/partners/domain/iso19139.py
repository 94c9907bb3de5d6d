"""ISO 19139 records in our words (ISO 19115:2003; INSPIRE technical guidance for metadata 2.0)."""

from typing import Any

from ckanext.lrtzc.partners.domain.record import Agent, Harvested
from ckanext.lrtzc.partners.domain.texts import link
from ckanext.lrtzc.partners.domain.wkt import box

GMD = "http://www.isotc211.org/2005/gmd"
GCO = "http://www.isotc211.org/2005/gco"
GMX = "http://www.isotc211.org/2005/gmx"
XLINK = "http://www.w3.org/1999/xlink"
NAMESPACES = {
    "gmd": GMD,
    "gco": GCO,
    "gmx": GMX,
    "srv": "http://www.isotc211.org/2005/srv",
    "gml": "http://www.opengis.net/gml",
    "gml32": "http://www.opengis.net/gml/3.2",
}
_HREF = f"{{{XLINK}}}href"
_CITATION = "gmd:citation/gmd:CI_Citation"
_DOWNLOADS = ("download", "file", "wfs")


def text_at(element: Any, path: str) -> str:
    """Give the text of the first element at `path` below `element`: a character string, an anchor, a code or a date."""
    return next(iter(texts_at(element, path)), "")


def texts_at(element: Any, path: str) -> list[str]:
    """Give all texts at `path` below `element`, each once."""
    found = []
    for node in element.iterfind(path, NAMESPACES):
        text = node.text or ""
        if not text.strip():
            child = next(node.iterchildren(tag=None), None)
            if child is not None:
                text = child.get("codeListValue") or "".join(child.itertext())
        if text.strip():
            found.append(text.strip())
    return list(dict.fromkeys(found))


def harvested_of(root: Any) -> Harvested:
    """Give a `gmd:MD_Metadata` element in our words."""
    info = next(iter(root.iterfind("gmd:identificationInfo/*", NAMESPACES)), None)
    guid = text_at(root, "gmd:fileIdentifier")
    if info is None:
        return Harvested(guid=guid)
    dates = _dates(info)
    agents = _agents(info, "gmd:pointOfContact/gmd:CI_ResponsibleParty")
    contacts = [agent for _role, agent in agents] or [
        a for _r, a in _agents(root, "gmd:contact/gmd:CI_ResponsibleParty")
    ]
    roles = dict(reversed(agents))
    keywords, themes = _keywords(info)
    publisher = (
        roles.get("publisher") or roles.get("owner") or roles.get("pointOfContact") or next(iter(contacts), None)
    )
    return Harvested(
        guid=guid,
        title=text_at(info, f"{_CITATION}/gmd:title"),
        notes=text_at(info, "gmd:abstract"),
        url=_landing(root),
        identifier=_identifier(info) or guid,
        alternate_identifiers=[guid] if _identifier(info) else [],
        keywords=keywords,
        themes=themes + texts_at(info, "gmd:topicCategory"),
        licences=_licences(info),
        languages=texts_at(info, "gmd:language") or texts_at(root, "gmd:language"),
        publisher=publisher,
        creator=roles.get("originator") or roles.get("author"),
        contacts=contacts,
        frequency=text_at(info, "gmd:resourceMaintenance/*/gmd:maintenanceAndUpdateFrequency"),
        issued=dates.get("publication") or dates.get("creation", ""),
        modified=dates.get("revision") or text_at(root, "gmd:dateStamp"),
        provenance=text_at(root, "gmd:dataQualityInfo/*/gmd:lineage/gmd:LI_Lineage/gmd:statement"),
        periods=_periods(info),
        geometry=_extent(info),
        places=texts_at(info, "*/gmd:EX_Extent/gmd:geographicElement/*/gmd:geographicIdentifier/*/gmd:code"),
        conforms_to=texts_at(
            root, "gmd:dataQualityInfo/*/gmd:report/*/gmd:result/gmd:DQ_ConformanceResult/gmd:specification/*/gmd:title"
        ),
        resources=_resources(root),
    )


def _dates(info: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for date in info.iterfind(f"{_CITATION}/gmd:date/gmd:CI_Date", NAMESPACES):
        found.setdefault(text_at(date, "gmd:dateType"), text_at(date, "gmd:date"))
    return found


def _identifier(info: Any) -> str:
    for node in info.iterfind(f"{_CITATION}/gmd:identifier/*", NAMESPACES):
        if code := text_at(node, "gmd:code"):
            return code
    return ""


def _agents(element: Any, path: str) -> list[tuple[str, Agent]]:
    found = []
    for party in element.iterfind(path, NAMESPACES):
        contact = "gmd:contactInfo/gmd:CI_Contact"
        name = text_at(party, "gmd:organisationName") or text_at(party, "gmd:individualName")
        email = text_at(party, f"{contact}/gmd:address/gmd:CI_Address/gmd:electronicMailAddress")
        url = text_at(party, f"{contact}/gmd:onlineResource/gmd:CI_OnlineResource/gmd:linkage")
        if name or email:
            found.append((text_at(party, "gmd:role"), Agent(name, email, link(url))))
    return found


def _keywords(info: Any) -> tuple[list[str], list[str]]:
    keywords: list[str] = []
    themes: list[str] = []
    for group in info.iterfind("gmd:descriptiveKeywords/gmd:MD_Keywords", NAMESPACES):
        words = texts_at(group, "gmd:keyword")
        themes += [node.get(_HREF) for node in group.iterfind("gmd:keyword/gmx:Anchor", NAMESPACES) if node.get(_HREF)]
        keywords += words
        if "inspire" in text_at(group, "gmd:thesaurusName/gmd:CI_Citation/gmd:title").lower():
            themes += words
    return keywords, themes


def _licences(info: Any) -> list[str]:
    constraints = "gmd:resourceConstraints"
    found = []
    for node in info.iterfind(f"{constraints}/gmd:MD_LegalConstraints/gmd:otherConstraints/gmx:Anchor", NAMESPACES):
        found += [text for text in (node.get(_HREF), node.text) if text]
    for path in ("gmd:otherConstraints", "gmd:useLimitation"):
        found += texts_at(info, f"{constraints}/gmd:MD_LegalConstraints/{path}")
    found += texts_at(info, f"{constraints}/gmd:MD_Constraints/gmd:useLimitation")
    return found


def _periods(info: Any) -> list[tuple[str, str]]:
    found = []
    for extent in info.iterfind("*/gmd:EX_Extent/gmd:temporalElement//gmd:extent/*", NAMESPACES):
        begin = end = ""
        for node in extent.iter():
            name = node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""
            text = (node.text or "").strip()
            if name in ("beginPosition", "begin") and text:
                begin = text
            elif name in ("endPosition", "end") and text:
                end = text
            elif name == "timePosition" and text:
                begin, end = (begin or text), text
        if begin or end:
            found.append((begin, end))
    return found


def _extent(info: Any) -> dict[str, Any] | None:
    edges = []
    for node in info.iterfind("*/gmd:EX_Extent/gmd:geographicElement/gmd:EX_GeographicBoundingBox", NAMESPACES):
        names = ("westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude")
        try:
            edges.append(tuple(float(text_at(node, f"gmd:{name}").replace(",", ".")) for name in names))
        except ValueError:
            continue
    if not edges:
        return None
    west, south = (min(edge[i] for edge in edges) for i in (0, 1))
    east, north = (max(edge[i] for edge in edges) for i in (2, 3))
    return box(west, south, east, north)


def _online(root: Any) -> list[dict[str, str]]:
    found = []
    path = "gmd:distributionInfo//gmd:transferOptions/gmd:MD_DigitalTransferOptions/gmd:onLine/gmd:CI_OnlineResource"
    for node in root.iterfind(path, NAMESPACES):
        url = link(text_at(node, "gmd:linkage"))
        if url:
            found.append(
                {
                    "url": url,
                    "name": text_at(node, "gmd:name"),
                    "description": text_at(node, "gmd:description"),
                    "protocol": text_at(node, "gmd:protocol"),
                    "function": text_at(node, "gmd:function"),
                }
            )
    return found


def _landing(root: Any) -> str:
    for online in _online(root):
        if online["function"] == "information" and "html" in (online["protocol"] + online["description"]).lower():
            return online["url"]
    return ""


def _resources(root: Any) -> list[dict[str, Any]]:
    formats = texts_at(root, "gmd:distributionInfo/*/gmd:distributionFormat/gmd:MD_Format/gmd:name")
    found = []
    for online in _online(root):
        protocol = online["protocol"]
        service = next((w for w in ("wms", "wfs", "wmts", "wcs") if w in f"{protocol} {online['url']}".lower()), "")
        downloads = online["function"] == "download" or any(word in protocol.lower() for word in _DOWNLOADS)
        found.append(
            {
                "url": online["url"],
                "name": online["name"],
                "description": online["description"],
                "format": service.upper() or (formats[0] if downloads and len(formats) == 1 else ""),
            }
        )
    return found
