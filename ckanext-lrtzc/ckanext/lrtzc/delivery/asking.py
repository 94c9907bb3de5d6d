"""What the API is asked in a form that no answer has: told as a fault of the question, where CKAN fails instead.

CKAN's actions take what they are sent: an identifier that is a list reaches the database, a parameter that is missing
is a `KeyError`, and both are answered as faults of the portal (500). Here they become CKAN's own answer to what
doesn't pass its checks: 409, `success` false, and what is wrong with which parameter. What was thrown is kept in the
log either way, and a fault in our own code stays one.
"""

import functools
import inspect
import logging
from collections.abc import Callable
from pathlib import Path
from traceback import extract_tb
from typing import Any

import ckan
import ckan.model as model
import ckan.plugins.toolkit as tk
from flask import Flask
from sqlalchemy.exc import DataError, InvalidRequestError, ProgrammingError

log = logging.getLogger(__name__)

Action = Callable[..., Any]

_NAMING = frozenset({"id", "name_or_id", "username", "object_type", "entity_type"})
#: What CKAN's code throws at values that aren't of the kind it expects.
_THROWN = (TypeError, ValueError, AttributeError, AssertionError, DataError, ProgrammingError, InvalidRequestError)
#: The same where nothing was sent at all.
_THROWN_AT_NOTHING = (TypeError, AssertionError)
_LIBRARIES = str(Path(ckan.__file__).parents[1])


def check_questions(app: Flask) -> None:
    """Have what the API is asked checked, and faults of the question told as such."""
    # of the view itself: CKAN loads its views as other modules than those of their names
    known = inspect.unwrap(app.view_functions["api.action"]).__globals__
    given = known["get_action"]
    if not hasattr(given, "checks_questions"):

        @functools.wraps(given)
        def get_action(name: str) -> Action:
            return checked(given(name))

        get_action.checks_questions = True  # type: ignore[attr-defined]
        known["get_action"] = get_action


def checked(action: Action) -> Action:
    """Give the action with its questions checked.

    :raises ckan.plugins.toolkit.ValidationError: where a question has a form that no answer has
    """

    @functools.wraps(action)
    def ask(context: Any, data_dict: Any) -> Any:
        _check_names(data_dict)
        try:
            return action(context, data_dict)
        except KeyError as error:
            missing = error.args[0] if error.args else None
            if not isinstance(missing, str) or missing in data_dict or not _is_in_a_library(error):
                raise
            raise _told(error, {missing: [tk._("Missing value")]}) from error
        except _THROWN as error:
            odd = [name for name, value in data_dict.items() if not _is_plain(value)]
            at_fault = odd or (not data_dict and isinstance(error, _THROWN_AT_NOTHING))
            if not at_fault or not _is_in_a_library(error):
                raise
            said = tk._("This can't be understood: look up in the documentation what is expected here.")
            raise _told(error, {name: [said] for name in odd or ["parameters"]}) from error

    return ask


def _check_names(asked: Any) -> None:
    """Refuse what names a thing and isn't a text: nothing has such a name."""
    if not isinstance(asked, dict):
        raise tk.ValidationError({"parameters": [tk._("An object of parameters is expected.")]})
    said = tk._("An identifier or a name is expected: a text.")
    wrong = {
        name: [said]
        for name, value in asked.items()
        if (name in _NAMING or name.endswith("_id")) and value is not None and not _is_name(value)
    }
    if wrong:
        raise tk.ValidationError(wrong)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)


def _is_plain(value: Any) -> bool:
    """Say whether a value is a text that the database can hold, or a number."""
    return _is_name(value) or (isinstance(value, int | float) and not isinstance(value, bool))


def _is_in_a_library(error: BaseException) -> bool:
    """Say whether the code that failed isn't ours; ours that hands a call on to CKAN's isn't where it failed."""
    frames = [frame.filename for frame in extract_tb(error.__traceback__)]
    own = [at for at, name in enumerate(frames) if "/ckanext/lrtzc/" in name]
    last = max((at for at, name in enumerate(frames) if name.startswith(_LIBRARIES) and _is_ckan(name)), default=-1)
    return last > max(own, default=-1)


def _is_ckan(name: str) -> bool:
    return name.removeprefix(_LIBRARIES).lstrip("/").startswith(("ckan/", "ckanext/"))


def _told(error: BaseException, said: dict[str, Any]) -> tk.ValidationError:
    # a statement that failed leaves a transaction in which nothing more can be asked
    model.Session.rollback()
    log.warning("A call of the API can't be understood: %s", ", ".join(said), exc_info=error)
    return tk.ValidationError(said)
