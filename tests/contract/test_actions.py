"""Every action of ours refuses strangers, or says why it is public; none writes on a read."""

import inspect

import ckan.plugins.toolkit as tk
import pytest
from ckan.logic import _actions, get_action
from ckan.tests import factories

pytestmark = pytest.mark.usefixtures("rooms_db")

# Actions that anybody may call, each with the reason.
PUBLIC: dict[str, str] = {
    "lrtzc_ledger_mine": "answers whoever is signed in with what is theirs, and strangers with a refusal",
}


def ours() -> dict[str, object]:
    """Give the actions defined by our rooms, by name."""
    get_action("status_show")
    return {
        name: action
        for name, action in _actions.items()
        if getattr(inspect.unwrap(action), "__module__", "").startswith("ckanext.lrtzc")
        and not getattr(action, "chained_action", False)
    }


def test_every_action_has_an_auth_function():
    from ckan.authz import auth_functions_list

    known = set(auth_functions_list())
    lacking = sorted(name for name in ours() if name not in known)
    assert not lacking, f"actions without an auth function: {lacking}"


@pytest.mark.parametrize("who", ["stranger", "somebody"])
def test_no_action_serves_whom_it_doesnt_know(who):
    user = factories.User()["name"] if who == "somebody" else ""
    served = []
    for name in ours():
        if name in PUBLIC:
            continue
        try:
            get_action(name)({"user": user, "ignore_auth": False}, {})
        except (tk.NotAuthorized, tk.ValidationError, tk.ObjectNotFound):
            continue
        served.append(name)
    assert not served, f"actions that answer {who} without data: {served}"


def test_every_action_says_what_it_does():
    silent = sorted(name for name, action in ours().items() if not inspect.getdoc(inspect.unwrap(action)))
    assert not silent, f"actions without a docstring: {silent}"


def test_reading_by_address_never_writes():
    writing = ("create", "update", "delete", "confirm", "withdraw", "run", "publish", "retry", "pause", "load")
    faults = [
        name
        for name, action in ours().items()
        if getattr(action, "side_effect_free", False) and name.rsplit("_", 1)[-1] in writing
    ]
    assert not faults, f"actions that write and may be called by GET: {faults}"
