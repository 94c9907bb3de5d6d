import json
import uuid

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
from ckan.tests.helpers import call_action

from ckanext.lrtzc.sample.domain.content import SampleError
from ckanext.lrtzc.sample.loader import load

MAKE = """
import pathlib, sys
here, target = pathlib.Path(__file__).parent, pathlib.Path(sys.argv[1])
for path in here.iterdir():
    if path.name != "make.py":
        (target / path.name).write_bytes(path.read_bytes())
"""


class Folder:
    """A folder of content whose names are its own, so that tests don't meet."""

    def __init__(self, path):
        self.path = path
        suffix = uuid.uuid4().hex[:8]
        self.dataset, self.organization, self.person = f"puits-{suffix}", f"mairie-{suffix}", f"lea-{suffix}"
        self.content = {
            "organizations": [{"name": self.organization, "title": "Mairie"}],
            "people": [
                {
                    "name": self.person,
                    "fullname": "Léa Rossi",
                    "email": f"{self.person}@example.org",
                    "organizations": [self.organization],
                }
            ],
            "datasets": [
                {
                    "name": self.dataset,
                    "title": "Puits",
                    "notes": "Les puits.",
                    "owner_org": self.organization,
                    "license_id": "cc-by",
                    "resources": [{"file": "puits.csv", "name": "Puits", "format": "CSV", "columns": []}],
                }
            ],
        }
        (path / "make.py").write_text(MAKE)
        self.write()

    def write(self, rows="code;profondeur\r\n2A004;3,5\r\n"):
        (self.path / "content.json").write_text(json.dumps(self.content), "utf-8")
        (self.path / "puits.csv").write_text(rows, "utf-8")


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "content"
    path.mkdir()
    return Folder(path)


def load_quietly(folder):
    lines = []
    done = load(folder.path, lines.append)
    return done, lines


def rows_of(resource):
    return call_action("datastore_search", resource_id=resource["id"])["records"]


@pytest.mark.ckan_config("ckan.plugins", "lrtzc_sample lrtzc_collection lrtzc_batches datastore")
@pytest.mark.usefixtures("rooms_db", "with_request_context")
# Both come from CKAN's DataStore, at the first search of a process.
@pytest.mark.filterwarnings("ignore:distutils Version classes", "ignore:The _ConnectionFairy.connection attribute")
class TestLoad:
    def test_makes_organisation_person_dataset_and_file(self, folder):
        done, lines = load_quietly(folder)
        assert "1 of 1" in done
        dataset = call_action("package_show", id=folder.dataset)
        assert dataset["organization"]["name"] == folder.organization
        assert model.User.get(dataset["creator_user_id"]).fullname == "Léa Rossi"
        (resource,) = dataset["resources"]
        assert resource["url"].endswith("/puits.csv")
        assert resource["url_type"] == "upload"
        (account,) = [line for line in lines if folder.person in line]
        password = account.split("password ")[1].split(":")[0]
        assert model.User.get(folder.person).validate_password(password)

    def test_a_second_run_changes_nothing(self, folder):
        load_quietly(folder)
        before = call_action("package_show", id=folder.dataset)
        done, lines = load_quietly(folder)
        assert done == "The sample content is there already."
        assert lines == []
        assert call_action("package_show", id=folder.dataset) == before

    def test_what_changed_is_loaded_again_in_place(self, folder):
        load_quietly(folder)
        before = call_action("package_show", id=folder.dataset)
        folder.content["datasets"][0]["title"] = "Les puits"
        folder.write("code;profondeur\r\n2A017;12,25\r\n")
        done, _ = load_quietly(folder)
        after = call_action("package_show", id=folder.dataset)
        assert "1 of 1" in done
        assert after["title"] == "Les puits"
        (resource,) = after["resources"]
        assert resource["id"] == before["resources"][0]["id"]
        assert [(row["code"], float(row["profondeur"])) for row in rows_of(resource)] == [("2A017", 12.25)]

    def test_columns_are_described_and_typed_as_told(self, folder):
        folder.content["datasets"][0]["resources"][0]["columns"] = [
            {"id": "code", "label": "Code INSEE", "type": "text"},
            {"id": "profondeur", "label": "Profondeur", "unit": "m"},
        ]
        folder.write("code;profondeur\r\n01004;3,5\r\n")
        load_quietly(folder)
        (resource,) = call_action("package_show", id=folder.dataset)["resources"]
        found = call_action("datastore_search", resource_id=resource["id"])
        fields = {one["id"]: one for one in found["fields"]}
        assert (fields["code"]["type"], fields["profondeur"]["type"]) == ("text", "numeric")
        assert fields["profondeur"]["info"]["label"] == "Profondeur"
        assert fields["profondeur"]["info"]["unit"] == "m"
        assert found["records"][0]["code"] == "01004"

    def test_a_collection_comes_with_its_captions_and_what_changed_takes_the_place_of_what_was(self, folder):
        described = {"kind": "document", "files": [{"file": "a.txt", "caption": "Le puits"}, {"file": "b.txt"}]}
        folder.content["datasets"][0] |= {"resources": [], "collection": described}
        folder.write()

        def held(first):
            (folder.path / "a.txt").write_text(first)
            (folder.path / "b.txt").write_text("La margelle")
            load_quietly(folder)
            return call_action("lrtzc_collection_file_list", id=folder.dataset)["files"]

        assert [(one["name"], one["caption"]) for one in held("Le fond")] == [("a.txt", "Le puits"), ("b.txt", "")]
        folder.content["datasets"][0]["title"] = "Les puits"
        folder.write()
        again = held("Le fond du puits")
        assert [(one["name"], one["caption"], one["size"]) for one in again] == [
            ("a.txt", "Le puits", 16),
            ("b.txt", "", 11),
        ]
        (resource,) = call_action("package_show", id=folder.dataset)["resources"]
        assert (resource["lrtzc_collection"], resource["lrtzc_files"]) == ("document", 2)

    def test_a_file_of_a_collection_that_is_not_taken_is_said(self, folder):
        (folder.path / "page.txt").write_text("<html><script>alert(1)</script>")
        described = {"kind": "document", "files": [{"file": "page.txt"}]}
        folder.content["datasets"][0] |= {"resources": [], "collection": described}
        folder.write()
        with pytest.raises(SampleError, match="not all files"):
            load_quietly(folder)

    def test_a_file_that_would_lose_columns_is_refused(self, folder):
        load_quietly(folder)
        folder.content["datasets"][0]["title"] = "Les puits"
        folder.write("code\r\n2A017\r\n")
        with pytest.raises(SampleError, match=r"puits\.csv was not loaded"):
            load_quietly(folder)

    def test_a_file_that_is_no_table_is_named(self, folder):
        folder.write("")
        with pytest.raises(SampleError, match=r"puits\.csv"):
            load_quietly(folder)

    def test_what_someone_deleted_stays_deleted(self, folder):
        load_quietly(folder)
        tk.get_action("package_delete")({"ignore_auth": True, "user": folder.person}, {"id": folder.dataset})
        folder.content["datasets"][0]["title"] = "Les puits"
        folder.write()
        load_quietly(folder)
        assert model.Package.get(folder.dataset).state == "deleted"

    def test_another_territorys_content_is_refused_before_anything_is_written(self, folder):
        folder.content["datasets"][0]["communes"] = ["97412"]
        folder.write()
        with pytest.raises(SampleError, match="97412"):
            load_quietly(folder)
        assert model.User.get(folder.person) is None

    def test_a_dataset_that_is_refused_is_named(self, folder):
        folder.content["datasets"][0]["name"] = "Not A Name"
        folder.write()
        with pytest.raises(SampleError, match="Not A Name"):
            load_quietly(folder)

    def test_no_folder(self, tmp_path):
        with pytest.raises(SampleError, match="isn't a folder"):
            load(tmp_path / "nowhere", print)


@pytest.mark.ckan_config("ckan.plugins", "lrtzc_sample lrtzc_forms lrtzc_collection lrtzc_batches datastore")
@pytest.mark.usefixtures("rooms_db", "with_request_context")
@pytest.mark.filterwarnings("ignore:distutils Version classes", "ignore:The _ConnectionFairy.connection attribute")
class TestForms:
    def test_a_form_comes_open_with_its_answers_once(self, folder):
        from ckanext.lrtzc.forms.model import Answer, Form

        (folder.path / "kinds.csv").write_text("name,label\nold,Ancien\n")
        survey = {"name": "survey", "header": ["type", "name", "label"]}
        survey["rows"] = [["select_one_from_file kinds.csv", "kind", "Lequel ?"], ["integer", "depth", "Profondeur ?"]]
        asked = {"title": "Signaler un puits", "dataset": folder.dataset, "sheets": [survey], "files": ["kinds.csv"]}
        asked["answers"] = [{"values": {"kind": "old", "depth": str(depth)}, "files": {}} for depth in (4, 7)]
        folder.content["forms"] = [asked]
        folder.write()
        load_quietly(folder)
        (form,) = Form.of_package(call_action("package_show", id=folder.dataset)["id"])
        id, package_id = form.id, form.package_id
        assert (form.state, Answer.counts([id])) == ("open", {id: 2})
        folder.content["datasets"][0]["title"] = "Les puits"
        folder.write()
        load_quietly(folder)
        assert len(Form.of_package(package_id)) == 1
        assert Answer.counts([id]) == {id: 2}
        asked["title"] = "Autre"
        asked["answers"] = [{"values": {"kind": "new"}, "files": {}}]
        folder.write()
        with pytest.raises(SampleError, match="form Autre"):
            load_quietly(folder)
