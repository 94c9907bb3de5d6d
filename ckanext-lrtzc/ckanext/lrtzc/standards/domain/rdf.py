"""Writing an rdflib graph in Turtle, RDF/XML and JSON-LD, fast, leaving out what a syntax can't carry."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import RDF, XSD

from .dcat import PREFIXES
from .values import text

CONTENT_TYPES = {
    "ttl": "text/turtle",
    "xml": "application/rdf+xml",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
    "n3": "text/n3",
}
_FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "n3": ox.RdfFormat.N3,
    "xml": ox.RdfFormat.RDF_XML,
    "rdf": ox.RdfFormat.RDF_XML,
}
# JSON-LD processors would have to fetch a named context; ours is written in the document.
CONTEXT = {prefix: namespace for prefix, namespace in PREFIXES.items() if prefix != "rdf"}
_Triple = tuple[Any, Any, Any]


class QuietGraph(Graph):
    """A graph whose prefixes are set when it is written: profiles bind thirty of them for every dataset."""

    def bind(self, *_args: Any, **_options: Any) -> None:
        """Do nothing."""


def write(graph: Graph, form: str) -> bytes:
    """Write `graph` in `form`: `ttl`, `n3`, `xml`, `rdf` or `jsonld`. UTF-8.

    :raises KeyError: for another form.
    """
    ordered = _by_subject(graph)
    if form == "jsonld":
        return _json_ld(ordered)
    kind = _FORMATS[form]
    prefixes = {name: address for name, address in PREFIXES.items() if name != "rdf"}
    written = ox.serialize(_quads(ordered), format=kind, prefixes=prefixes)
    return written or b""


def _by_subject(graph: Graph) -> dict[Any, list[tuple[Any, Any]]]:
    """Group by subject, types first: XML then has typed elements, and readers see the class before the rest."""
    grouped: dict[Any, list[tuple[Any, Any]]] = {}
    for subject, predicate, value in graph:
        pairs = grouped.setdefault(subject, [])
        if predicate == RDF.type:
            pairs.insert(sum(1 for known, _ in pairs if known == RDF.type), (predicate, value))
        else:
            pairs.append((predicate, value))
    for pairs in grouped.values():
        pairs.sort(key=lambda pair: (pair[0] != RDF.type, str(pair[0])))
    return grouped


def _quads(grouped: dict[Any, list[tuple[Any, Any]]]) -> Iterator[ox.Triple]:
    terms: dict[Any, Any] = {}
    for subject, pairs in grouped.items():
        one = _term(subject, terms)
        if one is None:
            continue
        for predicate, value in pairs:
            name, term = _term(predicate, terms), _term(value, terms)
            if name is not None and term is not None:
                yield ox.Triple(one, name, term)


def _term(node: Any, known: dict[Any, Any]) -> Any:
    if isinstance(node, Literal):
        return _literal(node)
    if node not in known:
        try:
            known[node] = ox.BlankNode(str(node)) if isinstance(node, BNode) else ox.NamedNode(str(node))
        except ValueError:
            known[node] = None
    return known[node]


def _literal(node: Literal) -> Any:
    cleaned = text(str(node))
    if cleaned is None:
        return None
    try:
        if node.language:
            return ox.Literal(cleaned, language=node.language)
        if node.datatype and node.datatype != XSD.string:
            return ox.Literal(cleaned, datatype=ox.NamedNode(str(node.datatype)))
    except ValueError:
        return ox.Literal(cleaned)
    return ox.Literal(cleaned)


def _json_ld(grouped: dict[Any, list[tuple[Any, Any]]]) -> bytes:
    nodes = [node for subject, pairs in grouped.items() if (node := _node(subject, pairs))]
    return json.dumps({"@context": CONTEXT, "@graph": nodes}, ensure_ascii=False, indent=1).encode()


def _node(subject: Any, pairs: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    if not _writable(subject):
        return {}
    node: dict[str, Any] = {"@id": _name(subject)}
    for predicate, value in pairs:
        if not _writable(value) or not _writable(predicate):
            continue
        key = "@type" if predicate == RDF.type else _short(predicate)
        node.setdefault(key, []).append(_short(value) if key == "@type" else _value(value))
    return {key: value[0] if isinstance(value, list) and len(value) == 1 else value for key, value in node.items()}


def _writable(node: Any) -> bool:
    return text(str(node)) is not None if isinstance(node, Literal) else _term(node, {}) is not None


def _name(node: Any) -> str:
    return f"_:{node}" if isinstance(node, BNode) else str(node)


def _short(node: Any) -> str:
    if isinstance(node, BNode):
        return _name(node)
    address = str(node)
    for prefix, namespace in CONTEXT.items():
        rest = address[len(namespace) :]
        if rest and address.startswith(namespace) and rest.replace("_", "").isalnum():
            return f"{prefix}:{rest}"
    return address


def _value(node: Any) -> Any:
    if isinstance(node, URIRef | BNode):
        return {"@id": _name(node)}
    content = text(str(node)) or ""
    if node.language:
        return {"@value": content, "@language": node.language}
    if node.datatype and node.datatype != XSD.string:
        return {"@value": content, "@type": _short(node.datatype)}
    return content
