"""Who asks, and whether what they sent can be taken: the same for the actions and pages of all rooms."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

AuthResult = dict[str, Any]

NAME_SIZE = 300


def request_context() -> Any:
    """Give CKAN's context of whoever asks by page."""
    return {"user": tk.current_user.name, "auth_user_obj": tk.current_user}


def reader(context: Any) -> Any:
    """Give who asks, a row of CKAN's table; None for strangers and closed accounts."""
    user = model.User.get(context.get("user")) if context.get("user") else None
    return user if user is not None and user.state == "active" else None


def asker(context: Any) -> Any:
    """Give who asks, a row of CKAN's table.

    :raises NotAuthorized: for strangers and closed accounts
    """
    user = reader(context)
    if user is None:
        raise tk.NotAuthorized(tk._("Sign in first."))
    return user


# Strangers are let in only to be told what to do.
@tk.auth_allow_anonymous_access
def signed_in(context: Any, data_dict: Any = None) -> AuthResult:
    """Answer as an auth function: yes to whoever is signed in."""
    if reader(context) is not None:
        return {"success": True}
    return {"success": False, "msg": tk._("Sign in first.")}


@tk.auth_allow_anonymous_access
def everybody(context: Any, data_dict: Any = None) -> AuthResult:
    """Answer as an auth function: yes to all."""
    return {"success": True}


def validated(data_dict: dict[str, Any], fields: dict[str, Any], context: Any) -> dict[str, Any]:
    """Give what was sent, checked.

    :raises ValidationError: saying what is wrong, by field
    """
    data, errors = tk.navl_validate(data_dict, fields, context)
    if errors:
        raise tk.ValidationError(errors)
    return data


def name(value: Any) -> str:
    """Take what may be an identifier or a name; what can't be one is said before anything looks for it."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > NAME_SIZE:
        raise tk.Invalid(tk._("An identifier or a name is expected."))
    return value.strip()


def number_within(least: int, most: int) -> Any:
    """Make a validator of whole numbers between bounds, which are allowed."""

    def within(value: Any) -> int:
        try:
            given = int(value)
        except (TypeError, ValueError, OverflowError):
            raise tk.Invalid(tk._("A whole number is expected.")) from None
        if not least <= given <= most:
            raise tk.Invalid(tk._("A number from {least} to {most} is expected.").format(least=least, most=most))
        return given

    return within
