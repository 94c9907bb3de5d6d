"""Reuses: proposed by anyone signed in, shown once accepted, counted to the credit of whose objects they use."""

import io
import json
from xml.etree import ElementTree as ET

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.tests import factories
from PIL import Image
from werkzeug.datastructures import FileStorage

from ckanext.lrtzc.moderation.domain.words import folded
from ckanext.lrtzc.moderation.model import Case
from ckanext.lrtzc.moderation.tests.judging import judge
from ckanext.lrtzc.objects.tests.test_datasets import run
from ckanext.lrtzc.objects.tests.test_form import Browser
from ckanext.lrtzc.objects.tests.test_kinds import of
from ckanext.lrtzc.personal.api import holdings
from ckanext.lrtzc.reuses import store
from ckanext.lrtzc.reuses.model import Picture, Reuse

pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index", "app")
WHOLE = {
    "title": "Où planter ?",
    "kind": "application",
    "url": "https://example.org/planter",
    "description": "Une carte\r\n\r\ndes rues.",
}


@pytest.fixture(autouse=True)
def _nothing_before(rooms_db):
    for each in (Reuse, Case):
        model.Session.execute(sa.delete(each))
    model.Session.commit()


@pytest.fixture
def author(rooms_db):
    return factories.User(fullname="Camille Fait")


@pytest.fixture
def producer(rooms_db):
    return factories.User(fullname="Paul Produit")


@pytest.fixture
def team(producer):
    return factories.Organization(users=[{"name": producer["name"], "capacity": "editor"}])


@pytest.fixture
def dataset(producer, team):
    return run("package_create", producer, **of("dataset", owner_org=team["id"], title="Arbres"))


def picture(size=(40, 30), form="PNG", name="x.png", **how):
    made = io.BytesIO()
    Image.new("RGB", size, "teal").save(made, form, **how)
    made.seek(0)
    return FileStorage(made, filename=name)


def propose(user, *objects, **more):
    return run("lrtzc_reuse_create", user, **{**WHOLE, "objects": [each["id"] for each in objects], **more})


def shown(**asked):
    return run("lrtzc_reuse_list", None, **asked)


class TestGoodWay:
    def test_it_shows_once_accepted_and_is_counted(self, app, admin, author, producer, team, dataset):
        made = propose(author, dataset, picture=picture())
        assert made["standing"] == "pending"
        assert made["title"] == ""
        assert not shown()["count"]
        for user in (None, producer):
            with pytest.raises(tk.ObjectNotFound):
                run("lrtzc_reuse_show", user, id=made["id"])
        waiting = made["proposal"]["picture"]
        assert app.get(waiting, status=404)
        assert run("lrtzc_reuse_show", admin, id=made["name"])["proposal"]["description"] == "Une carte\n\ndes rues."
        judge(admin)
        told = run("lrtzc_reuse_show", None, id=made["id"])
        assert (told["title"], told["author"]) == (WHOLE["title"], "Camille Fait")
        assert [each["id"] for each in told["objects"]] == [dataset["id"]]
        assert "proposal" not in told
        assert "standing" not in told
        answer = app.get(waiting)
        assert answer.headers["Content-Type"] == "image/webp"
        assert Image.open(io.BytesIO(answer.data)).size == (40, 30)
        assert Image.open(io.BytesIO(app.get(told["thumbnail"]).data)).size == (320, 180)
        assert "Où planter ?" in app.get(f"/dataset/{dataset['name']}").body
        assert "1 réutilisation" in app.get("/dataset/").body
        assert "1 réutilisation de ce qu'elle partage" in app.get(f"/organization/{team['name']}").body.replace(
            "&#39;", "'"
        )
        feed = ET.fromstring(app.get("/reuses.atom").data)
        assert [each.text for each in feed.iter("{http://www.w3.org/2005/Atom}title")][1:] == [WHOLE["title"]]
        assert "isReferencedBy" in app.get(f"/dataset/{dataset['name']}.ttl").body
        page = app.get(f"/reuses/{made['name']}").body
        assert f'href="{WHOLE["url"]}" rel="nofollow noopener noreferrer ugc"' in page

    def test_a_change_waits_while_what_was_accepted_stays(self, admin, author, dataset):
        made = propose(author, dataset, picture=picture())
        judge(admin)
        changed = run(
            "lrtzc_reuse_update", author, id=made["id"], title="Où planter d'abord ?", picture=picture((50, 50))
        )
        assert (changed["title"], changed["standing"]) == (WHOLE["title"], "pending")
        assert shown()["results"][0]["title"] == WHOLE["title"]
        parts = run("lrtzc_moderation_list", admin)["results"][0]["subject"]["parts"]
        assert next((part["text"], part["before"]) for part in parts) == ("Où planter d'abord ?", WHOLE["title"])
        judge(admin, "reject", "Le titre d'avant disait mieux")
        told = run("lrtzc_reuse_show", author, id=made["id"])
        assert (told["standing"], told["refusal"]) == ("refused", "Le titre d'avant disait mieux")
        run("lrtzc_reuse_update", author, id=made["id"], title="Planter")
        judge(admin)
        assert shown(q="plantér")["results"][0]["title"] == "Planter"
        assert model.Session.scalar(sa.select(sa.func.count()).select_from(Picture)) == 1
        again = run("lrtzc_reuse_update", author, id=made["id"], title="Planter")
        assert again["standing"] == "published"

    def test_a_change_taken_back_leaves_nothing_to_judge(self, admin, author, dataset):
        made = propose(author, dataset)
        judge(admin)
        run("lrtzc_reuse_update", author, id=made["id"], title="Autre")
        back = run("lrtzc_reuse_update", author, id=made["id"], title=WHOLE["title"])
        assert back["standing"] == "published"
        assert not run("lrtzc_moderation_list", admin)["count"]

    def test_its_author_takes_it_away(self, app, admin, author, dataset):
        made = propose(author, dataset)
        judge(admin)
        run("lrtzc_reuse_withdraw", author, id=made["id"])
        assert not shown()["count"]
        app.get(f"/reuses/{made['name']}", status=404)
        assert "Où planter" not in app.get(f"/dataset/{dataset['name']}").body
        with pytest.raises(tk.ValidationError):
            run("lrtzc_reuse_withdraw", author, id=made["id"])
        other = propose(author, dataset)
        run("lrtzc_reuse_withdraw", admin, id=other["id"])
        assert not run("lrtzc_moderation_list", admin)["count"]

    def test_filters_and_their_counts(self, admin, author, dataset, producer):
        mine = run("package_create", producer, **of("algorithm", title="Calcul"))
        propose(author, dataset)
        propose(author, mine, title="Étude des énergies", kind="study", url="https://example.org/etude")
        judge(admin)
        assert shown(q="energie")["count"] == 1
        assert shown(q="energie planter")["count"] == 0
        assert shown(q="100% _")["count"] == 0
        assert shown(object=mine["name"])["results"][0]["kind"] == "study"
        assert shown(object="nothing")["count"] == 0
        found = shown(organization=dataset["organization"]["name"])
        assert found["count"] == 1
        assert {each["name"] for each in shown(kind="study")["facets"]["kind"]} == {"study", "application"}
        assert [each["title"] for each in shown(sort="title")["results"]] == sorted(
            [WHOLE["title"], "Étude des énergies"], key=folded
        )

    def test_objects_hidden_later_are_named_to_nobody(self, app, admin, author, producer, dataset):
        made = propose(author, dataset)
        judge(admin)
        run("package_patch", producer, id=dataset["id"], private=True)
        assert not run("lrtzc_reuse_show", None, id=made["id"])["objects"]
        assert dataset["name"] not in app.get(f"/reuses/{made['name']}").body
        assert shown(object=dataset["name"])["count"] == 0
        assert not shown()["facets"]["organization"]
        assert len(run("lrtzc_reuse_show", producer, id=made["id"])["objects"]) == 1
        # The author may go on changing it without seeing what it uses.
        run("lrtzc_reuse_update", author, id=made["id"], title="Encore", objects=[dataset["id"]])

    def test_a_page_counts_in_one_statement(self, app, admin, author, producer, team):
        made = [
            run("package_create", producer, **of("dataset", owner_org=team["id"], title=f"Jeu {i}")) for i in range(4)
        ]
        propose(author, *made)
        judge(admin)
        asked, counting = [], store.counts

        def counted(ids):
            asked.append(len(ids))
            return counting(ids)

        store.counts = counted
        try:
            assert app.get("/dataset/?q=Jeu").body.count("1 réutilisation") == 4
        finally:
            store.counts = counting
        assert asked == [4]


class TestAttacks:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"url": "javascript:alert(1)"},
            {"url": "data:text/html,x"},
            {"url": "https://user:secret@example.org/"},
            {"url": "//example.org"},
            {"url": ""},
            {"title": " \n"},
            {"title": "x" * 201},
            {"title": ["x"]},
            {"description": "x" * 5001},
            {"description": {"a": "b"}},
            {"kind": "<script>"},
            {"objects": []},
            {"objects": ["nothing"]},
            {"objects": ["\x00"]},
            {"objects": ["x"] * 31},
            {"objects": {"a": 1}},
            {"picture": "a.png"},
        ],
    )
    def test_what_cant_be_kept_is_refused_and_nothing_is(self, author, dataset, wrong):
        with pytest.raises(tk.ValidationError) as refusal:
            propose(author, dataset, **wrong)
        assert set(refusal.value.error_dict) == set(wrong)
        assert not model.Session.scalar(
            sa.select(sa.func.count()).select_from(Reuse).where(Reuse.author_id == author["id"])
        )

    def test_no_script_comes_as_a_picture(self, author, dataset):
        for content in (
            b"<script>alert(1)</script>",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
            b"",
            b"GIF89a",
        ):
            with pytest.raises(tk.ValidationError):
                propose(author, dataset, picture=FileStorage(io.BytesIO(content), filename="x.png"))
        with pytest.raises(tk.ValidationError):
            propose(author, dataset, picture=FileStorage(io.BytesIO(b"\x89PNG" + b"\0" * 9_000_000), filename="x.png"))
        sent = picture(form="GIF", comment=b"<script>alert(1)</script>", name="../../x.html")
        made = propose(author, dataset, picture=sent)
        kept = model.Session.scalar(sa.select(Picture).where(Picture.reuse_id == made["id"]))
        assert b"script" not in kept.large + kept.small
        assert kept.large[8:12] == b"WEBP"

    def test_others_and_what_isnt_there(self, admin, author, producer, dataset):
        hidden = run("package_create", producer, **of("dataset", private=True, title="Secret"))
        with pytest.raises(tk.ValidationError) as refusal:
            propose(author, hidden)
        with pytest.raises(tk.ValidationError) as unknown:
            propose(author, {"id": "0" * 36})
        said = [str(each.value.error_dict["objects"][0]) for each in (refusal, unknown)]
        assert said[0].replace(hidden["id"], "") == said[1].replace("0" * 36, "")
        made = propose(author, dataset)
        for action in ("update", "withdraw"):
            with pytest.raises(tk.ObjectNotFound):
                run(f"lrtzc_reuse_{action}", producer, id=made["id"], title="À moi")
            with pytest.raises(tk.NotAuthorized):
                run(f"lrtzc_reuse_{action}", None, id=made["id"])
        judge(admin)
        for action in ("update", "withdraw"):
            with pytest.raises(tk.NotAuthorized):
                run(f"lrtzc_reuse_{action}", producer, id=made["id"], title="À moi")
        with pytest.raises(tk.NotAuthorized):
            run("lrtzc_reuse_update", admin, id=made["id"], title="À moi")
        assert run("lrtzc_reuse_show", None, id=made["id"])["title"] == WHOLE["title"]

    def test_an_address_is_proposed_once_and_not_too_many_wait(self, author, dataset, monkeypatch):
        from ckanext.lrtzc.moderation import proposed

        propose(author, dataset)
        with pytest.raises(tk.ValidationError) as refusal:
            propose(author, dataset)
        assert "url" in refusal.value.error_dict
        propose(factories.User(), dataset)
        monkeypatch.setattr(proposed, "MOST_WAITING", 2)
        propose(author, dataset, url="https://example.org/2")
        with pytest.raises(tk.ValidationError):
            propose(author, dataset, url="https://example.org/3")

    def test_hostile_texts_are_kept_or_refused_and_dead_in_pages(self, app, admin, author, dataset, shared_data):
        strings = json.loads((shared_data / "hostile" / "blns.json").read_text("utf-8"))
        more = ["{{ 7*7 }}", "{0}{title}", "%s%n", "\u202etxt", "x" * 150]
        hostile = [*[each for each in strings if "<" in each][:40], *more]
        text = "\n".join(each[:100] for each in hostile)[:4900]
        made = propose(
            author,
            dataset,
            title='<script>alert(1)</script>{title}"',
            description=text,
            url="https://example.org/%3Cb%3E",
        )
        Browser(app, admin).get("/moderation")
        judge(admin)
        for address in (
            f"/reuses/{made['name']}",
            "/reuses",
            f"/dataset/{dataset['name']}",
            "/reuses?q=%00{title}<script>",
        ):
            page = app.get(address).body
            assert "<script>alert(1)" not in page
            assert "<img src=x" not in page
        assert ET.fromstring(app.get("/reuses.atom").data) is not None
        for address in ("/reuses?kind=x", "/reuses?sort=x"):
            app.get(address, status=400)


class TestPages:
    def test_proposed_by_a_form_without_javascript(self, app, admin, author, dataset):
        browser = Browser(app, author)
        page = browser.get(f"/reuses/new?object={dataset['name']}")
        assert f'value="{dataset["id"]}" checked' in page.body
        page = browser.post("/reuses/new", status=200, find="yes", words="arbres", title="Gardé")
        assert f'value="{dataset["id"]}"' in page.body
        assert "Gardé" in page.body
        wrong = browser.post("/reuses/new", status=422, objects=[dataset["id"]], **{**WHOLE, "url": "x"})
        assert "field-url-error" in wrong.body
        browser.post("/reuses/new", objects=[dataset["id"]], **WHOLE)
        where = browser.location()
        assert "Attend les modérateurs" in browser.get("/reuses/mine").body
        assert "aux modérateurs" in browser.get(f"{where}/edit").body
        app.get("/reuses/new", status=200)
        judge(admin)
        stranger = Browser(app, factories.User())
        stranger.get(f"{where}/edit", status=403)
        stranger.get(f"{where}/withdraw", status=403)
        browser.get(f"{where}/withdraw")
        browser.post(f"{where}/withdraw", cancel="yes")
        assert shown()["count"] == 1
        browser.get(f"{where}/withdraw")
        browser.post(f"{where}/withdraw", delete="yes")
        assert shown()["count"] == 0


class TestLeaving:
    def test_what_is_shown_stays_without_a_name_and_the_rest_goes(self, admin, author, dataset):
        kept = propose(author, dataset)
        judge(admin)
        gone = propose(author, dataset, url="https://example.org/2", picture=picture())
        holding = dict(holdings())["reuses"]
        assert "Où planter" in json.dumps(holding.export(author["id"]), ensure_ascii=False)
        assert holding.restrict(author["id"], True)
        assert shown()["count"] == 0
        holding.restrict(author["id"], False)
        assert holding.erase(author["id"]) == 2
        assert holding.find(author["id"]) == 0
        told = run("lrtzc_reuse_show", None, id=kept["id"])
        assert told["author"] == "A former member"
        assert model.Session.get(Reuse, gone["id"]) is None
        assert not model.Session.scalar(
            sa.select(sa.func.count()).select_from(Picture).where(Picture.reuse_id == gone["id"])
        )
        assert not run("lrtzc_moderation_list", admin)["count"]
