"""The representation a client gets is the one it asked for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.lrtzc.standards.domain.negotiation import page_or_data

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "html"),
        ("", "html"),
        ("*/*", "html"),
        (BROWSER, "html"),
        ("text/turtle", "ttl"),
        ("TEXT/Turtle", "ttl"),
        ("application/ld+json, text/turtle;q=0.5", "jsonld"),
        ("text/html;q=0.4, application/rdf+xml;q=0.5", "xml"),
        ("text/*;q=0.3, application/ld+json;q=0.7", "jsonld"),
        ("text/html;q=0, */*;q=0.1", "html"),
        ("text/html;q=0, application/xhtml+xml;q=0, */*;q=0.1", "ttl"),
        ("image/png", None),
        ("text/turtle;q=0", None),
        ("text/turtle;q=abc", None),
        ("text/turtle;q=0.001", "ttl"),
        ("nonsense", "html"),
    ],
)
def test_quality_and_ranges(accept, expected):
    assert page_or_data(accept) == expected


@settings(deadline=None)
@given(st.text())
def test_any_header_is_answered(accept):
    assert page_or_data(accept) in {"html", "ttl", "jsonld", "xml", "n3", None}
