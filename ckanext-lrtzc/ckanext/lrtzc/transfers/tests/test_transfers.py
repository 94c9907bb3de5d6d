"""Ownership changes hands when the other side accepts, and not before; attacks on the way."""

import datetime as dt
import threading

import ckan.lib.mailer as mailer
import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.lrtzc.accounts.holding import AccountHolding
from ckanext.lrtzc.objects.tests.test_datasets import run
from ckanext.lrtzc.objects.tests.test_form import Browser
from ckanext.lrtzc.objects.tests.test_kinds import of
from ckanext.lrtzc.transfers.logic import action as actions
from ckanext.lrtzc.transfers.model import Offer

# Letters name pages: `app` makes the addresses known.
pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index", "app")


@pytest.fixture
def letters(monkeypatch):
    """Keep what would be mailed: (address, subject, body)."""
    sent = []
    monkeypatch.setattr(
        tk, "mail_recipient", lambda _name, address, subject, body: sent.append((address, subject, body))
    )
    return sent


@pytest.fixture
def giver(rooms_db):
    return factories.User(fullname="Anne Donne")


@pytest.fixture
def taker(rooms_db):
    return factories.User(fullname="Théo Prend")


@pytest.fixture
def team(giver):
    """An organisation for which `giver` edits, and another person too."""
    colleague = factories.User()
    users = [{"name": giver["name"], "capacity": "editor"}, {"name": colleague["name"], "capacity": "editor"}]
    return {**factories.Organization(users=users), "colleague": colleague}


def make(user, kind="algorithm", **more):
    return run("package_create", user, **of(kind, **more))


def offer(user, *packages, **to):
    return run("lrtzc_transfer_offer", user, ids=[each["id"] for each in packages], **to)


def ids(offers):
    return [each["id"] for each in offers]


def owner(package):
    row = model.Session.get(model.Package, package["id"], populate_existing=True)
    return row.owner_org or row.creator_user_id


class TestGoodWay:
    def test_many_at_once_change_hands_when_accepted(self, giver, taker, letters):
        made = [make(giver), make(giver, "use-case"), make(giver, "dataset", private=True)]
        offers = offer(giver, *made, to=taker["email"].upper())
        assert {owner(each) for each in made} == {giver["id"]}
        assert letters[0][0] == taker["email"]
        assert "Anne Donne" in letters[0][2]
        assert made[0]["title"] in letters[0][2]
        assert len(run("lrtzc_transfer_list", taker)["received"]) == 3
        with pytest.raises(tk.NotAuthorized):
            run("package_show", taker, id=made[2]["id"])
        run("lrtzc_transfer_accept", taker, ids=ids(offers))
        assert {owner(each) for each in made} == {taker["id"]}
        assert letters[-1][0] == giver["email"]
        assert run("package_patch", taker, id=made[0]["id"], notes="À moi")["notes"] == "À moi"
        with pytest.raises(tk.NotAuthorized):
            run("package_patch", giver, id=made[0]["id"], notes="Encore à moi")
        found = run("package_search", taker, q=made[2]["title"], include_private=True)["results"]
        assert made[2]["id"] in [each["id"] for each in found]
        with pytest.raises(tk.NotAuthorized):
            run("package_show", giver, id=made[2]["id"])

    def test_refused_and_withdrawn_ones_stay(self, giver, taker, letters):
        one, two = make(giver), make(giver)
        offers = offer(giver, one, two, to=taker["name"])
        by_object = {each["package"]["id"]: each["id"] for each in offers}
        run("lrtzc_transfer_refuse", taker, ids=[by_object[one["id"]]])
        run("lrtzc_transfer_withdraw", giver, ids=[by_object[two["id"]]])
        assert {owner(one), owner(two)} == {giver["id"]}
        closed = run("lrtzc_transfer_list", giver)["closed"]
        assert {each["state"] for each in closed} == {"refused", "withdrawn"}
        assert [each[0] for each in letters] == [taker["email"], giver["email"], taker["email"]]
        offer(giver, one, to=taker["name"])

    def test_to_an_organisation_and_from_it(self, giver, taker, team, letters):
        made = make(giver)
        offers = offer(giver, made, organization=team["name"])
        assert team["colleague"]["email"] in [each[0] for each in letters]
        run("lrtzc_transfer_accept", team["colleague"], ids=ids(offers))
        assert owner(made) == team["id"]
        assert call_action("package_show", id=made["id"])["organization"]["id"] == team["id"]
        members = sa.select(model.Member.group_id).where(
            model.Member.table_id == made["id"], model.Member.state == "active"
        )
        assert list(model.Session.scalars(members)) == [team["id"]]
        offers = offer(team["colleague"], made, to=taker["name"])
        run("lrtzc_transfer_accept", taker, ids=ids(offers))
        assert owner(made) == taker["id"]

    def test_a_mail_that_fails_stops_nothing(self, giver, taker, monkeypatch):
        def broken(*_):
            raise mailer.MailerException("no server")

        monkeypatch.setattr(tk, "mail_recipient", broken)
        assert offer(giver, make(giver), to=taker["name"])[0]["state"] == "offered"

    def test_the_ledger_keeps_each_step(self, giver, taker, letters, monkeypatch):
        told = []
        monkeypatch.setattr(actions, "record", lambda operation, **what: told.append((operation, what["actor"])))
        offers = offer(giver, make(giver), to=taker["name"])
        run("lrtzc_transfer_accept", taker, ids=ids(offers))
        assert told == [("transfer.offer", giver["id"]), ("transfer.accept", taker["id"])]


class TestAttacks:
    def test_to_oneself_to_nobody_or_to_a_closed_account(self, giver, team):
        made, closed = make(giver), factories.User()
        run("user_delete", factories.Sysadmin(), id=closed["id"])
        for to in (
            {"to": giver["name"]},
            {"to": "nobody@example.org"},
            {"to": closed["name"]},
            {"to": closed["email"]},
            {"organization": factories.Organization()["id"]},
            {"to": giver["name"], "organization": team["id"]},
            {"to": ["x"]},
            {"to": "\x00"},
            {},
        ):
            with pytest.raises(tk.ValidationError):
                offer(giver, made, **to)
        assert not run("lrtzc_transfer_list", giver)["made"]

    def test_others_objects_and_what_isnt_there(self, giver, taker):
        theirs, hidden = make(taker), make(taker, private=True)
        for package in (theirs, hidden, {"id": "nothing"}):
            with pytest.raises(tk.NotAuthorized) as refusal:
                offer(giver, make(giver), package, to=taker["name"])
            assert "transférer" in str(refusal.value.message) or "transfer" in str(refusal.value.message)
        assert not run("lrtzc_transfer_list", giver)["made"]
        for wrong in ([], "", None, [1], ["x"] * 1000):
            with pytest.raises((tk.ValidationError, tk.NotAuthorized)):
                run("lrtzc_transfer_offer", giver, ids=wrong, to=taker["name"])

    def test_one_offer_an_object(self, giver, taker, letters):
        made = make(giver)
        offer(giver, made, to=taker["name"])
        with pytest.raises(tk.ValidationError):
            offer(giver, make(giver), made, to=factories.User()["name"])
        assert len(run("lrtzc_transfer_list", giver)["made"]) == 1

    def test_nobody_answers_for_another(self, giver, taker, team, letters):
        (made,) = offer(giver, make(giver), to=taker["name"])
        stranger = factories.User()
        for user, action in ((stranger, "accept"), (giver, "accept"), (stranger, "withdraw"), (taker, "withdraw")):
            with pytest.raises(tk.ObjectNotFound):
                run(f"lrtzc_transfer_{action}", user, ids=[made["id"]])
        (mine,) = offer(taker, make(taker), to=stranger["name"])
        with pytest.raises(tk.ObjectNotFound):
            run("lrtzc_transfer_accept", taker, ids=[made["id"], mine["id"]])
        assert {each.state for each in model.Session.scalars(sa.select(Offer))} >= {"offered"}
        with pytest.raises(tk.NotAuthorized):
            run("lrtzc_transfer_accept", None, ids=[made["id"]])

    def test_an_answer_is_given_once(self, giver, taker, letters):
        package = make(giver)
        offers = ids(offer(giver, package, to=taker["name"]))
        run("lrtzc_transfer_withdraw", giver, ids=offers)
        for action in ("accept", "refuse"):
            with pytest.raises(tk.ValidationError):
                run(f"lrtzc_transfer_{action}", taker, ids=offers)
        assert owner(package) == giver["id"]
        with pytest.raises(tk.ValidationError):
            run("lrtzc_transfer_withdraw", giver, ids=offers)

    def test_what_changed_meanwhile_makes_an_offer_void(self, giver, taker, team, letters):
        deleted, moved, left = make(giver), make(giver), make(giver, "use-case", owner_org=team["id"])
        offers = ids(offer(giver, deleted, moved, left, to=taker["name"]))
        run("package_delete", giver, id=deleted["id"])
        row = model.Session.get(model.Package, moved["id"])
        row.owner_org = team["id"]
        model.Session.commit()
        run("organization_member_delete", factories.Sysadmin(), id=team["id"], username=giver["name"])
        answered = run("lrtzc_transfer_accept", taker, ids=offers)
        assert {each["state"] for each in answered} == {"void"}
        assert owner(left) == team["id"]
        assert owner(moved) == team["id"]

    def test_of_a_closed_account_nothing_is_taken(self, giver, taker, letters):
        package = make(giver)
        offers = ids(offer(giver, package, to=taker["name"]))
        run("user_delete", factories.Sysadmin(), id=giver["id"])
        with pytest.raises(tk.ValidationError):
            run("lrtzc_transfer_accept", taker, ids=offers)
        assert owner(package) == giver["id"]


class TestWithoutAnOwner:
    """What somebody left behind is handed over by an administrator, and by nobody else."""

    @pytest.fixture
    def left(self, giver, taker):
        """Objects of accounts that were closed, restricted and erased; one was offered to somebody before."""
        restricted, erased = factories.User(fullname="Zanzibar Durandeau"), factories.User()
        made = [make(giver), make(restricted, "use-case"), make(erased, private=True)]
        offer(restricted, made[1], to=giver["name"])
        model.User.get(giver["id"]).state = "deleted"
        model.Session.get(model.Package, made[2]["id"]).creator_user_id = "nobody"
        model.Session.commit()
        AccountHolding().restrict(restricted["id"], True)
        return made

    def hand_over(self, user, left, reason="Elle les connaît", **to):
        return run("lrtzc_transfer_hand_over", user, ids=[each["id"] for each in left], reason=reason, **to)

    def test_it_is_handed_over_with_a_reason_that_the_new_owner_reads(self, left, taker, letters, monkeypatch):
        admin, told = factories.Sysadmin(), []
        monkeypatch.setattr(actions, "record", lambda operation, **what: told.append((operation, what["details"])))
        found = run("lrtzc_transfer_orphan_list", admin)["results"]
        assert {each["id"] for each in left} <= {each["id"] for each in found}
        assert "Zanzibar" not in str(found)
        done = self.hand_over(admin, left, to=taker["email"])
        assert {owner(each) for each in left} == {taker["id"]}
        assert {each["state"] for each in done} == {"accepted"}
        assert {address for address, *_ in letters} == {taker["email"]}
        assert any(left[0]["title"] in body and "Elle les connaît" in body for *_, body in letters)
        assert [operation for operation, _ in told] == ["transfer.void", *["transfer.hand_over"] * 3]
        assert {details.get("reason") for _, details in told[1:]} == {"Elle les connaît"}
        assert run("package_patch", taker, id=left[2]["id"], notes="À moi")["notes"] == "À moi"
        assert not {each["id"] for each in left} & {
            each["id"] for each in run("lrtzc_transfer_orphan_list", admin)["results"]
        }

    def test_nobody_else_does_and_nothing_that_has_an_owner_is_taken(self, left, taker, team):
        admin, owned = factories.Sysadmin(), make(taker)
        for user in (None, taker, team["colleague"]):
            with pytest.raises(tk.NotAuthorized):
                self.hand_over(user, left, to=taker["name"])
            with pytest.raises(tk.NotAuthorized):
                run("lrtzc_transfer_orphan_list", user)
        closed, leaving = factories.User(), factories.User()
        model.User.get(closed["id"]).state = "deleted"
        model.User.get(leaving["id"]).plugin_extras = {"lrtzc_leaving": dt.datetime.now(dt.UTC).isoformat()}
        restricted = model.User.get(left[1]["creator_user_id"])
        model.Session.commit()
        for wrong, more in (
            (left, {"to": taker["name"], "reason": " "}),
            (left, {"to": taker["name"], "reason": "x" * 501}),
            (left, {"to": closed["name"]}),
            (left, {"to": leaving["name"]}),
            (left, {"to": restricted.name}),
            (left, {}),
            ([*left, owned], {"to": team["colleague"]["name"]}),
            ([*left, {"id": "nothing"}], {"to": taker["name"]}),
        ):
            with pytest.raises(tk.ValidationError):
                self.hand_over(admin, wrong, **more)
        assert owner(owned) == taker["id"]
        assert taker["id"] not in {owner(each) for each in left}

    def test_of_two_administrators_at_once_one_does(self, app, left, taker, letters):
        """Each has a connection of their own; whoever comes second finds that it has an owner."""
        admins, takers = [factories.Sysadmin() for _ in range(2)], [taker, factories.User()]
        together, done = threading.Barrier(2), []

        def go(admin, to):
            with app.flask_app.test_request_context():
                try:
                    together.wait(60)
                    self.hand_over(admin, left, to=to["name"])
                    done.append(to["id"])
                except tk.ValidationError:
                    pass
                finally:
                    model.Session.remove()

        threads = [threading.Thread(target=go, args=pair) for pair in zip(admins, takers, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert len(done) == 1
        assert {owner(each) for each in left} == set(done)

    def test_by_page(self, app, left, team, letters):
        browser = Browser(app, factories.Sysadmin())
        assert "/ckan-admin/transfers" in browser.get("/ckan-admin/portal").body
        page = browser.get("/ckan-admin/transfers")
        assert all(f'value="{each["id"]}"' in page.body for each in left)
        assert "Compte dont l&#39;affichage est restreint" in page.body
        assert "Zanzibar" not in page.body
        ids_ = [each["id"] for each in left]
        browser.post("/ckan-admin/transfers", status=422, ids=ids_, organization=team["id"])
        browser.post("/ckan-admin/transfers", ids=ids_, organization=team["id"], reason="Son équipe les tient")
        assert {owner(each) for each in left} == {team["id"]}
        assert "Son équipe les tient" in Browser(app, team["colleague"]).get("/transfers").body
        Browser(app, team["colleague"]).get("/ckan-admin/transfers", status=403)


def test_nothing_is_accepted_by_who_is_leaving(giver, taker, letters):
    package = make(giver)
    offers = ids(offer(giver, package, to=taker["name"]))
    model.User.get(taker["id"]).plugin_extras = {"lrtzc_leaving": dt.datetime.now(dt.UTC).isoformat()}
    model.Session.commit()
    with pytest.raises(tk.ValidationError):
        run("lrtzc_transfer_accept", taker, ids=offers)
    assert owner(package) == giver["id"]


class TestPages:
    def test_offered_and_accepted_by_page(self, app, giver, taker, letters):
        made = [make(giver), make(giver, "use-case")]
        browser = Browser(app, giver)
        page = browser.get(f"/transfers/new?ids={made[0]['id']}")
        assert f'value="{made[0]["id"]}" checked' in page.body
        browser.post("/transfers/new", status=422, to=taker["email"])
        wrong = browser.post("/transfers/new", status=422, ids=[each["id"] for each in made], to="personne")
        assert 'value="personne"' in wrong.body
        browser.post("/transfers/new", ids=[each["id"] for each in made], to=taker["email"])
        other = Browser(app, taker)
        assert "Transferts (2)" in other.get("/dashboard/datasets").body
        page = other.get("/transfers")
        offers = [each["id"] for each in run("lrtzc_transfer_list", taker)["received"]]
        assert all(each in page.body for each in offers)
        other.post("/transfers", ids=offers[:1], answer="refuse")
        other.get("/transfers")
        other.post("/transfers", ids=offers[1:], answer="accept")
        assert sorted(owner(each) for each in made) == sorted([giver["id"], taker["id"]])
        assert "Refusé" in browser.get("/transfers").body
        stranger = Browser(app, factories.User())
        stranger.get("/transfers")
        stranger.post("/transfers", status=404, ids=offers, answer="accept")
        assert "/user/login" in app.get("/transfers", follow_redirects=False, environ_overrides={}).headers.get(
            "Location", "/user/login"
        )
