"""What tests of quality share: a dataset, a file with good rows, and ways to send and to make rules."""

import io

import pytest
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.lrtzc.quality.tests.tables import GOOD


@pytest.fixture
def package(rooms_db):
    """Give a dataset of an organisation, and its editor's name."""
    user = factories.User()
    organisation = factories.Organization(users=[{"name": user["name"], "capacity": "editor"}])
    return factories.Dataset(owner_org=organisation["id"], license_id="etalab-2.0") | {"editor": user["name"]}


@pytest.fixture
def send(package):
    """Send a file and load it at once; gives the batch."""
    from ckanext.lrtzc.batches.api import submit_file

    def send(data, **options):
        stream = io.BytesIO(data.encode())
        return submit_file(package["id"], stream, "table.csv", package["editor"], wait=True, **options)

    return send


@pytest.fixture
def file(send):
    """Give the identifier of a file with good rows."""
    batch = send(GOOD)
    assert batch["state"] == "integrated", batch
    return batch["resource_id"]


@pytest.fixture
def rule(package, file):
    """Add a rule to the file."""

    def rule(kind, columns=(), failure="flag", **given):
        least = given.pop("least", 1.0)
        asked = {"resource_id": file, "kind": kind, "columns": list(columns), "params": given}
        return call_action(
            "lrtzc_quality_rule_create", {"user": package["editor"]}, failure=failure, least=least, **asked
        )

    return rule
