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


@lru_cache(maxsize=_TEXTS)
def _extracted(helper: Callable[..., str], text: str, length: int) -> str:
    return helper(text, length)


@tk.chained_helper
def markdown_extract(next_helper: Callable[..., str], text: str, extract_length: int = 190) -> str:
    """Give the plain text of Markdown. The same text gives the same answer, so it is read once."""
    return _extracted(next_helper, text, extract_length) if text else ""


@lru_cache(maxsize=_TEXTS)
def _rendered(helper: Callable[..., str], language: str, text: str, auto_link: bool, allow_html: bool) -> str:
    return helper(text, auto_link, allow_html)


@tk.chained_helper
def render_markdown(
    next_helper: Callable[..., str], data: str, auto_link: bool = True, allow_html: bool = False
) -> str:
    """Render Markdown. Links in it depend on the language, so that is part of what is kept."""
    return _rendered(next_helper, tk.h.lang(), data, auto_link, allow_html) if data else ""
