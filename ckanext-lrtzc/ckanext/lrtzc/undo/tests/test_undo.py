"""What was just done on a page is undone from its message: once, by who did it, while nothing has changed."""

import re
import uuid
from html import unescape

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.lrtzc.objects.tests.test_datasets import run
from ckanext.lrtzc.objects.tests.test_form import Browser
from ckanext.lrtzc.objects.tests.test_kinds import of
from ckanext.lrtzc.undo.api import known

pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index", "app")


@pytest.fixture
def person():
    return factories.User(fullname="Dora Défait")


class Session(Browser):
    """A browser that stays signed in from page to page, so that it is told what was done."""

    def __init__(self, app, user):
        super().__init__(app, user)
        self.portal = app
        self.become(user)

    def become(self, user):
        self.user, self.page = user, None
        self.app = self.portal.test_client(user=model.User.get(user["id"]))

    def _sign_in(self):
        """Go on with the session."""


@pytest.fixture
def browser(app, person):
    return Session(app, person)


def offered(browser):
    """Look where the form led to; give what its button sends."""
    (word,) = re.findall(r'name="token" value="([^"]+)"', browser.get(browser.location()).body)
    return unescape(word)


def traces(kind):
    """Count what the ledger holds of undoings of a kind."""
    return len(call_action("lrtzc_ledger_search", operation=f"{kind}.undo")["entries"])


def fresh(entity, identifier):
    return model.Session.get(entity, identifier, populate_existing=True)


def make(user, kind="use-case", **more):
    return run("package_create", user, **of(kind, **more))


# One story for each operation of the registry: does it on its page, and says whether it is as it was before.


def a_deletion(browser, person):
    helper, group = factories.User(), factories.Group(user=person)
    used, case = make(person, "dataset"), make(person, groups=[{"name": group["name"]}])
    call_action("package_collaborator_create", id=case["id"], user_id=helper["id"], capacity="editor")
    run("lrtzc_link_create", person, kind="uses", source_id=case["id"], target_id=used["id"])
    browser.get(f"/use-case/delete/{case['name']}")
    browser.post(f"/use-case/delete/{case['name']}", delete="yes")
    assert fresh(model.Package, case["id"]).state == "deleted"

    def whole():
        shown = run("package_show", person, id=case["id"])
        if shown["state"] != "active":
            return False
        links = run("lrtzc_link_list", None, id=case["id"])["links"]
        helpers = call_action("package_collaborator_list", id=case["id"])
        return (
            [each["url"] for each in shown["resources"]] == [each["url"] for each in case["resources"]]
            and [each["id"] for each in shown["groups"]] == [group["id"]]
            and [each["id"] for each in links] == [used["id"]]
            and [each["user_id"] for each in helpers] == [helper["id"]]
            and case["id"] in [each["id"] for each in run("package_search", None, fq=f"id:{case['id']}")["results"]]
        )

    return whole


def a_publication(browser, person):
    case = make(person, state="draft")
    browser.get(f"/use-case/edit/{case['id']}/review")
    browser.post(f"/use-case/edit/{case['id']}/visibility", go="publish")
    return lambda: fresh(model.Package, case["id"]).state == "draft"


def a_withholding(browser, person):
    case = make(person)
    browser.get(f"/use-case/edit/{case['id']}/review")
    browser.post(f"/use-case/edit/{case['id']}/visibility", go="withhold")
    assert fresh(model.Package, case["id"]).private
    return lambda: not fresh(model.Package, case["id"]).private


def a_link(browser, person):
    used, case = make(person, "dataset"), make(person)
    link = run("lrtzc_link_create", person, kind="uses", source_id=case["id"], target_id=used["id"])
    browser.get(f"/use-case/{case['name']}/links")
    browser.post(f"/use-case/{case['name']}/links", remove=link["id"])
    assert not run("lrtzc_link_list", None, id=case["id"])["links"]
    return lambda: [each["id"] for each in run("lrtzc_link_list", None, id=case["id"])["links"]] == [used["id"]]


def reasons(person, dataset):
    return [each["reason"] for each in run("lrtzc_access_show", person, id=dataset["id"])["restrictions"]]


def a_holding_back(browser, person):
    dataset = make(person, "dataset")
    run("lrtzc_access_restrict", person, id=dataset["id"], reason="La première")
    page = f"/dataset/{dataset['name']}/access"
    browser.page = None
    browser.post(page, 302, go="restrict", resource="", reason="La seconde")
    assert reasons(person, dataset) == ["La seconde"]
    return lambda: reasons(person, dataset) == ["La première"]


def an_opening_to_all(browser, person):
    dataset = make(person, "dataset")
    run("lrtzc_access_restrict", person, id=dataset["id"], reason="À relire")
    browser.page = None
    browser.post(f"/dataset/{dataset['name']}/access", 302, go="lift", resource="")
    assert not reasons(person, dataset)
    return lambda: reasons(person, dataset) == ["À relire"]


def states(person, dataset):
    return [each["state"] for each in run("lrtzc_access_show", person, id=dataset["id"])["grants"]]


def a_grant(browser, person):
    dataset, other = make(person, "dataset"), factories.User()
    page = f"/dataset/{dataset['name']}/access/grant?resource=all"
    browser.page = None
    asked = {"resource": "all", "which": "all", "audience": "person", "person": other["name"], "go": "open"}
    browser.post(page, 302, **asked)
    assert states(person, dataset) == ["standing"]
    return lambda: states(person, dataset) == ["withdrawn"]


def a_withdrawal(browser, person):
    dataset, other = make(person, "dataset"), factories.User()
    grant = run("lrtzc_access_grant", person, id=dataset["id"], audience="person", audience_id=other["name"])
    browser.page = None
    browser.post(f"/dataset/{dataset['name']}/access/withdraw/{grant['id']}", 302)
    assert states(person, dataset) == ["withdrawn"]
    return lambda: states(person, dataset) == ["standing", "withdrawn"]


def administrator(browser):
    browser.become(factories.Sysadmin())
    return browser.user


def holders(admin, profile):
    found = run("lrtzc_profile_list", admin)["profiles"]
    return [one["id"] for each in found if each["id"] == profile["id"] for one in each["people"]]


def a_profile_given(browser, person):
    admin = administrator(browser)
    profile = run("lrtzc_profile_update", admin, title=f"Profil {person['name']}", functions=["traces"])
    browser.post("/ckan-admin/profiles", 302, go="give", profile=profile["id"], email=person["email"])
    assert holders(admin, profile) == [person["id"]]
    return lambda: holders(admin, profile) == []


def a_profile_taken(browser, person):
    admin = administrator(browser)
    profile = run("lrtzc_profile_update", admin, title=f"Profil {person['name']}", functions=["traces"])
    run("lrtzc_profile_give", admin, id=profile["id"], email=person["email"])
    browser.post("/ckan-admin/profiles", 302, go="take", profile=profile["id"], person=person["id"])
    assert holders(admin, profile) == []
    return lambda: holders(admin, profile) == [person["id"]]


def an_administrator(browser, person):
    administrator(browser)
    form = {"username": person["name"], "status": "1"}
    browser.page = browser.app.post("/user/sysadmin", data=form, status=302, follow_redirects=False)
    assert fresh(model.User, person["id"]).sysadmin
    return lambda: not fresh(model.User, person["id"]).sysadmin


def a_member(browser, person):
    member = factories.User()
    team = factories.Organization(
        users=[{"name": person["name"], "capacity": "admin"}, {"name": member["name"], "capacity": "editor"}]
    )
    browser.page = None
    browser.post(f"/organization/member_delete/{team['id']}?user={member['id']}", 302)

    def role():
        members = call_action("member_list", id=team["id"], object_type="user")
        return {who: capacity for who, _kind, capacity in members}.get(member["id"], "")

    assert not role()
    return lambda: role() == "Editor"


def _offered(giver, taker):
    return run("lrtzc_transfer_offer", giver, ids=[make(giver)["id"]], to=taker["name"])[0]["id"]


def a_refusal(browser, person):
    giver = factories.User()
    offer = _offered(giver, person)
    browser.page = None
    browser.post("/transfers", answer="refuse", ids=offer)
    assert not run("lrtzc_transfer_list", person)["received"]
    return lambda: [each["id"] for each in run("lrtzc_transfer_list", person)["received"]] == [offer]


def a_withdrawn_offer(browser, person):
    taker = factories.User()
    offer = _offered(person, taker)
    browser.page = None
    browser.post("/transfers", answer="withdraw", ids=offer)
    return lambda: [each["id"] for each in run("lrtzc_transfer_list", taker)["received"]] == [offer]


def a_group_of_synonyms(browser, person):
    admin = administrator(browser)
    group = next(each for each in run("lrtzc_synonym_list", admin) if each["state"] == "default")
    browser.post("/ckan-admin/synonyms", go="delete", id=group["id"])
    return lambda: group in run("lrtzc_synonym_list", admin)


def a_pseudonym(browser, person):
    admin = administrator(browser)
    # nothing of what the person is called may be in it, nor may others have taken it in a former test
    name = f"Loup {uuid.uuid4().hex[:12]}"
    run("lrtzc_reward_join", person, pseudonym=name)
    browser.get("/ckan-admin/pseudonyms")
    browser.post("/ckan-admin/pseudonyms", pseudonym=name, reason="Il insulte.")
    assert run("lrtzc_reward_show", person)["taken_down"] == "Il insulte."

    def stands():
        refused = [each["pseudonym"] for each in run("lrtzc_reward_refused_list", admin, limit=100)["results"]]
        own = run("lrtzc_reward_show", person)
        return (own["pseudonym"], own["taken_down"]) == (name, None) and name.lower().replace(" ", "") not in refused

    return stands


def a_transformation(browser, person):
    dataset = make(person, "dataset")
    file = run("resource_create", person, package_id=dataset["id"], name="Relevés", url="https://x.example/r.csv")
    step = {"kind": "rename", "params": {"column": "a", "to": "b"}}
    run("lrtzc_steps_update", person, resource_id=file["id"], steps=[step])
    place = f"/dataset/{dataset['name']}/resource/{file['id']}/transformations"
    browser.get(place)
    browser.post(place, do="remove-0", number="1")
    return lambda: [each["kind"] for each in run("lrtzc_steps_show", person, resource_id=file["id"])["steps"]] == [
        "rename"
    ]


def a_timing(browser, person):
    dataset = make(person, "dataset")
    file = run("resource_create", person, package_id=dataset["id"], name="Relevés", url="https://x.example/r.csv")
    run("batch_timing_update", person, resource_id=file["id"], way="hours", times="02:00", days=[1, 5])
    place = f"/dataset/{dataset['name']}/resource/{file['id']}/timing"
    browser.get(place)
    browser.post(place, way="number", number="3", revision="1")
    said = {"way": "hours", "times": ["02:00"], "days": [1, 5], "number": 0}
    return lambda: said.items() <= run("batch_timing_show", person, resource_id=file["id"]).items()


STORIES = {
    "dataset.delete": a_deletion,
    "dataset.publish": a_publication,
    "dataset.withhold": a_withholding,
    "link.delete": a_link,
    "access.restrict": a_holding_back,
    "access.open": an_opening_to_all,
    "access.grant": a_grant,
    "access.withdraw": a_withdrawal,
    "right.give": a_profile_given,
    "right.take": a_profile_taken,
    "right.administrator": an_administrator,
    "member.delete": a_member,
    "transfer.refuse": a_refusal,
    "transfer.withdraw": a_withdrawn_offer,
    "reward.take_down": a_pseudonym,
    "search.synonyms": a_group_of_synonyms,
    "steps.change": a_transformation,
    "timing.change": a_timing,
}


def test_every_operation_of_the_registry_is_told_below():
    assert set(known()) == set(STORIES)


@pytest.mark.ckan_config("ckan.auth.allow_dataset_collaborators", True)
@pytest.mark.parametrize("operation", sorted(STORIES))
def test_it_is_undone_once_and_leaves_a_trace(browser, person, operation):
    is_as_before = STORIES[operation](browser, person)
    kind = operation.partition(".")[0]
    before = traces(kind)
    assert not is_as_before()
    word = offered(browser)
    for _ in range(2):
        browser.post("/undo", token=word)
        assert is_as_before()
        assert traces(kind) == before + 1
    assert browser.location() == "/undo/over"


class TestRefusals:
    @pytest.fixture
    def word(self, browser, person):
        """The word for a link that was taken away, and the objects at its ends."""
        a_link(browser, person)
        self.case = browser.location().split("/")[2]
        return offered(browser)

    def linked(self):
        return bool(run("lrtzc_link_list", None, id=self.case)["links"])

    def said(self, browser, **fields):
        browser.post("/undo", **fields)
        return unescape(browser.get(browser.location()).body)

    def test_another_person_or_a_forged_word_undoes_nothing(self, app, browser, word):
        thief = Session(app, factories.User())
        for forged in (word, "x", "", "é" * 5000, "*"):
            assert "trop tard" in self.said(thief, token=forged)
        assert app.post("/undo", data={"token": word}, follow_redirects=False, status=302)
        assert not self.linked()
        assert "C'est annulé" in self.said(browser, token=word)
        assert "déjà annulé" in self.said(browser, token=word)

    def test_what_changed_since_stays_as_it_is(self, browser, person, word):
        kept = call_action("lrtzc_ledger_search", operation="link.delete", limit=1)["entries"][0]
        target = kept["details"]["target"]
        made = run("lrtzc_link_create", person, kind="uses", source_id=self.case, target_id=target)
        before = traces("link")
        assert "changement depuis" in self.said(browser, token=word)
        assert [each["link_id"] for each in run("lrtzc_link_list", None, id=self.case)["links"]] == [made["id"]]
        assert traces("link") == before

    def test_who_lost_the_right_is_told_so_and_nothing_is_recorded(self, browser, person, word):
        case, other = model.Package.get(self.case), factories.User()
        case.creator_user_id = other["id"]
        model.Session.commit()
        before = traces("link")
        assert "plus le droit" in self.said(browser, token=word)
        assert not self.linked()
        assert traces("link") == before

    @pytest.mark.ckan_config("ckanext.lrtzc.undo.minutes", 1)
    def test_its_time_passes(self, browser, person):
        from ckan.lib.redis import connect_to_redis

        a_link(browser, person)
        page = browser.get(browser.location())
        assert "Possible pendant 1 minute." in page.body
        (word,) = re.findall(r'name="token" value="([^"]+)"', page.body)
        (key,) = connect_to_redis().keys(f"lrtzc:undo:*:{word}")
        assert 0 < connect_to_redis().ttl(key) <= 60

    def test_a_deleted_object_is_not_restored_over_one_that_was_erased(self, browser, person):
        case = make(person)
        browser.get(f"/use-case/delete/{case['name']}")
        browser.post(f"/use-case/delete/{case['name']}", delete="yes")
        word = offered(browser)
        call_action("dataset_purge", id=case["id"])
        assert "changement depuis" in self.said(browser, token=word)

    def test_programs_are_offered_nothing(self, app):
        from ckan.lib.redis import connect_to_redis

        person = factories.UserWithToken()
        case = make(person)
        before = len(connect_to_redis().keys("lrtzc:undo:*"))
        answer = app.post(
            "/api/3/action/package_delete", json={"id": case["id"]}, headers={"Authorization": person["token"]}
        )
        assert answer.status_code == 200
        assert len(connect_to_redis().keys("lrtzc:undo:*")) == before
        assert model.Session.scalar(sa.select(model.Package.state).where(model.Package.id == case["id"])) == "deleted"
        assert tk.h.url_for("lrtzc_undo.undo") == "/undo"
