"""OGC API – Features, asked as GIS programs ask it."""

import json

import pytest
from ckan.plugins import toolkit as tk
from ckan.tests.helpers import call_action

from ckanext.lrtzc.standards.domain import features as ogc

FIELDS = [
    {"id": "essence", "type": "text"},
    {"id": "hauteur", "type": "numeric"},
    {"id": "plantation", "type": "date"},
]
ROWS = [
    {"essence": "Tilleul", "hauteur": 12.5, "plantation": "2001-03-01"},
    {"essence": "Chêne vert", "hauteur": 8, "plantation": "2010-11-20"},
    {"essence": "Tilleul", "hauteur": None, "plantation": None},
]
PLACES = [(-1.15, 46.16), (-1.05, 46.10), None]


class TestAsked:
    def read(self, *given):
        return ogc.read_asked(given, ["essence", "plantation"], "plantation")

    def test_parameters_become_the_explorer_s(self):
        asked = self.read(
            ("limit", "3"), ("bbox", "-2,46,-1,47"), ("datetime", "2000-01-01/.."), ("essence", "Tilleul")
        )
        assert asked.limit == 3
        assert asked.pairs == (("bbox", "-2,46,-1,47"), ("from.plantation", "2000-01-01"), ("is.essence", "Tilleul"))

    def test_heights_are_dropped_and_limits_are_kept_within_bounds(self):
        asked = self.read(("bbox", "-2,46,0,-1,47,100"), ("limit", "999999999"))
        assert asked.pairs == (("bbox", "-2,46,-1,47"),)
        assert asked.limit == ogc.MOST

    @pytest.mark.parametrize(
        "given",
        [
            ("limit", "0"), ("limit", "-1"), ("limit", "many"), ("limit", "9" * 40), ("bbox", "1,2,3"),
            ("bbox", "a,b,c,d"), ("bbox", "1,2,3,nan"), ("datetime", "yesterday"), ("datetime", "2020-13-01"),
            ("datetime", "2021-01-01/2020-01-01"), ("unknown", "x"), ("f", "gml"), ("after", "x"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_read_is_refused(self, given):
        with pytest.raises(ogc.BadParameter):
            self.read(given)

    def test_a_parameter_given_twice_is_refused(self):
        with pytest.raises(ogc.BadParameter):
            self.read(("limit", "1"), ("limit", "2"))


@pytest.fixture
def layer(make_dataset_with_table, clean_index):
    """Give a dataset with a file with places: `dataset`, `resource`, `owner`."""
    from ckanext.datastore.backend.postgres import get_write_engine
    from sqlalchemy import text

    made = make_dataset_with_table(FIELDS, ROWS, title="Arbres")
    table = f'"{made.resource["id"]}"'
    place = "_geometry = ST_SetSRID(ST_MakePoint(:x, :y), 4326)"
    with get_write_engine().begin() as connection:
        connection.execute(text(f"ALTER TABLE {table} ADD COLUMN _geometry geometry(Geometry, 4326)"))
        for number, (x, y) in enumerate(filter(None, PLACES), 1):
            connection.execute(text(f"UPDATE {table} SET {place} WHERE _id = :n"), {"x": x, "y": y, "n": number})
    return made


def get(app, path, status=200, **query):
    answer = app.get(f"/ogc/features{path}", query_string=query or None, expect_errors=status >= 400)
    assert answer.status_code == status, answer.body
    return json.loads(answer.body)


def test_the_landing_page_leads_to_all_the_rest(app, layer):
    links = {link["rel"]: link["href"] for link in get(app, "")["links"]}
    assert {"self", "service-desc", "conformance", "data"} <= set(links)
    assert set(get(app, "/conformance")["conformsTo"]) == set(ogc.CONFORMANCE)
    described = get(app, "/api")
    assert described["openapi"].startswith("3.0")
    assert "/collections/{collectionId}/items" in described["paths"]


def test_a_file_with_places_is_a_collection(app, layer):
    found, offset = [], 0
    while offset is not None:
        page = get(app, "/collections", offset=offset)
        found += [one["id"] for one in page["collections"]]
        offset = offset + 50 if any(link["rel"] == "next" for link in page["links"]) else None
    assert layer.resource["id"] in found
    one = get(app, f"/collections/{layer.resource['id']}")
    assert one["extent"]["spatial"]["bbox"] == [[-1.15, 46.1, -1.05, 46.16]]


def test_features_are_given_page_by_page(app, layer):
    path = f"/collections/{layer.resource['id']}/items"
    first = get(app, path, limit=2)
    assert (first["numberReturned"], first["numberMatched"]) == (2, 3)
    assert first["features"][0]["properties"] == {"essence": "Tilleul", "hauteur": 12.5, "plantation": "2001-03-01"}
    assert first["features"][0]["geometry"] == {"type": "Point", "coordinates": [-1.15, 46.16]}
    following = next(link["href"] for link in first["links"] if link["rel"] == "next")
    second = get(app, path + "?" + following.partition("?")[2])
    assert [one["geometry"] for one in second["features"]] == [None]
    assert not any(link["rel"] == "next" for link in second["links"])


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ({"bbox": "-1.2,46.15,-1.1,46.2"}, [1]),
        ({"datetime": "2005-01-01/.."}, [2]),
        ({"datetime": "2001-03-01"}, [1]),
        ({"essence": "Tilleul"}, [1, 3]),
        ({"f": "json"}, [1, 2, 3]),
    ],
)
def test_features_are_chosen_by_place_day_and_value(app, layer, query, keys):
    found = get(app, f"/collections/{layer.resource['id']}/items", **query)
    assert [one["id"] for one in found["features"]] == keys


def test_one_feature_is_given_by_its_key(app, layer):
    path = f"/collections/{layer.resource['id']}/items"
    assert get(app, f"{path}/2")["properties"]["essence"] == "Chêne vert"
    for wrong in ("99", "x", "1e3", "-1"):
        get(app, f"{path}/{wrong}", status=404)


def test_what_is_not_known_is_said(app, layer):
    path = f"/collections/{layer.resource['id']}/items"
    assert get(app, path, status=400, colour="red")["parameter"] == "colour"
    assert get(app, path, status=400, hauteur="high")["code"] == "bad_parameter"
    get(app, "/collections", status=400, offset="-1")
    get(app, "/collections/nothing", status=404)
    get(app, "/collections/nothing/items", status=404)


def test_what_is_held_back_is_refused_and_a_part_is_a_part(app, layer):
    def call(action, **data):
        return tk.get_action(action)({"user": layer.owner["name"], "ignore_auth": False}, data)

    call("lrtzc_access_restrict", id=layer.dataset["id"], reason="Secret")
    path = f"/collections/{layer.resource['id']}"
    refused = get(app, f"{path}/items", status=403)
    assert "Tilleul" not in json.dumps(refused)
    for way in ("", "/items/1"):
        assert "Tilleul" not in json.dumps(get(app, path + way, status=403))
    call(
        "lrtzc_access_grant", id=layer.dataset["id"], resource_id=layer.resource["id"], audience="everyone",
        columns=["plantation"],
    )  # fmt: skip
    for answer in (
        app.get(f"/ogc/features{path}/items", expect_errors=True),
        app.get(f"/ogc/features{path}/items", query_string={"essence": "Tilleul"}, expect_errors=True),
    ):
        assert "Tilleul" not in answer.body.replace("essence=Tilleul", "")


def test_a_private_dataset_does_not_exist(app, layer):
    call_action(
        "package_patch", {"user": layer.owner["name"], "ignore_auth": True}, id=layer.dataset["id"], private=True
    )
    get(app, f"/collections/{layer.resource['id']}", status=404)
    get(app, f"/collections/{layer.resource['id']}/items", status=404)
