"""Signing up in two steps: a letter, a link that works once, an identity kept apart, and nobody's secret told."""

import re
import secrets
import statistics
import time

import pytest
from ckan import model
from ckan.tests import factories

from ckanext.lrtzc.personal.api import Identity, identities

from .conftest import PASSWORD, PERSON

pytestmark = pytest.mark.usefixtures("letters")


@pytest.fixture
def address():
    return f"zoe.{secrets.token_hex(4)}@example.org"


def ask(app, address, **changes):
    return app.post("/account/new", data={**PERSON, "email": address, **changes}, expect_errors=True)


def body(answer):
    """Give what a page says, without what is different each time."""
    return re.sub(r'nonce="[^"]*"', "", answer.body)


def link_for(app, letters, address):
    ask(app, address)
    return letters.link(letters.write()[0])


def finish(client, link, name, password=PASSWORD):
    return client.post(link, data={"user_name": name, "password": password}, follow_redirects=False)


def test_a_person_signs_up_and_is_signed_in(app, letters, address):
    assert ask(app, address).status_code == 200
    assert model.User.by_email(address) is None, "nothing is created before the address is confirmed"
    (letter,) = letters.write()
    assert letter["To"].endswith(f"<{address}>")
    client, name = app.test_client(), f"Zoé « l'Île » 🦭 {secrets.token_hex(3)}"
    link = letters.link(letter)
    assert client.get(link).status_code == 200
    assert client.get(link).status_code == 200, "looking at the page, as mail servers do, uses nothing up"
    answer = finish(client, link, name)
    assert answer.status_code == 302, answer.text
    user = model.User.by_email(address)
    assert (user.fullname, user.state, user.sysadmin) == (name, "active", False)
    assert user.name.startswith("zoe-l-ile")
    assert identities.of(user.id) == Identity("Mme", "Zoé", "Durandeau", "1990-05-17")
    assert "Durandeau" not in str(user.as_dict()), "the identity isn't in the account"
    page = client.get("/dashboard/datasets")
    assert "Se déconnecter" in page.text or "Sign out" in page.text
    assert finish(app.test_client(), link, "x" + name).status_code == 410, "the link works once"
    for login in (name, user.name, address.upper()):
        assert app.post("/user/login", data={"login": login, "password": PASSWORD}).status_code in (200, 302)


def test_letters_are_in_the_language_of_the_page(app, letters, address):
    app.post("/en/account/new", data={**PERSON, "email": address})
    (letter,) = letters.write()
    assert "Confirm your e-mail address" in letter["Subject"]
    assert "/en/account/confirm/" in letter.get_content()
    ask(app, "autre" + address)
    (letter,) = letters.write()
    assert "Confirmez votre adresse" in letter["Subject"]


class TestNothingIsTold:
    def test_a_known_address_is_answered_alike(self, app, letters, address):
        known = factories.User()["email"]
        answers = [ask(app, each) for each in (known.upper(), address)]
        assert body(answers[0]) == body(answers[1])
        assert [answer.status_code for answer in answers] == [200, 200]
        to_known, to_unknown = letters.write()
        assert "déjà" in to_known["Subject"]
        assert "/account/confirm/" not in to_known.get_content()
        assert "/account/confirm/" in to_unknown.get_content()

    def test_a_password_is_asked_for_alike(self, app, letters, address):
        user = factories.User()
        answers = [app.post("/user/reset", data={"user": each}) for each in (user["name"], user["email"], address)]
        assert len({body(answer) for answer in answers}) == 1
        assert [letter["To"].split("<")[-1].strip(">") for letter in letters.write()] == [user["email"]] * 2

    def test_signing_in_takes_as_long(self, app, address):
        user = factories.User()

        def spent(login):
            times = []
            for _ in range(9):
                started = time.process_time()
                app.post("/user/login", data={"login": login, "password": "wrong"})
                times.append(time.process_time() - started)
            return statistics.median(times)

        spent(address)
        known, unknown = spent(user["email"]), spent(address)
        # An unhashed answer would take a third of the time.
        assert 0.6 < unknown / known < 1.6, (known, unknown)

    def test_the_same_work_is_done_for_all_who_sign_up(self, app, letters, address):
        """What tells known from unknown is done by the worker; the page only keeps the request."""
        from sqlalchemy import event

        seen, known = [], factories.User()["email"]
        ask(app, known)

        def note(*arguments):
            seen.append(arguments[2])

        event.listen(model.meta.engine, "before_cursor_execute", note)
        try:
            ask(app, known)
            of_known = seen[:]
            seen.clear()
            ask(app, address)
        finally:
            event.remove(model.meta.engine, "before_cursor_execute", note)
        assert seen == of_known


class TestRefusals:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("email", "contact@example.org"), ("email", "no-reply@example.org"), ("email", "x@y"), ("email", ""),
            ("email", "a@b.fr\r\nBcc: c@d.fr"), ("birth_date", "2020-01-01"), ("birth_date", "hier"),
            ("last_name", "\u202e\u200b"), ("first_name", "x" * 101), ("title", "<b>"),
        ],
    )  # fmt: skip
    def test_the_page_says_what_to_mend(self, app, letters, address, field, value):
        answer = ask(app, address, **{field: value})
        assert answer.status_code == 400
        assert 'role="alert"' in answer.body
        assert letters.write() == []

    def test_generic_names_and_poor_passwords(self, app, letters, address):
        link, client = link_for(app, letters, address), app.test_client()
        for name, password in (("Contact", PASSWORD), ("Zoé D", "Durandeau1990!"), ("Zoé D", "k7#"), ("", PASSWORD)):
            answer = finish(client, link, name, password)
            assert answer.status_code == 400, (name, password)
            assert password not in answer.text, "a password isn't sent back"
        assert model.User.by_email(address) is None

    def test_a_user_name_that_somebody_has(self, app, letters, address):
        taken = factories.User(fullname="Zoé l'Unique")
        link = link_for(app, letters, address)
        assert finish(app.test_client(), link, "zoé  l'unique").status_code == 400
        assert finish(app.test_client(), link, taken["name"]).status_code == 400

    def test_a_link_of_another_kind_opens_nothing(self, app, letters, address):
        link = link_for(app, letters, address)
        assert app.get(link.replace("confirm", "reset"), expect_errors=True).status_code == 410
        assert app.get("/account/confirm/" + "x" * 5000, expect_errors=True).status_code == 410

    def test_of_two_who_finish_one_gets_the_account(self, app, letters, address):
        ask(app, address)
        ask(app, address)
        first, second = (letters.link(letter) for letter in letters.write())
        assert finish(app.test_client(), first, f"un {address}").status_code == 302
        answer = finish(app.test_client(), second, f"deux {address}")
        assert answer.status_code == 400
        assert model.Session.query(model.User).filter_by(email=address).count() == 1

    @pytest.mark.ckan_config("ckanext.lrtzc.accounts.sign_up", "false")
    def test_a_portal_may_keep_to_itself(self, app, address):
        assert ask(app, address).status_code == 403
        assert "/account/new" not in app.get("/").body

    def test_without_a_store_nothing_is_begun(self, app, letters, address, monkeypatch):
        import ckan.plugins.toolkit as tk

        monkeypatch.setitem(tk.config, "ckanext.lrtzc.personal.url", "postgresql://x:y@127.0.0.1:9/z")
        answer = ask(app, address)
        assert answer.status_code == 400
        assert "plus tard" in answer.body
        assert letters.waiting == []


def test_hostile_names_stand_as_they_are(app, letters, shared_data):
    import html
    import json

    strings = json.loads((shared_data / "hostile" / "blns.json").read_text())
    for text in strings[::12]:
        answer = ask(app, f"x{secrets.token_hex(4)}@example.org", last_name=text, first_name=text)
        assert answer.status_code in (200, 400), text
        if answer.status_code == 400 and "<script" in text.lower():
            assert text not in answer.body
            assert html.escape(text) in answer.body or "&lt;" in answer.body
