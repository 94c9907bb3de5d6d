"""Personal data is declared, and every declaration keeps its word (RGT-1)."""

import datetime as dt
import json
import secrets
from fnmatch import fnmatchcase

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories

from ckanext.lrtzc.forms.model import Invitation
from ckanext.lrtzc.needs.model import Comment, Need
from ckanext.lrtzc.personal.api import Identity, factors, holdings, identities
from ckanext.lrtzc.reuses.model import Reuse
from ckanext.lrtzc.reward.model import Participant

from .personal_columns import NOT_PERSONAL

pytestmark = pytest.mark.usefixtures("rooms_db")

COLUMNS = sa.text(
    "SELECT table_schema, table_name, column_name FROM information_schema.columns "
    "WHERE table_schema LIKE 'lrtzc%' OR table_schema = 'public' AND table_name LIKE 'lrtzc%' "
    "AND table_name NOT LIKE '%_alembic_version'"
)
SECRETS = ("Zanzibar", "Île-de-Nulle-Part", "1871-03-18", "zanzibar@example.org")


def columns_of_ours():
    found = set(model.Session.execute(COLUMNS))
    engine = sa.create_engine(tk.config["ckanext.lrtzc.personal.url"])
    with engine.connect() as connection:
        found |= set(connection.execute(COLUMNS))
    engine.dispose()
    return {".".join(each) for each in found}


def declared():
    return {
        f"{table if '.' in table else f'public.{table}'}.{column}"
        for _name, holding in holdings()
        for table, columns in holding.columns.items()
        for column in columns
    }


class TestAllIsDeclared:
    def test_every_column_of_ours_is_declared_or_holds_nothing_personal(self):
        open_ = {
            name
            for name in columns_of_ours() - declared()
            if not any(fnmatchcase(name, pattern) for pattern in NOT_PERSONAL)
        }
        assert not open_, f"declare them by IPersonalData, or say in personal_columns.py why not: {sorted(open_)}"

    def test_no_declaration_and_no_reason_is_left_over(self):
        known = columns_of_ours()
        gone = {name for name in declared() - known if name.split(".")[1].startswith("lrtzc")}
        gone |= {name for name in declared() - known if name.startswith("lrtzc")}
        gone |= {each for each in NOT_PERSONAL if not any(fnmatchcase(name, each) for name in known)}
        assert not gone, f"nothing matches them any more: {sorted(gone)}"

    def test_nothing_is_both(self):
        both = {name for name in declared() if any(fnmatchcase(name, pattern) for pattern in NOT_PERSONAL)}
        assert not both


def make_person():
    """Make a person of whom every declaration holds something."""
    user = factories.User(fullname=SECRETS[0], email=f"{secrets.token_hex(4)}{SECRETS[3]}")
    identities.keep(user["id"], Identity("Mme", SECRETS[0], SECRETS[1], SECRETS[2]))
    factors.add(user["id"], "passkey", ["{}"], title=SECRETS[0], only=True)
    followed = factories.Dataset(title=SECRETS[0], owner_org=factories.Organization()["id"])
    tk.get_action("lrtzc_follow_create")({"user": user["name"]}, {"id": followed["id"]})
    asked = {"id": followed["id"], "address": "https://example.org/", "title": SECRETS[0]}
    tk.get_action("lrtzc_subscription_create")({"user": user["name"]}, asked)
    # One that is shown: erasing a person leaves it, and so what is said of it for the holding of that.
    need = Need(name=secrets.token_hex(8), author_id=user["id"], title=SECRETS[0], published=dt.datetime.now(dt.UTC))
    model.Session.add_all([need, Reuse(name=secrets.token_hex(8), author_id=user["id"], title=SECRETS[0])])
    model.Session.flush()
    model.Session.add(Invitation(form_id=secrets.token_hex(8), email=user["email"].lower()))
    model.Session.add(Participant(account_id=user["id"], pseudonym=SECRETS[0], folded=secrets.token_hex(8)))
    model.Session.add(Comment(need_id=need.id, author_id=user["id"], text=SECRETS[0]))
    model.Session.commit()
    return user["id"]


@pytest.fixture
def people():
    made = [make_person() for _ in range(2)]
    yield made
    for each in made:
        identities.erase(each)
        factors.erase(each)


def each_holding():
    """Give all declarations; a new one is taken up without a line here."""
    return list(holdings())


class TestEveryHolding:
    """What each implementation of `PersonalHolding` inherits: a person's rights, theirs only, and repeatable."""

    def test_finds_and_exports_what_is_held(self, people):
        for name, holding in each_holding():
            assert holding.find(people[0]), f"{name}: let make_person make something that it holds"
            text = json.dumps(holding.export(people[0]), ensure_ascii=False)
            assert any(word in text for word in SECRETS), name

    def test_knows_nothing_of_strangers(self, people):
        for name, holding in each_holding():
            for stranger in ("", "nobody", "'; DROP TABLE x; --", "x" * 5000):
                assert holding.find(stranger) == 0, name
                assert holding.export(stranger) == {}, name
                assert holding.erase(stranger) == 0, name
                assert holding.restrict(stranger, True) is False, name

    def test_erases_one_person_for_good(self, people):
        for name, holding in each_holding():
            before = holding.export(people[1])
            assert holding.erase(people[0]), name
            assert holding.find(people[0]) == 0, name
            assert holding.export(people[0]) == {}, name
            assert holding.erase(people[0]) == 0, name
            assert holding.export(people[1]) == before, name

    def test_rectifies_known_fields_only(self, people):
        for name, holding in each_holding():
            before = holding.export(people[0])
            with pytest.raises(ValueError):
                holding.rectify(people[0], {"no such field": "x"})
            assert holding.export(people[0]) == before, name

    def test_marks_what_is_restricted(self, people):
        for name, holding in each_holding():
            assert holding.restrict(people[0], True), name
            assert holding.find(people[0]), f"{name}: restricted isn't erased"
            holding.restrict(people[0], False)

    def test_says_where_it_stands(self):
        for name, holding in each_holding():
            assert holding.columns, name
            assert type(holding).__doc__, name
