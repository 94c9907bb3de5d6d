"""People follow objects and are told once what becomes of them, and of nothing they may not see."""

import datetime as dt
import email.utils
import io
import re
import xml.etree.ElementTree as ET

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.tests import factories

from ckanext.lrtzc.accounts.tests.conftest import PASSWORD
from ckanext.lrtzc.batches.api import submit_file
from ckanext.lrtzc.following import jobs, telling
from ckanext.lrtzc.following.letters import token_for
from ckanext.lrtzc.following.model import Event, Notice
from ckanext.lrtzc.objects.tests.test_datasets import run
from ckanext.lrtzc.objects.tests.test_kinds import of

# Letters name pages: `app` makes the addresses known.
pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index", "letters")
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def owner():
    return factories.User(password=PASSWORD)


@pytest.fixture
def reader():
    return person("at_once")


def person(often, **more):
    extras = {"lrtzc_accounts": {"notifications": often, "language": "en"}}
    return factories.User(password=PASSWORD, plugin_extras=extras, **more)


@pytest.fixture
def thing(owner):
    return run("package_create", owner, **of("dataset", title="Passages de vélos", owner_org=None))


@pytest.fixture
def told(letters, app):
    """Tell what waits, as the worker does; give (address, subject, text) of the letters."""
    with app.flask_app.test_request_context():
        telling.hand_out()
    model.Session.execute(sa.delete(Notice))
    model.Session.commit()

    def tell():
        letters.received.clear()
        with app.flask_app.test_request_context():
            jobs.tell()
        return [
            (email.utils.parseaddr(each["To"])[1], each["Subject"], each.get_content()) for each in letters.received
        ]

    tell.letters = letters
    return tell


def follow(user, thing):
    return run("lrtzc_follow_create", user, id=thing["id"])


def followed(user):
    return [each["id"] for each in run("lrtzc_follow_list", user)]


def signed_in(app, user):
    client = app.test_client()
    client.post("/user/login", data={"login": user["name"], "password": PASSWORD})
    return client


class TestTelling:
    def test_each_change_is_told_once_and_not_to_who_made_it(self, told, owner, reader, thing):
        follow(reader, thing)
        follow(owner, thing)
        run("package_patch", owner, id=thing["id"], notes="Comptés chaque heure")
        run("package_patch", owner, id=thing["id"], title="Passages de vélos à l'heure")
        ((address, subject, text),) = told()
        assert address == reader["email"]
        assert "Passages de vélos à l'heure" in subject
        assert text.count("What is said of it changed.") == 1
        assert f"/dataset/{thing['name']}" in text
        assert told() == []
        run("package_patch", owner, id=thing["id"], notes="Comptés chaque heure")
        assert told() == [], "nothing changed"

    @pytest.mark.filterwarnings("ignore::DeprecationWarning")
    def test_data_that_comes_in_is_told(self, told, owner, reader, thing):
        follow(reader, thing)
        batch = submit_file(
            thing["id"], io.BytesIO(b"heure;velos\n1;12\n2;15\n"), "velos.csv", owner["name"], wait=True
        )
        assert batch["state"] == "integrated"
        ((_, _, text),) = told()
        assert "Its data or files changed." in text
        submit_file(
            thing["id"], io.BytesIO(b"heure;velos\n1;13\n"), "velos.csv", owner["name"],
            resource_id=batch["resource_id"], wait=True,
        )  # fmt: skip
        assert len(told()) == 1
        follow(owner, thing)
        rows = [{"heure": 5, "velos": 40}]
        run("datastore_upsert", owner, resource_id=batch["resource_id"], records=rows, method="insert", force=True)
        assert [address for address, _, _ in told()] == [reader["email"]]

    def test_what_is_withdrawn_or_deleted_is_said_without_what_it_became(self, told, owner, reader, thing):
        follow(reader, thing)
        run("package_patch", owner, id=thing["id"], title="Titre secret", private=True)
        ((_, subject, text),) = told()
        assert "It is no longer published." in text
        assert "secret" not in subject + text
        run("package_patch", owner, id=thing["id"], notes="Encore secret")
        assert told() == []
        assert followed(reader) == []
        run("package_patch", owner, id=thing["id"], title="Au grand jour", private=False)
        assert "It is published." in told()[0][2]
        assert followed(reader) == [thing["id"]]
        run("package_delete", owner, id=thing["id"])
        assert "It is deleted." in told()[0][2]

    def test_what_is_erased_at_once_is_told_too(self, told, reader, thing):
        follow(reader, thing)
        tk.get_action("dataset_purge")({"user": factories.Sysadmin()["name"]}, {"id": thing["id"]})
        ((_, subject, text),) = told()
        assert "Passages de vélos" in subject
        assert "It is deleted." in text
        telling.forget_old(730)
        assert not model.Session.scalar(sa.select(sa.exists().where(Event.package_id == thing["id"])))

    def test_rights_are_asked_when_the_letter_goes(self, told, owner, reader, thing):
        run("package_patch", owner, id=thing["id"], private=True)
        grant = run(
            "lrtzc_access_grant", owner, id=thing["id"], audience="person", audience_id=reader["name"], columns=None
        )
        follow(reader, thing)
        told()
        run("package_patch", owner, id=thing["id"], notes="Pour vous")
        assert len(told()) == 1
        run("package_patch", owner, id=thing["id"], notes="Plus pour vous")
        run("lrtzc_access_withdraw", owner, id=grant["id"])
        assert told() == []

    def test_a_digest_waits_for_its_hour_and_says_all_in_one_letter(self, told, owner, thing, monkeypatch):
        reader, other = person("daily"), run("package_create", owner, **of("algorithm"))
        follow(reader, thing)
        follow(reader, other)
        for each in (thing, other):
            run("package_patch", owner, id=each["id"], notes="Autre chose")
        monkeypatch.setitem(tk.config, "ckanext.lrtzc.following.digest_hour", 0)
        assert told() == []
        model.Session.execute(sa.update(Event).values(happened=Event.happened - dt.timedelta(days=1)))
        model.Session.commit()
        ((_, subject, text),) = told()
        assert "2 objects" in subject
        assert text.count("What is said of it changed.") == 2

    @pytest.mark.parametrize("why", ["never", "closed", "restricted", "later", "unfollowed"])
    def test_who_is_not_told(self, told, owner, thing, why):
        reader = person("never" if why == "never" else "at_once")
        if why != "later":
            follow(reader, thing)
        run("package_patch", owner, id=thing["id"], notes="Nouveau")
        kept = model.User.get(reader["id"])
        match why:
            case "later":
                follow(reader, thing)
            case "closed":
                kept.state = "deleted"
            case "restricted":
                kept.plugin_extras = {**kept.plugin_extras, "lrtzc_restricted": True}
            case "unfollowed":
                run("lrtzc_follow_delete", reader, id=thing["id"])
        model.Session.commit()
        assert told() == []

    def test_a_mail_server_that_fails_loses_nothing(self, told, owner, reader, thing, monkeypatch):
        follow(reader, thing)
        run("package_patch", owner, id=thing["id"], notes="Nouveau")
        with monkeypatch.context() as broken:
            broken.setattr(tk, "mail_recipient", lambda *_args, **_more: 1 / 0)
            assert told() == []
        assert len(told()) == 1

    def test_a_change_undone_with_its_transaction_is_not_told(self, told, reader, thing):
        follow(reader, thing)
        model.Package.get(thing["id"]).title = "Jamais"
        model.Session.flush()
        model.Session.rollback()
        assert told() == []

    def test_the_scheduler_leaves_it_to_a_worker(self, told, owner, reader, thing):
        follow(reader, thing)
        run("package_patch", owner, id=thing["id"], notes="Nouveau")
        told.letters.waiting.clear()
        jobs.tick()
        assert [job for job, _ in told.letters.waiting] == [jobs.tell]


class TestFollowing:
    def test_a_person_follows_by_page(self, app, reader, thing):
        client = signed_in(app, reader)
        page = client.get(f"/dataset/{thing['name']}").text
        assert 'value="yes"' in page
        assert f'href="/following/{thing["name"]}/feed.atom"' in page
        answer = client.post(f"/following/{thing['name']}", data={"follow": "yes"}, follow_redirects=False)
        assert answer.status_code == 303
        assert thing["title"] in client.get("/following").text
        client.post(f"/following/{thing['name']}", data={"follow": "no", "back": "list"}, follow_redirects=False)
        assert followed(reader) == []

    def test_strangers_sign_in_first(self, app, thing):
        assert "/user/login" in app.post(f"/following/{thing['name']}", follow_redirects=False).headers["Location"]
        assert "/user/login" in app.get("/following", follow_redirects=False).headers["Location"]
        with pytest.raises(tk.NotAuthorized):
            run("lrtzc_follow_create", None, id=thing["id"])

    def test_what_one_may_not_see_is_not_there(self, owner, reader, thing):
        run("package_patch", owner, id=thing["id"], private=True)
        for name in (thing["id"], thing["name"], "nothing-of-the-kind", factories.Organization()["id"]):
            with pytest.raises(tk.ObjectNotFound):
                run("lrtzc_follow_create", reader, id=name)
        for name in ("", "\x00", "x" * 400, ["x"], None):
            with pytest.raises(tk.ValidationError):
                run("lrtzc_follow_create", reader, id=name)
        with pytest.raises(tk.NotAuthorized):
            run("dataset_follower_count", reader, id=thing["id"])

    def test_nobody_learns_what_others_follow(self, owner, reader, thing):
        follow(reader, thing)
        for action in ("followee_count", "dataset_followee_count", "dataset_followee_list", "followee_list"):
            with pytest.raises(tk.NotAuthorized):
                run(action, owner, id=reader["id"])
        with pytest.raises(tk.NotAuthorized):
            run("dataset_follower_list", owner, id=thing["id"])
        assert [each["id"] for each in run("dataset_followee_list", reader, id=reader["id"])] == [thing["id"]]
        run("followee_count", reader, id=reader["id"])
        assert run("dataset_follower_count", None, id=thing["id"]) == 1

    def test_ckan_s_list_of_what_one_follows_lacks_what_is_held_back(self, owner, reader, thing):
        link = "https://x.test/zanzibar.csv"
        run("resource_create", owner, package_id=thing["id"], url=link, name="Réserve")
        run("lrtzc_access_restrict", owner, id=thing["id"], reason="Données de clients")
        follow(reader, thing)
        for action in ("dataset_followee_list", "followee_list"):
            found = run(action, reader, id=reader["id"])
            assert thing["title"] in str(found)
            assert "zanzibar" not in str(found), action


class TestStopping:
    def stop(self, app, *named):
        return "/following/stop/" + token_for(*named)

    def test_each_letter_can_be_stopped_in_one_click_without_signing_in(self, app, told, owner, reader, thing):
        follow(reader, thing)
        run("package_patch", owner, id=thing["id"], notes="Nouveau")
        told()
        (letter,) = told.letters.received or [None]
        assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        path = re.search(r"<https?://[^/]+(/\S+)>", letter["List-Unsubscribe"]).group(1)
        assert app.get(path).status_code == 200
        run("package_patch", owner, id=thing["id"], notes="Encore")
        assert len(told()) == 1, "looking isn't stopping: mail programs look at links by themselves"
        assert app.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
        run("package_patch", owner, id=thing["id"], notes="Toujours")
        assert told() == []
        assert followed(reader) == [thing["id"]]

    def test_one_object_is_stopped_alone(self, app, reader, owner, thing):
        other = run("package_create", owner, **of("algorithm"))
        follow(reader, thing)
        follow(reader, other)
        assert app.post(self.stop(app, reader["id"], thing["id"])).status_code == 200
        assert followed(reader) == [other["id"]]

    def test_a_link_that_is_not_ours_stops_nothing(self, app, reader, thing):
        follow(reader, thing)
        good = self.stop(app, reader["id"], thing["id"])
        closed = factories.User(state="deleted")
        for path in (good[:-3] + "abc", "/following/stop/x", self.stop(app, "nobody"), self.stop(app, closed["id"])):
            assert app.get(path).status_code == 404
            assert app.post(path).status_code == 404
        assert followed(reader) == [thing["id"]]


class TestFeed:
    def read(self, app, thing, status=200, **headers):
        return app.get(f"/following/{thing['name']}/feed.atom", headers=headers, status=status)

    def test_it_says_each_version_and_is_not_sent_twice(self, app, owner, thing):
        run("package_patch", owner, id=thing["id"], title="Vélos <b>&amp; Cie", notes="Nouveau")
        answer = self.read(app, thing)
        assert answer.headers["Content-Type"].startswith("application/atom+xml")
        feed = ET.fromstring(answer.body)
        assert feed.findtext(f"{ATOM}title") == "Vélos <b>&amp; Cie"
        terms = [[each.get("term") for each in entry.iter(f"{ATOM}category")] for entry in feed.iter(f"{ATOM}entry")]
        assert terms == [["metadata"], ["published"]]
        ids = [each.text for each in feed.iter(f"{ATOM}id")]
        assert len(set(ids)) == 3
        assert self.read(app, thing, 304, **{"If-None-Match": answer.headers["ETag"]}).body == ""
        run("package_patch", owner, id=thing["id"], notes="Plus nouveau encore")
        fresh = self.read(app, thing, 200, **{"If-None-Match": answer.headers["ETag"]})
        assert len(list(ET.fromstring(fresh.body).iter(f"{ATOM}entry"))) == 3

    def test_what_is_held_back_has_none_and_leaves_no_trace_in_it(self, app, owner, thing):
        run("package_patch", owner, id=thing["id"], private=True)
        headers = {"Authorization": factories.SysadminWithToken()["token"]}
        assert self.read(app, thing, 404, **headers)
        run("package_patch", owner, id=thing["id"], notes="Caché")
        run("package_patch", owner, id=thing["id"], private=False)
        feed = ET.fromstring(self.read(app, thing).body)
        terms = [each.get("term") for each in feed.iter(f"{ATOM}category")]
        assert terms == ["published", "withdrawn", "published"]
        run("package_delete", owner, id=thing["id"])
        assert self.read(app, thing, 404)
