"""Template helpers of the room."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import ckan.plugins.toolkit as tk
from flask import has_request_context
from markupsafe import Markup

from ckanext.lrtzc.delivery.wsgi import NONCE

_TAG = re.compile(r"<(script|link)\b(?![^>]*\bnonce=)")


def lrtzc_csp_nonce() -> str:
    """Give the nonce that scripts and styles of this page carry."""
    return tk.request.environ.get(NONCE, "") if has_request_context() else ""


@tk.chained_helper
def render_assets(next_helper: Callable[..., Any], *args: Any, **kwargs: Any) -> Markup:
    """Render the tags of the page's bundles, each with the page's nonce."""
    return Markup(_TAG.sub(rf'<\1 nonce="{lrtzc_csp_nonce()}"', str(next_helper(*args, **kwargs))))  # noqa: S704


_TEXTS = 4_096


#: What may mean something in Markdown or HTML; a text without it is its own plain text.
_MARKED = re.compile(r"[*_`#<>&\[\\\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|^[ \t\d+=:~-]", re.MULTILINE)


@lru_cache(maxsize=_TEXTS)
def _plain(helper: Callable[..., str], text: str) -> str:
    return helper(text, 0)


def _shorten(text: str, length: int) -> str:
    """Give as many whole words as fit with an ellipsis; `textwrap.shorten` would fold the whole text for it."""
    if len(text) <= length:
        return text
    room = max(0, length - 3)
    words = text[: room + 1].rpartition(" ")[0] or text[:room]
    return words.rstrip(" .,;:!?") + "…"


@tk.chained_helper
def markdown_extract(next_helper: Callable[..., str], text: str, extract_length: int = 190) -> str:
    """Give the beginning of Markdown as plain text; most texts of a list are plain already.

    :param extract_length: letters given at most, 0 for all
    """
    if not text:
        return ""
    plain = _plain(next_helper, text) if _MARKED.search(text) else " ".join(text.split())
    if not extract_length or len(plain) < extract_length:
        return plain
    return _shorten(" ".join(plain.split()), extract_length)


@lru_cache(maxsize=_TEXTS)
def _rendered(helper: Callable[..., str], language: str, text: str, auto_link: bool, allow_html: bool) -> str:
    return helper(text, auto_link, allow_html)


@tk.chained_helper
def render_markdown(
    next_helper: Callable[..., str], data: str, auto_link: bool = True, allow_html: bool = False
) -> str:
    """Render Markdown. Links in it depend on the language, so that is part of what is kept."""
    return _rendered(next_helper, tk.h.lang(), data, auto_link, allow_html) if data else ""
