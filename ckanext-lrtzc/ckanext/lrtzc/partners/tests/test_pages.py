"""The pages of partner portals, and who may see them."""

import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories
from ckan.tests.helpers import call_action, call_auth
from ckanext.harvest import queue
from ckanext.harvest.model import HarvestJob, HarvestObject

from ckanext.lrtzc.partners import jobs

pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index", "clean_redis")


@pytest.fixture
def allowed(portal, monkeypatch):
    monkeypatch.setitem(tk.config, "ckanext.lrtzc.egress.allowed_hosts", [portal.host])


@pytest.fixture
def editor():
    """Give an editor of one organisation, as `(user, organisation, headers)`."""
    user = factories.UserWithToken()
    organization = factories.Organization(users=[{"name": user["name"], "capacity": "editor"}])
    return user, organization, {"Authorization": user["token"]}


@pytest.fixture
def partner(portal, allowed, editor):
    """Give a declared partner of the editor's organisation, harvested once."""
    portal.records[1]["title"] = ""
    declared = call_action(
        "partner_create", title="Portail voisin", kind="ckan", address=portal.url, owner_org=editor[1]["id"]
    )
    run_id = jobs.start(declared["id"])
    job = HarvestJob.get(run_id)
    harvester = queue.get_harvester(job.source.type)
    for piece in queue.gather_stage(harvester, job):
        queue.fetch_and_import_stages(harvester, HarvestObject.get(piece))
    return {**declared, "run": run_id}


def test_every_page_of_a_partner_is_shown_to_its_editors(app, partner, editor):
    headers = editor[2]
    name, run = partner["name"], partner["run"]
    for path, words in {
        "/partners/": "Portail voisin",
        "/partners/new": "ckan",
        f"/partners/{name}": "Portail voisin",
        f"/partners/{name}/edit": partner["address"],
        f"/partners/{name}/preview": "Comptages vélo 0",
        f"/partners/{name}/progress": "partner-progress",
        f"/partners/{name}/delete": "Portail voisin",
        f"/partners/{name}/reports/{run}": "rec-0001",
        f"/partners/{name}/reports/{run}?kind=refused&q=rec-0001": "rec-0001",
        f"/partners/{name}/reports/{run}.csv": "rec-0001",
    }.items():
        answer = app.get(path, headers=headers)
        assert answer.status_code == 200, path
        assert words in answer.body, path
        assert "style=" not in answer.body.split("<main")[-1], path


def test_a_run_waits_until_a_worker_takes_it_and_is_never_waited_for_again(app, partner, editor):
    path, headers = f"/partners/{partner['name']}", editor[2]
    assert "aria-busy" not in app.get(path, headers=headers).body
    app.post(path + "/run", headers=headers)
    for page in (path, path + "/progress"):
        assert "aria-busy" in app.get(page, headers=headers).body
    job = HarvestJob.filter(source_id=partner["id"], status="Running").one()
    harvester = queue.get_harvester(job.source.type)
    for piece in queue.gather_stage(harvester, job):
        queue.fetch_and_import_stages(harvester, HarvestObject.get(piece))
    # However quick the run was: a page that was never asked for while it went on still learns that it is over.
    answer = app.get(path + "/progress", headers=headers).body
    assert "aria-busy" not in answer
    assert f"/reports/{job.id}" in answer


def test_a_report_is_filtered(app, partner, editor):
    path = f"/partners/{partner['name']}/reports/{partner['run']}"
    assert "rec-0001" not in app.get(path + "?kind=duplicate", headers=editor[2]).body.split("<table")[-1]


def test_strangers_are_asked_to_sign_in_and_others_are_refused(app, partner):
    answer = app.get(f"/partners/{partner['name']}")
    assert answer.status_code == 403
    assert "/user/login" in answer.body
    other = factories.UserWithToken()
    answer = app.get(f"/partners/{partner['name']}", headers={"Authorization": other["token"]})
    assert answer.status_code == 403


def test_a_page_that_is_not_there_is_told(app, editor):
    assert app.get("/partners/nothing-here", headers=editor[2]).status_code == 404


def test_a_partner_is_tried_before_it_is_declared(app, portal, allowed, editor):
    headers = editor[2]
    form = {
        "title": "Essai",
        "kind": "udata",
        "address": portal.url,
        "owner_org": editor[1]["id"],
        "schedule": "manual",
    }
    tried = app.post("/partners/new", headers=headers, data={**form, "try": "yes"})
    assert "Comptages vélo 2" in tried.body
    assert not call_action("partner_list", owner_org=editor[1]["id"])
    saved = app.post("/partners/new", headers=headers, data={**form, "save": "yes"}, follow_redirects=False)
    assert saved.status_code == 302
    assert [one["title"] for one in call_action("partner_list", owner_org=editor[1]["id"])] == ["Essai"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"address": "http://169.254.169.254/"}, "address"),
        ({"address": "ftp://example.org"}, "address"),
        ({"address": "http://user:secret@example.org"}, "address"),
        ({"kind": "gopher"}, "kind"),
        ({"title": ""}, "title"),
        ({"notify": "nobody"}, "notify"),
        ({"purge_days": "-3"}, "purge_days"),
    ],
)
def test_a_wrong_setting_is_told_beside_its_field_and_nothing_is_lost(app, portal, allowed, editor, change, field):
    form = {"title": "Essai", "kind": "ckan", "address": portal.url, "owner_org": editor[1]["id"], **change}
    answer = app.post("/partners/new", headers=editor[2], data={**form, "save": "yes"})
    assert answer.status_code == 200
    assert f"#partner-{field}" in answer.body
    if field != "title":
        assert 'value="Essai"' in answer.body


def test_an_address_of_another_kind_says_which(portal, allowed, editor):
    portal.broken = lambda path, body: (404, {}, b"{}") if "/api/3/" in path else None
    with pytest.raises(tk.ValidationError) as refused:
        call_action("partner_create", title="X", kind="ckan", address=portal.url, owner_org=editor[1]["id"])
    assert "udata" in str(refused.value.error_dict)


def test_only_editors_of_the_organisation_may(partner):
    member = factories.User()
    for action in ("partner_show", "partner_update", "partner_run", "partner_delete", "partner_run_list"):
        with pytest.raises(tk.NotAuthorized):
            call_auth(action, {"user": member["name"], "model": __import__("ckan").model}, id=partner["id"])
    with pytest.raises(tk.NotAuthorized):
        call_auth("partner_create", {"user": member["name"], "model": None}, owner_org=partner["owner_org"])
    with pytest.raises(tk.NotAuthorized):
        call_auth("partner_report_show", {"user": "", "model": None}, id=partner["run"])


def test_a_partner_is_paused_changed_and_stopped(app, partner, editor):
    headers, name = editor[2], partner["name"]
    app.post(f"/partners/{name}/pause", headers=headers, data={"paused": "yes"})
    assert call_action("partner_show", id=name)["paused"]
    app.post(f"/partners/{name}/edit", headers=headers, data={"title": "Voisin", "schedule": "weekly", "save": "yes"})
    shown = call_action("partner_show", id=name)
    assert (shown["title"], shown["schedule"], shown["address"]) == ("Voisin", "weekly", partner["address"])
    app.post(f"/partners/{name}/delete", headers=headers, data={"datasets": "hide"})
    assert not call_action("partner_list", owner_org=editor[1]["id"])
    assert call_action("package_search")["count"] == 0
