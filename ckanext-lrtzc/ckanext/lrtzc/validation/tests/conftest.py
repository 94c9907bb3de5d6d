"""A dataset whose owner asks for moderators, and the letters that are mailed."""

from types import SimpleNamespace

import pytest

from ckanext.lrtzc.batches.tests.conftest import integrated
from ckanext.lrtzc.moderation.tests.judging import told
from ckanext.lrtzc.objects.tests.test_datasets import run

__all__ = ["integrated", "told"]


@pytest.fixture
def place(rooms_db):
    """Give a dataset, its editor who sends data, and two moderators who may not change it."""
    from ckan.tests import factories

    editor, one, two = (factories.User() for _ in range(3))
    organisation = factories.Organization(users=[{"name": editor["name"], "capacity": "editor"}])
    dataset = factories.Dataset(owner_org=organisation["id"], license_id="etalab-2.0", title="Arbres")
    return SimpleNamespace(dataset=dataset, editor=editor, one=one, two=two, organisation=organisation)


@pytest.fixture
def demand(place):
    """Ask for moderators, by default for both to agree."""

    def demand(*moderators, **asked):
        named = [each["name"] for each in moderators or (place.one, place.two)]
        asked = {"rule": "unanimity", **asked}
        return run("lrtzc_validation_demand_update", place.editor, id=place.dataset["id"], moderators=named, **asked)

    return demand


@pytest.fixture
def send(place):
    """Send a file and have it go as far as it can; gives the batch."""
    import io

    from ckanext.lrtzc.batches.api import submit_file

    def send(text, by=None, **options):
        stream, author = io.BytesIO(text.encode()), (by or place.editor)["name"]
        return submit_file(place.dataset["id"], stream, "arbres.csv", author, wait=True, **options)

    return send
