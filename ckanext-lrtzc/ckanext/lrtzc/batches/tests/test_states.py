"""A batch never reaches a state it should not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.lrtzc.batches.domain.states import FINAL, Event, State, TransitionError, after, possible


@given(st.lists(st.sampled_from(Event), max_size=30))
def test_a_batch_is_integrated_only_after_it_was_confirmed_and_loaded(events):
    state = State.RECEIVED
    lived = [state]
    for event in events:
        try:
            state = after(state, event)
        except TransitionError:
            continue
        lived.append(state)
    if State.INTEGRATED in lived:
        way = (State.ANALYSED, State.CONFIRMED, State.LOADING, State.INTEGRATED)
        first_seen = [lived.index(step) for step in way]
        assert first_seen == sorted(first_seen)


@given(st.sampled_from(State), st.sampled_from(Event))
def test_what_is_possible_is_what_can_be_done(state, event):
    if event in possible(state):
        assert isinstance(after(state, event), State)
    else:
        with pytest.raises(TransitionError):
            after(state, event)


@pytest.mark.parametrize("state", sorted(FINAL))
def test_nothing_but_taking_it_back_happens_to_a_batch_that_is_over(state):
    assert possible(state) <= {Event.REVOKE}


def test_what_was_taken_back_stays_so():
    assert possible(State.WITHDRAWN) == frozenset()


def test_a_worker_that_died_can_start_again():
    assert after(State.LOADING, Event.START) is State.LOADING
