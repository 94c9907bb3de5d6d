"""The life of a run, as a table of what may follow what."""

from enum import StrEnum


class State(StrEnum):
    """Where a run stands.

    Incomplete: something of the source was not taken, or only in part. Failed: nothing was.
    """

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    INCOMPLETE = "incomplete"
    FAILED = "failed"


class Event(StrEnum):
    """What can happen to a run."""

    START = "start"
    END = "end"
    FALL_SHORT = "fall_short"
    FAIL = "fail"


_NEXT: dict[tuple[State, Event], State] = {
    (State.WAITING, Event.START): State.RUNNING,
    (State.WAITING, Event.FAIL): State.FAILED,
    (State.RUNNING, Event.END): State.FINISHED,
    (State.RUNNING, Event.FALL_SHORT): State.INCOMPLETE,
    (State.RUNNING, Event.FAIL): State.FAILED,
}

OVER = frozenset({State.FINISHED, State.INCOMPLETE, State.FAILED})


class TransitionError(ValueError):
    """The event can't happen to a run in this state."""


def after(state: State, event: Event) -> State:
    """Give the state that `event` leads to from `state`.

    :raises TransitionError: where it can't happen.
    """
    try:
        return _NEXT[state, event]
    except KeyError:
        raise TransitionError(f"a run that is {state} can't {event}") from None
