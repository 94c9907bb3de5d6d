"""What the actions of accounts take."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.logic.schema import validator_args

__all__ = [
    "lrtzc_account_address_confirm",
    "lrtzc_account_confirm",
    "lrtzc_account_identity_update",
    "lrtzc_account_invitation_accept",
    "lrtzc_account_leave",
    "lrtzc_account_password",
    "lrtzc_account_profile_update",
    "lrtzc_account_reset",
    "lrtzc_account_reset_request",
    "lrtzc_account_sign_up",
    "lrtzc_profile_delete",
    "lrtzc_profile_give",
    "lrtzc_profile_take",
    "lrtzc_profile_update",
]


def _person(not_empty: Any, unicode_safe: Any, default: Any) -> dict[str, Any]:
    """Give the fields that say who somebody is."""
    get = tk.get_validator
    name = [not_empty, unicode_safe, get("lrtzc_accounts_person_name")]
    return {
        "title": [default(""), unicode_safe, get("lrtzc_accounts_title")],
        "first_name": name,
        "last_name": name,
        "birth_date": [not_empty, unicode_safe, get("lrtzc_accounts_birth_date")],
    }


@validator_args
def lrtzc_account_identity_update(not_empty: Any, unicode_safe: Any, default: Any) -> dict[str, Any]:
    """Give the schema of an identity put right."""
    return {**_person(not_empty, unicode_safe, default), "password": [not_empty, unicode_safe]}


@validator_args
def lrtzc_account_invitation_accept(not_empty: Any, unicode_safe: Any, default: Any) -> dict[str, Any]:
    """Give the schema of an invitation taken up."""
    return {
        **_person(not_empty, unicode_safe, default),
        "token": [not_empty, unicode_safe],
        "user_name": [not_empty, unicode_safe, tk.get_validator("lrtzc_accounts_user_name")],
        "password": [not_empty, unicode_safe],
    }


@validator_args
def lrtzc_account_sign_up(not_empty: Any, unicode_safe: Any, default: Any) -> dict[str, Any]:
    """Give the schema of a sign-up's first step."""
    get = tk.get_validator
    return {
        **_person(not_empty, unicode_safe, default),
        "email": [not_empty, unicode_safe, get("lrtzc_accounts_address")],
    }


@validator_args
def lrtzc_account_confirm(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    """Give the schema of a sign-up's second step."""
    return {
        "token": [not_empty, unicode_safe],
        "user_name": [not_empty, unicode_safe, tk.get_validator("lrtzc_accounts_user_name")],
        "password": [not_empty, unicode_safe],
    }


@validator_args
def lrtzc_account_reset_request(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    """Give the schema of a request for a new password."""
    return {"login": [not_empty, unicode_safe]}


@validator_args
def lrtzc_account_reset(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    """Give the schema of a new password chosen by a link."""
    return {"token": [not_empty, unicode_safe], "password": [not_empty, unicode_safe]}


@validator_args
def lrtzc_account_password(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    """Give the schema of one's own change of password."""
    return {"old_password": [not_empty, unicode_safe], "password": [not_empty, unicode_safe]}


@validator_args
def lrtzc_account_profile_update(
    not_empty: Any, not_missing: Any, ignore_missing: Any, ignore_empty: Any, unicode_safe: Any, default: Any,
    user_about_validator: Any,
) -> dict[str, Any]:  # fmt: skip
    """Give the schema of one's own profile."""
    get = tk.get_validator
    return {
        "user_name": [not_missing, not_empty, unicode_safe, get("lrtzc_accounts_user_name")],
        "about": [ignore_missing, unicode_safe, user_about_validator, get("lrtzc_accounts_length")(2000)],
        "language": [default(""), unicode_safe, get("lrtzc_accounts_language")],
        "notifications": [default("daily"), unicode_safe, get("lrtzc_accounts_often")],
        "email": [ignore_empty, unicode_safe, get("lrtzc_accounts_address")],
        "password": [ignore_missing, unicode_safe],
        "photo": [ignore_missing],
    }


@validator_args
def lrtzc_account_workspace_update(not_missing: Any, default: Any, json_list_or_string: Any) -> dict[str, Any]:
    """Give the schema of what one's own workspace shows."""
    parts = tk.get_validator("lrtzc_accounts_parts")
    return {
        "order": [not_missing, json_list_or_string, parts],
        "hidden": [default([]), json_list_or_string, parts],
    }


@validator_args
def lrtzc_account_address_confirm(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    """Give the schema of a new address confirmed by a link."""
    return {"token": [not_empty, unicode_safe]}


@validator_args
def lrtzc_account_leave(
    not_empty: Any, unicode_safe: Any, default: Any, boolean_validator: Any, convert_to_json_if_string: Any
) -> dict[str, Any]:
    """Give the schema of leaving."""
    return {
        "password": [not_empty, unicode_safe],
        "sure": [default(False), boolean_validator],
        "choices": [default({}), convert_to_json_if_string, tk.get_validator("lrtzc_accounts_choices")],
    }


@validator_args
def lrtzc_profile_update(
    not_empty: Any, ignore_empty: Any, unicode_safe: Any, default: Any, json_list_or_string: Any
) -> dict[str, Any]:
    """Give the schema of a profile of rights."""
    get = tk.get_validator
    return {
        "id": [ignore_empty, unicode_safe],
        "title": [not_empty, unicode_safe, get("lrtzc_accounts_person_name")],
        "functions": [default([]), json_list_or_string, get("lrtzc_accounts_functions")],
    }


@validator_args
def lrtzc_profile_delete(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    """Give the schema of a profile's deletion."""
    return {"id": [not_empty, unicode_safe]}


@validator_args
def lrtzc_profile_give(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    """Give the schema of a profile given."""
    return {"id": [not_empty, unicode_safe], "email": [not_empty, unicode_safe]}


@validator_args
def lrtzc_profile_take(not_empty: Any, unicode_safe: Any) -> dict[str, Any]:
    """Give the schema of a profile taken back."""
    return {"id": [not_empty, unicode_safe], "person": [not_empty, unicode_safe]}
