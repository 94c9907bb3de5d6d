"""RDF read fast: an index of triples, and each dataset's own part of it with a hash that order doesn't change.

pyoxigraph parses; where a catalogue has addresses that are none (a real habit of French portals), they are repaired
first. JSON-LD contexts named by address are replaced by the bundled one (`contexts.json`)
and never fetched.
"""

import gc
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyoxigraph as ox
from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from ckanext.lrtzc.partners.domain import guard
from ckanext.lrtzc.partners.domain.record import Reply, Unreadable
from ckanext.lrtzc.translation import mark

RDF_BROKEN = mark("The partner's RDF is broken: %(detail)s.")
RDF_CONTEXT = mark(
    "The JSON-LD of the partner uses the context %(context)s, which the portal doesn't know and never fetches."
)

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
DCAT = "http://www.w3.org/ns/dcat#"
DCT = "http://purl.org/dc/terms/"
FOAF = "http://xmlns.com/foaf/0.1/"
HYDRA = "http://www.w3.org/ns/hydra/core#"
VCARD = "http://www.w3.org/2006/vcard/ns#"
ADMS = "http://www.w3.org/ns/adms#"
LOCN = "http://www.w3.org/ns/locn#"
RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
SKOS_LABEL = "http://www.w3.org/2004/02/skos/core#prefLabel"

MAX_NODES = 400
_BORDERS = frozenset(
    {DCAT + "Catalog", DCAT + "CatalogRecord", HYDRA + "PagedCollection", HYDRA + "PartialCollectionView"}
)
_STOP = frozenset(
    {
        DCAT + "dataset",
        FOAF + "isPrimaryTopicOf",
        DCAT + "inCatalog",
        DCT + "isPartOf",
        DCT + "hasPart",
        DCT + "replaces",
        DCT + "isReplacedBy",
        DCT + "relation",
        DCAT + "inSeries",
        DCAT + "seriesMember",
    }
)

Term = ox.NamedNode | ox.BlankNode | ox.Literal
Index = dict[Any, list[tuple[str, Any]]]

_MEDIA = {
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/xml": ox.RdfFormat.RDF_XML,
    "text/xml": ox.RdfFormat.RDF_XML,
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/x-turtle": ox.RdfFormat.TURTLE,
    "text/n3": ox.RdfFormat.N3,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/json": ox.RdfFormat.JSON_LD,
}


def format_of(reply: Reply) -> ox.RdfFormat | None:
    """Tell the serialisation by the answer's first characters, then its media type, then its address."""
    start = reply.body[:4000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"{", b"[")) and not re.match(rb"\[\s*(a|<|\])", start):
        return ox.RdfFormat.JSON_LD
    if start.startswith((b"<?xml", b"<rdf:RDF", b"<!DOCTYPE rdf")):
        return ox.RdfFormat.RDF_XML
    if reply.media_type in _MEDIA and _MEDIA[reply.media_type] != ox.RdfFormat.RDF_XML:
        return _MEDIA[reply.media_type]
    if start.startswith((b"@prefix", b"@base", b"PREFIX", b"BASE", b"<http", b"_:", b"#")):
        return ox.RdfFormat.TURTLE
    extension = reply.url.partition("?")[0].rpartition(".")[2].lower()
    return {
        "ttl": ox.RdfFormat.TURTLE,
        "nt": ox.RdfFormat.N_TRIPLES,
        "n3": ox.RdfFormat.N3,
        "rdf": ox.RdfFormat.RDF_XML,
        "xml": ox.RdfFormat.RDF_XML,
        "jsonld": ox.RdfFormat.JSON_LD,
    }.get(extension)


def index(reply: Reply) -> Index:
    """Parse an answer into its triples by subject.

    :raises Unreadable: HTML, an unknown serialisation or context, entities, broken RDF.
    """
    guard.refuse_html(reply)
    form = format_of(reply)
    if form is None:
        raise Unreadable(RDF_BROKEN, detail=reply.media_type or "?")
    body = reply.body
    if form == ox.RdfFormat.RDF_XML:
        guard.refuse_entities(body)
    elif form == ox.RdfFormat.JSON_LD:
        body = _with_bundled_contexts(body)
    try:
        return _collect(body, form, reply.url)
    except RecursionError:
        raise Unreadable(guard.JSON_DEEP) from None
    except (SyntaxError, ValueError, OSError) as err:
        if form == ox.RdfFormat.JSON_LD:
            raise Unreadable(RDF_BROKEN, detail=_detail(err)) from None
        return _repaired(body, form, reply.url, err)


def of_text(triples: str) -> Index:
    """Read back the N-Triples that `closure` wrote.

    :raises Unreadable: anything else.
    """
    try:
        return _collect(triples.encode(), ox.RdfFormat.N_TRIPLES, None, lenient=True)
    except (SyntaxError, ValueError) as err:
        raise Unreadable(RDF_BROKEN, detail=_detail(err)) from None


def _collect(body: bytes, form: ox.RdfFormat, base: str | None, *, lenient: bool = False) -> Index:
    found: Index = defaultdict(list)
    with _nothing_to_collect():
        for quad in ox.parse(body, format=form, base_iri=base, lenient=lenient):
            found[quad.subject].append((quad.predicate.value, quad.object))
    return found


@contextmanager
def _nothing_to_collect() -> Generator[None]:
    """Keep Python from looking for garbage again and again while much is made of which all is kept.

    In a process with the whole portal in memory, its looks cost more than the parsing.
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def _detail(err: Exception) -> str:
    return re.sub(r"\s+", " ", str(err.args[0] if err.args else err))[:160]


def _repaired(body: bytes, form: ox.RdfFormat, base: str, err: Exception) -> Index:
    if form == ox.RdfFormat.RDF_XML:
        body = _repaired_xml(body)
    try:
        return _collect(body, form, base, lenient=True)
    except (SyntaxError, ValueError, OSError):
        raise Unreadable(RDF_BROKEN, detail=_detail(err)) from None


def _repaired_xml(body: bytes) -> bytes:
    """Escape addresses that hold spaces, and drop what stands inside an element that already points elsewhere."""
    root = guard.read_xml(body)
    about, resource = (f"{{{_RDF}}}{name}" for name in ("about", "resource"))
    for element in root.iter():
        for name in (about, resource):
            if name in element.attrib:
                element.attrib[name] = quote(element.attrib[name].strip(), safe="%/:=&?~#+!$,;'@()*[]-._")
        if resource in element.attrib:
            element.text = None
            for child in list(element):
                element.remove(child)
    return etree.tostring(root)


@cache
def _bundled() -> dict[str, Any]:
    return json.loads(Path(__file__).with_name("contexts.json").read_text("utf-8"))


def _with_bundled_contexts(body: bytes) -> bytes:
    document = guard.read_json(body)
    try:
        return json.dumps(_replace_contexts(document)).encode()
    except RecursionError:
        raise Unreadable(guard.JSON_DEEP) from None


def _replace_contexts(node: Any) -> Any:
    if isinstance(node, list):
        return [_replace_contexts(item) for item in node]
    if isinstance(node, dict):
        return {
            key: _local_context(value) if key == "@context" else _replace_contexts(value)
            for key, value in node.items()
            if key != "@import"
        }
    return node


def _local_context(context: Any) -> Any:
    if isinstance(context, str):
        address = re.sub(r"^https?://(www\.)?", "", context).rstrip("/#")
        known = _bundled()
        for pattern, name in known["addresses"].items():
            if re.fullmatch(pattern, address):
                return known["contexts"][name]
        raise Unreadable(RDF_CONTEXT, context=context[:200])
    if isinstance(context, list):
        return [_local_context(item) for item in context]
    if isinstance(context, dict):
        return {key: _replace_contexts(value) for key, value in context.items() if key != "@import"}
    return context


def datasets(triples: Index) -> list[Any]:
    """Give the subjects that are datasets, in the order of the document."""
    kinds = {DCAT + "Dataset", DCAT + "DatasetSeries"}
    return [
        subject
        for subject, facts in triples.items()
        if any(p == RDF_TYPE and isinstance(o, ox.NamedNode) and o.value in kinds for p, o in facts)
    ]


def next_page(triples: Index) -> tuple[str, int | None]:
    """Give the address of the next page (empty on the last) and the number of items in all, by Hydra."""
    address, total = "", None
    for facts in triples.values():
        for predicate, value in facts:
            if predicate in (HYDRA + "next", HYDRA + "nextPage"):
                address = text(value) or address
            elif predicate == HYDRA + "totalItems" and text(value).isdigit():
                total = int(text(value))
    return address, total


def text(term: Any) -> str:
    """Give a term's text: a literal's value, an address, nothing for a blank node."""
    return "" if isinstance(term, ox.BlankNode) else term.value


def closure(triples: Index, subject: Any, others: frozenset[Any]) -> tuple[str, str]:
    """Give a dataset's own triples as N-Triples, and a hash of them free of order and of blank nodes' names.

    Follows what the dataset points at, except other datasets (`others`), catalogues and records about it.
    """
    rows: list[str] = []
    names: dict[Any, str] = {}

    def visit(node: Any, path: tuple[Any, ...]) -> str:
        facts = triples.get(node)
        shown = str(node)
        if isinstance(node, ox.BlankNode):
            shown = names.setdefault(node, f"_:b{len(names)}")
        if facts is None or node in path or len(rows) > 20 * MAX_NODES or len(path) > 12:
            return "" if isinstance(node, ox.BlankNode) else shown
        content: list[str] = []
        for predicate, value in facts:
            if isinstance(value, ox.Literal):
                inner = written = str(value)
            elif predicate in _STOP or value in others or value not in triples or _is_border(triples[value]):
                inner = written = (
                    names.setdefault(value, f"_:b{len(names)}") if isinstance(value, ox.BlankNode) else str(value)
                )
                if isinstance(value, ox.BlankNode):
                    inner = "_"
            elif value in seen and not isinstance(value, ox.BlankNode):
                inner = written = str(value)
            else:
                if not isinstance(value, ox.BlankNode):
                    seen.add(value)
                inner = visit(value, (*path, node))
                written = names.setdefault(value, f"_:b{len(names)}") if isinstance(value, ox.BlankNode) else str(value)
            content.append(f"{predicate} {inner}")
            rows.append(f"{shown} <{predicate}> {written} .")
        content.sort()
        joined = "\n".join(content)
        own = "" if isinstance(node, ox.BlankNode) else shown
        return hashlib.blake2b(f"{own}{{{joined}}}".encode(), digest_size=24).hexdigest()

    seen: set[Any] = {subject}
    digest = visit(subject, ())
    return "\n".join(dict.fromkeys(rows)) + "\n", digest


def _is_border(facts: list[tuple[str, Any]]) -> bool:
    return any(p == RDF_TYPE and isinstance(o, ox.NamedNode) and o.value in _BORDERS for p, o in facts)
