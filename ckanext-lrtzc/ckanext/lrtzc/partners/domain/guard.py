"""Reading what partners send without falling into traps: entities, depth, pages that aren't data."""

import json
from typing import Any

from ckanext.lrtzc import safexml
from ckanext.lrtzc.partners.domain.record import Reply, Unreadable
from ckanext.lrtzc.translation import mark

HTML = mark("The partner answered with a web page instead of data.")
XML_ENTITIES = mark("The partner's XML declares entities, which is refused.")
XML_BROKEN = mark("The partner's XML is broken (line %(line)s).")
JSON_BROKEN = mark("The partner's JSON is broken (line %(line)s, column %(column)s).")
JSON_DEEP = mark("The partner's JSON is nested beyond reason.")
EMPTY = mark("The partner sent an empty answer.")
NOT_TEXT = mark("The partner's answer is not in a known text encoding.")


def refuse_html(reply: Reply) -> None:
    """Refuse an answer that is a web page.

    :raises Unreadable: an empty answer, or HTML by its type or its first words.
    """
    start = reply.body[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        raise Unreadable(EMPTY)
    looks = start.startswith((b"<!doctype html", b"<html"))
    if looks or (reply.media_type == "text/html" and not start.startswith((b"<?xml", b"<rdf", b"<csw", b"{", b"["))):
        raise Unreadable(HTML)


def refuse_entities(body: bytes) -> None:
    """Refuse XML that declares entities (billion laughs, external files), before a parser of RDF sees it.

    :raises Unreadable: where a declaration stands.
    """
    if b"<!ENTITY" in body.replace(b"\0", b""):
        raise Unreadable(XML_ENTITIES)


def read_xml(body: bytes) -> Any:
    """Parse XML into an lxml element, without entities, network or unbounded depth.

    :raises Unreadable: broken, or with entities.
    """
    refuse_entities(body)
    try:
        return safexml.parse(body)
    except safexml.EntitiesRefused:
        raise Unreadable(XML_ENTITIES) from None
    except safexml.BrokenXml as err:
        raise Unreadable(XML_BROKEN, line=err.line or 1) from None


def read_json(body: bytes) -> Any:
    """Parse JSON.

    :raises Unreadable: broken, too deep, or not UTF-8.
    """
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=lambda _word: None)
    except json.JSONDecodeError as err:
        raise Unreadable(JSON_BROKEN, line=err.lineno, column=err.colno) from None
    except RecursionError:
        raise Unreadable(JSON_DEEP) from None
    except (UnicodeDecodeError, ValueError):
        raise Unreadable(NOT_TEXT) from None
