"""Points are a function of what stands: bounded by caps, whatever came and went before."""

import datetime as dt
from collections import Counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ckanext.lrtzc.reward.domain.levels import THRESHOLDS, Badge, badges, reached
from ckanext.lrtzc.reward.domain.points import Because, Done, Rules, Weight, counted, month_of

HERE = ZoneInfo("Europe/Paris")
EVER = dt.datetime(1, 1, 2, tzinfo=dt.UTC)
NOON = dt.datetime(2026, 3, 31, 12, tzinfo=dt.UTC)
RULES = Rules(EVER, {"sent": Weight(2, 5), "made": Weight(20, 40), "idle": Weight(0, 10)}, 50)

moments = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2026, 4, 30), timezones=st.just(dt.UTC))
deeds = st.builds(Done, st.sampled_from(["sent", "made", "idle", "gone"]), st.text("ab", min_size=1), moments)


def points_of(done, rules=RULES):
    return {one: points for one, (points, _why) in counted(done, lambda _moment: rules, HERE).items()}


def sums(points, key):
    found = Counter()
    for one, number in points.items():
        found[key(one)] += number
    return found


def day(one):
    return one.moment.astimezone(HERE).date(), one.deed


def month(one):
    local = one.moment.astimezone(HERE)
    return local.year, local.month


class Points(RuleBasedStateMachine):
    """A person's deeds come, go and come again, in any order."""

    def __init__(self):
        super().__init__()
        self.standing = set()

    @rule(done=deeds)
    def stands(self, done):
        self.standing.add(done)

    @rule(data=st.data())
    def goes(self, data):
        if self.standing:
            self.standing.discard(data.draw(st.sampled_from(sorted(self.standing, key=repr))))

    @rule(data=st.data(), times=st.integers(1, 5))
    def goes_and_comes_again(self, data, times):
        if self.standing:
            before = points_of(self.standing)
            one = data.draw(st.sampled_from(sorted(self.standing, key=repr)))
            for _ in range(times):
                self.standing.discard(one)
                points_of(self.standing)
                self.standing.add(one)
            assert points_of(self.standing) == before

    @invariant()
    def no_cap_is_passed_and_each_deed_that_stands_has_its_points(self):
        points = points_of(self.standing)
        assert set(points) == self.standing
        assert all(number <= RULES.weights[deed].daily for (_day, deed), number in sums(points, day).items() if number)
        assert all(number <= RULES.monthly for number in sums(points, month).values())
        assert all(
            0 <= number <= (RULES.weights[one.deed].points if one.deed in RULES.weights else 0)
            for one, number in points.items()
        )


TestPoints = Points.TestCase
TestPoints.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)


@given(st.lists(deeds, max_size=40), st.randoms())
def test_the_order_in_which_deeds_are_learnt_of_doesnt_matter(done, chance):
    other = list(done)
    chance.shuffle(other)
    assert points_of(done) == points_of(other)


@given(st.lists(deeds, max_size=40), deeds)
def test_more_deeds_never_give_fewer_points(done, one):
    assert sum(points_of([*done, one]).values()) >= sum(points_of(done).values())


def test_thousands_of_tiny_answers_give_what_a_day_gives():
    told = counted([Done("sent", str(n), NOON) for n in range(5_000)], lambda _moment: RULES, HERE)
    assert sum(points for points, _why in told.values()) == 5
    assert Counter(why for _points, why in told.values())[Because.DAY] == 4_998


def test_what_is_withdrawn_leaves_its_room_to_what_stands():
    done = [Done("sent", str(n), NOON + dt.timedelta(minutes=n)) for n in range(4)]
    assert [*points_of(done).values()] == [2, 2, 1, 0]
    assert [*points_of(done[1:]).values()] == [2, 2, 1]


def test_days_and_months_begin_in_the_territory():
    # 23:30 UTC is the next day, and the next month, in Paris
    late = Done("made", "a", NOON.replace(hour=23, minute=30))
    done = [Done("made", str(n), NOON) for n in range(3)]
    assert points_of([*done, late])[late] == 20
    assert month_of(late.moment, HERE)[0] == dt.datetime(2026, 4, 1, tzinfo=HERE)
    assert month_of(NOON, HERE)[1] == dt.datetime(2026, 4, 1, tzinfo=HERE)


def test_what_was_earned_stays_when_the_rules_change():
    later = Rules(NOON + dt.timedelta(hours=1), {"made": Weight(1, 40)}, 50)
    done = [Done("made", "a", NOON), Done("made", "b", NOON + dt.timedelta(hours=2))]
    found = counted(done, lambda moment: later if moment >= later.since else RULES, HERE)
    assert [points for points, _why in found.values()] == [20, 1]


@pytest.mark.parametrize("weight", [(-1, 5), (1, -5), (1_001, 5), (1, 100_001)])
def test_weights_that_are_none_are_refused(weight):
    with pytest.raises(ValueError, match="points"):
        Weight(*weight)


def test_levels_are_reached_at_their_points():
    assert [reached(points, THRESHOLDS).level for points in (0, 19, 20, 1_999, 2_000, 10**9)] == [0, 0, 1, 4, 5, 5]
    assert reached(0, THRESHOLDS).following == 20
    assert reached(2_000, THRESHOLDS).following is None


def test_badges_are_earned_by_what_stands():
    assert badges({}) == []
    assert badges({"contribution": 24, "built_on": 2}) == [Badge.FIRST]
    whole = {"contribution": 25, "dataset": 1, "algorithm": 1, "reused": 2, "built_on": 1}
    assert badges(whole) == [*Badge]
