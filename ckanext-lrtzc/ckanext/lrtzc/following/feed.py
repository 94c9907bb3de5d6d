"""The feed of an object: what became of it, the latest first (Atom, RFC 4287)."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

import ckan.model as model
import ckan.plugins as p
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.following.domain.changes import ORDER, Change
from ckanext.lrtzc.following.model import Event
from ckanext.lrtzc.following.words import sentence
from ckanext.lrtzc.interfaces import IFeedHub
from ckanext.lrtzc.objects.api import TYPES, scrub

ATOM = "http://www.w3.org/2005/Atom"
MIMETYPE = "application/atom+xml"
# Changes that a feed names; older ones are on the page no more.
MOST = 50
ET.register_namespace("", ATOM)


def public_object(name_or_id: str) -> Any:
    """Give CKAN's row of an object that everybody sees, None where there is none."""
    package = model.Package.get(name_or_id)
    try:
        if package is None or package.type not in TYPES or package.state != "active":
            return None
        tk.check_access("package_show", {"user": ""}, {"id": package.id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return None
    return package


def address_of(package: Any, locale: str | None = None) -> str:
    """Give the address by which a feed calls itself, in the language of the request unless told."""
    return tk.h.url_for("lrtzc_following.feed", id=package.name, qualified=True, locale=locale)


def hubs_of(package: Any) -> list[str]:
    """Give the addresses where programs may ask to be sent the feed of a public object."""
    return [address for plugin in p.PluginImplementations(IFeedHub) for address in plugin.get_feed_hubs(package)]


def events_of(package_id: str) -> list[Any]:
    """Give what everybody could see become of an object, the latest first."""
    query = (
        sa.select(Event.id, Event.kinds, Event.happened)
        .where(Event.package_id == package_id, Event.public.is_(True))
        .order_by(Event.id.desc())
        .limit(MOST)
    )
    return list(model.Session.execute(query))


def document(package: Any, events: Sequence[Any], page: str, itself: str, language: str) -> bytes:
    """Write the feed of a public object.

    :param package: CKAN's row of it
    :param page: address of its page; `itself`: that of the feed
    """
    title = scrub(package.title or package.name)
    updated = events[0].happened if events else package.metadata_modified.replace(tzinfo=dt.UTC)
    feed = ET.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": language})
    _add(feed, "id", _identity(package.id))
    _add(feed, "title", title)
    _add(feed, "subtitle", tk._("What becomes of this object: versions, changes, withdrawal."))
    _add(feed, "updated", _moment(updated))
    _add(_add(feed, "author"), "name", str(tk.config.get("ckan.site_title") or ""))
    _add(feed, "link", rel="self", type=MIMETYPE, href=itself)
    for hub in hubs_of(package):
        _add(feed, "link", rel="hub", href=hub)
    _add(feed, "link", rel="alternate", type="text/html", href=page)
    for each in events:
        # what is new as a whole isn't said of its parts
        kinds = [Change.PUBLISHED] if Change.PUBLISHED in each.kinds else [k for k in ORDER if k in each.kinds]
        entry = _add(feed, "entry")
        _add(entry, "id", _identity(package.id, each.id))
        _add(entry, "title", " ".join(sentence(kind) for kind in kinds))
        _add(entry, "updated", _moment(each.happened))
        _add(entry, "link", rel="alternate", type="text/html", href=page)
        for kind in kinds:
            _add(entry, "category", term=Change(kind).value)
    return ET.tostring(feed, encoding="utf-8", xml_declaration=True)


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    child.text = text or None
    return child


def _identity(*parts: object) -> str:
    """Give an identifier that stays, whatever the portal's address and the object's name become."""
    return uuid.uuid5(uuid.NAMESPACE_OID, "/".join(map(str, parts))).urn


def _moment(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
