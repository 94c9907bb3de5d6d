"""OWSLib's client of OGC API – Features opens the sample's layers, as GIS programs do."""

import pytest
import requests
from owslib.ogcapi.features import Features

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


def test_a_layer_is_found_and_read_whole(portal):
    client = Features(f"{portal}/ogc/features")
    assert any(link["rel"] == "data" for link in client.links)
    assert client.api()["openapi"].startswith("3.")
    named = {one["title"]: one["id"] for one in client.collections()["collections"]}
    trees = next(identity for title, identity in named.items() if title.startswith("Arbres des rues"))
    west, south, east, north = client.collection(trees)["extent"]["spatial"]["bbox"][0]
    assert -2 < west < east < 0
    assert 45 < south < north < 47
    page = client.collection_items(trees, limit=500)
    seen = len(page["features"])
    assert page["features"][0]["geometry"]["type"] == "Point"
    while following := next((link["href"] for link in page["links"] if link["rel"] == "next"), None):
        page = requests.get(following, timeout=60).json()
        seen += page["numberReturned"]
    assert seen == page["numberMatched"]
