"""DCAT catalogues in RDF/XML, Turtle, JSON-LD or N-Triples, in one file or paged by Hydra.

Properties as in DCAT-AP 3.0.1; also read: what real portals write instead (schema.org dates in periods, plain
text where an address should be, `dct:abstract`, `foaf:mbox`).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

import pyoxigraph as ox

from ckanext.lrtzc.partners.domain import rdf, texts
from ckanext.lrtzc.partners.domain.kinds.base import NOT_THIS_KIND, Kind, Walk, ask
from ckanext.lrtzc.partners.domain.rdf import ADMS, DCAT, DCT, FOAF, LOCN, RDFS_LABEL, SKOS_LABEL, VCARD
from ckanext.lrtzc.partners.domain.record import Agent, Fetch, Harvested, Page, Problem, Record, Unreadable
from ckanext.lrtzc.partners.domain.wkt import geometry_of_text
from ckanext.lrtzc.translation import mark

ACCEPT = "text/turtle;q=0.9, application/rdf+xml, application/ld+json;q=0.9, application/n-triples;q=0.8"
SCHEMA = ("http://schema.org/", "https://schema.org/")
OWL_VERSION = "http://www.w3.org/2002/07/owl#versionInfo"
DCATAP = "http://data.europa.eu/r5r/"
GEOSPARQL = "http://www.opengis.net/ont/geosparql#"
OLD_GEO = "http://www.opengis.net/rdf#"
NO_IDENTITY = mark("A dataset has neither an address nor an identifier.")

_Facts = dict[str, list[Any]]


class Dcat(Kind):
    """Any portal that publishes DCAT."""

    name = "dcat"
    label = "DCAT (RDF)"
    hint = mark("The address of the catalogue in RDF: it often ends in .ttl, .rdf, .xml or .jsonld.")
    example = "https://data.example.org/catalog.ttl"

    def pages(self, address: str, options: Mapping[str, str], fetch: Fetch) -> Iterator[Page]:
        """See `Kind.pages`: follows `hydra:next`."""
        walk = Walk()
        first = True
        while address:
            reply = ask(fetch, address, ACCEPT)
            walk.step(address, reply.body)
            triples = rdf.index(reply)
            page = self._page(triples)
            following, total = rdf.next_page(triples)
            if first and not page.records and not page.problems and not _is_catalogue(triples):
                raise Unreadable(NOT_THIS_KIND)
            first = False
            yield Page(page.records, page.problems, total)
            address = urljoin(reply.url, following) if following else ""

    def _page(self, triples: rdf.Index) -> Page:
        subjects = rdf.datasets(triples)
        others = frozenset(subjects)
        records: list[Record] = []
        problems: list[Problem] = []
        for subject in subjects:
            facts = triples[subject]
            identifier = next((rdf.text(o) for p, o in facts if p == DCT + "identifier"), "")
            guid = subject.value if isinstance(subject, ox.NamedNode) else identifier
            if not guid:
                problems.append(Problem("identifier", NO_IDENTITY, fatal=True))
                continue
            raw, digest = rdf.closure(triples, subject, others)
            titles = [o for p, o in facts if p == DCT + "title"]
            title = _best(titles)
            modified = next((rdf.text(o) for p, o in facts if p == DCT + "modified"), "")
            producer = next((rdf.text(o) for p, o in facts if p == DCT + "publisher"), "")
            likeness = texts.likeness(title, producer)
            head = f"# {subject}\n"
            records.append(Record(guid, title, modified, digest, head + raw, likeness))
        return Page(records, problems)

    def harvested(self, raw: str) -> Harvested:
        """See `Kind.harvested`."""
        named, _newline, content = raw.partition("\n")
        named = named.removeprefix("# ")
        triples = rdf.of_text(content)
        subjects = rdf.datasets(triples)
        if not subjects:
            raise Unreadable(NOT_THIS_KIND)
        subject = next((s for s in subjects if str(s) == named), subjects[0])
        reader = _Reader(triples)
        facts = reader.facts(subject)
        identifier = reader.one(facts, DCT + "identifier")
        places, geometry = reader.places(facts)
        return Harvested(
            guid=subject.value if isinstance(subject, ox.NamedNode) else identifier,
            title=_best(facts.get(DCT + "title", [])),
            notes=_best(facts.get(DCT + "description", []) or facts.get(DCT + "abstract", [])),
            url=reader.one(facts, DCAT + "landingPage") or reader.one(facts, FOAF + "page"),
            identifier=identifier,
            alternate_identifiers=reader.many(facts, ADMS + "identifier"),
            keywords=[rdf.text(o) for o in facts.get(DCAT + "keyword", [])],
            themes=reader.many(facts, DCAT + "theme") + reader.labels(facts, DCAT + "theme"),
            licences=reader.licences(facts, subject),
            languages=reader.many(facts, DCT + "language"),
            publisher=reader.agent(facts, DCT + "publisher"),
            creator=reader.agent(facts, DCT + "creator"),
            contacts=reader.agents(facts, DCAT + "contactPoint"),
            frequency=reader.one(facts, DCT + "accrualPeriodicity"),
            issued=reader.one(facts, DCT + "issued"),
            modified=reader.one(facts, DCT + "modified"),
            version=reader.one(facts, DCAT + "version") or reader.one(facts, OWL_VERSION),
            access_rights=reader.one(facts, DCT + "accessRights"),
            provenance=next(iter(reader.labels(facts, DCT + "provenance")), ""),
            periods=reader.periods(facts),
            geometry=geometry,
            places=places,
            conforms_to=reader.many(facts, DCT + "conformsTo"),
            documentation=reader.many(facts, FOAF + "page"),
            applicable_legislation=reader.many(facts, DCATAP + "applicableLegislation"),
            hvd_category=reader.many(facts, DCATAP + "hvdCategory"),
            resources=[reader.resource(o) for o in facts.get(DCAT + "distribution", [])],
        )


def _is_catalogue(triples: rdf.Index) -> bool:
    return any(p == rdf.RDF_TYPE and rdf.text(o) == DCAT + "Catalog" for facts in triples.values() for p, o in facts)


def _best(terms: list[Any]) -> str:
    """Give the French text among literals, else the one without language, else English, else the first."""
    ranked = {"fr": 0, "": 1, "en": 2}
    literals = [term for term in terms if isinstance(term, ox.Literal)]
    literals.sort(key=lambda term: ranked.get((term.language or "").lower()[:2], 3))
    return literals[0].value if literals else ""


class _Reader:
    """Reads values of one record's triples."""

    def __init__(self, triples: rdf.Index) -> None:
        self.triples = triples

    def facts(self, node: Any) -> _Facts:
        found: _Facts = {}
        for predicate, value in self.triples.get(node, ()):
            found.setdefault(predicate, []).append(value)
        return found

    def value(self, term: Any) -> str:
        text = rdf.text(term)
        return text or next(iter(self._labels_of(term)), "")

    def one(self, facts: _Facts, *predicates: str) -> str:
        for predicate in predicates:
            for term in facts.get(predicate, ()):
                if value := self.value(term):
                    return value
        return ""

    def many(self, facts: _Facts, predicate: str) -> list[str]:
        return [value for term in facts.get(predicate, ()) if (value := self.value(term))]

    def _labels_of(self, node: Any) -> list[str]:
        facts = self.facts(node)
        found = [facts[p] for p in (SKOS_LABEL, RDFS_LABEL, DCT + "title", FOAF + "name", VCARD + "fn") if p in facts]
        notation = facts.get("http://www.w3.org/2004/02/skos/core#notation", [])
        identifier = facts.get("http://www.w3.org/1999/02/22-rdf-syntax-ns#value", [])
        return [label for terms in [*found, notation, identifier] if (label := _best(terms))]

    def labels(self, facts: _Facts, predicate: str) -> list[str]:
        found = []
        for term in facts.get(predicate, ()):
            label = term.value if isinstance(term, ox.Literal) else next(iter(self._labels_of(term)), "")
            if label:
                found.append(label)
        return found

    def agents(self, facts: _Facts, predicate: str) -> list[Agent]:
        found = []
        for term in facts.get(predicate, ()):
            if isinstance(term, ox.Literal):
                found.append(Agent(name=term.value))
                continue
            own = self.facts(term)
            name = _best(
                own.get(FOAF + "name", []) or own.get(VCARD + "fn", []) or own.get(VCARD + "organization-name", [])
            )
            email = self.one(own, VCARD + "hasEmail", FOAF + "mbox", VCARD + "email")
            url = self.one(own, VCARD + "hasURL", FOAF + "homepage", FOAF + "page", VCARD + "url")
            uri = term.value if isinstance(term, ox.NamedNode) else ""
            if name or email or uri:
                found.append(Agent(name, email, url, uri, self.one(own, DCT + "identifier")))
        return found

    def agent(self, facts: _Facts, predicate: str) -> Agent | None:
        return next(iter(self.agents(facts, predicate)), None)

    def licences(self, facts: _Facts, subject: Any) -> list[str]:
        found = self._terms_of(facts)
        for distribution in facts.get(DCAT + "distribution", ()):
            found += self._terms_of(self.facts(distribution))
        return list(dict.fromkeys(found))

    def _terms_of(self, facts: _Facts) -> list[str]:
        found = []
        for predicate in (DCT + "license", DCT + "rights"):
            for term in facts.get(predicate, ()):
                found += [text for text in (rdf.text(term), *self._labels_of(term)) if text]
        return found

    def periods(self, facts: _Facts) -> list[tuple[str, str]]:
        found = []
        for term in facts.get(DCT + "temporal", ()):
            if isinstance(term, ox.Literal):
                start, _, end = re.sub(r"\s+(?:to|au?|-)\s+", "/", term.value).partition("/")
                found.append((start.strip(), end.strip()))
                continue
            own = self.facts(term)
            start = self.one(own, DCAT + "startDate", *(base + "startDate" for base in SCHEMA))
            end = self.one(own, DCAT + "endDate", *(base + "endDate" for base in SCHEMA))
            if start or end:
                found.append((start, end))
        return found

    def places(self, facts: _Facts) -> tuple[list[str], dict[str, Any] | None]:
        places: list[str] = []
        geometry = None
        for term in facts.get(DCT + "spatial", ()):
            if isinstance(term, ox.Literal):
                found = geometry_of_text(term.value)
                geometry = geometry or found
                if not found:
                    places.append(term.value)
                continue
            own = self.facts(term)
            predicates = (LOCN + "geometry", DCAT + "bbox", GEOSPARQL + "asWKT", OLD_GEO + "asWKT", DCAT + "centroid")
            for predicate in predicates:
                for shape in own.get(predicate, ()):
                    geometry = geometry or geometry_of_text(rdf.text(shape))
            places += [text for text in (rdf.text(term), *self._labels_of(term)) if text]
        return places, geometry

    def resource(self, node: Any) -> dict[str, Any]:
        own = self.facts(node)
        download = self.one(own, DCAT + "downloadURL")
        access = self.one(own, DCAT + "accessURL")
        return {
            "url": download or access or (node.value if isinstance(node, ox.NamedNode) and not own else ""),
            "access_url": access,
            "download_url": download,
            "name": _best(own.get(DCT + "title", [])),
            "description": _best(own.get(DCT + "description", [])),
            "format": self.one(own, DCT + "format"),
            "mimetype": self.one(own, DCAT + "mediaType"),
            "size": self.one(own, DCAT + "byteSize"),
            "issued": self.one(own, DCT + "issued"),
            "modified": self.one(own, DCT + "modified"),
            "license": next(iter(self._terms_of(own)), ""),
            "rights": next(iter(self.labels(own, DCT + "rights")), ""),
            "availability": self.one(own, DCATAP + "availability"),
            "status": self.one(own, ADMS + "status"),
            "conforms_to": self.many(own, DCT + "conformsTo"),
            "hash": self.one(
                self.facts(next(iter(own.get("http://spdx.org/rdf/terms#checksum", [])), None)),
                "http://spdx.org/rdf/terms#checksumValue",
            ),
        }
