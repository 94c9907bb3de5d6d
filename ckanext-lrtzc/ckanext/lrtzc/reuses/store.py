"""Reading reuses: each question in one statement, whatever the number of reuses and objects."""

from collections.abc import Collection, Iterable
from typing import Any

import ckan.model as model
import sqlalchemy as sa

from ckanext.lrtzc.reuses.model import Picture, Reuse, Use


def uses_of(reuse_ids: Collection[str]) -> dict[str, list[str]]:
    """Give the identifiers of the objects that reuses use, as they are shown."""
    found: dict[str, list[str]] = {each: [] for each in reuse_ids}
    query = sa.select(Use.reuse_id, Use.package_id).where(Use.reuse_id.in_(reuse_ids)).order_by(Use.package_id)
    for reuse_id, package_id in model.Session.execute(query):
        found[reuse_id].append(package_id)
    return found


def counts(package_ids: Collection[str]) -> dict[str, int]:
    """Count the reuses that are shown of some objects."""
    query = (
        sa.select(Use.package_id, sa.func.count())
        .join(Reuse, Reuse.id == Use.reuse_id)
        .where(Use.package_id.in_(package_ids), Reuse.shown())
        .group_by(Use.package_id)
    )
    found = dict(model.Session.execute(query).tuples().all())
    return {each: found.get(each, 0) for each in package_ids}


def of_package(package_id: str, limit: int) -> tuple[int, list[Reuse]]:
    """Give how many reuses are shown of an object, and the latest of them."""
    using = sa.and_(Reuse.shown(), sa.exists().where(Use.reuse_id == Reuse.id, Use.package_id == package_id))
    query = sa.select(Reuse).where(using).order_by(Reuse.published.desc(), Reuse.id).limit(limit)
    found = list(model.Session.scalars(query))
    if len(found) < limit:
        return len(found), found
    return model.Session.scalar(sa.select(sa.func.count()).select_from(Reuse).where(using)) or 0, found


def _public_objects() -> sa.ColumnElement[bool]:
    return sa.and_(model.Package.state == "active", model.Package.private.is_(False))


def credit(owner: sa.ColumnElement[bool]) -> int:
    """Count the reuses shown of the public objects of an owner, each once.

    :param owner: a condition on CKAN's `Package`
    """
    package = model.Package
    query = (
        sa.select(sa.func.count(sa.distinct(Use.reuse_id)))
        .join(Reuse, Reuse.id == Use.reuse_id)
        .join(package, package.id == Use.package_id)
        .where(Reuse.shown(), _public_objects(), owner)
    )
    return model.Session.scalar(query) or 0


def of_organization(name_or_id: str) -> sa.ColumnElement[bool]:
    """Say in SQL which reuses use a public object of an organisation."""
    package, group = model.Package, model.Group
    owned = (
        sa.select(Use.reuse_id)
        .join(package, package.id == Use.package_id)
        .join(group, group.id == package.owner_org)
        .where(_public_objects(), sa.or_(group.id == name_or_id, group.name == name_or_id))
    )
    return Reuse.id.in_(owned)


def using(package_ids: Collection[str]) -> sa.ColumnElement[bool]:
    """Say in SQL which reuses use one of some objects."""
    return Reuse.id.in_(sa.select(Use.reuse_id).where(Use.package_id.in_(package_ids)))


def kinds_counted(conditions: Iterable[Any]) -> list[tuple[str, int]]:
    """Count reuses by kind."""
    query = sa.select(Reuse.kind, sa.func.count()).where(*conditions).group_by(Reuse.kind)
    return list(model.Session.execute(query).tuples())


def organizations_counted(conditions: Iterable[Any], most: int = 30) -> list[tuple[str, str, int]]:
    """Count reuses by organisation whose public objects they use: name, title, count."""
    package, group = model.Package, model.Group
    number = sa.func.count(sa.distinct(Reuse.id))
    query = (
        sa.select(group.name, group.title, number)
        .join(package, package.owner_org == group.id)
        .join(Use, Use.package_id == package.id)
        .join(Reuse, Reuse.id == Use.reuse_id)
        .where(_public_objects(), group.state == "active", *conditions)
        .group_by(group.name, group.title)
        .order_by(number.desc(), group.name)
        .limit(most)
    )
    return list(model.Session.execute(query).tuples())


def keep_picture(reuse_id: str, drawn: tuple[bytes, bytes]) -> str:
    """Keep a picture of a reuse; give its identifier."""
    picture = Picture(reuse_id=reuse_id, large=drawn[0], small=drawn[1])
    model.Session.add(picture)
    model.Session.flush()
    return picture.id


def drop_pictures(reuse_id: str, but: Collection[str | None]) -> None:
    """Erase the pictures of a reuse, but some."""
    kept = [each for each in but if each]
    model.Session.execute(sa.delete(Picture).where(Picture.reuse_id == reuse_id, Picture.id.not_in(kept)))
