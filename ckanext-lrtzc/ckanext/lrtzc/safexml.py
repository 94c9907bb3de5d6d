"""Parsing XML that strangers sent: entities are refused, nothing is fetched, depth and size keep libxml2's limits.

The one place that says how (OWASP, XML External Entity Prevention). Rooms word the refusals.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

Node = Any
"""An element of lxml, which has no types of its own."""

_SAFE = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


class BrokenXml(ValueError):
    """It isn't well-formed, or deeper or larger than libxml2 accepts. `line` counts from 1, None where unknown."""

    def __init__(self, reason: str, line: int | None):
        super().__init__(reason)
        self.line = line


class EntitiesRefused(ValueError):
    """It declares or uses entities of its own. `line` counts from 1, None where unknown."""

    def __init__(self, line: int | None = None):
        super().__init__("entities are not accepted")
        self.line = line


def parse(data: bytes) -> Node:
    """Give the document's element.

    :raises BrokenXml: where it can't be parsed.
    :raises EntitiesRefused: where it has entities.
    """
    try:
        found = etree.fromstring(data, etree.XMLParser(**_SAFE))
    except etree.XMLSyntaxError as error:
        raise _refusal(error) from error
    except ValueError as error:
        raise BrokenXml(str(error), None) from error
    _refuse_entities(found)
    return found


def events(file: BinaryIO) -> Iterator[tuple[str, Node]]:
    """Give (`start` or `end`, element) as the file is read; the caller clears what it is done with.

    :raises BrokenXml: where it can't be parsed further.
    :raises EntitiesRefused: where it has entities.
    """
    checked = False
    try:
        for event, element in etree.iterparse(file, events=("start", "end"), **_SAFE):
            if not checked:
                checked = True
                _refuse_entities(element)
            yield event, element
    except etree.XMLSyntaxError as error:
        raise _refusal(error) from error


def has_doctype(node: Node) -> bool:
    """Say whether a document has a type declaration."""
    return bool(node.getroottree().docinfo.doctype)


def local(name: Any) -> str:
    """Give the name of an element or attribute without its namespace; nothing for what has no name."""
    return name.rpartition("}")[2] if isinstance(name, str) else ""


def _refuse_entities(node: Node) -> None:
    declared = node.getroottree().docinfo.internalDTD
    if declared is not None and any(declared.iterentities()):
        raise EntitiesRefused(1)


def _refusal(error: Any) -> ValueError:
    line = error.lineno or None
    if "ntity" in str(error):
        return EntitiesRefused(line)
    return BrokenXml(str(error.msg), line)
