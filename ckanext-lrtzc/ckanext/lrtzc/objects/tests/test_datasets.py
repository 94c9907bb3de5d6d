"""Datasets by the action API: what is required, what is cleaned, what nobody may set, who sees what."""

import contextlib
import json

import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.lrtzc.objects import api

pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index")

ENVI = "http://publications.europa.eu/resource/authority/data-theme/ENVI"


def run(action, user, **data):
    """Call an action as a person, rights checked, as the API does."""
    import ckan.model as model

    context = {"user": user["name"] if user else "", "auth_user_obj": model.User.get(user["id"]) if user else None}
    tk.check_access(action, dict(context), dict(data))
    return tk.get_action(action)(context, data)


def program(action, **data):
    """Call an action as our own programs do."""
    return call_action(action, {"user": tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]}, **data)


@pytest.fixture
def create(editor, organisation):
    def _create(**data):
        whole = {
            "title": "Arbres d'alignement",
            "notes": "Position et essence de chaque arbre",
            "license_id": "lov2",
            "owner_org": organisation["id"],
            **data,
        }
        return run("package_create", editor, **{key: value for key, value in whole.items() if value is not None})

    return _create


class TestCreating:
    def test_a_dataset_is_named_after_its_title(self, create):
        first = create(title="L'énergie des écoles élémentaires")
        second = create(title="L’énergie des écoles élémentaires")
        assert first["name"] == "energie-des-ecoles-elementaires"
        assert second["name"] == "energie-des-ecoles-elementaires-2"

    @pytest.mark.parametrize("field", ["license_id", "notes"])
    def test_a_public_dataset_lacks_nothing(self, create, field):
        with pytest.raises(tk.ValidationError) as error:
            create(**{field: None})
        assert field in error.value.error_dict

    def test_a_draft_may_lack_nearly_everything(self, create):
        dataset = create(state="draft", license_id=None, notes=None)
        assert dataset["state"] == "draft"
        assert not dataset.get("issued")

    def test_an_unknown_licence_is_refused(self, create):
        with pytest.raises(tk.ValidationError) as error:
            create(license_id="mine")
        assert "lov2" in error.value.error_dict["license_id"][0]

    def test_a_licence_may_be_given_by_its_address(self, create):
        assert create(license_id="https://opendatacommons.org/licenses/odbl/")["license_id"] == "odc-odbl"

    def test_not_stating_a_licence_is_refused_to_people(self, create):
        with pytest.raises(tk.ValidationError):
            create(license_id="notspecified")

    def test_what_a_program_harvests_may_state_none(self, organisation):
        dataset = program("package_create", title="Un jeu", name="un-jeu", owner_org=organisation["id"])
        assert dataset["license_id"] == "notspecified"

    def test_fields_are_cleaned_and_given_back_as_lists(self, create):
        dataset = create(
            theme=["environnement"],
            axis="mobility",
            communes=["17300", "17300", "17190"],
            frequency="monthly",
            language=["fr"],
            temporal_coverage=[{"start": "01/02/2023", "end": "2024"}],
            contact=[{"name": "Service", "email": "mailto:arbres@example.org"}],
        )
        shown = call_action("package_show", id=dataset["id"])
        assert shown["theme"] == [ENVI]
        assert shown["axis"] == ["mobility"]
        assert shown["communes"] == ["17300", "17190"]
        assert shown["frequency"].endswith("/MONTHLY")
        assert shown["temporal_coverage"] == [{"start": "2023-02-01", "end": "2024"}]
        assert shown["contact"][0]["email"] == "arbres@example.org"
        assert json.loads(shown["spatial"])["type"] in ("Polygon", "MultiPolygon")
        assert shown["issued"]

    def test_a_wrong_value_is_refused_with_its_field(self, create):
        for field, value in (
            ("theme", ["http://publications.europa.eu/resource/authority/data-theme/NOPE"]),
            ("theme", "{}"),
            ("theme", {"a": 1}),
            ("axis", ["nowhere"]),
            ("communes", ["1730"]),
            ("frequency", "sometimes"),
            ("frequency", ["daily"]),
            ("url", "javascript:alert(1)"),
            ("documentation", ["ftp://example.org/x"]),
            ("issued", "31/02/2024"),
            ("spatial", '{"type": "Point", "coordinates": [300, 0]}'),
            ("spatial", [1, 2]),
            ("title", "x" * 251),
            ("title", ["a"]),
            ("state", "pending"),
            ("temporal_coverage", [{"start": "2024", "end": "2023"}]),
            ("temporal_coverage", [{"start": "soon"}]),
            ("contact", [{"email": "not an address"}]),
        ):
            with pytest.raises(tk.ValidationError) as error:
                create(**{field: value})
            assert field in error.value.error_dict, (field, value)

    def test_a_shape_that_isnt_expected_is_never_a_failure(self, create):
        for field in ("contact", "temporal_coverage", "spatial_coverage", "resources", "tags", "extras"):
            for value in ("text", 5, ["text"], {"a": "b"}):
                with pytest.raises(tk.ValidationError) as error:
                    create(**{field: value})
                assert error.value.error_dict, (field, value)
            with contextlib.suppress(tk.ValidationError):
                create(**{field: [{"a": {"b": "c"}}]})


class TestResources:
    def test_an_address_is_of_the_web(self, create):
        with pytest.raises(tk.ValidationError):
            create(resources=[{"url": "javascript:alert(1)", "name": "x"}])
        assert create(resources=[{"url": "https://example.org/a.csv"}])["resources"][0]["format"] == "CSV"


class TestAutomaticMetadata:
    def test_nobody_sets_them_when_creating(self, create):
        dataset = create(
            metadata_created="2001-01-01T00:00:00",
            metadata_modified="2001-01-01T00:00:00",
            identifier="mine",
            uri="https://example.org/mine",
            creator_user_id="somebody",
            resources=[
                {"url": "a.csv", "url_type": "upload", "size": 5, "hash": "x", "created": "2001-01-01T00:00:00"}
            ],
        )
        assert dataset["metadata_created"] > "2020"
        assert dataset["metadata_modified"] > "2020"
        assert "identifier" not in dataset
        assert "uri" not in dataset
        assert dataset["creator_user_id"] != "somebody"
        resource = dataset["resources"][0]
        assert resource["created"] > "2020"
        assert not resource.get("size")
        assert not resource.get("hash")

    def test_nobody_changes_them_and_the_rest_is_kept(self, create, editor):
        dataset = create(resources=[{"url": "https://example.org/a.csv"}])
        resource = dataset["resources"][0]["id"]
        program("resource_patch", id=resource, url_type="upload", size=12, hash="abc", lrtzc_rows=3)
        program("package_patch", id=dataset["id"], identifier="source-1")
        shown = call_action("package_show", id=dataset["id"])
        shown.update(title="Autre titre", identifier="forged", metadata_created="2001-01-01T00:00:00")
        shown["resources"][0].update(size=99, hash="forged", lrtzc_rows=9, name="Le fichier")
        run("package_update", editor, **shown)
        run("resource_patch", editor, id=resource, size=100, description="Décrit")
        after = call_action("package_show", id=dataset["id"])
        assert after["title"] == "Autre titre"
        assert after["identifier"] == "source-1"
        assert after["metadata_created"] == dataset["metadata_created"]
        kept = after["resources"][0]
        assert (kept["size"], kept["hash"], str(kept["lrtzc_rows"])) == (12, "abc", "3")
        assert (kept["name"], kept["description"]) == ("Le fichier", "Décrit")


class TestVisibility:
    def test_a_withheld_dataset_is_seen_by_those_who_may_edit_it(self, create, editor, organisation):
        member = factories.User()
        call_action("organization_member_create", id=organisation["id"], username=member["name"], role="member")
        dataset = create(private=True)
        assert run("package_show", editor, id=dataset["id"])["id"] == dataset["id"]
        for other in (member, factories.User(), None):
            with pytest.raises(tk.NotAuthorized):
                run("package_show", other, id=dataset["id"])

    def test_publishing_and_withholding(self, create, editor):
        draft = create(state="draft", notes=None)
        with pytest.raises(tk.ValidationError) as error:
            run("lrtzc_objects_publish", editor, id=draft["id"])
        assert set(error.value.error_dict) == {"notes", "resources"}
        run("package_patch", editor, id=draft["id"], notes="Décrit", resources=[{"url": "https://example.org/a.csv"}])
        published = run("lrtzc_objects_publish", editor, id=draft["id"])
        assert (published["state"], published["private"]) == ("active", False)
        assert published["issued"]
        withheld = run("lrtzc_objects_withhold", editor, id=draft["id"])
        assert withheld["private"] is True
        assert call_action("package_search")["count"] == 0
        assert [item["id"] for item in run("lrtzc_objects_draft_list", editor)] == [draft["id"]]
        again = run("lrtzc_objects_publish", editor, id=draft["id"])
        assert again["issued"] == published["issued"]

    def test_a_stranger_may_do_neither(self, create):
        dataset = create()
        for action in ("lrtzc_objects_publish", "lrtzc_objects_withhold", "lrtzc_objects_check"):
            with pytest.raises(tk.NotAuthorized):
                run(action, factories.User(), id=dataset["id"])


class TestSearching:
    def test_lists_are_facets_and_filters(self, create):
        create(axis=["energy", "data"], communes=["17300"], theme=["ENER"])
        found = call_action("package_search", **{"facet.field": ["vocab_axis", "vocab_communes", "vocab_theme"]})
        assert found["facets"]["vocab_axis"] == {"energy": 1, "data": 1}
        assert found["facets"]["vocab_communes"] == {"17300": 1}
        assert call_action("package_search", fq="vocab_axis:energy")["count"] == 1
        assert call_action("package_search", fq="vocab_axis:mobility")["count"] == 0

    def test_an_area_is_found_by_extent(self, create):
        create(communes=["17300"])
        assert call_action("package_search", extras={"ext_bbox": "-1.3,46.1,-1.0,46.2"})["count"] == 1
        assert call_action("package_search", extras={"ext_bbox": "2,48,3,49"})["count"] == 0

    def test_a_period_is_found(self, create):
        create(temporal_coverage=[{"start": "2020", "end": "2022"}])
        create(temporal_coverage=[{"start": "2023-05"}])
        create(temporal_coverage=[{"start": "2024", "end": "2024-06"}])
        create()
        for start, end, count in (
            ("", "", 4),
            ("2023", "", 2),
            ("", "2021", 1),
            ("01/06/2022", "2022-07", 1),
            ("2030", "", 1),
            ("", "2010", 0),
        ):
            found = call_action("package_search", extras={"ext_start": start, "ext_end": end})
            assert found["count"] == count, (start, end)

    def test_nothing_makes_indexing_fail(self, organisation):
        dataset = program(
            "package_create",
            name="odd",
            title="Odd",
            owner_org=organisation["id"],
            notes="y" * 19000,
            provenance="z" * 19000,
            extras=[
                {"key": "views_total", "value": "many"},
                {"key": "vocab_axis", "value": "x"},
                {"key": "spatial_geom", "value": "nowhere"},
                {"key": "long", "value": "w" * 60000},
                {"key": "some_date", "value": "never"},
                {"key": "capacity", "value": "public"},
            ],
            spatial_coverage=[{"geom": '{"type": "Point", "coordinates": [-1.15, 46.16]}'}],
        )
        assert call_action("package_search", fq=f"id:{dataset['id']}")["count"] == 1
        assert call_action("package_search", extras={"ext_bbox": "-1.3,46.1,-1.0,46.2"})["count"] == 1


class TestManyAtOnce:
    def test_a_program_validates_without_a_query(self, organisation):
        data, errors = api.validate_dataset(
            {
                "name": "harvested",
                "title": "Récolté",
                "owner_org": organisation["id"],
                "theme": ["ENVI"],
                "contact": [{"name": "A"}],
                "resources": [{"url": "https://example.org/a.csv"}],
            }
        )
        assert errors == {}
        extras = {extra["key"]: extra["value"] for extra in data["extras"]}
        assert json.loads(extras["theme"]) == [ENVI]
        assert json.loads(extras["contact"]) == [{"name": "A"}]
        assert data["license_id"] == "notspecified"
        assert data["resources"][0]["format"] == "CSV"

    def test_errors_name_the_field(self):
        _data, errors = api.validate_dataset({"name": "x", "title": "y", "url": "nope", "communes": ["1"]})
        assert {"name", "url", "communes"} <= set(errors)


class TestTranslations:
    def test_a_text_is_said_in_another_language_where_the_reader_is_and_found_by_it(self, create, app):
        dataset = create(title_translated={"en": "Street trees"}, notes_translated='{"en": "Where each tree stands"}')
        assert dataset["title_translated"] == {"en": "Street trees"}
        assert dataset["notes_translated"] == {"en": "Where each tree stands"}
        assert "Street trees" in app.get(f"/en/dataset/{dataset['name']}").body
        assert "Street trees" not in app.get(f"/dataset/{dataset['name']}").body.split("<main")[1].split("</main")[0]
        assert dataset["id"] in [one["id"] for one in call_action("package_search", q="street trees")["results"]]
        assert "Street trees" in app.get("/en/dataset/?q=street+trees").body

    def test_an_empty_one_is_not_kept_and_nothing_hinders_the_page(self, create, app):
        dataset = create(title_translated={"en": "  "}, notes_translated="")
        assert not dataset.get("title_translated")
        assert "Arbres d" in app.get(f"/en/dataset/{dataset['name']}").body

    @pytest.mark.parametrize("wrong", [["en"], "en", {"xx": "x"}, {"en": ["x"]}, {"en": "x" * 300}, {"fr": "x"}, 7])
    def test_what_is_no_translation_is_refused(self, create, wrong):
        with pytest.raises(tk.ValidationError) as refused:
            create(title_translated=wrong)
        assert "title_translated" in refused.value.error_dict
