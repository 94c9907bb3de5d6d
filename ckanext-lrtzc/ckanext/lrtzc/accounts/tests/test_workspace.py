"""A person's space shows what every room has of theirs, and costs the same however much that is."""

import datetime as dt
import uuid

import ckan.model as model
import pytest
import sqlalchemy as sa
from ckan.tests import factories

from ckanext.lrtzc.delivery.tests.test_work import statements
from ckanext.lrtzc.following.model import Event
from ckanext.lrtzc.needs.model import Need
from ckanext.lrtzc.objects.tests.test_datasets import run
from ckanext.lrtzc.reuses.model import Reuse
from ckanext.lrtzc.transfers.model import Offer

pytestmark = pytest.mark.usefixtures("rooms_db", "clean_index")
NOW = dt.datetime.now(dt.UTC)
LATER = NOW + dt.timedelta(days=1)


@pytest.fixture
def people():
    return factories.User(), factories.User()


def objects(owner, count, title):
    rows = [
        {"id": (key := str(uuid.uuid4())), "name": key, "title": f"{title} {number}", "type": "dataset",
         "state": "active", "private": False, "creator_user_id": owner["id"], "license_id": "lov2"}
        for number in range(count)
    ]  # fmt: skip
    model.Session.execute(sa.insert(model.Package.__table__), rows)
    return [row["id"] for row in rows]


def fill(me, other, count):
    """Give a person so many things of each kind."""
    objects(me, count, "Mon jeu")
    followed = objects(other, count, "Jeu suivi")
    hidden = objects(other, count, "Jeu caché")
    offered = objects(other, count, "Jeu offert")
    model.Session.execute(sa.update(model.Package.__table__).where(model.Package.id.in_(hidden)).values(private=True))
    for each in followed + hidden:
        model.Session.add(model.UserFollowingDataset(me["id"], each))
        model.Session.add(
            Event(package_id=each, kinds=["data"], public=each in followed, title="", actor=other["id"],
                  happened=LATER, told=NOW)
        )  # fmt: skip
    for number, each in enumerate(offered):
        sides = {"from_kind": "person", "from_id": other["id"], "to_kind": "person", "to_id": me["id"]}
        model.Session.add(Offer(package_id=each, offered_by=other["id"], **sides))
        shown = {"author_id": me["id"], "title": f"Titre {number}", "published": NOW, "changed": NOW}
        model.Session.add(Reuse(name=str(uuid.uuid4()), kind="site", **shown))
        proposed = {**shown, "published": None, "changed": None, "proposal": {"title": "À juger"}}
        model.Session.add(Need(name=str(uuid.uuid4()), **proposed))
    model.Session.commit()


def test_it_shows_what_is_theirs_and_nothing_that_they_may_not_see(app, people):
    me, other = people
    app.set_session_user(me["id"])
    assert "Jeu suivi" not in app.get("/account/workspace").body
    fill(me, other, 2)
    body = app.get("/account/workspace").body
    for said in ("Mon jeu 1", "Jeu suivi 1", "Jeu offert 1", "Titre 1", "À juger", "Attend votre réponse"):
        assert said in body, said
    assert "Ses données ou ses fichiers ont changé" in body
    assert "Jeu caché" not in body
    app.set_session_user(other["id"])
    body = app.get("/account/workspace").body
    assert "Attend une réponse" in body
    assert "Titre 1" not in body
    assert "Mon jeu 1" not in body


def test_home_and_space_cost_as_many_statements_for_much_as_for_little(app, people):
    me, other = people
    app.set_session_user(me["id"])
    seen = {}
    for count in (1, 29):
        fill(me, other, count)
        for path in ("/", "/account/workspace"):
            app.get(path)
            with statements() as made:
                assert app.get(path).status_code == 200
            seen.setdefault(path, []).append(len(made))
    for path, (few, many) in seen.items():
        assert many <= few, (path, few, many)
    assert run("lrtzc_follow_list", me)
