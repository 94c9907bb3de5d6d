"""What tests of batches share."""

import io
import uuid
from pathlib import Path

import pytest


@pytest.fixture
def package(rooms_db):
    """Give a dataset of an organisation, and its editor's name."""
    from ckan.tests import factories

    user = factories.User()
    organisation = factories.Organization(users=[{"name": user["name"], "capacity": "editor"}])
    dataset = factories.Dataset(owner_org=organisation["id"], license_id="etalab-2.0")
    return dataset | {"editor": user["name"]}


@pytest.fixture
def source(tmp_path):
    """Give a file as reading takes it, from its bytes, its path, or the files of an archive."""
    from ckanext.lrtzc.batches.domain.tables import Source

    from .made import zipped

    def source(data, name="x.zip"):
        if isinstance(data, Path):
            return Source(data, name)
        path = tmp_path / "sent"
        path.write_bytes(zipped(data) if isinstance(data, dict) else data)
        return Source(path, name)

    return source


@pytest.fixture
def send(package):
    """Send a file and load it at once; gives the batch."""
    from ckanext.lrtzc.batches.api import submit_file

    def send(data, name="table.csv", **options):
        data = data.encode() if isinstance(data, str) else data
        options.setdefault("wait", True)
        return submit_file(package["id"], io.BytesIO(data), name, package["editor"], **options)

    return send


@pytest.fixture
def rows():
    """Give the rows of a resource as `datastore_search` answers."""
    from ckan.tests.helpers import call_action

    def rows(resource_id, **query):
        return call_action("datastore_search", resource_id=resource_id, **query)

    return rows


@pytest.fixture
def unique():
    """Give a word that no other test has."""
    return f"mot{uuid.uuid4().hex[:8]}"


@pytest.fixture
def integrated(drain_outboxes):
    """Give how often the ledger tells that a batch was integrated."""
    import ckan.model as model
    import sqlalchemy as sa

    def integrated(batch):
        drain_outboxes()
        query = sa.text(
            "SELECT count(*) FROM lrtzc_ledger.detail WHERE operation = 'resource.integrate' AND object_id = :resource "
            "AND payload::json -> 'details' ->> 'batch' = :batch"
        )
        return model.Session.scalar(query, {"resource": batch["resource_id"], "batch": batch["id"]})

    return integrated
