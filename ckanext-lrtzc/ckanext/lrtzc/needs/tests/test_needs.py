"""Needs: said by anyone signed in, shown once accepted, supported once each, discussed, answered by producers."""

import json

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.tests import factories

from ckanext.lrtzc.moderation.model import Case
from ckanext.lrtzc.moderation.tests.judging import judge
from ckanext.lrtzc.needs.domain.status import Status, status_of
from ckanext.lrtzc.needs.logic import action
from ckanext.lrtzc.needs.model import Answer, Comment, Need, Support
from ckanext.lrtzc.objects.tests.test_datasets import run
from ckanext.lrtzc.objects.tests.test_form import Browser
from ckanext.lrtzc.objects.tests.test_kinds import of
from ckanext.lrtzc.personal.api import holdings

pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index", "app")
WHOLE = {
    "title": "Comptages de vélos",
    "why": "Pour savoir où passer.\r\n\r\nChaque mois.",
    "axis": "mobility",
    "communes": ["17300"],
}


@pytest.fixture(autouse=True)
def _nothing_before(rooms_db):
    for each in (Need, Case):
        model.Session.execute(sa.delete(each))
    model.Session.commit()


@pytest.fixture
def author(rooms_db):
    return factories.User(fullname="Camille Demande")


@pytest.fixture
def other(rooms_db):
    return factories.User(fullname="Dominique Appuie")


@pytest.fixture
def team(rooms_db):
    producer = factories.User(fullname="Paul Produit")
    return {**factories.Organization(users=[{"name": producer["name"], "capacity": "editor"}]), "producer": producer}


@pytest.fixture
def need(admin, author):
    """A need that is shown."""
    made = run("lrtzc_need_create", author, **WHOLE)
    judge(admin)
    return made


def show(need, user=None):
    return run("lrtzc_need_show", user, id=need["id"])


class TestGoodWay:
    def test_it_shows_once_accepted_and_a_change_waits(self, app, admin, author, other):
        made = run("lrtzc_need_create", author, **WHOLE)
        assert (made["standing"], made["title"]) == ("pending", "")
        assert not run("lrtzc_need_list", None)["count"]
        for user in (None, other):
            with pytest.raises(tk.ObjectNotFound):
                show(made, user)
            with pytest.raises((tk.ObjectNotFound, tk.NotAuthorized)):
                run("lrtzc_need_support", user, id=made["id"])
        judge(admin)
        assert show(made)["why"] == "Pour savoir où passer.\n\nChaque mois."
        assert "Comptages de vélos" in app.get("/needs?axis=mobility&commune=17300&q=velo").body
        assert "Comptages de vélos" not in app.get("/needs?axis=energy").body
        changed = run("lrtzc_need_update", author, id=made["id"], title="Comptages", communes=[])
        assert (changed["title"], changed["proposal"]["title"]) == ("Comptages de vélos", "Comptages")
        judge(admin, "reject", "Le titre d'avant disait mieux")
        assert show(made, author)["refusal"] == "Le titre d'avant disait mieux"
        assert show(made)["title"] == "Comptages de vélos"
        run("lrtzc_need_withdraw", author, id=made["id"])
        app.get(f"/needs/{made['name']}", status=404)

    def test_sorted_by_supports_and_each_counts_once(self, admin, author, other, need):
        second = run("lrtzc_need_create", author, title="Arbres", why="Pour l'ombre")
        judge(admin)
        for _ in range(3):
            assert run("lrtzc_need_support", other, id=need["id"])["supports"] == 1
        found = run("lrtzc_need_list", other)["results"]
        assert [(each["id"], each["supports"], each["supported"]) for each in found] == [
            (need["id"], 1, True),
            (second["id"], 0, False),
        ]
        assert [each["id"] for each in run("lrtzc_need_list", None, sort="title")["results"]] == [
            second["id"],
            need["id"],
        ]
        with pytest.raises(tk.ValidationError):
            run("lrtzc_need_support", author, id=need["id"])
        for _ in range(2):
            assert run("lrtzc_need_support", other, id=need["id"], support=False)["supports"] == 0

    def test_a_producer_answers_and_what_meets_it_is_shown_both_ways(self, app, monkeypatch, need, team, author):
        sent = []
        monkeypatch.setitem(tk.config, "smtp.server", "localhost")
        monkeypatch.setattr(tk, "enqueue_job", lambda job, args, **_: job(*args))
        monkeypatch.setattr(tk, "mail_recipient", lambda _name, address, _subject, body: sent.append((address, body)))
        dataset = run("package_create", team["producer"], **of("dataset", owner_org=team["id"], title="Comptages 2024"))
        asked = {"id": need["id"], "organization": team["id"]}
        run("lrtzc_need_answer", team["producer"], **asked, status="declined", text="Pas de compteurs")
        assert show(need)["status"] == "declined"
        assert sent[0][0] == author["email"]
        assert "Pas de compteurs" in sent[0][1]
        told = run("lrtzc_need_answer", team["producer"], **asked, status="met", object=dataset["name"])
        assert (told["status"], len(told["answers"])) == ("met", 1)
        assert told["answers"][0]["object"]["id"] == dataset["id"]
        assert need["name"] in app.get(f"/dataset/{dataset['name']}").body
        assert dataset["name"] in app.get(f"/needs/{need['name']}").body
        run("package_patch", team["producer"], id=dataset["id"], private=True)
        assert show(need)["answers"][0]["object"] is None
        assert dataset["name"] not in app.get(f"/needs/{need['name']}").body
        assert [each["name"] for each in run("lrtzc_need_list", None)["facets"]["status"]] == ["met"]

    def test_a_reported_comment_is_judged_once(self, app, admin, need, other, author, monkeypatch):
        run("lrtzc_need_comment", other, id=need["id"], text="Du <b>spam</b>")
        (comment,) = run("lrtzc_need_comment", author, id=need["id"], text="D'accord")["discussion"][:1]
        with pytest.raises(tk.ObjectNotFound):
            run("lrtzc_need_comment_report", other, id=comment["id"], reason="À moi")
        for user in (author, author, factories.User()):
            run("lrtzc_need_comment_report", user, id=comment["id"], reason="Publicité")
        assert "&lt;b&gt;spam" in app.get(f"/needs/{need['name']}").body
        waiting = run("lrtzc_moderation_list", admin)
        assert waiting["count"] == 1
        assert waiting["results"][0]["subject"]["parts"][1]["text"] == "Publicité\nPublicité"
        sent = []
        monkeypatch.setitem(tk.config, "smtp.server", "localhost")
        monkeypatch.setattr(tk, "enqueue_job", lambda job, args, **_: job(*args))
        monkeypatch.setattr(tk, "mail_recipient", lambda _name, address, _subject, body: sent.append((address, body)))
        with app.flask_app.test_request_context():
            judge(admin, "reject", "Publicité")
        written, reported = (next(text for to, text in sent if to == each["email"]) for each in (other, author))
        assert "a signalé ce que vous avez écrit" in written
        assert "Vous avez signalé" in reported
        assert all("retiré" in text and "Publicité" in text for text in (written, reported))
        sent.clear()
        assert [each["removed"] for each in show(need)["discussion"]] == [True, False]
        assert "spam" not in app.get(f"/needs/{need['name']}").body
        kept = show(need)["discussion"][1]
        run("lrtzc_need_comment_report", other, id=kept["id"], reason="Non")
        with app.flask_app.test_request_context():
            judge(admin)
        assert {author["email"], other["email"]} <= {to for to, _text in sent}
        assert all("conserve" in text for to, text in sent if to in (author["email"], other["email"]))
        with pytest.raises(tk.ValidationError):
            run("lrtzc_need_comment_report", factories.User(), id=kept["id"], reason="Non")
        run("lrtzc_need_comment_delete", author, id=kept["id"])
        assert model.Session.get(Comment, kept["id"], populate_existing=True).text == ""


class TestAttacks:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"title": ""}, {"title": "x" * 201}, {"title": ["x"]}, {"why": "\x00 \n"}, {"why": "x" * 5001},
            {"axis": "nowhere"}, {"axis": ["x"]}, {"communes": ["99999"]}, {"communes": {"a": 1}}, {"communes": [5]},
        ],
    )  # fmt: skip
    def test_what_cant_be_kept_is_refused(self, author, wrong):
        with pytest.raises(tk.ValidationError) as refusal:
            run("lrtzc_need_create", author, **{**WHOLE, **wrong})
        assert set(refusal.value.error_dict) == set(wrong)

    def test_nobody_acts_for_another(self, need, other, team, admin, author):
        for verb in ("update", "withdraw"):
            with pytest.raises(tk.NotAuthorized):
                run(f"lrtzc_need_{verb}", other, id=need["id"], title="À moi")
        asked = {"id": need["id"], "organization": team["id"], "status": "declined", "text": "Non"}
        for user in (None, other, author):
            with pytest.raises(tk.NotAuthorized):
                run("lrtzc_need_answer", user, **asked)
        with pytest.raises(tk.NotAuthorized):
            run("lrtzc_need_answer", team["producer"], **{**asked, "organization": factories.Organization()["id"]})
        (comment,) = run("lrtzc_need_comment", author, id=need["id"], text="D'accord")["discussion"]
        for user in (other, admin):
            with pytest.raises(tk.ObjectNotFound):
                run("lrtzc_need_comment_delete", user, id=comment["id"])
        assert not model.Session.scalar(sa.select(sa.func.count()).select_from(Answer))

    def test_answers_that_say_nothing_and_hidden_objects(self, need, team):
        hidden = run(
            "package_create", team["producer"], **of("dataset", owner_org=team["id"], private=True, title="Secret")
        )
        for wrong in (
            {"status": "open"}, {"status": "answered"}, {"status": "met"}, {"status": "met", "object": "nothing"},
            {"status": "met", "object": hidden["id"]}, {"status": "declined", "text": " "},
        ):  # fmt: skip
            with pytest.raises(tk.ValidationError):
                run("lrtzc_need_answer", team["producer"], id=need["id"], organization=team["id"], **wrong)

    def test_support_at_the_same_instant_counts_once(self, at_once, need, other):
        def support():
            tk.get_action("lrtzc_need_support")({"user": other["name"], "ignore_auth": False}, {"id": need["id"]})

        assert at_once(*[support] * 4) == [None] * 4
        assert model.Session.scalar(sa.select(sa.func.count()).select_from(Support)) == 1

    def test_said_twice_is_said_once_and_not_too_much(self, need, other, author, monkeypatch):
        for _ in range(2):
            told = run("lrtzc_need_comment", other, id=need["id"], text="Oui")
        assert len(told["discussion"]) == 1
        monkeypatch.setattr(action, "MOST_COMMENTS", 2)
        run("lrtzc_need_comment", other, id=need["id"], text="Encore")
        with pytest.raises(tk.ValidationError):
            run("lrtzc_need_comment", other, id=need["id"], text="Et encore")
        with pytest.raises(tk.ValidationError):
            run("lrtzc_need_create", author, **WHOLE)

    def test_hostile_texts_are_dead_in_pages(self, app, admin, author, other, shared_data):
        strings = json.loads((shared_data / "hostile" / "blns.json").read_text("utf-8"))
        hostile = [*[each for each in strings if "<" in each][:40], "{{ 7*7 }}", "{0}{title}", "%s%n", "\u202etxt"]
        text = "\n".join(each[:100] for each in hostile)[:1900]
        made = run("lrtzc_need_create", author, title='<script>alert(1)</script>{title}"', why=text)
        Browser(app, admin).get("/moderation")
        judge(admin)
        run("lrtzc_need_comment", other, id=made["id"], text=text)
        for address in (f"/needs/{made['name']}", "/needs", "/needs?q=%00{title}<script>"):
            page = app.get(address).body
            assert "<script>alert(1)" not in page
            assert "<img src=x" not in page
        app.get("/needs?status=x", status=400)


class TestPages:
    def test_said_supported_discussed_and_answered_by_pages(self, app, admin, author, other, team):
        dataset = run("package_create", team["producer"], **of("dataset", owner_org=team["id"], title="Comptages 2024"))
        browser = Browser(app, author)
        browser.get("/needs/new")
        assert "field-why-error" in browser.post("/needs/new", status=422, title="Vélos").body
        browser.post("/needs/new", **WHOLE)
        where = browser.location()
        assert "Attend les modérateurs" in browser.get("/needs/mine").body
        judge(admin)
        visitor = Browser(app, other)
        visitor.get(where)
        visitor.post(f"{where}/support", support="yes")
        assert "1 personne" in visitor.get(where).body
        visitor.post(f"{where}/comment", text="Moi aussi")
        assert "Moi aussi" in visitor.get(where).body
        visitor.post(f"{where}/comment", status=422, text="")
        visitor.post(f"{where}/nothing", status=404)
        answer = {"organization": team["id"], "object": dataset["id"], "text": "Voici", "status": "met"}
        visitor.app.post(f"{where}/answer", data={**visitor.hidden(), **answer}, status=403)
        producer = Browser(app, team["producer"])
        producer.get(where)
        page = producer.post(f"{where}/answer", status=200, find="yes", words="Comptages", organization=team["id"])
        assert f'value="{dataset["id"]}"' in page.body
        producer.app.post(f"{where}/answer", data={**producer.hidden(), **answer}, status=303, follow_redirects=False)
        assert "Voici" in app.get(where).body


class TestLeaving:
    def test_what_is_shown_stays_without_a_name_and_words_go(self, admin, author, other, need):
        run("lrtzc_need_comment", author, id=need["id"], text="Je m'appelle Camille")
        run("lrtzc_need_support", other, id=need["id"])
        run("lrtzc_need_comment", other, id=need["id"], text="Je m'appelle Dominique")
        gone = run("lrtzc_need_create", author, title="Autre", why="Rien")
        found = dict(holdings())
        assert "Comptages" in json.dumps(found["needs"].export(author["id"]), ensure_ascii=False)
        assert found["need_talk"].restrict(author["id"], True)
        assert [each["removed"] for each in show(need)["discussion"]] == [True, False]
        for account in (author, other):
            for name in ("needs", "need_talk"):
                found[name].erase(account["id"])
                assert found[name].find(account["id"]) == 0
                assert found[name].export(account["id"]) == {}
        told = show(need)
        assert (told["author"], told["supports"]) == ("A former member", 0)
        assert "Camille" not in str(told)
        assert model.Session.get(Need, gone["id"]) is None


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([], Status.OPEN),
        ([Status.DECLINED], Status.DECLINED),
        ([Status.DECLINED, Status.ANSWERED], Status.ANSWERED),
        ([Status.ANSWERED, Status.MET, Status.DECLINED], Status.MET),
    ],
)
def test_the_best_answer_stands(answers, expected):
    assert status_of(answers) is expected
