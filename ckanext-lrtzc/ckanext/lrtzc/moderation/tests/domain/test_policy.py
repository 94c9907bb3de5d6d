"""When votes decide, for every number of moderators and every order of votes."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.lrtzc.moderation.domain.policy import (
    Choice,
    Outcome,
    Policy,
    Rule,
    electorate,
    read_share,
    write_share,
)

SHARES = st.fractions(Fraction(1, 2), 1, max_denominator=100)
POLICIES = st.builds(Policy, st.sampled_from(Rule), SHARES)
VOTES = st.lists(st.sampled_from(Choice), min_size=1, max_size=12)


def outcome(policy, designated, votes):
    return policy.outcome(designated, votes.count(Choice.ACCEPT), votes.count(Choice.REJECT))


@given(POLICIES, VOTES)
def test_when_all_have_voted_it_is_decided(policy, votes):
    assert outcome(policy, len(votes), votes) is not Outcome.PENDING


@given(POLICIES, VOTES, st.data())
def test_an_outcome_is_for_good_and_falls_as_early_as_it_can(policy, votes, data):
    cast = votes[: data.draw(st.integers(0, len(votes)))]
    missing = min(len(votes) - len(cast), 5)
    designated = len(cast) + missing
    if not designated:
        return
    ends = {outcome(policy, designated, [*cast, *rest]) for rest in product(Choice, repeat=missing)}
    now = outcome(policy, designated, cast)
    assert now is (ends.pop() if len(ends) == 1 else Outcome.PENDING)


@given(POLICIES, VOTES, st.randoms())
def test_the_order_of_votes_says_nothing(policy, votes, random):
    shuffled = random.sample(votes, len(votes))
    assert outcome(policy, len(votes) + 1, votes) is outcome(policy, len(votes) + 1, shuffled)


@given(POLICIES, st.integers(1, 200))
def test_a_majority_is_more_than_half_and_never_more_than_all(policy, designated):
    needed = policy.needed(designated)
    assert 1 <= needed <= designated
    if policy.rule is Rule.MAJORITY:
        assert needed * 2 > designated
        assert needed >= policy.share * designated


@pytest.mark.parametrize(
    ("rule", "designated", "accepts", "rejects", "expected"),
    [
        (Rule.ONE, 3, 1, 2, Outcome.ACCEPTED),
        (Rule.ONE, 3, 0, 2, Outcome.PENDING),
        (Rule.ONE, 3, 0, 3, Outcome.REJECTED),
        (Rule.MAJORITY, 3, 2, 0, Outcome.ACCEPTED),
        (Rule.MAJORITY, 3, 1, 1, Outcome.PENDING),
        (Rule.MAJORITY, 3, 0, 2, Outcome.REJECTED),
        (Rule.MAJORITY, 6, 3, 3, Outcome.REJECTED),
        (Rule.UNANIMITY, 2, 1, 0, Outcome.PENDING),
        (Rule.UNANIMITY, 2, 0, 1, Outcome.REJECTED),
        (Rule.UNANIMITY, 2, 2, 0, Outcome.ACCEPTED),
    ],
)
def test_by_the_words_of_the_rules(rule, designated, accepts, rejects, expected):
    assert Policy(rule).outcome(designated, accepts, rejects) is expected


@pytest.mark.parametrize("votes", [(0, 0, 0), (2, 2, 1), (1, -1, 0)])
def test_impossible_votes_are_refused(votes):
    with pytest.raises(ValueError, match="moderators"):
        Policy().outcome(*votes)


@given(SHARES)
def test_a_share_is_read_as_it_is_written(share):
    assert read_share(write_share(share)) == share


@pytest.mark.parametrize("text", ["", "1/3", "49 %", "101", "3/2", "1/0", "x", "-1", "0", "½", "2/3/4", "9" * 400])
def test_what_is_no_share_is_refused(text):
    with pytest.raises(ValueError):
        read_share(text)


def test_shares_as_people_write_them():
    assert read_share(" 66,67 % ") == Fraction(6667, 10000)
    assert read_share("60") == Fraction(3, 5)


@given(st.sets(st.sampled_from("abcd")), st.sets(st.sampled_from("xyabz")), st.sampled_from("abxyz"))
def test_nobody_judges_their_own(named, administrators, author):
    judges = electorate(named, administrators, author)
    assert author not in judges
    assert set(judges) <= (named or set()) | administrators
    if named - {author}:
        assert set(judges) == named - {author}
