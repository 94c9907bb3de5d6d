"""The life of a batch, as a table of what may follow what."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a batch stands."""

    RECEIVED = "received"
    ANALYSED = "analysed"
    CONFIRMED = "confirmed"
    LOADING = "loading"
    INTEGRATED = "integrated"
    WAITING = "waiting"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class Event(StrEnum):
    """What can happen to a batch."""

    ANALYSE = "analyse"
    CONFIRM = "confirm"
    START = "start"
    PUBLISH = "publish"
    HOLD = "hold"
    ASK = "ask"
    DEFER = "defer"
    ACCEPT = "accept"
    REJECT = "reject"
    RELEASE = "release"
    FAIL = "fail"
    RETRY = "retry"
    WITHDRAW = "withdraw"
    REVOKE = "revoke"


_NEXT: dict[tuple[State, Event], State] = {
    (State.RECEIVED, Event.ANALYSE): State.ANALYSED,
    (State.RECEIVED, Event.FAIL): State.FAILED,
    (State.RECEIVED, Event.WITHDRAW): State.WITHDRAWN,
    (State.ANALYSED, Event.ANALYSE): State.ANALYSED,
    (State.ANALYSED, Event.CONFIRM): State.CONFIRMED,
    (State.ANALYSED, Event.FAIL): State.FAILED,
    (State.ANALYSED, Event.WITHDRAW): State.WITHDRAWN,
    (State.CONFIRMED, Event.START): State.LOADING,
    (State.CONFIRMED, Event.FAIL): State.FAILED,
    (State.CONFIRMED, Event.WITHDRAW): State.WITHDRAWN,
    # a worker that died left the batch in loading: the next one starts again
    (State.LOADING, Event.START): State.LOADING,
    (State.LOADING, Event.PUBLISH): State.INTEGRATED,
    (State.LOADING, Event.FAIL): State.FAILED,
    # too much of it breaks the rules of quality: somebody decides
    (State.LOADING, Event.HOLD): State.QUARANTINED,
    # people are asked whether it goes in; accepted, it is loaded as it was judged
    (State.LOADING, Event.ASK): State.WAITING,
    # checked and good to go in, once its resource's hour has come, or enough others have
    (State.LOADING, Event.DEFER): State.CONFIRMED,
    (State.WAITING, Event.ACCEPT): State.CONFIRMED,
    (State.WAITING, Event.REJECT): State.REJECTED,
    (State.WAITING, Event.WITHDRAW): State.WITHDRAWN,
    (State.REJECTED, Event.WITHDRAW): State.WITHDRAWN,
    (State.QUARANTINED, Event.RELEASE): State.CONFIRMED,
    (State.QUARANTINED, Event.RETRY): State.RECEIVED,
    (State.QUARANTINED, Event.WITHDRAW): State.WITHDRAWN,
    (State.FAILED, Event.RETRY): State.RECEIVED,
    (State.FAILED, Event.WITHDRAW): State.WITHDRAWN,
    # whoever sent it takes back what it brought, which is destroyed whatever became of it
    **{(state, Event.REVOKE): State.WITHDRAWN for state in State if state is not State.WITHDRAWN},
}

FINAL = frozenset({State.INTEGRATED, State.WITHDRAWN})
#: Nobody can try these again; what was rejected may still be erased.
SETTLED = FINAL | {State.REJECTED}


class TransitionError(ValueError):
    """The event can't happen to a batch in this state."""

    def __init__(self, state: State, event: Event):
        self.state, self.event = state, event
        super().__init__(f"a batch that is {state} can't {event}")


def after(state: State, event: Event) -> State:
    """Give the state that `event` leads to from `state`; raise TransitionError if it can't happen."""
    try:
        return _NEXT[state, event]
    except KeyError:
        raise TransitionError(state, event) from None


def possible(state: State) -> frozenset[Event]:
    """Give the events that can happen in `state`."""
    return frozenset(event for (start, event) in _NEXT if start == state)
