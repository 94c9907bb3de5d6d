"""Moderators as people name them: by the name or the e-mail address of their account."""

from collections.abc import Iterable

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa


def people_named(given: Iterable[str], field: str = "moderators") -> list[str]:
    """Give the accounts that names or e-mail addresses stand for, by identifier.

    :raises ValidationError: at `field`, where there is no such account
    """
    return [_person(each, field) for each in given]


def _person(name_or_email: str, field: str) -> str:
    user = model.User.get(name_or_email)
    if user is None and "@" in name_or_email:
        found = sa.select(model.User).where(sa.func.lower(model.User.email) == name_or_email.lower())
        user = model.Session.scalars(found.where(model.User.state == "active")).first()
    if user is None or user.state != "active" or user.name == tk.config["ckan.site_id"]:
        said = tk._("No account has this name or this e-mail address: {name}.").format(name=name_or_email)
        raise tk.ValidationError({field: [said]})
    return user.id
