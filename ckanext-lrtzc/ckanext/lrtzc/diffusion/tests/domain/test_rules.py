"""Messages are signed as the standard says, and tried again less and less often, until an end."""

import datetime as dt
import json

from hypothesis import given
from hypothesis import strategies as st

from ckanext.lrtzc.diffusion.domain import message, retrying, signing
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
