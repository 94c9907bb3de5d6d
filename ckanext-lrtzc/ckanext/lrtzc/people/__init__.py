"""What people are called wherever they are named: the one place that knows whose name isn't said.

The name that a person chose is said of an open account. Of an account that was closed, and of one whose data are stored
without being used (GDPR, article 18), neutral words stand in its place, whoever reads, so that pages that are shared by
all say nothing more than the others.
"""

from collections.abc import Collection, Mapping
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

RESTRICTED = "lrtzc_restricted"
"""The mark of a restricted account, in its `plugin_extras`."""


def is_restricted(extras: Mapping[str, Any] | None) -> bool:
    """Say whether what an account says is stored without being used, by its `plugin_extras`."""
    return bool((extras or {}).get(RESTRICTED))


def is_marked() -> sa.ColumnElement[bool]:
    """Say the same of accounts in SQL."""
    return sa.func.coalesce(model.User.plugin_extras[RESTRICTED].as_boolean(), sa.false())


def is_used() -> sa.ColumnElement[bool]:
    """Say in SQL which accounts are open and not restricted: those that may be asked something of."""
    return sa.and_(model.User.state == "active", ~is_marked())


def former_name() -> str:
    """Give the words for who has left."""
    return tk._("A former member")


def restricted_name() -> str:
    """Give the words for whose account isn't shown."""
    return tk._("An account that isn't shown")


def stranger_name() -> str:
    """Give the words for who sent something without an account."""
    return tk._("Somebody without an account")


def public_name(user: Any) -> str:
    """Give what a person (a row of CKAN's table, or None) is called."""
    return former_name() if user is None else _said(user)


def public_names(account_ids: Collection[str | None]) -> dict[str | None, str]:
    """Give what people are called, by identifier of their accounts, in one statement."""
    user = model.User
    columns = (user.id, user.name, user.fullname, user.state, user.plugin_extras)
    query = sa.select(*columns).where(user.id.in_([each for each in account_ids if each]))
    found = {row.id: _said(row) for row in model.Session.execute(query)}
    return {each: found.get(each) or former_name() for each in account_ids}


def author_name(account_id: str, names: Mapping[str | None, str]) -> str:
    """Give what the author of something is called, of `public_names`; empty is nobody with an account."""
    return names[account_id] if account_id else stranger_name()


def _said(row: Any) -> str:
    if row.state != "active":
        return former_name()
    if is_restricted(row.plugin_extras):
        return restricted_name()
    return row.fullname if (row.fullname or "").strip() else row.name
