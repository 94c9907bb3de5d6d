"""Which feeds the hub sends: those of objects that everybody sees and of which nothing is held back."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.access.api import is_held_back
from ckanext.lrtzc.following.api import address_of, feed_at, public_object, written_feed
from ckanext.lrtzc.translation import speaking


def hub_address() -> str:
    """Give the hub's address, the same in all languages."""
    return tk.h.url_for("lrtzc_hub.hub", qualified=True, locale="default")


def is_sent(package: Any) -> bool:
    """Say whether the feed of an object that everybody sees is sent to programs without an account."""
    return not is_held_back(package.id)


def topic_of(name_or_id: str) -> str:
    """Give the address of an object's feed in the language of the request; empty where it isn't sent."""
    package = public_object(name_or_id)
    return address_of(package) if package is not None and is_sent(package) else ""


def package_of(topic: str) -> str | None:
    """Give the identifier of the object whose feed a program names; None where that isn't sent."""
    found = feed_at(topic)
    return found[0].id if found is not None and is_sent(found[0]) else None


def content_of(topic: str, package_id: str) -> bytes | None:
    """Write a feed as it is now; None where it isn't sent any more, or its address is another object's by now."""
    found = feed_at(topic)
    if found is None or found[0].id != package_id or not is_sent(found[0]):
        return None
    package, locale = found
    with speaking(str(tk.config["ckan.locale_default"]) if locale == "default" else locale):
        return written_feed(package, topic, locale)
