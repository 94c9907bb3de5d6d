"""Template helpers of the room."""

import re
from collections.abc import Callable
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
