"""Catalogue services (OGC CSW 2.0.2) that answer with ISO 19139 records.

GetRecords is posted as XML (OGC 07-006r1 §10.8); servers that refuse POST are asked by address. The service of
INSPIRE and the French national geocatalogue answer both.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from ckanext.lrtzc.partners.domain import guard, texts
from ckanext.lrtzc.partners.domain.iso19139 import GCO, GMD, harvested_of, text_at
from ckanext.lrtzc.partners.domain.kinds.base import NOT_THIS_KIND, Kind, Walk, with_query
from ckanext.lrtzc.partners.domain.record import Fetch, Harvested, Page, Problem, Record, Reply, Unreadable
from ckanext.lrtzc.translation import mark

CSW = "http://www.opengis.net/cat/csw/2.0.2"
OWS = "http://www.opengis.net/ows"
PAGE = 50
NO_IDENTITY = mark("A record has no file identifier.")
REFUSED = mark("The catalogue service refused the request: %(detail)s")


class Csw(Kind):
    """A CSW endpoint."""

    name = "csw"
    label = "CSW (ISO 19139)"
    hint = mark("The address of the catalogue service: it often ends in /csw.")
    example = "https://catalogue.example.org/geonetwork/srv/fre/csw"
    options = ("keyword",)

    def pages(self, address: str, options: Mapping[str, str], fetch: Fetch) -> Iterator[Page]:
        """See `Kind.pages`: follows `nextRecord`."""
        endpoint = _endpoint(address)
        walk = Walk()
        start, by_post = 1, True
        while start:
            reply, by_post = self._ask(endpoint, start, options.get("keyword", ""), fetch, by_post)
            walk.step(f"{endpoint}#{start}", reply.body)
            root = guard.read_xml(reply.body)
            results = root.find(f"{{{CSW}}}SearchResults")
            if results is None:
                raise _refusal(root)
            page = _page(results)
            yield page
            following = _number(results.get("nextRecord"))
            matched = page.total or 0
            given = len(page.records) + len(page.problems)
            if not following and given and start + given <= matched:
                following = start + given
            start = following if following and start < following <= matched and given else 0

    def _ask(self, endpoint: str, start: int, keyword: str, fetch: Fetch, by_post: bool) -> tuple[Reply, bool]:
        if by_post:
            body = _get_records(start, keyword)
            headers = {"content-type": "application/xml", "accept": "application/xml"}
            try:
                reply = fetch(endpoint, "POST", body, headers)
                guard.refuse_html(reply)
                return reply, True
            except Exception:
                if start > 1:
                    raise
        address = with_query(
            endpoint,
            service="CSW",
            version="2.0.2",
            request="GetRecords",
            resultType="results",
            elementSetName="full",
            typeNames="gmd:MD_Metadata",
            outputSchema=GMD,
            namespace=f"xmlns(gmd={GMD})",
            startPosition=start,
            maxRecords=PAGE,
            constraintLanguage="CQL_TEXT" if keyword else None,
            constraint_language_version="1.1.0" if keyword else None,
            constraint=f"keyword LIKE '{keyword.replace(chr(39), chr(39) * 2)}'" if keyword else None,
        )
        reply = fetch(address, "GET", None, {"accept": "application/xml"})
        guard.refuse_html(reply)
        return reply, False

    def harvested(self, raw: str) -> Harvested:
        """See `Kind.harvested`."""
        root = guard.read_xml(raw.encode())
        if root.tag != f"{{{GMD}}}MD_Metadata":
            raise Unreadable(NOT_THIS_KIND)
        return harvested_of(root)


def _endpoint(address: str) -> str:
    parts = urlsplit(address)
    dropped = {"service", "request", "version", "acceptversions"}
    query = "&".join(f"{k}={v}" for k, v in parse_qsl(parts.query) if k.lower() not in dropped)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0


def _page(results: Any) -> Page:
    records: list[Record] = []
    problems: list[Problem] = []
    for element in results:
        if element.tag != f"{{{GMD}}}MD_Metadata":
            continue
        guid = text_at(element, "gmd:fileIdentifier")
        if not guid:
            problems.append(Problem("identifier", NO_IDENTITY, fatal=True))
            continue
        body = etree.tostring(element, method="c14n", exclusive=True)
        digest = hashlib.blake2b(b">".join(part.strip() for part in body.split(b">")), digest_size=24).hexdigest()
        title = text_at(element, "gmd:identificationInfo/*/gmd:citation/gmd:CI_Citation/gmd:title")
        producer = text_at(element, "gmd:identificationInfo/*/gmd:pointOfContact/*/gmd:organisationName")
        modified = text_at(element, "gmd:dateStamp")
        raw = etree.tostring(element, encoding="unicode", with_tail=False)
        records.append(Record(guid, title, modified, digest, raw, texts.likeness(title, producer)))
    return Page(records, problems, _number(results.get("numberOfRecordsMatched")) or None)


def _refusal(root: Any) -> Unreadable:
    if root.tag.endswith("}ExceptionReport"):
        detail = " ".join("".join(root.itertext()).split())[:200]
        return Unreadable(REFUSED, detail=detail or "?")
    return Unreadable(NOT_THIS_KIND)


def _get_records(start: int, keyword: str) -> bytes:
    ogc = "http://www.opengis.net/ogc"
    root = etree.Element(f"{{{CSW}}}GetRecords", nsmap={"csw": CSW, "gmd": GMD, "ogc": ogc, "gco": GCO})
    settings = {
        "service": "CSW",
        "version": "2.0.2",
        "resultType": "results",
        "outputSchema": GMD,
        "outputFormat": "application/xml",
        "startPosition": str(start),
        "maxRecords": str(PAGE),
    }
    for name, value in settings.items():
        root.set(name, value)
    query = etree.SubElement(root, f"{{{CSW}}}Query", typeNames="gmd:MD_Metadata")
    etree.SubElement(query, f"{{{CSW}}}ElementSetName").text = "full"
    if keyword:
        constraint = etree.SubElement(query, f"{{{CSW}}}Constraint", version="1.1.0")
        chosen = etree.SubElement(etree.SubElement(constraint, f"{{{ogc}}}Filter"), f"{{{ogc}}}PropertyIsEqualTo")
        etree.SubElement(chosen, f"{{{ogc}}}PropertyName").text = "dc:subject"
        etree.SubElement(chosen, f"{{{ogc}}}Literal").text = keyword
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
