"""Reading actions that one page calls again and again, answered once a request."""

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.delivery import memo

Action = Callable[..., Any]

#: Actions that only read and that stock pages call several times with the same parameters.
NAMES = (
    "package_show",
    "organization_show",
    "group_show",
    "user_show",
    "license_list",
    "group_list",
    "organization_list",
    "group_list_authz",
    "organization_list_for_user",
    "package_search",
    "vocabulary_list",
    "scheming_dataset_schema_show",
)


def _once(name: str) -> Action:
    def action(original: Action, context: dict[str, Any], data_dict: dict[str, Any]) -> Any:
        return memo.once(name, original, context, data_dict)

    action.__name__ = name
    action.__doc__ = f"Answer `{name}` once a request."
    action.side_effect_free = True  # type: ignore[attr-defined]
    # the first answer was given after its check of access, and others only within the same request and person
    action.auth_audit_exempt = True  # type: ignore[attr-defined]
    return tk.chained_action(action)


def actions() -> dict[str, Action]:
    """Give the chained actions, for `IActions`."""
    return {name: _once(name) for name in NAMES if name != "scheming_dataset_schema_show"}
