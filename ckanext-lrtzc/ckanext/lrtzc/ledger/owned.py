"""What belongs to a person: the datasets they made, and those of the organisations where they may edit."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa


def datasets(user: Any, name: str | None = None) -> list[str]:
    """Give the identifiers of a person's datasets.

    :param name: of one of them only, by its name or identifier.
    :raises ckan.plugins.toolkit.ObjectNotFound: where they have none of that name.
    """
    organizations = sa.select(model.Member.group_id).where(
        model.Member.table_name == "user",
        model.Member.table_id == user.id,
        model.Member.state == "active",
        model.Member.capacity.in_(["admin", "editor"]),
    )
    query = sa.select(model.Package.id).where(
        sa.or_(model.Package.creator_user_id == user.id, model.Package.owner_org.in_(organizations))
    )
    if name:
        query = query.where(sa.or_(model.Package.id == name, model.Package.name == name))
    found = list(model.Session.scalars(query))
    if name and not found:
        raise tk.ObjectNotFound(tk._("You have no dataset of that name."))
    return found


def things(package_ids: list[str]) -> tuple[str, ...]:
    """Give the identifiers of datasets and of all their files, deleted ones too."""
    if not package_ids:
        return ()
    files = sa.select(model.Resource.id).where(model.Resource.package_id.in_(package_ids))
    return (*package_ids, *model.Session.scalars(files))
