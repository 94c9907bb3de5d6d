"""Identities in their own database: sealed, apart from the catalogue's role, and their key replaced."""

import datetime as dt
import uuid

import ckan.plugins.toolkit as tk
import psycopg2
import pytest
import sqlalchemy as sa
from ckan import model
from sqlalchemy.exc import DBAPIError

from ckanext.lrtzc.ledger import outboxes
from ckanext.lrtzc.ledger.api import NotRecorded
from ckanext.lrtzc.personal import store
from ckanext.lrtzc.personal.api import Identity, StoreAway, factors, identities, requests
from ckanext.lrtzc.personal.domain.cipher import SealBroken

pytestmark = pytest.mark.usefixtures("with_plugins")
HOUR = dt.timedelta(hours=1)
CAMILLE = Identity("Mme", "Camille", "O'Brien-Île\u2028", "1990-05-17")


@pytest.fixture
def account():
    number = str(uuid.uuid4())
    yield number
    identities.erase(number)
    factors.erase(number)


def test_an_identity_is_kept_sealed_and_erased(account):
    identities.keep(account, CAMILLE)
    assert identities.of(account) == CAMILLE
    with store.transaction() as connection:
        row = connection.execute(
            sa.text("SELECT * FROM lrtzc_personal.identity WHERE account_id = :id"), {"id": account}
        ).one()
    assert b"Camille" not in b"".join(bytes(value) for value in row if isinstance(value, memoryview | bytes))
    assert identities.erase(account)
    assert identities.of(account) is None


def test_a_field_moved_to_another_person_is_seen(account):
    other = str(uuid.uuid4())
    identities.keep(account, CAMILLE)
    identities.keep(other, CAMILLE)
    with store.transaction() as connection:
        connection.execute(
            sa.text(
                "UPDATE lrtzc_personal.identity SET last_name = (SELECT last_name FROM lrtzc_personal.identity "
                "WHERE account_id = :one) WHERE account_id = :other"
            ),
            {"one": account, "other": other},
        )
    with pytest.raises(SealBroken):
        identities.of(other)
    identities.erase(other)


@pytest.mark.parametrize("of", ["sqlalchemy.url", "ckanext.lrtzc.ledger.sequencer_url"])
def test_the_roles_of_others_read_nothing_of_it(of):
    url = sa.make_url(tk.config[of])
    own = sa.make_url(tk.config["ckanext.lrtzc.personal.url"])
    assert url.username != own.username
    engine = sa.create_engine(url.set(database=own.database))
    with pytest.raises(DBAPIError, match="permission denied"), engine.connect() as connection:
        connection.execute(sa.text("SELECT 1 FROM lrtzc_personal.identity"))
    engine.dispose()
    assert model.Session.scalar(sa.text("SELECT to_regclass('lrtzc_personal.identity')")) is None


def test_the_key_is_replaced(account, monkeypatch):
    old = tk.config["ckanext.lrtzc.personal.keys"]
    identities.keep(account, CAMILLE)
    factors.add(account, "codes", ["secret"], only=True)
    keys = ["a new key of more than thirty-two characters".replace(" ", "-"), *tk.aslist(old)]
    monkeypatch.setitem(tk.config, "ckanext.lrtzc.personal.keys", keys)
    assert store.rotate(size=1) >= 2
    assert store.rotate() == 0
    monkeypatch.setitem(tk.config, "ckanext.lrtzc.personal.keys", keys[:1])
    assert identities.of(account) == CAMILLE
    assert factors.secrets_of(account, "codes")[0][1] == "secret"
    monkeypatch.setitem(tk.config, "ckanext.lrtzc.personal.keys", [*tk.aslist(old), keys[0]])
    store.rotate()


class TestRequests:
    def test_a_token_opens_once(self):
        number = requests.add("x", {"email": "camille@example.org"}, HOUR)
        request, token = requests.with_token(number)
        assert request.content == {"email": "camille@example.org"}
        assert requests.with_token(number) is None, "a second token isn't made"
        assert requests.by_token("y", token) is None, "a token opens what it was made for only"
        assert requests.by_token("x", token) is not None
        assert requests.use("x", token) is not None
        assert requests.use("x", token) is None

    def test_a_token_that_is_over_opens_nothing(self):
        number = requests.add("x", {}, dt.timedelta(seconds=-1))
        assert requests.with_token(number) is None

    def test_no_token_can_be_read_in_the_store(self):
        _, token = requests.with_token(requests.add("x", {}, HOUR))
        with store.transaction() as connection:
            kept = str(connection.execute(sa.text("SELECT * FROM lrtzc_personal.request")).all())
        assert token not in kept
        requests.use("x", token)


def test_a_count_is_taken_once(account):
    factors.add(account, "codes", ["secret"], only=True)
    number = factors.of(account)[0].id
    assert factors.advance(number, 10)
    assert not factors.advance(number, 10)
    assert not factors.advance(number, 9)


def test_a_means_of_another_person_is_not_removed(account):
    factors.add(account, "passkey", ["secret"], only=False)
    number = factors.of(account)[0].id
    assert not factors.remove("somebody else", number)
    assert not factors.remove(account, "'; --")
    assert factors.remove(account, number)


@pytest.mark.ckan_config("ckanext.lrtzc.personal.url", "postgresql://nobody:nothing@127.0.0.1:9/personal")
def test_a_store_that_is_away_is_said():
    with pytest.raises(StoreAway):
        identities.of("anybody")


class TestTraces:
    @pytest.fixture
    def told(self, drain_outboxes):
        """Give the operations that the ledger tells of an account."""

        def told(account):
            drain_outboxes()
            query = sa.text("SELECT operation FROM lrtzc_ledger.detail WHERE object_id = :id ORDER BY outbox_id")
            return list(model.Session.scalars(query, {"id": account}))

        return told

    def test_what_is_done_to_an_identity_is_told_and_what_changed_nothing_is_not(self, told, account):
        identities.erase(account)
        identities.keep(account, CAMILLE)
        identities.restrict(account, True)
        factors.add(account, "recovery", ["one", "two"], only=True)
        used, left = factors.of(account)
        factors.remove(account, used.id, used=True)
        assert not factors.remove(account, used.id)
        factors.remove(account, left.id)
        factors.erase(account)
        identities.erase(account)
        assert told(account) == [
            "account.identity_keep",
            "account.identity_restrict",
            "account.factor_add",
            "account.factor_use",
            "account.factor_remove",
            "account.identity_erase",
        ]

    def test_what_cannot_be_recorded_is_not_done(self, told, account, monkeypatch):
        def full(*_):
            raise psycopg2.errors.DiskFull("no space")

        with monkeypatch.context() as patch:
            patch.setattr(outboxes, "put", full)
            with pytest.raises(NotRecorded):
                identities.keep(account, CAMILLE)
            with pytest.raises(NotRecorded):
                factors.add(account, "recovery", ["one"], only=True)
        assert identities.of(account) is None
        assert factors.of(account) == []
        assert told(account) == []
