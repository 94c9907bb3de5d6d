"""A dataset to send files into, as its editor."""

import io

import pytest


@pytest.fixture
def package(rooms_db):
    from ckan.tests import factories

    user = factories.User()
    organisation = factories.Organization(users=[{"name": user["name"], "capacity": "editor"}])
    return factories.Dataset(owner_org=organisation["id"], license_id="etalab-2.0") | {"editor": user["name"]}


@pytest.fixture
def send(package):
    """Send a table and load it at once; gives the batch."""
    from ckanext.lrtzc.batches.api import submit_file

    def send(data, **options):
        stream = io.BytesIO(data.encode())
        options.setdefault("wait", True)
        return submit_file(package["id"], stream, "table.csv", package["editor"], **options)

    return send


@pytest.fixture
def act(package):
    """Do something as the editor, with their rights only."""
    import ckan.plugins.toolkit as tk

    def act(name, /, **asked):
        context = {"user": package["editor"], "ignore_auth": False}
        return tk.get_action(name)(context, asked)

    return act


@pytest.fixture
def rows():
    """Give the rows of a resource in their order, without their keys."""
    from ckan.tests.helpers import call_action

    def rows(resource_id, **asked):
        found = call_action("datastore_search", resource_id=resource_id, sort="_id", **asked)["records"]
        return [{name: value for name, value in row.items() if name != "_id"} for row in found]

    return rows
