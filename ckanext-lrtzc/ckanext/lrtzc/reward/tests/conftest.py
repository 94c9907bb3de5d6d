"""People of the tests of points."""

import pytest
from ckan.tests import factories

from ckanext.lrtzc.accounts.tests.conftest import letters, mail_sink

__all__ = ["letters", "mail_sink"]


@pytest.fixture
def person(rooms_db):
    """Give a function that makes somebody whose names no pseudonym of the tests holds."""
    return lambda **more: factories.User(fullname="Xanthippe Quelconque", **more)
