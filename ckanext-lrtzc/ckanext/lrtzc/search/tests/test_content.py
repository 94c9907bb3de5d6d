"""A word that stands only in a cell finds its dataset, for those who may read the cell."""

import warnings
from types import SimpleNamespace

import pytest
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.lrtzc.search import content, jobs
from ckanext.lrtzc.search.model import Content, Due

pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index", "clean_redis")
FIELDS = [{"id": "essence", "type": "text", "info": {"label": "Essence"}}, {"id": "lieu", "type": "text"}]
ROWS = [{"essence": "Cornouiller sanguin", "lieu": "Square Zanzibar"}, {"essence": "Érable", "lieu": "Parvis"}]


@pytest.fixture
def trees():
    """Give a dataset with a table, its owner and functions: `call(action, who, …)`, `found(words)`."""
    owner = factories.User()
    org = factories.Organization(users=[{"name": owner["name"], "capacity": "editor"}])
    dataset = factories.Dataset(owner_org=org["id"], title="Plantations", notes="Ce qui fut planté.")
    context = {"user": owner["name"], "ignore_auth": True}
    resource = call_action(
        "resource_create", dict(context), package_id=dataset["id"], name="Relevés", url="https://x.test/t.csv"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        call_action(
            "datastore_create", dict(context), resource_id=resource["id"], fields=FIELDS, records=ROWS, force=True
        )
    jobs.changed(dataset["id"])
    jobs.read_due()

    def call(action, who, **data):
        return tk.get_action(action)({"user": who["name"] if who else "", "ignore_auth": False}, data)

    def found(words):
        return dataset["name"] in [one["name"] for one in call("package_search", None, q=words)["results"]]

    return SimpleNamespace(dataset=dataset, resource=resource, owner=owner, call=call, found=found)


def page(app, words):
    return app.get("/dataset/", query_string={"q": words}).body


def test_a_cell_finds_its_dataset_and_is_shown(app, trees):
    assert trees.found("cornouillers")
    body = page(app, "cornouillers")
    assert "<mark>Cornouiller</mark> sanguin" in body
    assert f"/dataset/{trees.dataset['name']}/resource/{trees.resource['id']}/explore?q=Cornouiller" in body


def test_a_word_of_the_description_needs_no_place(app, trees):
    assert "<mark>" not in page(app, "plantations")


def test_rows_that_change_are_found_as_they_are(trees):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        call_action(
            "datastore_create", {"user": trees.owner["name"], "ignore_auth": True}, resource_id=trees.resource["id"],
            fields=FIELDS, records=[{"essence": "Mirabellier", "lieu": "x"}], force=True,
        )  # fmt: skip
    jobs.read_due()
    assert trees.found("mirabellier")


def test_what_is_held_back_is_found_no_more_at_once_and_nothing_tells_of_it(app, trees):
    trees.call("lrtzc_access_restrict", trees.owner, id=trees.dataset["id"], reason="Secret")
    assert not trees.found("cornouiller")
    assert "ornouiller sanguin" not in page(app, "cornouiller")
    assert "Here is what was found" not in page(app, "cornouiler")
    assert "fut trouvé" not in page(app, "cornouiler")
    jobs.read_due()
    assert not trees.found("cornouiller")
    assert not model.Session.get(Content, trees.resource["id"]).words


def test_of_a_part_opened_to_all_that_part_is_found_and_gone_when_it_is_taken_back(trees):
    trees.call("lrtzc_access_restrict", trees.owner, id=trees.dataset["id"], reason="Secret")
    grant = trees.call(
        "lrtzc_access_grant", trees.owner, id=trees.dataset["id"], resource_id=trees.resource["id"],
        audience="everyone", columns=["lieu"],
    )  # fmt: skip
    jobs.read_due()
    assert trees.found("zanzibar")
    assert not trees.found("cornouiller")
    trees.call("lrtzc_access_withdraw", trees.owner, id=grant["id"])
    assert not trees.found("zanzibar")


def test_a_dataset_that_becomes_private_is_not_found_by_its_rows(trees):
    trees.call("package_patch", trees.owner, id=trees.dataset["id"], private=True)
    assert not trees.found("cornouiller")


def test_many_changes_are_read_once_and_a_worker_that_died_is_made_good(trees):
    for _ in range(3):
        jobs.changed(trees.dataset["id"])
    assert model.Session.query(Due).filter_by(package_id=trees.dataset["id"]).count() == 1
    model.Session.query(Content).delete()
    model.Session.commit()
    jobs.read_due()
    assert model.Session.query(Due).filter_by(package_id=trees.dataset["id"]).count() == 0
    assert "cornouiller" in model.Session.get(Content, trees.resource["id"]).words.split()


def test_a_table_that_was_never_read_is_seen_by_the_scheduler(trees):
    model.Session.query(Content).delete()
    model.Session.commit()
    jobs.tick("scheduler")
    assert trees.dataset["id"] in [due.package_id for due in model.Session.query(Due)]


def test_a_file_that_is_gone_leaves_no_words(trees):
    trees.call("resource_delete", trees.owner, id=trees.resource["id"])
    jobs.changed(trees.dataset["id"])
    jobs.read_due()
    assert model.Session.get(Content, trees.resource["id"]) is None
    assert not trees.found("cornouiller")


def test_a_large_dataset_lets_a_small_one_pass_that_comes_while_it_is_read(trees, monkeypatch):
    small = factories.Dataset(owner_org=trees.dataset["owner_org"])["id"]
    large, order, read = trees.dataset["id"], [], content.read
    monkeypatch.setattr(content, "sizes", lambda _ids: {large: 10**9})

    def watched(package_id, pause=None):
        order.append(package_id)
        if package_id == large:
            jobs.changed(small)
        changed = read(package_id, pause)
        order.append(f"{package_id} done")
        return changed

    monkeypatch.setattr(content, "read", watched)
    model.Session.query(Content).delete()
    jobs.changed(large)
    jobs.read_due()
    assert order == [large, small, f"{small} done", f"{large} done"]
    assert not model.Session.query(Due).filter(Due.package_id.in_([small, large])).count()
