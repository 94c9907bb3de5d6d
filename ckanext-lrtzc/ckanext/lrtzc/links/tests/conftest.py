"""People and objects that the room's tests share."""

import pytest


@pytest.fixture
def person(rooms_db):
    """Give a person of no organisation."""
    from ckan.tests import factories

    return factories.User()


@pytest.fixture
def other(rooms_db):
    """Give another one."""
    from ckan.tests import factories

    return factories.User()


@pytest.fixture
def make(person):
    """Give a function that makes an object of `person`, or of another owner."""
    from ckanext.lrtzc.objects.tests.test_datasets import run
    from ckanext.lrtzc.objects.tests.test_kinds import of

    def make_one(kind="dataset", user=None, **more):
        return run("package_create", user or person, **of(kind, **more))

    return make_one
