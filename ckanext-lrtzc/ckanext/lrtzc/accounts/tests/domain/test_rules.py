"""Passwords, names, days of birth and codes: what is taken, and what isn't."""

import datetime as dt
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.lrtzc.accounts.domain import birth, codes, names, passwords
from ckanext.lrtzc.accounts.domain.passwords import Fault

TODAY = dt.date(2026, 6, 1)
GENERIC = ["admin", "contact", "accueil", "service", "no", "reply"]


class TestPasswords:
    @pytest.mark.parametrize(
        "password", ["k7#Vbq2!x", "Tr0is-petits-chats!", "la marée monte sur le vieux port", "ΣκύλοςΓάτα7!x"]
    )
    def test_good_ones_are_taken(self, password):
        assert passwords.faults(password) == []

    @pytest.mark.parametrize(
        ("password", "fault"),
        [
            ("k7#Vbq2", Fault.SHORT),
            ("", Fault.SHORT),
            ("kvbqxwzjhfpg", Fault.KINDS),
            ("k7Vbq2xZ", Fault.WEAK),
            ("Password1234!", Fault.GUESSABLE),
            ("Azertyuiop123!", Fault.GUESSABLE),
            ("aaaaaaaaaaaaaaaaaaaaaaaa", Fault.GUESSABLE),
            ("x" * 201, Fault.LONG),
        ],
    )
    def test_others_are_refused_for_a_reason(self, password, fault):
        assert fault in passwords.faults(password)

    def test_words_of_the_person_are_guessed_first(self):
        words = ["camille.durandeau@example.org", "Camille Durandeau", "1990-05-17"]
        assert passwords.faults("Durandeau-1990", words) == [Fault.GUESSABLE]
        assert passwords.faults("Camille.Durandeau9", words) == [Fault.GUESSABLE]

    def test_an_administrator_needs_twelve(self):
        assert passwords.faults("k7#Vbq2!x", administrator=True) == [Fault.SHORT_FOR_ADMINISTRATOR]
        assert passwords.faults("k7#Vbq2!xWz9", administrator=True) == []

    def test_entropy_is_counted_as_the_cnil_does(self):
        assert passwords.entropy("aB3defgh") == pytest.approx(8 * 5.954, abs=0.01)

    @given(st.text(max_size=300))
    def test_any_text_is_judged(self, text):
        passwords.faults(text)

    def test_a_long_one_takes_no_time(self):
        started = time.process_time()
        passwords.faults("aB3!" * 50)
        passwords.faults("a" * 1_000_000)
        assert time.process_time() - started < 2


class TestNames:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [("Zoé  Œuvrard", "zoe-oeuvrard"), ("李小龍", ""), ("🦭🦭", ""), ("a", ""), ("Robert'); DROP", "robert-drop")],
    )
    def test_an_address_is_derived(self, name, expected):
        assert names.slug(names.clean(name)) == expected

    def test_signs_that_cannot_be_seen_are_left_out(self):
        assert names.clean("\u202eadmin\u200b\x00 \n x") == "admin x"
        assert names.key("ＡＤＭＩＮ") == names.key("admin")

    @pytest.mark.parametrize("name", ["contact", "Contact2", "no-reply", "ACCUEIL", "admin.service", "Accueíl"])
    def test_names_of_functions_are_seen(self, name):
        assert names.is_generic(name, GENERIC)

    @pytest.mark.parametrize("name", ["camille", "contact.durand", "administre-moi", "2", ""])
    def test_persons_are_not_taken_for_functions(self, name):
        assert not names.is_generic(name, GENERIC)

    @pytest.mark.parametrize("text", ["a@example.org", "zoe.d'ile+x@mairie.exemple.fr"])
    def test_addresses(self, text):
        assert names.is_address(text)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "a",
            "a@",
            "@b.fr",
            "a@b",
            "a@b..fr",
            "a b@c.fr",
            "a@b.fr\nBcc: x@y.fr",
            "a@b@c.fr",
            "<a@b.fr>",
            "zoé@b.fr",
        ],
    )
    def test_no_addresses(self, text):
        assert not names.is_address(text)

    @given(st.text(max_size=300))
    def test_any_text_is_read(self, text):
        cleaned = names.clean(text)
        assert names.clean(cleaned) == cleaned
        assert names.slug(cleaned).isascii()
        names.is_generic(text, GENERIC)
        names.is_address(text)


class TestBirth:
    def test_a_day_is_read(self):
        assert birth.read("1990-05-17", TODAY) == dt.date(1990, 5, 17)
        assert birth.read("2011-06-01", TODAY), "fifteen today"

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("17/05/1990", "format"), ("1990-02-30", "format"), ("19900517", "format"), ("", "format"),
            ("2027-01-01", "future"), ("2011-06-02", "young"), ("1890-01-01", "old"),
        ],
    )  # fmt: skip
    def test_a_wrong_day_says_why(self, text, why):
        with pytest.raises(ValueError, match=why):
            birth.read(text, TODAY)


class TestCodes:
    # RFC 6238, appendix B (SHA-1), the last six figures
    SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    VECTORS = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]

    @pytest.mark.parametrize(("now", "code"), VECTORS)
    def test_codes_of_the_standard(self, now, code):
        assert codes.step_of(self.SECRET, code, now, after=0) == now // 30

    def test_a_code_is_taken_once_and_for_a_minute(self):
        now, code = self.VECTORS[1]
        step = codes.step_of(self.SECRET, code, now + 30, after=0)
        assert step == now // 30
        assert codes.step_of(self.SECRET, code, now + 30, after=step) is None, "a replay"
        assert codes.step_of(self.SECRET, code, now + 61, after=0) is None, "too late"

    @given(st.text(max_size=12))
    def test_any_text_is_judged(self, text):
        codes.step_of(self.SECRET, text, 59, after=10)
        codes.recovery_digest(text)

    def test_recovery_codes_are_read_with_or_without_hyphens(self):
        first, *others = codes.new_recovery_codes()
        assert len({first, *others}) == 10
        assert codes.recovery_digest(first.upper().replace("-", " ")) == codes.recovery_digest(first)
