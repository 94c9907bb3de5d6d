"""Documents built in bulk are those that CKAN builds one by one."""

import json

import pytest
from ckan import logic
from ckan.lib import search
from ckan.lib.search import index as ckan_index
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.lrtzc.partners import searching

pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index")


def plain(document):
    """Give a document with its JSON parts read and what carries the moment or the order of making left out."""
    told = {key: value for key, value in document.items() if key not in ("indexed_ts",)}
    for key in ("data_dict", "validated_data_dict"):
        told[key] = {
            name: sorted(value, key=str) if isinstance(value, list) else value
            for name, value in json.loads(told[key]).items()
        }
    return {key: sorted(value, key=str) if isinstance(value, list) else value for key, value in told.items()}


def test_a_dataset_is_searched_and_shown_as_if_ckan_had_indexed_it(monkeypatch):
    organization = factories.Organization()
    dataset = call_action(
        "package_create",
        context={"user": factories.Sysadmin()["name"], "ignore_auth": True},
        name="releves-de-la-riviere",
        title="Relevés de la rivière",
        notes="Hauteurs d’eau.",
        owner_org=organization["id"],
        license_id="lov2",
        contact=[{"name": "Service de l’eau", "email": "eau@example.org"}],
        communes=["17300"],
        tags=[{"name": "eau"}, {"name": "rivière"}],
        resources=[{"url": "https://example.org/eau.csv", "name": "Hauteurs", "format": "CSV"}],
    )
    kept = searching._Kept()
    monkeypatch.setattr(ckan_index, "make_connection", lambda: kept)
    default, custom = logic.package_show_default_and_custom_schemas({"ignore_auth": True, "user": ""}, dataset["id"])
    search.index_for("Package").update_dict(dict(default, with_custom_schema=custom), defer_commit=True)
    monkeypatch.undo()
    theirs, ours = plain(kept.documents[0]), plain(searching.built([dataset["id"]])[0])
    assert ours["data_dict"] == theirs["data_dict"]
    assert ours["validated_data_dict"] == theirs["validated_data_dict"]
    assert ours == theirs
