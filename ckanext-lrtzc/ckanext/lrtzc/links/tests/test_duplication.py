"""A new object after another: what is copied, for whom, and what a licence forbids."""

import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories

from ckanext.lrtzc.access.api import Reason, Sentence, deny
from ckanext.lrtzc.links import terms
from ckanext.lrtzc.objects.tests.test_datasets import run
from ckanext.lrtzc.objects.tests.test_form import Browser

pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index")


def test_a_copy_is_a_draft_of_ones_own_that_remembers_its_model(app, make, other):
    model = make("algorithm", tags=[{"name": "rues"}], issued="2020-01-01")
    browser = Browser(app, other)
    assert "Faire le vôtre" in browser.get(f"/algorithm/{model['name']}").body
    browser.get(f"/algorithm/{model['name']}/duplicate")
    browser.post(f"/algorithm/{model['name']}/duplicate", title="Mes rues")
    draft = run("package_show", other, id=browser.location().split("/")[-1])
    assert (draft["state"], draft["creator_user_id"], draft["title"]) == ("draft", other["id"], "Mes rues")
    assert draft["method"] == model["method"]
    assert draft["id"] != model["id"]
    assert [tag["name"] for tag in draft["tags"]] == ["rues"]
    assert [resource["url"] for resource in draft["resources"]] == [model["resources"][0]["url"]]
    assert draft["resources"][0]["id"] != model["resources"][0]["id"]
    assert not draft.get("issued")
    links = run("lrtzc_link_list", other, id=draft["id"])["links"]
    assert [(each["kind"], each["way"], each["id"]) for each in links] == [("derived_from", "out", model["id"])]
    assert not run("lrtzc_link_list", None, id=model["id"])["links"]


def test_a_licence_that_forbids_derivation_is_held_to(app, make, person, other):
    model = make("dataset", license_id="cc-by-nd" if terms.find_licence("cc-by-nd") else "other-closed")
    with pytest.raises(tk.ValidationError) as error:
        run("lrtzc_object_duplicate", other, id=model["id"])
    assert "license_id" in error.value.error_dict
    browser = Browser(app, other)
    browser.get(f"/dataset/{model['name']}/duplicate")
    assert "alert-error" in browser.post(f"/dataset/{model['name']}/duplicate", status=422, title="x").body
    assert run("lrtzc_object_duplicate", person, id=model["id"])["state"] == "draft"


def test_who_implements_the_terms_decides(make, other, monkeypatch):
    class Closed:
        def judge_licence(self, person, use, dataset):
            assert (use, person.id) == ("duplicate", other["id"])
            return deny(Reason("agreement", Sentence("Sign first.")))

    monkeypatch.setattr(terms, "implementers", lambda: [Closed()])
    with pytest.raises(tk.ValidationError) as error:
        run("lrtzc_object_duplicate", other, id=make()["id"])
    assert error.value.error_dict["license_id"] == ["Sign first."]


def test_nobody_copies_what_they_may_not_see_or_for_others(make, other):
    hidden, shown = make(private=True), make()
    with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
        run("lrtzc_object_duplicate", other, id=hidden["id"])
    with pytest.raises((tk.NotAuthorized, tk.ObjectNotFound)):
        run("lrtzc_object_duplicate", None, id=shown["id"])
    with pytest.raises(tk.NotAuthorized):
        run("lrtzc_object_duplicate", other, id=shown["id"], owner_org=factories.Organization()["id"])
