"""Work done once a request: the answers of reading actions, kept while one page is made.

An answer is kept under the action, the person, the parameters and whatever of the context changes the
answer. It is handed out as a copy, since callers change what they are given. What the action leaves in the
context for its caller (`package`, `group`) is left there again. Any write forgets all.
"""

import json
import pickle
from collections.abc import Callable, Hashable
from typing import Any

import flask

_PLACE = "_lrtzc_delivery_memo"
_THINGS = "_lrtzc_delivery_kept"
#: What every context holds and what doesn't change an answer.
_NEUTRAL = frozenset({"model", "session", "auth_user_obj", "__auth_audit", "__auth_user_obj_checked"})
#: What actions leave in the context for their caller or for the next action: not a parameter.
_LEFT_BEHIND = frozenset({"package", "group", "user_obj", "resource", "userobj"})
_SIMPLE = (str, int, float, bool, type(None))


def forget() -> None:
    """Drop what was kept for this request."""
    if flask.has_request_context():
        flask.g.pop(_PLACE, None)
        flask.g.pop(_THINGS, None)


def once(name: str, action: Callable[..., Any], context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
    """Answer a reading action, from what this request was already told if it was.

    :param name: the action's name
    :param action: what answers the first time, check of access included
    :returns: what the action returns; the caller may change it
    """
    key = _key(name, context, data_dict)
    if key is None:
        return action(context, data_dict)
    kept = flask.g.setdefault(_PLACE, {})
    if key in kept:
        pickled, left = kept[key]
        context.update(left)
        return pickle.loads(pickled)  # noqa: S301 - made by this request, a few lines below
    before = set(context)
    answer = action(context, data_dict)
    try:
        pickled = pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, TypeError, AttributeError):
        return answer
    left = {part: context[part] for part in _LEFT_BEHIND if part in context and part not in before}
    flask.g.setdefault(_PLACE, {})[key] = (pickled, left)
    return answer


def is_reading() -> bool:
    """Tell whether a page is being made, and nothing is written."""
    return flask.has_request_context() and flask.request.method in ("GET", "HEAD")


def kept(name: Hashable, make: Callable[[], Any]) -> Any:
    """Give something that is looked up once while a page is made.

    :param name: what it is kept under
    :param make: what looks it up
    """
    if not is_reading():
        return make()
    things = flask.g.setdefault(_THINGS, {})
    if name not in things:
        things[name] = make()
    return things[name]


def _key(name: str, context: dict[str, Any], data_dict: dict[str, Any]) -> str | None:
    """Give what identifies the answer, None when it can't be told and so mustn't be shared."""
    if not is_reading():
        return None
    flags: dict[str, Any] = {}
    for part, value in context.items():
        if part in _NEUTRAL or part in _LEFT_BEHIND:
            continue
        if not isinstance(value, _SIMPLE):
            return None
        flags[part] = value
    try:
        return json.dumps([name, flags, data_dict], sort_keys=True)
    except TypeError:
        return None
