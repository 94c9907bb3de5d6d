"""The profile and the workspace: one's own only, names as they are, photos drawn anew."""

import io
import json
import re

import pytest
from ckan import model
from ckan.tests import factories
from PIL import Image

from ckanext.lrtzc.accounts.photos import NoPicture, redraw

from .conftest import PASSWORD

pytestmark = pytest.mark.usefixtures("letters")


@pytest.fixture
def user():
    return factories.User(password=PASSWORD, image_url="")


@pytest.fixture
def client(app, user):
    client = app.test_client()
    client.post("/user/login", data={"login": user["name"], "password": PASSWORD})
    return client


def picture(kind="JPEG", size=(640, 480), **options):
    content = io.BytesIO()
    Image.new("RGB", size, "teal").save(content, kind, **options)
    return content.getvalue()


def change(client, user, **changes):
    data = {
        "user_name": user["fullname"], "about": "", "language": "", "email": user["email"],
        **changes,
    }  # fmt: skip
    return client.post("/account/profile", data=data, content_type="multipart/form-data", follow_redirects=False)


class TestPhotos:
    def test_a_photo_is_made_small_and_loses_where_it_was_taken(self):
        exif = Image.Exif()
        exif[0x010F] = "Zanzibar Camera"
        made = redraw(io.BytesIO(picture(exif=exif)))
        content = made.stream.read()
        with Image.open(io.BytesIO(content)) as read:
            assert (read.format, read.size) == ("PNG", (256, 256))
        assert b"Zanzibar" not in content

    @pytest.mark.parametrize(
        "content",
        [
            b"<script>alert(1)</script>", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"",
            b"GIF89a<script>alert(1)</script>", picture()[:200], b"\x89PNG\r\n\x1a\n" + b"x" * 100, b"x" * 9_000_000,
            picture("PNG", (8000, 6000)), picture("BMP"),
        ],
        ids=["script", "svg", "empty", "gif-script", "cut", "broken", "large", "bomb", "bmp"],
    )  # fmt: skip
    def test_what_is_none_is_refused(self, content):
        with pytest.raises(NoPicture):
            redraw(io.BytesIO(content))

    def test_what_stands_behind_a_picture_is_left_out(self):
        content = redraw(io.BytesIO(picture("GIF") + b"<script>alert(1)</script>")).stream.read()
        assert b"<script>" not in content

    def test_it_is_shown_and_taken_away(self, client, user):
        answer = change(client, user, photo=(io.BytesIO(picture()), "../../évil.php"))
        assert answer.status_code == 302, answer.text
        address = re.search(r'<img src="([^"]+)" alt="[^"]*photo', client.get("/account/profile").text).group(1)
        assert ".php" not in address
        shown = client.get(re.sub(r"^https?://[^/]+", "", address))
        assert shown.status_code == 200
        assert shown.headers["Content-Type"] == "image/png"
        change(client, user, no_photo="yes")
        assert not model.User.get(user["id"]).image_url
        refused = change(client, user, photo=(io.BytesIO(b"<script>"), "photo.png"))
        assert refused.status_code == 400

    def test_by_api_too(self, app):
        sender = factories.UserWithToken(image_url="")
        header = {"Authorization": sender["token"]}

        def send(content, action="user_patch", **more):
            data = {"id": sender["id"], "image_upload": (io.BytesIO(content), "photo.png"), **more}
            return app.post(
                f"/api/3/action/{action}", data=data, headers=header, content_type="multipart/form-data",
                expect_errors=True,
            ).status_code  # fmt: skip

        assert send(b"<script>alert(1)</script>") == 409
        assert send(b"\x89PNG\r\n\x1a\n" + b"<script>" * 9) == 409
        assert not model.User.get(sender["id"]).image_url
        assert send(picture()) == 200
        assert model.User.get(sender["id"]).image_url.endswith(".png")


class TestProfile:
    def test_it_is_changed(self, client, user):
        name = "Zoé « l'Île » <b>🦭</b>"
        answer = change(client, user, user_name=name, language="en", notifications="at_once")
        assert answer.status_code == 302, answer.text
        assert "/en/" in answer.headers["Location"]
        kept = model.User.get(user["id"])
        assert (kept.fullname, kept.name, kept.email) == (name, user["name"], user["email"])
        assert kept.plugin_extras["lrtzc_accounts"] == {
            "language": "en",
            "notifications": "at_once",
        }
        assert kept.validate_password(PASSWORD)
        page = client.get("/account/workspace").text
        assert "<b>🦭" not in page
        assert "objects-title" in page

    def test_the_workspace_is_put_in_order_and_hidden_in_part(self, client, user):
        def titles():
            return re.findall(r'<h2 id="(\w+)-title"', client.get("/account/workspace").text)

        def choose(**form):
            answer = client.post("/account/workspace", data=form, follow_redirects=False)
            assert answer.status_code == 302

        first = titles()
        assert {"waiting", "objects", "contributions"} <= set(first)
        choose(order=" ".join(first), show=first, move=f"up:{first[1]}")
        assert titles()[:2] == [first[1], first[0]]
        change(client, user, about="Le profil n'y change rien")
        choose(order=" ".join(titles()), show=["objects"], save="yes")
        assert titles() == ["objects"]
        choose(order="../x objects", show=["nothing"], move="sideways:<b>")
        assert titles() == []
        assert "Vous masquez toutes" in client.get("/account/workspace").text

    def test_home_begins_with_what_waits_for_who_reads_and_strangers_see_none_of_it(self, app, client, user):
        assert "home-mine" in client.get("/").text
        assert "home-mine" not in app.test_client().get("/").text

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("user_name", "Accueil"), ("user_name", ""), ("language", "../../etc"), ("about", "x" * 2001),
            ("about", "http://spam.example"), ("email", "contact@example.org"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_said(self, client, user, field, value):
        answer = change(client, user, **{field: value})
        assert answer.status_code == 400
        assert model.User.get(user["id"]).fullname == user["fullname"]

    def test_nobody_elses_is_in_reach(self, app, client, user):
        other = factories.User(password=PASSWORD)
        change(
            client, user, id=other["id"], name=other["name"], user_name="Nouveau nom", sysadmin="true", state="deleted"
        )
        assert model.User.get(other["id"]).fullname == other["fullname"]
        kept = model.User.get(user["id"])
        assert (kept.fullname, kept.sysadmin, kept.state) == ("Nouveau nom", False, "active")
        assert change(client, user, user_name=other["fullname"]).status_code == 400
        assert app.get("/account/profile", follow_redirects=False).status_code == 302
        assert client.get(f"/user/edit/{user['name']}", follow_redirects=False).status_code == 302
        assert client.get(f"/user/edit/{other['name']}", follow_redirects=False).status_code == 403

    def test_a_new_address_is_confirmed_first(self, app, client, user, letters):
        new = f"nouveau.{user['name']}@example.org"
        assert change(client, user, email=new, password="wrong").status_code == 400
        assert change(client, user, email=new, password=PASSWORD).status_code == 302
        assert model.User.get(user["id"]).email == user["email"]
        (letter,) = letters.write()
        assert letter["To"].endswith(f"<{new}>")
        link = letters.link(letter)
        assert app.get(link).status_code == 200
        app.post(link)
        assert model.User.get(user["id"]).email == new
        assert app.get(link, expect_errors=True).status_code == 410

    def test_an_address_that_somebody_has_is_not_told(self, client, user, letters):
        other = factories.User()
        answer = change(client, user, email=other["email"], password=PASSWORD)
        assert answer.status_code == 302
        (letter,) = letters.write()
        assert "/account/address/" not in letter.get_content()


def test_the_workspace_shows_what_is_mine(client, user, app):
    other = factories.User()
    org = factories.Organization(users=[{"name": user["name"], "capacity": "editor"}])
    mine = factories.Dataset(user=user, owner_org=org["id"], title="<i>Mon jeu</i>")
    factories.Dataset(user=other, owner_org=org["id"], title="Pas le mien")
    page = client.get("/account/workspace").text
    assert f"/dataset/{mine['name']}" in page
    assert "<i>Mon jeu" not in page
    assert "Pas le mien" not in page
    assert app.get("/account/workspace", follow_redirects=False).status_code == 302


def test_hostile_names_stand_as_they_are(client, user, shared_data):
    strings = json.loads((shared_data / "hostile" / "blns.json").read_text())
    for text in strings[::20]:
        assert change(client, user, user_name=text, about=text).status_code in (302, 400), text
        assert client.get("/account/profile").status_code == 200
    assert client.get("/account/workspace").status_code == 200
