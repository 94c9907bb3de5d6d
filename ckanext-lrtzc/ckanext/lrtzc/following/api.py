"""The room's door: the feed of an object as everybody sees it, for who hands it out."""

import re
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.lib.i18n import get_locales

from ckanext.lrtzc.following import feed
from ckanext.lrtzc.following.feed import MIMETYPE, address_of, public_object
from ckanext.lrtzc.following.model import Event

__all__ = ["MIMETYPE", "address_of", "feed_at", "newest_change", "public_object", "written_feed"]

_FEED = re.compile(r"/following/([A-Za-z0-9_-]{1,100})/feed\.atom\Z")


def feed_at(address: str) -> tuple[Any, str] | None:
    """Give the object whose feed calls itself by an address, and its language; None where no public one does.

    :returns: CKAN's row, and a locale: `default` where the address names none
    """
    found = _FEED.search(address)
    package = public_object(found.group(1)) if found else None
    if package is None:
        return None
    for locale in ("default", *get_locales()):
        if address_of(package, locale) == address:
            return package, locale
    return None


def written_feed(package: Any, itself: str, locale: str) -> bytes:
    """Write a feed of an object that everybody sees, in the language that is spoken.

    :param itself: its address; `locale`: as `feed_at` gives it
    """
    page = tk.h.url_for(f"{package.type}.read", id=package.name, qualified=True, locale=locale)
    language = str(tk.config["ckan.locale_default"]) if locale == "default" else locale
    return feed.document(package, feed.events_of(package.id), page, itself, language)


def newest_change(package_id: Any) -> Any:
    """Give, as a column, the identifier of the last change of an object that its feed tells; NULL where there is none.

    :param package_id: a column, or a value
    """
    changes = sa.select(sa.func.max(Event.id)).where(Event.package_id == package_id, Event.public.is_(True))
    return sa.func.coalesce(changes.scalar_subquery(), 0)
