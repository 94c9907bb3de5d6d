"""The feed of reuses, in Atom (RFC 4287)."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

import ckan.plugins.toolkit as tk

ATOM = "http://www.w3.org/2005/Atom"
# XML 1.0, 2.2: what a text may hold; the rest was cleaned when it was sent, but for these two.
_UNWRITABLE = str.maketrans(dict.fromkeys((0xFFFE, 0xFFFF)))


def write(reuses: Sequence[dict[str, Any]]) -> bytes:
    """Write reuses, as `lrtzc_reuse_list` gives them, the latest first."""
    ET.register_namespace("", ATOM)
    root = ET.Element(f"{{{ATOM}}}feed")
    here = tk.h.url_for("lrtzc_reuses.atom", qualified=True, locale="default")
    title = tk._("Reuses") + " – " + str(tk.config.get("ckan.site_title", ""))
    latest = max((each["changed"] for each in reuses), default=dt.datetime(1970, 1, 1, tzinfo=dt.UTC).isoformat())
    _text(root, "id", here)
    _text(root, "title", title)
    _text(root, "updated", latest)
    ET.SubElement(root, f"{{{ATOM}}}link", rel="self", href=here)
    listing = tk.h.url_for("lrtzc_reuses.index", qualified=True, locale="default")
    ET.SubElement(root, f"{{{ATOM}}}link", rel="alternate", href=listing)
    for each in reuses:
        entry = ET.SubElement(root, f"{{{ATOM}}}entry")
        _text(entry, "id", f"urn:uuid:{each['id']}")
        _text(entry, "title", each["title"])
        _text(entry, "updated", each["changed"])
        _text(entry, "published", each["published"])
        _text(ET.SubElement(entry, f"{{{ATOM}}}author"), "name", each["author"])
        ET.SubElement(entry, f"{{{ATOM}}}link", rel="alternate", href=each["page"])
        ET.SubElement(entry, f"{{{ATOM}}}link", rel="related", href=each["url"])
        _text(entry, "summary", each["description"])
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}{name}").text = text.translate(_UNWRITABLE)
