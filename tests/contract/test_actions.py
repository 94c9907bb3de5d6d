"""Every action of ours refuses strangers, or says why it is public; none writes on a read."""

import inspect

import ckan.plugins.toolkit as tk
import pytest
from ckan.logic import _actions, get_action
from ckan.tests import factories

pytestmark = pytest.mark.usefixtures("rooms_db")

# Actions that anybody may call, each with the reason.
PUBLIC: dict[str, str] = {
    "lrtzc_answer_list": "answers whoever is signed in with what is theirs, and strangers with a refusal",
    "lrtzc_objects_draft_list": "answers whoever is signed in with what is theirs, and strangers with a refusal",
    "batch_search": "answers whoever is signed in with what is theirs, and strangers with a refusal",
    "lrtzc_quality_overview": "answers whoever is signed in with what is theirs, and strangers with a refusal",
    "lrtzc_quality_schema_list": "answers whoever is signed in with what another portal publishes for all",
    "lrtzc_moderation_list": "answers whoever is signed in with what is theirs, and strangers with a refusal",
    "lrtzc_need_list": "answers what everybody sees",
    "lrtzc_need_mine": "answers whoever is signed in with what is theirs, and strangers with a refusal",
    "lrtzc_reward_board": "answers what everybody sees",
    "lrtzc_reward_challenge_list": "answers what everybody sees",
    "lrtzc_reward_gain_list": "answers whoever is signed in with what is theirs, and strangers with a refusal",
    "lrtzc_reward_leave": "erases what is whoever is signed in's own, where there is any, and refuses strangers",
    "lrtzc_reward_rules_show": "answers what everybody sees",
    "lrtzc_reward_show": "answers whoever is signed in with what is theirs, and strangers with a refusal",
    "lrtzc_reuse_list": "answers what everybody sees",
    "lrtzc_reuse_mine": "answers whoever is signed in with what is theirs, and strangers with a refusal",
    "lrtzc_transfer_list": "answers whoever is signed in with what is theirs, and strangers with a refusal",
    "lrtzc_subscription_list": "answers whoever is signed in with what is theirs, and strangers with a refusal",
    "lrtzc_follow_list": "answers whoever is signed in with what is theirs, and strangers with a refusal",
    "lrtzc_access_mine": "answers whoever is signed in with what was opened to them, and strangers with a refusal",
    "lrtzc_ledger_accesses": "answers whoever is signed in with what is theirs, and strangers with a refusal",
    "lrtzc_ledger_reuses": "answers whoever is signed in with what is theirs, and strangers with a refusal",
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


# Fail in ckanext-harvest whatever they are asked: an auth function that asks itself, a misspelt name of an error.
BROKEN = {"harvest_log_list", "harvest_sources_clear"}
ODD = (
    {},
    {"id": ["x"]},
    {"id": "x", "q": {"a": 1}, "limit": {}, "name": {}, "fields": 5},
    {"id": 5, "resource_id": {}},
)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:fully NULL primary key")
@pytest.mark.parametrize("who", ["stranger", "somebody"])
def test_no_action_of_the_api_fails_at_what_it_is_not_meant_for(app, who):
    """Asked without parameters or with values of another kind, each says what is wrong with the question."""
    from ckan import model
    from ckan.lib.navl.dictization_functions import DataError
    from ckan.lib.search import SearchError, SearchQueryError

    from ckanext.lrtzc.delivery.asking import checked
    from ckanext.lrtzc.partners.views import NOT_ACTIONS

    answers = (tk.NotAuthorized, tk.ObjectNotFound, tk.ValidationError, DataError, SearchError, SearchQueryError)
    account = model.User.get(factories.User()["name"]) if who == "somebody" else None
    faults = []
    get_action("status_show")
    with app.flask_app.test_request_context():
        for name in sorted(set(_actions) - BROKEN - {*NOT_ACTIONS}):
            for asked in ODD:
                context = {"user": account.name if account else "", "auth_user_obj": account, "api_version": 3}
                try:
                    checked(_actions[name])(context, dict(asked))
                except answers:
                    pass
                except Exception as error:  # what the API would answer 500 to
                    faults.append(f"{name} {asked}: {type(error).__name__} {str(error)[:100]}")
                finally:
                    model.Session.rollback()
    assert not faults, "\n".join(faults)
