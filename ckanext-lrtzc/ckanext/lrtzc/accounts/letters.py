"""Letters about an account, in the language of who receives them, by CKAN's mailer."""

import logging
from typing import Any

import ckan.plugins.toolkit as tk
from flask import has_request_context

from ckanext.lrtzc.translation import speaking

__all__ = ["can_be_sent", "language", "link", "send", "speaking"]

log = logging.getLogger(__name__)


def can_be_sent() -> bool:
    """Say whether this portal knows a mail server: CKAN drops letters silently otherwise."""
    return bool(tk.config.get("smtp.server"))


def language() -> str:
    """Give the language of the page that is asked for; the portal's where none is."""
    return str((tk.h.lang() if has_request_context() else "") or tk.config["ckan.locale_default"])


def link(code: str, endpoint: str, **values: Any) -> str:
    """Give a full address of a page in a language."""
    return str(tk.h.url_for(endpoint, qualified=True, locale=code, **values))


def send(address: str, subject: str, *paragraphs: str, headers: dict[str, str] | None = None) -> None:
    """Send a letter; what fails is logged without the address.

    :param headers: more of the letter's headers, by name
    """
    site = tk.config.get("ckan.site_title", "")
    greeting, farewell = tk._("Hello,"), tk._("The team of {site}").format(site=site)
    body = "\n\n".join((greeting, *filter(None, paragraphs), farewell)) + "\n"
    try:
        more = {"headers": headers} if headers else {}
        tk.mail_recipient(address, address, " ".join(f"[{site}] {subject}".split()), body, **more)
    except Exception:
        log.exception("A letter about an account could not be sent")
        raise
