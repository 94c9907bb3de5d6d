"""Names of accounts, as they stand in addresses."""

import secrets

import ckan.model as model

from ckanext.lrtzc.accounts.domain import names


def free_name(shown: str) -> str:
    """Give a name for addresses that nobody has, after the user name that others see."""
    base = names.slug(shown) or "membre"
    for name in (base, *(f"{base}-{number}" for number in range(2, 20))):
        if model.User.by_name(name) is None and model.Group.get(name) is None:
            return name
    return f"{base}-{secrets.token_hex(5)}"
