"""Each form of the portal can be undone, warns first, or takes nothing away, and says which."""

from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from .undoing import HARMLESS, UNDONE, WARNED

pytestmark = pytest.mark.usefixtures("rooms_db")

ROOMS = Path(__file__).parents[2] / "ckanext-lrtzc" / "ckanext" / "lrtzc"


def forms() -> set[str]:
    """Give the endpoints that take a POST."""
    from ckan.tests.helpers import _get_test_app

    return {rule.endpoint for rule in _get_test_app().flask_app.url_map.iter_rules() if "POST" in (rule.methods or ())}


def test_every_form_is_in_the_list_and_the_list_has_no_other():
    known, patterns = forms(), [*UNDONE, *WARNED, *HARMLESS]
    missing = sorted(name for name in known if not any(fnmatchcase(name, pattern) for pattern in patterns))
    assert not missing, f"neither undone, warned of nor harmless in tests/contract/undoing.py: {missing}"
    left = [pattern for pattern in patterns if not any(fnmatchcase(name, pattern) for name in known)]
    assert not left, f"patterns that nothing matches any more: {left}"


def test_every_operation_of_the_registry_is_offered_somewhere():
    from ckanext.lrtzc.undo.api import known

    assert {each for operations in UNDONE.values() for each in operations} == set(known())


def test_what_is_for_good_is_said_in_both_languages_before_the_button():
    from babel.messages.pofile import read_po

    said = set()
    for path in ROOMS.glob("*/i18n/fr.po"):
        with path.open("rb") as file:
            said |= {each.id for each in read_po(file, locale="fr") if isinstance(each.id, str) and each.string}
    for template, sentence in WARNED.values():
        assert sentence in (ROOMS / template).read_text(), template
        assert any(sentence in each for each in said), template
