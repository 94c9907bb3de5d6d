"""Telephones fetch forms and send answers (OpenRosa): whole, in parts, twice, and all that must not get in."""

import base64
import datetime as dt
import hashlib
import io
import re
from urllib.parse import urlsplit

import pytest
from file_keeper.core.exceptions import MissingFileError
from lxml import etree
from PIL import Image

from .conftest import SURVEY, basic, instance, picture, upload

pytestmark = [
    pytest.mark.usefixtures("rooms_db"),
    pytest.mark.ckan_config("ckanext.lrtzc.forms.soonest", "0"),
]
LIST = "{http://openrosa.org/xforms/xformsList}"
PHOTO = [*SURVEY, ("image", "photo", "Photo", "Photo", "", "", "", ""), ("start", "start", "", "", "", "", "", "")]


@pytest.fixture
def call():
    from ckan.tests.helpers import call_action

    return call_action


class TestFetching:
    def test_a_telephone_lists_and_fetches_what_everyone_may_answer(self, app, make_form):
        made, draft = make_form(), make_form(opened=False)
        got = app.get("/openrosa/formList", headers={"X-OpenRosa-Version": "1.0"})
        assert got.headers["X-OpenRosa-Version"] == "1.0"
        listed = {one.find(f"{LIST}formID").text: one for one in etree.fromstring(got.data)}
        assert draft.form["id"] not in listed
        entry = listed[made.form["id"]]
        assert entry.find(f"{LIST}version").text == "1"
        form = app.get(urlsplit(entry.find(f"{LIST}downloadUrl").text).path)
        assert entry.find(f"{LIST}hash").text == "md5:" + hashlib.md5(form.data).hexdigest()
        assert f'id="{made.form["id"]}" version="1"' in form.body
        assert "Rue" in form.body
        for scope in (f"dataset/{made.dataset['name']}", f"organization/{made.dataset['owner_org']}"):
            assert app.get(f"/openrosa/{scope}/formList").body.count("<xform>") == 1
        assert app.get(f"/openrosa/forms/{made.form['id']}/manifest").body.count("mediaFile") == 0
        for wrong in ("dataset/nothing/formList", "organization/nothing/formList", f"forms/{draft.form['id']}.xml"):
            assert app.get(f"/openrosa/{wrong}", expect_errors=True).status_code == 404
        head = app.get("/openrosa/submission")
        assert head.status_code == 204
        assert int(head.headers["X-OpenRosa-Accept-Content-Length"]) > 20 << 20

    def test_each_person_is_listed_what_they_may_answer(self, app, make_form, call, send):
        from ckanext.lrtzc.forms.model import Invitation
        from ckanext.lrtzc.forms.tokens import invitation_token

        owner, invited = make_form(openness="owner"), make_form(openness="invited", once=True)
        call("lrtzc_form_invite", {"user": invited.editor["name"]}, form=invited.form["id"], emails="a@example.org")
        key = f"/openrosa/key/{invitation_token(Invitation.of_form(invited.form['id'])[0].id)}"
        signed = basic(owner.editor)
        everyone = app.get("/openrosa/formList").body
        assert owner.form["id"] not in everyone
        assert invited.form["id"] not in everyone
        assert owner.form["id"] in app.get("/openrosa/account/formList", headers=signed).body
        assert re.findall("<formID>(.*?)</formID>", app.get(f"{key}/formList").body) == [invited.form["id"]]
        asked = app.get("/openrosa/account/formList", expect_errors=True)
        assert asked.status_code == 401
        assert asked.headers["WWW-Authenticate"].startswith("Basic")
        wrong = {"Authorization": "Basic " + base64.b64encode(b"admin:password").decode()}
        assert app.get("/openrosa/account/formList", headers=wrong, expect_errors=True).status_code == 401
        assert app.get("/openrosa/key/forged/formList", expect_errors=True).status_code == 404
        for made, root, headers in ((owner, "/openrosa/account", signed), (invited, key, {})):
            xml = instance(made)
            assert send(xml)[0] == 403
            assert send(xml, root, headers)[0] == 201
        assert send(instance(invited), key)[0] == 403


class TestSending:
    def test_an_instance_becomes_a_row_once_however_often_it_is_sent(self, send, make_form, rows):
        made = make_form(PHOTO)
        xml = instance(made, height="12", start="2024-05-06T07:08:09.123+02:00")
        assert [send(xml)[0] for _again in range(3)] == [201, 201, 201]
        (row,) = rows(made)
        assert (row["street"], row["height"], row["state"]) == ("Rue des Ormes", 12, "good")
        assert row["start"] == dt.datetime(2024, 5, 6, 7, 8, 9)
        assert row["_geometry"]
        status, said = send(xml.replace("Ormes", "Lilas"))
        assert status == 409
        assert said
        assert len(rows(made)) == 1

    def test_files_come_in_parts_and_are_kept_without_their_place(self, app, send, make_form, rows, call):
        from ckanext.lrtzc.forms import filing
        from ckanext.lrtzc.forms.answering import withdraw
        from ckanext.lrtzc.forms.model import Answer, File, Form
        from ckanext.lrtzc.forms.tokens import answer_token

        made = make_form(PHOTO)
        xml = instance(made, "uuid:in-parts", photo="1.jpg")
        status, said = send(xml)
        assert status == 400
        assert "1.jpg" in said
        assert send(xml, parts=True, **{"1_jpg": picture()})[0] == 201
        assert rows(made) == []
        status, said = send(xml, **{"other_jpg": picture()})
        assert status == 201
        assert "other.jpg" in said
        assert send(xml, **{"1_jpg": picture()})[0] == 201
        answer = Answer.sent_from(made.form["id"], "instance uuid:in-parts")
        address = app.get(f"/en/answer/{answer_token(answer.id)}").body
        own = re.search(r'href="([^"]*/file/[^"]*)"', address)[1]
        assert app.get(own).status_code == 200
        file = File.get(own.rpartition("/")[2])
        public = f"/form-file/{file.id}/1.jpg"
        assert app.get(public, expect_errors=True).status_code == 404
        (row,) = rows(made)
        assert row["photo"].endswith(public)
        given = app.get(public)
        assert given.headers["Content-Type"] == "image/jpeg"
        assert not dict(Image.open(io.BytesIO(given.data)).getexif())
        withdraw(Form.get(made.form["id"]), answer, "")
        assert File.get(file.id) is None
        assert app.get(public, expect_errors=True).status_code == 404
        with pytest.raises(MissingFileError):
            filing.parts(file)

    def test_a_private_dataset_s_files_are_for_those_who_may_read_it(self, app, send, make_form, rows, call):
        from ckan.tests import factories

        from ckanext.lrtzc.forms.attachments import of_answer
        from ckanext.lrtzc.forms.model import Answer

        made = make_form(PHOTO, keeps_position=True)
        call("package_patch", {"user": made.editor["name"]}, id=made.dataset["id"], private=True)
        assert made.form["id"] not in app.get("/openrosa/formList").body
        assert send(instance(made, "uuid:private", photo="1.jpg"), **{"1_jpg": picture()})[0] == 201
        rows(made)
        (file,) = of_answer(Answer.sent_from(made.form["id"], "instance uuid:private").id)
        public = f"/form-file/{file.id}/1.jpg"
        assert app.get(public, expect_errors=True).status_code == 404
        token = factories.APIToken(user=made.editor["name"])["token"]
        given = app.get(public, headers={"Authorization": token})
        assert Image.open(io.BytesIO(given.data)).getexif().get_ifd(0x8825)

    # a request that is given up leaves what Werkzeug held of it to the collector
    @pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
    def test_what_must_not_get_in_is_refused_in_words(self, send, make_form, rows, call, ckan_config, monkeypatch):
        made, other = make_form(PHOTO), make_form([SURVEY[0], ("text", "species", "E", "E", "", "", "", "")])
        bomb = '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><data id="x">&b;</data>'
        another = instance(made).replace(made.form["id"], other.form["id"])
        refused = [
            (b"", 400),
            (b"no xml", 400),
            (bomb, 400),
            (b"<data>" + b" " * (2 << 20) + b"</data>", 413),
            ('<data id="nothing"><meta><instanceID>uuid:1</instanceID></meta></data>', 404),
            (instance(made).replace("instanceID", "other"), 400),
            ("<data><street>x</street></data>", 400),
            (another, 422),
            (instance(made, version="9"), 422),
            (instance(made, version="next"), 422),
            (instance(made, height="99"), 422),
            (instance(made, state="bad"), 422),
            (instance(made, street=""), 422),
            (instance(made, secret="<deep>x</deep>"), 422),
            (instance(made).replace("<instanceID>", "<deprecatedID>uuid:1</deprecatedID><instanceID>"), 403),
            (instance(made, photo="1.jpg"), 400),
        ]
        for xml, status in refused:
            assert send(xml)[0] == status, xml[:200]
        for content in (b"", b"MZ not a picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture()[:200]):
            status, said = send(instance(made, photo="1.jpg"), **{"1_jpg": content})
            assert status == 422
            assert said.startswith("1.jpg")
        monkeypatch.setitem(ckan_config, "ckanext.lrtzc.forms.file_size", 1)
        status, said = send(instance(made, photo="1.jpg"), **{"1_jpg": picture() + b"\0" * (2 << 20)})
        assert status == 422
        assert "1" in said
        assert send(instance(made, photo="1.jpg"), **{"1_jpg": b"\0" * (4 << 20)})[0] == 413
        assert rows(made) == []
        assert rows(other) == []

    def test_quota_dates_and_closing_hold_and_a_resend_is_still_known(self, send, make_form, rows, call):
        made = make_form(quota=1)
        xml = instance(made)
        assert send(xml)[0] == 201
        assert send(instance(made))[0] == 403
        assert send(xml)[0] == 201
        past = (dt.datetime.now(dt.UTC) - dt.timedelta(days=1)).isoformat()
        assert send(instance(make_form(closes=past)))[0] == 403
        call("lrtzc_form_close", {"user": made.editor["name"]}, form=made.form["id"])
        assert send(xml)[0] == 201
        assert send(instance(make_form(opened=False)))[0] == 403
        assert len(rows(made)) == 1

    def test_an_answer_of_a_former_version_is_taken_where_it_still_fits(self, send, make_form, rows, call):
        made = make_form()
        context = {"user": made.editor["name"]}
        old = instance(made)
        call("lrtzc_form_close", dict(context), form=made.form["id"])
        wider = [*SURVEY, ("text", "species", "Essence", "Species", "", "", "yes", "")]
        call("lrtzc_form_define", dict(context), form=made.form["id"], upload=upload(wider))
        call("lrtzc_form_open", dict(context), form=made.form["id"])
        status, said = send(old)
        assert status == 422
        assert "Essence" in said
        assert send(instance(made, version="1", species="Orme"))[0] == 201
        assert len(rows(made)) == 1

    @pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
    def test_a_request_that_breaks_off_leaves_nothing(self, app, make_form, rows):
        made = make_form()
        body = (
            f'--b\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="a"\r\n\r\n{instance(made)}'
        )
        cut = app.post(
            "/openrosa/submission",
            data=body.encode(),
            headers={"Content-Type": "multipart/form-data; boundary=b"},
            expect_errors=True,
        )
        assert cut.status_code == 400
        assert rows(made) == []


class TestFilesByPage:
    def test_a_file_chosen_on_a_page_is_kept_through_errors_replaced_and_erased(self, app, make_form, rows):
        from ckanext.lrtzc.forms.model import File

        from .test_forms import STREET, fill

        made = make_form([*SURVEY, ("image", "photo", "Photo", "Photo", "", "", "yes", "")])
        address = f"/form/{made.form['id']}"
        page = app.get(f"/en{address}").body
        assert 'enctype="multipart/form-data"' in page

        def sent(page, to=address, body=None, name="vue.jpg", **changes):
            data = fill(page, **STREET | {"photo": kept(page)} | changes)
            if body is not None:
                data["q/photo"] = (io.BytesIO(body), name)
            return app.post(
                to, data=data, content_type="multipart/form-data", expect_errors=True, follow_redirects=False
            )

        def kept(page):
            return re.search(r'name="q/photo" value="([^"]*)"', page)[1]

        assert sent(page).status_code == 422
        assert "formats" in sent(page, body=b"%PDF-1.4 no picture", to=f"/en{address}").body
        wrong = sent(page, body=picture(), street="")
        assert wrong.status_code == 422
        assert kept(wrong.body).endswith("/vue.jpg")
        other = app.get(address).body
        assert sent(other, photo=kept(wrong.body)).status_code == 422
        done = sent(wrong.body)
        assert done.status_code == 303
        assert sent(wrong.body).headers["Location"] == done.headers["Location"]
        twice = [sent(other, body=picture(), street="Deux fois").headers["Location"] for _again in range(2)]
        assert twice[0] == twice[1]
        link = re.search(r"/answer/[^?]+", done.headers["Location"])[0]
        row = next(row for row in rows(made) if row["street"] == "Rue des Ormes")
        app.post(re.search(r"/answer/[^?]+", twice[0])[0])
        assert len(rows(made)) == 1
        first = row["photo"].rsplit("/", 2)[1]
        page = app.get(f"{link}/correct").body
        assert kept(page).startswith(first)
        assert sent(page, to=f"{link}/correct", body=picture(located=False), name="autre.jpg").status_code == 303
        assert rows(made)[0]["photo"].endswith("/autre.jpg")
        from ckanext.lrtzc.forms.attachments import erase_left

        erase_left()
        assert File.get(first) is None
        second = rows(made)[0]["photo"].rsplit("/", 2)[1]
        assert app.get(f"{link}/file/{second}").status_code == 200
        app.post(link)
        assert app.get(f"{link}/file/{second}", expect_errors=True).status_code == 404
