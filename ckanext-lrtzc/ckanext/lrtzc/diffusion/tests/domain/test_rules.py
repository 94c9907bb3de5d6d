"""Messages are signed as the standard says, and tried again less and less often, until an end."""

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.lrtzc.diffusion.domain import message, packing, retrying, signing, websub
from ckanext.lrtzc.diffusion.domain.retrying import Answer, Outcome

HOUR = dt.timedelta(hours=1)


def test_a_message_is_signed_as_the_libraries_of_the_standard_check_it():
    # the example of the reference implementations' own tests
    secret, identifier = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    signed = signing.signature(secret, identifier, 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_replaced_secret_signs_beside_the_new_one():
    new, former = signing.new_secret(), signing.new_secret()
    headers = signing.headers([new, former], "msg_1", 5, b"{}")
    assert headers["webhook-signature"].split() == [
        signing.signature(new, "msg_1", 5, b"{}"), signing.signature(former, "msg_1", 5, b"{}"),
    ]  # fmt: skip
    assert headers["webhook-timestamp"] == "5"


@given(st.integers(1, 500), st.floats(0, 1), st.none() | st.floats(0, 1e9))
def test_waits_grow_with_jitter_up_to_six_hours(attempts, chance, after):
    waited = retrying.wait(attempts, chance, after).total_seconds()
    full = min(retrying.LONGEST, retrying.BASE * 2 ** min(attempts - 1, 30))
    assert full / 2 <= waited <= retrying.LONGEST
    assert waited <= max(full, after or 0)
    assert waited >= min(after or 0, retrying.LONGEST)


def test_a_message_is_given_up_after_its_time_or_where_it_is_unwanted():
    assert retrying.outcome(Answer(204), 9 * HOUR, HOUR) is Outcome.DELIVERED
    assert retrying.outcome(Answer(500), 0 * HOUR, HOUR) is Outcome.AGAIN
    assert retrying.outcome(Answer(0), HOUR, HOUR) is Outcome.GIVEN_UP
    assert retrying.outcome(Answer(410), 0 * HOUR, HOUR) is Outcome.UNWANTED
    assert [retrying.retry_after(text) for text in ("120", " 5 ", "Fri, 31 Dec 1999 23:59:59 GMT", "-1", "9" * 30)] == [
        120.0, 5.0, None, None, None,
    ]  # fmt: skip


def test_a_message_says_its_kind_and_when_in_utc():
    moment = dt.datetime(2026, 3, 29, 1, tzinfo=dt.timezone(HOUR))
    said = json.loads(message.body(message.TEST, moment, {"dataset": {"title": "Énergie"}}))
    assert said == {
        "type": "dataset.test", "timestamp": "2026-03-29T00:00:00+00:00", "data": {"dataset": {"title": "Énergie"}}
    }  # fmt: skip


class TestRowsInMessages:
    MOMENT = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)

    @given(st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.none(), max_size=4), max_size=40))
    def test_rows_come_whole_and_in_order_in_messages_within_their_bound(self, rows):
        texts = [json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass") for row in rows]
        found = packing.packed(iter(texts), self.MOMENT, {"dataset": {"id": "d"}}, 600, 100)
        if found is None:
            assert any(len(text) > 400 for text in texts)
            return
        read = [json.loads(each) for each in found]
        assert [row for each in read for row in each["data"]["rows"]] == [json.loads(text) for text in texts]
        assert all(len(each) <= 600 for each in found)
        assert [each["data"]["part"] for each in read] == [
            {"number": n, "of": len(read)} for n in range(1, len(read) + 1)
        ]

    def test_what_is_too_much_is_read_no_further(self):
        read = []

        def rows():
            for number in range(1_000_000):
                read.append(number)
                yield b'{"velos":12}'

        assert packing.packed(rows(), self.MOMENT, {}, 1_000, 3) is None
        assert len(read) < 300
        assert packing.packed([b'{"a":"' + b"x" * 2_000 + b'"}'], self.MOMENT, {}, 1_000, 3) is None

    @given(st.lists(st.text(), max_size=8), st.integers(1, 50))
    def test_rows_of_a_file_are_found_however_it_comes_in_pieces(self, words, size):
        lines = [json.dumps({"mot": word}, ensure_ascii=True).encode() for word in words]
        file = b"[\n" + b",\n".join(lines) + b"\n]\n" if lines else b"[]\n"
        pieces = [file[at : at + size] for at in range(0, len(file), size)]
        assert list(packing.rows_of(pieces)) == lines


class TestHub:
    def test_a_query_of_the_program_s_own_stays_as_it_is(self):
        assert websub.with_query("https://x.test/in?a=%20b&c", {"hub.topic": "https://y/?z"}) == (
            "https://x.test/in?a=%20b&c&hub.topic=https%3A%2F%2Fy%2F%3Fz"
        )
        assert websub.with_query("https://x.test#part", {"a": "b"}) == "https://x.test?a=b"

    @given(st.dictionaries(st.text(), st.lists(st.text(), max_size=3)))
    def test_unknown_parameters_are_passed_over_and_known_ones_needed_once(self, fields):
        fields |= {"hub.mode": ["subscribe"], "hub.topic": ["https://y.test/"], "hub.callback": ["https://x.test/"]}
        found = websub.asked(fields, 30 * websub.DAY)
        assert websub.SHORTEST_LEASE <= found.lease <= 30 * websub.DAY
        for name in ("hub.mode", "hub.topic", "hub.callback"):
            with pytest.raises(websub.Wrong, match=r"once"):
                websub.asked({**fields, name: fields[name] * 2}, websub.DAY)
            with pytest.raises(websub.Wrong, match="hub"):
                websub.asked({**fields, name: []}, websub.DAY)

    def test_machines_are_the_same_however_they_are_written(self):
        assert {websub.host_of(each) for each in ("https://V.test./x", "http://v.test:81", "//v.test")} == {"v.test"}
        assert websub.host_of("http://[x") == ""
