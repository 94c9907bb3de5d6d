"""Strings that break programs, in every field: kept or refused, never a failure, never alive in a page."""

import json

import ckan.plugins.toolkit as tk
import pytest
from ckan.tests.helpers import call_action

from ckanext.lrtzc.objects import api

pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index")

OWN = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "{{ 7*7 }}{% raw %}",
    "\x00\x01\ud800",
    "\u202e\u2066txt.exe",
    "' OR 1=1; --",
    "A" * 40_000,
    "[" * 3_000,
    '{"a":' * 500,
    "%00%s%n{0}{title}",
    "../../etc/passwd",
    "*:* OR +state:deleted",
    "\n\r\t ",
]
TEXTS = ("title", "notes", "provenance", "version", "version_notes", "identifier")
SINGLES = (
    *("name", "license_id", "owner_org", "url", "frequency", "access_rights", "issued", "modified", "spatial", "uri"),
    *("temporal_resolution", "spatial_resolution_in_meters", "state", "type_", "tag_string"),
)
LISTS = (
    "axis",
    "theme",
    "language",
    "hvd_category",
    "documentation",
    "conforms_to",
    "applicable_legislation",
    "communes",
)


@pytest.fixture(scope="module")
def strings(shared_data):
    return [*OWN, *json.loads((shared_data / "hostile" / "blns.json").read_text("utf-8"))]


def everywhere(text):
    return {
        **dict.fromkeys((*TEXTS, *SINGLES), text),
        **{name: [text] for name in LISTS},
        "contact": [{"name": text, "email": text, "url": text, text[:50]: text}],
        "temporal_coverage": [{"start": text, "end": text}],
        "spatial_coverage": [{"text": text, "geom": text}],
        "tags": [{"name": text}],
        "extras": [{"key": text, "value": text}],
        "resources": [{"url": text, "name": text, "description": text, "format": text, "size": text, "hash": text}],
    }


def test_the_checks_never_fail(strings):
    for text in strings:
        _data, errors = api.validate_dataset(everywhere(text))
        assert isinstance(errors, dict)


def test_texts_are_kept_and_indexed(strings, organisation):
    user = call_action("get_site_user")["name"]
    kept = 0
    for number, text in enumerate([*OWN, *strings[len(OWN) :: 60]]):
        fields = {name: text for name in TEXTS if name != "version"}
        data = {
            **fields,
            "name": f"hostile-{number}",
            "owner_org": organisation["id"],
            "contact": [{"name": text}],
            "extras": [{"key": f"k{number}", "value": text}],
            "resources": [{"url": "https://example.org/x.csv", "name": text, "description": text}],
        }
        try:
            call_action("package_create", {"user": user}, **data)
        except tk.ValidationError:
            continue
        kept += 1
    assert kept > len(OWN) / 2
    assert call_action("package_search")["count"] == kept


def test_pages_show_them_as_text(app, editor, organisation):
    app.set_session_user(editor["id"])
    for raw in OWN[:6]:
        text = raw.encode("utf-8", "ignore").decode()
        fields = dict.fromkeys((*TEXTS, *SINGLES, *LISTS), text)
        fields |= {"contact-name": text, "contact-email": text, "contact-url": text, "owner_org": organisation["id"]}
        refused = app.post("/dataset/new", data={**fields, "form_id": text}, follow_redirects=False)
        assert refused.status_code == 422
        assert text not in refused.body or not text.startswith(("<", '"'))
        kept = {"title": text, "notes": text, "contact-name": text, "owner_org": organisation["id"]}
        saved = app.post("/dataset/new", data={**kept, "form_id": text + "2"}, follow_redirects=False)
        assert saved.status_code in (303, 422)
        if saved.status_code == 422:
            continue
        identifier = saved.headers["Location"].split("/")[-2]
        for path in (
            f"/dataset/edit/{identifier}/describe",
            f"/dataset/edit/{identifier}/review",
            f"/dataset/{identifier}",
        ):
            page = app.get(path, status=200).body
            assert "<script>alert(1)" not in page
            assert "<img src=x" not in page
        box = {
            "area": "box",
            "west": text,
            "south": text,
            "east": text,
            "north": text,
            "communes": text,
            "frequency": text,
        }
        box |= {"temporal_coverage-start": text, "temporal_coverage-end": text}
        answer = app.post(f"/dataset/edit/{identifier}/coverage", data=box, follow_redirects=False)
        assert answer.status_code == 422
        assert "<script>alert(1)" not in answer.body
        link = {"url": text, "name": text, "description": text, "format": text}
        assert app.post(f"/dataset/edit/{identifier}/files", data=link, follow_redirects=False).status_code == 422
