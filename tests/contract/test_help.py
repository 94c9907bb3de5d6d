"""Each page of the portal has its help, or shows no page."""

from fnmatch import fnmatchcase

import pytest

from .helpless import NO_PAGE

pytestmark = pytest.mark.usefixtures("rooms_db")


def test_every_page_has_a_topic_or_a_reason():
    from ckan.tests.helpers import _get_test_app

    from ckanext.lrtzc.help.helpers import known
    from ckanext.lrtzc.help.topics import for_page

    rules = _get_test_app().flask_app.url_map.iter_rules()
    pages = {rule.endpoint for rule in rules if "GET" in (rule.methods or ())}
    topics = known()
    helpless = sorted(
        name
        for name in pages
        if not for_page(topics, name) and not any(fnmatchcase(name, pattern) for pattern in NO_PAGE)
    )
    assert not helpless, f"no topic in help/topics/topics.yaml, and no reason in tests/contract/helpless.py: {helpless}"
    left = [each for each in NO_PAGE if not any(fnmatchcase(name, each) for name in pages)]
    left += [page for topic in topics for page in topic.pages if not any(fnmatchcase(name, page) for name in pages)]
    assert not left, f"patterns that nothing matches any more: {left}"
