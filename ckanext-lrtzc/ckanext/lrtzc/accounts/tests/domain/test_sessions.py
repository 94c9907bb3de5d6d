"""Sessions that are over, as an account keeps them."""

from ckanext.lrtzc.accounts.domain.sessions import KEY, MOST, Sessions, sessions_of


def test_one_ends_alone_and_is_forgotten_when_no_copy_can_be_read():
    first = Sessions().without("a", now=100, until=200)
    assert set(first.ended) == {"a"}
    assert set(first.without("b", now=150, until=250).ended) == {"a", "b"}
    assert set(first.without("b", now=200, until=300).ended) == {"b"}
    assert first.turn == 0


def test_all_end_at_once_where_asked_where_one_has_no_number_and_where_they_are_many():
    kept = Sessions()
    for number in range(MOST):
        kept = kept.without(str(number), now=0, until=9)
    assert (kept.turn, len(kept.ended)) == (0, MOST)
    for over in (kept.without("x", now=0, until=9), kept.without("", now=0, until=9), kept.without_any()):
        assert (over.turn, dict(over.ended)) == (1, {})


def test_it_is_kept_and_read_again():
    kept = Sessions(2, {"a": 5})
    assert sessions_of({KEY: kept.kept()}) == kept
    assert sessions_of(None) == sessions_of({}) == Sessions()
