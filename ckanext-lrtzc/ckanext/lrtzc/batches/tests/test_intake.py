"""What reaches a dataset by CKAN's own actions is taken in too; what is dangerous is not."""

import io
import stat

import pytest
from ckan.tests.helpers import call_action
from werkzeug.datastructures import FileStorage

from ckanext.lrtzc.batches import jobs
from ckanext.lrtzc.batches.domain.problems import BatchError
from ckanext.lrtzc.batches.storage import safe_name

pytestmark = pytest.mark.filterwarnings("default::DeprecationWarning")


@pytest.fixture
def queued(monkeypatch):
    """Give the jobs on files that are enqueued, as (function, arguments); those of the search are others' matter."""
    import ckan.plugins.toolkit as tk

    found = []

    def enqueue(function, args=None, **_options):
        if function.__module__ == jobs.__name__:
            found.append((function, args or []))

    monkeypatch.setattr(tk, "enqueue_job", enqueue)
    return found


def given(package, data, name):
    upload = FileStorage(io.BytesIO(data), filename=name)
    return call_action(
        "resource_create", {"user": package["editor"]}, package_id=package["id"], upload=upload, name=name
    )


def run(queued):
    while queued:
        function, arguments = queued.pop(0)
        function(*arguments)


def test_a_file_given_to_resource_create_becomes_rows(package, queued, rows):
    resource = given(package, b"code_insee;n\n01004;1\n2A004;2\n", "communes.csv")
    assert [function for function, _arguments in queued] == [jobs.take_in]
    run(queued)
    found = rows(resource["id"])
    assert [record["code_insee"] for record in found["records"]] == ["01004", "2A004"]
    shown = call_action("resource_show", id=resource["id"])
    assert shown["datastore_active"] is True
    assert shown["hash"].startswith("sha256:")
    (batch,) = call_action("batch_list", package_id=package["id"])
    assert (batch["origin"], batch["state"]) == ("resource", "integrated")
    call_action("package_patch", {"user": package["editor"]}, id=package["id"], notes="autre chose")
    run(queued)
    assert len(call_action("batch_list", package_id=package["id"])) == 1


def test_a_new_file_of_the_resource_replaces_its_rows(package, queued, rows):
    resource = given(package, b"n\n1\n2\n", "n.csv")
    run(queued)
    upload = FileStorage(io.BytesIO(b"n\n3\n"), filename="n.csv")
    call_action("resource_patch", {"user": package["editor"]}, id=resource["id"], upload=upload)
    run(queued)
    assert [record["n"] for record in rows(resource["id"])["records"]] == [3]


def test_a_file_that_was_a_batch_is_not_taken_in_again(package, send, queued):
    batch = send("n\n1\n")
    assert batch["state"] == "integrated"
    call_action("package_patch", {"user": package["editor"]}, id=package["id"], notes="autre chose")
    assert queued == []


def test_a_document_stays_a_document(package, queued):
    given(package, b"%PDF-1.7 notice", "notice.pdf")
    run(queued)
    assert call_action("batch_list", package_id=package["id"]) == []


def test_a_table_that_cannot_be_read_is_said(package, queued):
    given(package, b'a,b\n1,"open\n2,3\n', "x.csv")
    run(queued)
    (batch,) = call_action("batch_list", package_id=package["id"])
    assert batch["state"] == "failed"
    assert batch["report"]["error"] == {"code": "quote_never_closed", "params": {}, "line": 2}


def test_records_sent_to_the_datastore_are_noted(package):
    call_action(
        "datastore_create",
        {"user": package["editor"]},
        resource={"package_id": package["id"]},
        records=[{"n": 1}],
        calculate_record_count=False,
    )
    (batch,) = call_action("batch_list", package_id=package["id"])
    assert (batch["origin"], batch["state"]) == ("datastore", "integrated")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\évil.csv", "évil.csv"),
        ("a\0b<script>.csv", "abscript.csv"),
        ("\u202egpj.csv", "gpj.csv"),
        ("...", "fichier"),
        ("x" * 300 + ".csv", "x" * 96 + ".csv"),
    ],
)
def test_names_are_made_safe(sent, kept):
    assert safe_name(sent) == kept


@pytest.fixture
def antivirus(tmp_path, ckan_config, monkeypatch):
    """Make an antivirus that answers with a code."""

    def make(code, says=""):
        script = tmp_path / "antivirus"
        script.write_text(f"#!/bin/sh\necho '{says}'\nexit {code}\n")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setitem(ckan_config, "ckanext.lrtzc.batches.antivirus_command", str(script))

    return make


@pytest.mark.parametrize(("code", "accepted"), [(0, True), (1, False), (2, False)])
def test_the_antivirus_sees_every_file(send, package, antivirus, code, accepted):
    import ckan.plugins.toolkit as tk

    antivirus(code, "Eicar FOUND")
    if accepted:
        assert send("n\n1\n")["state"] == "integrated"
        return
    with pytest.raises(tk.ValidationError) as refusal:
        send("n\n1\n")
    assert ("Eicar" in str(refusal.value.error_dict)) == (code == 1)
    assert call_action("batch_list", package_id=package["id"]) == []


def test_the_antivirus_sees_files_given_to_ckans_own_actions(package, antivirus, queued, rows):
    import ckan.plugins.toolkit as tk

    antivirus(1, "Eicar FOUND")
    with pytest.raises(tk.ValidationError):
        given(package, b"n\n1\n", "n.csv")
    assert call_action("package_show", id=package["id"])["resources"] == []
    antivirus(0)
    resource = given(package, b"n\n1\n", "n.csv")
    run(queued)
    assert rows(resource["id"])["total"] == 1


@pytest.mark.parametrize("action", ["package_update", "package_patch", "package_revise"])
def test_the_antivirus_sees_files_given_within_a_dataset(package, antivirus, queued, action):
    import ckan.plugins.toolkit as tk

    antivirus(1, "Eicar FOUND")
    upload = FileStorage(io.BytesIO(b"n\n1\n"), filename="n.csv")
    resources = [{"name": "n", "url": "", "upload": upload}]
    asked = {
        "package_update": {**package, "resources": resources},
        "package_patch": {"id": package["id"], "resources": resources},
        "package_revise": {
            "match": {"id": package["id"]},
            "update": {"resources": [{"name": "n", "url": ""}]},
            "update__resources__0__upload": upload,
        },
    }[action]
    with pytest.raises(tk.ValidationError) as refusal:
        call_action(action, {"user": package["editor"]}, **asked)
    assert "Eicar" in str(refusal.value.error_dict)
    assert call_action("package_show", id=package["id"])["resources"] == []


def test_a_new_dataset_brings_no_file_past_the_antivirus(package, antivirus, queued):
    import ckan.plugins.toolkit as tk

    antivirus(1, "Eicar FOUND")
    upload = FileStorage(io.BytesIO(b"n\n1\n"), filename="n.csv")
    asked = {"owner_org": package["owner_org"], "title": "x", "name": f"x-{package['id'][:8]}", "notes": "x"}
    asked |= {"license_id": "etalab-2.0", "resources": [{"name": "n", "url": "n.csv", "upload": upload}]}
    # CKAN 2.12 keeps no file here, and fails on it
    with pytest.raises((tk.ValidationError, TypeError)):
        call_action("package_create", {"user": package["editor"]}, **asked)
    assert call_action("package_search", fq=f"name:{asked['name']}", include_drafts=True)["count"] == 0


def test_a_file_over_the_limit_is_refused_while_it_comes(send, package, monkeypatch):
    import ckan.plugins.toolkit as tk

    from ckanext.lrtzc.batches import storage

    monkeypatch.setattr(storage, "max_size", lambda: 1000)
    with pytest.raises(tk.ValidationError):
        send(b"n\n" + b"1\n" * 1000)
    with pytest.raises(BatchError):
        storage.receive(io.BytesIO(b"1" * 1001), "essai", "x.csv")
