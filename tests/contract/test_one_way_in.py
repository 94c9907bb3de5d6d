"""Rows come as batches where somebody said what all that comes in undergoes, whatever room knows of it."""

import io

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories

from ckanext.lrtzc.batches.api import submit_file
from ckanext.lrtzc.forms.model import Form
from ckanext.lrtzc.sources.model import Source, Taken

# CKAN's DataStore uses what Python and SQLAlchemy retire
pytestmark = [
    pytest.mark.usefixtures("rooms_db"),
    pytest.mark.filterwarnings("default::DeprecationWarning"),
]

ROW = {"lieu": "Aytré", "velos": 7}


@pytest.fixture
def package():
    user = factories.User()
    organisation = factories.Organization(users=[{"name": user["name"], "capacity": "editor"}])
    return factories.Dataset(owner_org=organisation["id"], license_id="etalab-2.0") | {"editor": user["name"]}


@pytest.fixture
def act(package):
    """Do something as the editor, with their rights only."""
    return lambda name, **asked: tk.get_action(name)({"user": package["editor"], "ignore_auth": False}, asked)


@pytest.fixture
def file(package):
    stream = io.BytesIO(b"lieu;velos\nLa Rochelle;12\n")
    return submit_file(package["id"], stream, "velos.csv", package["editor"], wait=True)["resource_id"]


def kept(*rows):
    model.Session.add_all(rows)
    model.Session.commit()


def rule(act, package, file):
    asked = {"columns": ["lieu"], "params": {}, "failure": "refuse_row", "least": 1.0}
    act("lrtzc_quality_rule_create", resource_id=file, kind="required", **asked)


def share(act, package, file):
    act("lrtzc_quality_threshold_update", resource_id=file, minimum=0.9, below="refuse")


def steps(act, package, file):
    step = {"kind": "normalise", "params": {"columns": ["lieu"], "case": "title"}}
    act("lrtzc_steps_update", resource_id=file, steps=[step])


def hours(act, package, file):
    act("batch_timing_update", resource_id=file, way="hours", times=["02:00"])


def moderators(act, package, file):
    act("lrtzc_validation_demand_update", id=package["id"], moderators=[factories.User()["name"]])


def form(act, package, file):
    kept(Form(package_id=package["id"], resource_id=file, title="Vélos", definition={}, author_id=""))


def source(act, package, file):
    kept(Source(package_id=package["id"], owner_id="", title="Vélos", kind="http", address="", resource_id=file))


def source_of_several(act, package, file):
    made = Source(package_id=package["id"], owner_id="", title="Vélos", kind="sftp", address="")
    kept(made)
    kept(Taken(source_id=made.id, name="velos.csv", resource_id=file))


SAID = {
    rule: "Rules of quality",
    share: "Rules of quality",
    steps: "Steps",
    hours: "when what comes",
    moderators: "Moderators decide",
    form: "form",
    source: "source",
    source_of_several: "source",
}


def ways(file):
    """Give the ways by which CKAN's own actions write rows."""
    row = {"records": [ROW], "force": True}
    return [
        ("datastore_upsert", {"resource_id": file, "method": "insert", **row}),
        ("datastore_upsert", {"id": file, "method": "insert", **row}),
        ("datastore_upsert", {"resource_id": file, "method": "insert", "dry_run": True, **row}),
        ("datastore_create", {"resource_id": file, **row}),
        ("datastore_create", {"id": file, **row}),
    ]


def places(file):
    found = tk.get_action("datastore_search")({"ignore_auth": True}, {"resource_id": file, "sort": "_id"})
    return [row["lieu"] for row in found["records"]]


@pytest.mark.parametrize("govern", SAID, ids=lambda govern: govern.__name__)
def test_rows_written_beside_the_batches_are_refused_and_told_the_way(govern, act, package, file):
    govern(act, package, file)
    for action, asked in ways(file):
        with pytest.raises(tk.ValidationError, match=SAID[govern]) as refusal:
            act(action, **asked)
        assert "batch_create" in refusal.value.error_dict["records"][0]
        model.Session.rollback()
    assert places(file) == ["La Rochelle"]


def test_what_brings_no_rows_in_goes_on(act, package, file):
    rule(act, package, file)
    act("datastore_create", resource_id=file, fields=[{"id": "lieu", "info": {"label": "Lieu"}}], force=True)
    act("datastore_delete", resource_id=file, filters={"lieu": "La Rochelle"}, force=True)
    assert places(file) == []


def test_a_file_that_nobody_governs_takes_rows_as_ever(act, package, file):
    hours(act, package, file)
    act("batch_timing_update", resource_id=file, way="arrival")
    other = act("datastore_create", resource={"package_id": package["id"]}, records=[ROW])["resource_id"]
    rule(act, package, other)
    for action, asked in ways(file)[:2]:
        act(action, **asked)
    assert places(file) == ["La Rochelle", "Aytré", "Aytré"]


def test_strangers_are_not_told_how_a_file_is_kept(act, package, file):
    rule(act, package, file)
    context = {"user": factories.User()["name"], "ignore_auth": False}
    for action, asked in ways(file):
        with pytest.raises(tk.NotAuthorized):
            tk.get_action(action)(dict(context), asked)


@pytest.mark.parametrize("named", ["", "x" * 10_000, ["a", "b"], {"id": "a"}, 7, None])
def test_a_file_named_wrongly_is_answered_as_ckan_does(named, act):
    with pytest.raises((tk.ValidationError, tk.ObjectNotFound, tk.NotAuthorized)):
        act("datastore_upsert", resource_id=named, records=[ROW], method="insert", force=True)
