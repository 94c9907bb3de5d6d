"""People and organisations that the room's tests share."""

import pytest


@pytest.fixture
def editor(rooms_db):
    """A person who edits for an organisation."""
    from ckan.tests import factories

    return factories.User()


@pytest.fixture
def organisation(editor):
    """The organisation that `editor` edits for."""
    from ckan.tests import factories

    return factories.Organization(users=[{"name": editor["name"], "capacity": "editor"}])
