"""Building XML with namespaces, and reading XML that a stranger sent."""

from collections.abc import Iterable
from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from ckanext.lrtzc import safexml

from .values import text

NS = {
    "csw": "http://www.opengis.net/cat/csw/2.0.2",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dct": "http://purl.org/dc/terms/",
    "gco": "http://www.isotc211.org/2005/gco",
    "gmd": "http://www.isotc211.org/2005/gmd",
    "gml": "http://www.opengis.net/gml",
    "ogc": "http://www.opengis.net/ogc",
    "ows": "http://www.opengis.net/ows",
    "xlink": "http://www.w3.org/1999/xlink",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
GML_32 = "http://www.opengis.net/gml/3.2"
Node = Any
"""An element of lxml, which has no types of its own."""


def tag(name: str) -> str:
    """Give `prefix:name` as lxml writes it, `{namespace}name`; a name without prefix stays."""
    prefix, colon, local = name.partition(":")
    return f"{{{NS[prefix]}}}{local}" if colon else name


def make(name: str, /, *content: Any, **attributes: str | None) -> Node:
    """Make an element: texts and elements as content (None is skipped); `a__b` in attributes stands for `a:b`."""
    prefix = name.partition(":")[0]
    node = etree.Element(tag(name), nsmap={prefix: NS[prefix]} if prefix in NS else None)
    fill(node, content)
    for key, value in attributes.items():
        if value is not None:
            node.set(tag(key.replace("__", ":")), text(value) or "")
    return node


def root(name: str, *prefixes: str) -> Node:
    """Make a document's element that declares the namespaces of `prefixes`."""
    return etree.Element(tag(name), nsmap={prefix: NS[prefix] for prefix in prefixes})


def fill(node: Node, content: Iterable[Any]) -> Node:
    """Append elements and texts to an element and give it back; None is skipped."""
    for part in content:
        if part is None:
            continue
        if isinstance(part, str):
            node.text = (node.text or "") + (text(part) or "")
        elif isinstance(part, list):
            fill(node, part)  # pyright: ignore[reportUnknownArgumentType]
        else:
            node.append(part)
    return node


def write(node: Node) -> bytes:
    """Write a document in UTF-8 with its declaration."""
    # Values such as `gml:Envelope` need their prefix, which only elements would keep.
    etree.cleanup_namespaces(node, keep_ns_prefixes=["gml", "csw"])
    return etree.tostring(node, xml_declaration=True, encoding="UTF-8")


class UnreadableXml(ValueError):
    """The text isn't XML that we accept; the message says why."""


def read(data: bytes) -> Node:
    """Parse XML from outside: no document type, no entity, no network, no more than 256 levels.

    :raises UnreadableXml: otherwise.
    """
    try:
        found = safexml.parse(data)
    except (safexml.BrokenXml, safexml.EntitiesRefused) as error:
        raise UnreadableXml(str(error)) from error
    if safexml.has_doctype(found):
        raise UnreadableXml("a document type declaration is not accepted")
    return found


def local(node: Node) -> str:
    """Give an element's name without its namespace."""
    return safexml.local(node.tag)
