"""Objects whose owner is gone, by whatever way they went: who is gone, which objects, and holding them to give away."""

from collections.abc import Collection
from typing import Any

import ckan.model as model
import sqlalchemy as sa

from ckanext.lrtzc.objects.api import TYPES
from ckanext.lrtzc.people import is_used
from ckanext.lrtzc.transfers.parties import names_of, owner_of


def is_orphan() -> sa.ColumnElement[bool]:
    """Say in SQL which objects have no owner who may answer for them.

    The account is closed, erased, or stored without being used; or the organisation is deleted.
    """
    package, user, group = model.Package, model.User, model.Group
    person = sa.exists().where(user.id == package.creator_user_id, is_used())
    organisation = sa.exists().where(group.id == package.owner_org, group.state == "active")
    ownerless = sa.or_(
        sa.and_(package.owner_org.is_(None), ~person), sa.and_(package.owner_org.is_not(None), ~organisation)
    )
    return sa.and_(package.type.in_([*TYPES]), package.state != "deleted", ownerless)


def locked(package_ids: Collection[str]) -> list[Any]:
    """Give those of some objects whose owner is gone (rows of CKAN's table); others wait to change them.

    Whoever comes second, after they were given away, finds none.
    """
    package = model.Package
    query = sa.select(package).where(package.id.in_(package_ids), is_orphan()).order_by(package.id)
    held = query.with_for_update(of=package).execution_options(populate_existing=True)
    return list(model.Session.scalars(held))


def page(limit: int, offset: int) -> dict[str, Any]:
    """Give how many there are, and some of them, the latest change first, with what their owner is called now."""
    package = model.Package
    columns = (package.id, package.name, package.title, package.type, package.state, package.private)
    owners = (package.owner_org, package.creator_user_id)
    order = (package.metadata_modified.desc(), package.id)
    rows = model.Session.execute(
        sa.select(*columns, *owners).where(is_orphan()).order_by(*order).limit(limit).offset(offset)
    ).all()
    names = names_of({owner_of(row) for row in rows})
    told = [
        {name: getattr(row, name) for name in ("id", "name", "type", "state", "private")}
        | {"title": row.title or row.name, "owner": names[owner_of(row)]}
        for row in rows
    ]
    counted = sa.select(sa.func.count()).select_from(package).where(is_orphan())
    return {"count": model.Session.scalar(counted) or 0, "results": told}
