"""Subresource Integrity of our own bundles, so that a script changed on its way or on a cache doesn't run.

Source: W3C, Subresource Integrity, section 3.3.
"""

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path

import ckan.plugins.toolkit as tk

#: A bundle's name begins with a digest of its content, so what a name stands for never changes.
_BUNDLE = re.compile(r"/webassets/(?P<path>[\w./-]*/[0-9a-f]{8}_[\w.-]+)$")


def integrity_of(url: str) -> str:
    """Give the digest that a browser compares, `sha384-…`; nothing for what isn't a bundle of ours.

    :param url: address of a style sheet or script, as the page names it.
    """
    found = _BUNDLE.search(url.split("?")[0])
    folder = tk.config.get("ckan.webassets.path")
    if not found or not folder or ".." in found["path"]:
        return ""
    try:
        path = Path(folder) / found["path"]
        return _digest(path, path.stat().st_mtime_ns)
    except OSError:
        return ""


@lru_cache(maxsize=64)
def _digest(path: Path, _written: int) -> str:
    # Another process may be writing the file at the first look: what is read then holds for that moment only.
    return "sha384-" + base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()
