"""Files that a form is asked with: sent by page, told to telephones, shown on pages, and what must not get in."""

import hashlib
import io
import re
from urllib.parse import urlsplit

import pytest
from ckan.plugins import toolkit as tk
from file_keeper.core.exceptions import MissingFileError
from lxml import etree
from PIL import Image
from werkzeug.datastructures import FileStorage

from .conftest import basic, instance, picture

pytestmark = [
    pytest.mark.usefixtures("rooms_db"),
    pytest.mark.ckan_config("ckanext.lrtzc.forms.soonest", "0"),
]
MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"
SURVEY = [
    ("type", "name", "label::Français (fr)", "label::English (en)", "media::image::Français (fr)", "calculation"),
    ("text", "street", "Rue", "Street", "rue.jpg", ""),
    ("select_one_from_file trees.csv", "tree", "Arbre", "Tree", "", ""),
    ("calculate", "height", "", "", "", "pulldata('trees', 'height', 'name', ${tree})"),
    ("note", "told", "Il a ${height} m.", "It has ${height} m.", "", ""),
]
TREES = "name,label,height\noak,Chêne,25\nelm,Orme <b>,30\n".encode()


@pytest.fixture
def add(call_as):
    """Send a file of a form as whoever looks after it."""

    def add(made, name, content):
        upload = FileStorage(io.BytesIO(content), filename=name)
        return call_as(made.editor, "lrtzc_form_file_add", form=made.form["id"], upload=upload)

    return add


@pytest.fixture
def filed(make_form, add, call_as):
    """Give a form that is open, with its files."""

    def filed(**settings):
        made = make_form(SURVEY, opened=False, **settings)
        add(made, "Rue.JPG", picture())
        add(made, "trees.csv", TREES)
        call_as(made.editor, "lrtzc_form_open", form=made.form["id"])
        return made

    return filed


class TestGiving:
    def test_what_is_missing_is_said_and_choices_hold_the_opening_back(self, app, make_form, add, call_as):
        made = make_form(SURVEY, opened=False)
        shown = call_as(made.editor, "lrtzc_form_show", form=made.form["id"])
        assert not shown["faults"]
        assert {one["name"] for one in shown["files"] if one["size"] is None} == {"rue.jpg", "trees.csv"}
        with pytest.raises(tk.ValidationError) as refused:
            call_as(made.editor, "lrtzc_form_open", form=made.form["id"])
        (said,) = refused.value.error_dict["form"]
        assert "trees.csv" in said
        assert "3" in said
        add(made, "trees.csv", TREES)
        assert call_as(made.editor, "lrtzc_form_open", form=made.form["id"])["state"] == "open"
        # a picture is missed, and asked for nowhere: neither on the page nor by telephones
        (told,) = call_as(made.editor, "lrtzc_form_show", form=made.form["id"])["warnings"]
        assert "rue.jpg" in told
        page = app.get(f"/form/{made.form['id']}").body
        assert "Rue" in page
        assert "rue.jpg" not in page
        with pytest.raises(tk.ValidationError):
            add(made, "trees.csv", TREES)

    def test_what_must_not_get_in_is_refused_in_words(self, make_form, add, call_as, ckan_config, monkeypatch):
        made = make_form(SURVEY, opened=False)
        refused = [
            ("other.jpg", picture()),
            ("../rue.jpg", picture()),
            ("rue.jpg", b""),
            ("rue.jpg", b"%PDF-1.4 no picture"),
            ("rue.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
            ("trees.csv", b"\xff\xfe\x00"),
            ("trees.csv", b"name,label\n"),
            ("trees.csv", b"name\n" + b"a" * (6 << 20)),
        ]
        for name, content in refused:
            with pytest.raises(tk.ValidationError) as wrong:
                add(made, name, content)
            assert wrong.value.error_dict["upload"][0]
        for wrong in ("text", None, 3):
            with pytest.raises(tk.ValidationError):
                call_as(made.editor, "lrtzc_form_file_add", form=made.form["id"], upload=wrong)
        stranger = {"name": ""}
        with pytest.raises(tk.NotAuthorized):
            call_as(stranger, "lrtzc_form_file_remove", form=made.form["id"], name="trees.csv")
        with pytest.raises(tk.ObjectNotFound):
            call_as(made.editor, "lrtzc_form_file_remove", form=made.form["id"], name="trees.csv")
        monkeypatch.setitem(ckan_config, "ckanext.lrtzc.batches.antivirus_command", "false")
        for name, content in (("trees.csv", TREES), ("rue.jpg", picture())):
            with pytest.raises(tk.ValidationError):
                add(made, name, content)
        shown = call_as(made.editor, "lrtzc_form_show", form=made.form["id"])
        assert {one["size"] for one in shown["files"]} == {None}
        # a file that lacks what the questions ask of it says so where the form is looked after
        monkeypatch.setitem(ckan_config, "ckanext.lrtzc.batches.antivirus_command", "")
        add(made, "trees.csv", b"code,label\noak,Oak\n")
        (fault,) = call_as(made.editor, "lrtzc_form_show", form=made.form["id"])["faults"]
        assert "code" in fault

    def test_a_file_replaces_the_former_and_goes_with_its_form(self, make_form, add, call_as):
        from ckanext.lrtzc.forms import filing
        from ckanext.lrtzc.forms.model import Form, Media

        made = make_form(SURVEY, opened=False)
        version = Form.get(made.form["id"]).version
        add(made, "trees.csv", TREES)
        first = Media.of_form(made.form["id"])["trees.csv"]
        add(made, "trees.csv", TREES.replace(b"25", b"26"))
        second = Media.of_form(made.form["id"])["trees.csv"]
        assert Form.get(made.form["id"]).version == version + 2
        assert b"26" in b"".join(filing.parts(second))
        with pytest.raises(MissingFileError):
            filing.parts(first)
        call_as(made.editor, "lrtzc_form_delete", form=made.form["id"])
        assert not Media.of_form(made.form["id"])
        with pytest.raises(MissingFileError):
            filing.parts(second)

    def test_files_are_sent_and_taken_away_by_page(self, app, make_form):
        from ckan.tests import factories

        made = make_form(SURVEY, opened=False)
        address = f"/en/form/{made.form['id']}/manage"
        signed = {"Authorization": factories.APIToken(user=made.editor["name"])["token"]}

        def post(*files, **data):
            given = data | ({"files": [(io.BytesIO(body), name) for name, body in files]} if files else {})
            return app.post(address, data=given, headers=signed, content_type="multipart/form-data", expect_errors=True)

        assert app.get(address, headers=signed).body.count(">Missing<") == 2
        assert "Choose a file" in post(verb="files").body
        done = post(("trees.csv", TREES), ("no.png", b"x"), verb="files")
        assert done.status_code == 422
        assert "no.png" in done.body
        assert done.body.count(">Missing<") == 1
        assert ">Missing<" not in post(("rue.jpg", picture()), verb="files").body
        assert post(verb="unfile", name="trees.csv").body.count(">Missing<") == 1


class TestTelephones:
    def test_the_manifest_lists_the_files_as_they_are_given(self, app, filed):
        made = filed()
        root = f"/openrosa/dataset/{made.dataset['name']}"
        listed = app.get(f"{root}/formList").body
        manifest = re.search("<manifestUrl>(.*?)</manifestUrl>", listed)[1]
        files = {}
        for entry in etree.fromstring(app.get(urlsplit(manifest).path).data):
            name, digest, address = (entry.find(MANIFEST + tag).text for tag in ("filename", "hash", "downloadUrl"))
            got = app.get(urlsplit(address).path)
            assert digest == "md5:" + hashlib.md5(got.data).hexdigest()
            assert urlsplit(address).path.startswith(root)
            files[name] = got.data
        assert files.keys() == {"rue.jpg", "trees.csv"}
        assert files["trees.csv"] == TREES
        assert not dict(Image.open(io.BytesIO(files["rue.jpg"])).getexif())
        media = f"{root}/forms/{made.form['id']}/media"
        assert app.get(f"{media}/nothing.csv", expect_errors=True).status_code == 404
        assert app.get(f"{media}/itemsets.csv", expect_errors=True).status_code == 404

    def test_files_are_for_those_who_may_fill_the_form_in(self, app, filed, call_as):
        from ckan.tests import factories

        from ckanext.lrtzc.forms.model import Invitation
        from ckanext.lrtzc.forms.tokens import invitation_token

        made, owner = filed(openness="invited"), filed(openness="owner")
        call_as(made.editor, "lrtzc_form_invite", form=made.form["id"], emails="a@example.org")
        key = invitation_token(Invitation.of_form(made.form["id"])[0].id)
        path, page = f"forms/{made.form['id']}/media/trees.csv", f"/form/{made.form['id']}/media/rue.jpg"
        for root, status in ((f"/openrosa/key/{key}", 200), ("/openrosa", 403), ("/openrosa/account", 401)):
            assert app.get(f"{root}/{path}", expect_errors=True).status_code == status
        assert app.get(page, expect_errors=True).status_code == 403
        assert app.get(f"{page}?invitation={key}").status_code == 200
        shown = app.get(f"/fr/form/{made.form['id']}?invitation={key}").body
        assert re.search(rf'src="[^"]*rue.jpg[?][^"]*invitation={re.escape(key)}"', shown)
        signed = {"Authorization": factories.APIToken(user=made.editor["name"])["token"]}
        assert app.get(page, headers=signed).status_code == 200
        other = page.replace(made.form["id"], owner.form["id"])
        assert app.get(other, headers=signed, expect_errors=True).status_code == 403
        path = f"/openrosa/account/forms/{owner.form['id']}/media/trees.csv"
        assert app.get(path, headers=basic(owner.editor)).data == TREES
        assert app.get(path, headers=basic(made.editor), expect_errors=True).status_code == 403

    def test_choices_of_the_sheet_apart_are_a_file_too(self, app, make_form, send, rows, call_as):
        from ckanext.lrtzc.forms.domain.workbook import Sheet, write

        from .conftest import sheets

        survey = [
            ("type", "name", "label", "choice_filter"),
            ("text", "town", "Town", ""),
            ("select_one_external street", "street", "Street", "town = ${town}"),
        ]
        book = sheets(survey)
        book.sheets.append(
            Sheet("external_choices", ["list_name", "name", "label", "town"], [["street", "a", "Rue A", "x"]])
        )
        made = make_form(opened=False)
        upload = FileStorage(io.BytesIO(write(book)), filename="form.xlsx")
        call_as(made.editor, "lrtzc_form_define", form=made.form["id"], upload=upload)
        call_as(made.editor, "lrtzc_form_open", form=made.form["id"])
        manifest = app.get(f"/openrosa/forms/{made.form['id']}/manifest")
        address = etree.fromstring(manifest.data)[0].find(MANIFEST + "downloadUrl").text
        assert b"Rue A" in app.get(urlsplit(address).path).data
        told = f'<data id="{made.form["id"]}" version="2"><town>x</town><street>%s</street>'
        told += "<meta><instanceID>uuid:%s</instanceID></meta></data>"
        assert send(told % ("b", 1))[0] == 422
        assert send(told % ("a", 2))[0] == 201
        assert rows(made)[0]["street"] == "a"


class TestPages:
    def test_the_page_shows_pictures_and_offers_what_files_say(self, app, filed, send, rows):
        from .test_forms import fill

        made = filed()
        address = f"/form/{made.form['id']}"
        page = app.get(f"/fr{address}").body
        source = re.search(r'<img src="([^"]*/media/rue.jpg[^"]*)" alt="[^"]*Rue', page)[1]
        got = app.get(source)
        assert got.headers["Content-Type"] == "image/jpeg"
        assert "sandbox" in got.headers["Content-Security-Policy"]
        assert "private" in got.headers["Cache-Control"]
        assert "Orme &lt;b&gt;" in page
        # where a language has no picture of its own, the first there is
        assert "/media/rue.jpg" in app.get(f"/en{address}").body
        app.post(address, data=fill(page, street="Rue des Ormes", tree="elm"))
        wrong = app.post(address, data=fill(page, street="x", tree="ash"), expect_errors=True)
        assert wrong.status_code == 422
        (row,) = rows(made)
        assert (row["tree"], row["height"]) == ("elm", "30")
        xml = instance(made, version="3", tree="oak").replace("<state>good</state>", "")
        assert send(re.sub("<place>.*?</place>", "", xml))[0] == 201
        assert {row["height"] for row in rows(made)} == {"25", "30"}


class TestChoices:
    SURVEY = [
        ("type", "name", "label", "appearance", "calculation"),
        ("text", "town", "Town", "", ""),
        ("csv-external", "prices", "", "", ""),
        ("select_one tree", "tree", "Tree", "search('trees', 'matches', 'town', ${town})", ""),
        ("select_one state", "state", "State", "minimal", ""),
        ("calculate", "price", "", "", "instance('prices')/root/item[tree = ${tree}]/price"),
    ]
    CHOICES = [
        ("list_name", "name", "label", "media::image", "media::audio"),
        ("tree", "code", "name", "", ""),
        ("state", "good", "Good <b>", "good.jpg", "good.mp3"),
        ("state", "bad", "Bad", "", ""),
    ]
    FILES = {
        "trees.csv": b"code,name,town\noak,Oak,A\nelm,Elm,B\nfir,Fir,A\n",
        "prices.csv": b"tree,price\noak,12\nelm,9\n",
        "good.jpg": picture(),
    }

    @pytest.fixture
    def searched(self, make_form, add, call_as):
        from ckanext.lrtzc.forms.domain.workbook import write

        from .conftest import sheets

        made = make_form(opened=False)
        upload = FileStorage(io.BytesIO(write(sheets(self.SURVEY, self.CHOICES))), filename="form.xlsx")
        call_as(made.editor, "lrtzc_form_define", form=made.form["id"], upload=upload)
        with pytest.raises(tk.ValidationError) as refused:
            call_as(made.editor, "lrtzc_form_open", form=made.form["id"])
        assert "csv" in str(refused.value.error_dict)
        for name, content in self.FILES.items():
            add(made, name, content)
        call_as(made.editor, "lrtzc_form_open", form=made.form["id"])
        return made

    def test_a_list_follows_the_answers_and_refuses_what_it_doesn_t_offer(self, app, searched, rows):
        from .test_forms import fill

        address = f"/form/{searched.form['id']}"
        page = app.get(address).body
        seen = app.post(address, data=fill(page, town="A") | {"verb": "continue"}).body
        assert 'value="oak"' in seen
        assert 'value="elm"' not in seen
        refused = app.post(address, data=fill(page, town="A", tree="elm", state=""), expect_errors=True)
        assert refused.status_code == 422
        assert app.post(address, data=fill(seen, town="A", tree="oak", state="good")).status_code == 200
        (row,) = rows(searched)
        assert (row["tree"], row["price"]) == ("oak", "12")

    def test_pictures_and_sounds_of_choices_are_shown_and_named(self, app, searched, monkeypatch):
        from ckanext.lrtzc.forms.model import Media

        held = Media.of_form
        sound = type("Sound", (), {"name": "good.mp3"})
        monkeypatch.setattr(Media, "of_form", lambda form_id: {**held(form_id), "good.mp3": sound})
        page = app.get(f"/en/form/{searched.form['id']}").body
        # shown as buttons, since the options of a drop-down hold words alone
        (label,) = re.findall(
            r'<label class="choice"><input type="radio" name="q/state" value="good">.*?</label>', page
        )
        assert re.search(r'<img class="form-choice-picture" src="[^"]*/media/good.jpg[^"]*" alt=""', label)
        assert "<audio" not in label
        assert re.search(r'<audio[^>]*src="[^"]*good.mp3[^"]*" aria-label="Sound of the choice “Good &lt;b&gt;”"', page)
        assert page.count("<audio") == 1

    def test_telephones_are_given_the_lists_and_judged_by_them(self, app, searched, send, rows):
        form = f"/openrosa/forms/{searched.form['id']}"
        xform = app.get(f"{form}/form.xml", expect_errors=True)
        listed = app.get("/openrosa/dataset/" + searched.dataset["name"] + "/formList").body
        xform = app.get(urlsplit(re.search("<downloadUrl>(.*?)</downloadUrl>", listed)[1]).path).body
        found = xform.partition("search(")[2][:60]
        assert " ".join(found.split()).startswith("'trees', 'matches', 'town', /data/town ")
        assert 'src="jr://file-csv/prices.csv"' in xform
        manifest = etree.fromstring(app.get(f"{form}/manifest").data)
        assert {entry.find(MANIFEST + "filename").text for entry in manifest} == set(self.FILES)
        version = re.search('<data id="[^"]*" version="(.*?)"', xform)[1]
        told = f'<data id="{searched.form["id"]}" version="{version}"><town>B</town><tree>%s</tree>'
        told += "<price>1</price><meta><instanceID>uuid:%s</instanceID></meta></data>"
        assert "Tree" in send(told % ("oak", 1))[1]
        assert send(told % ("elm", 2))[0] == 201
        (row,) = rows(searched)
        assert (row["tree"], row["price"]) == ("elm", "9")
