"""Addresses of datasets, free in this catalogue."""

import ckan.model as model
import sqlalchemy as sa
from ckan.model.types import make_uuid

from ckanext.lrtzc.objects.domain.slugs import free_slug
from ckanext.lrtzc.objects.domain.text import slug


def _taken(base: str) -> set[str]:
    names = model.Session.scalars(sa.select(model.Package.name).where(model.Package.name.like(f"{base}%")))
    return set(names)


def name_for(title: str, package_id: str | None = None) -> str:
    """Give a free address for a dataset of this title; the words alone where it has them already."""
    taken = _taken(slug(title) or "dataset")
    package = model.Package.get(package_id) if package_id else None
    if package is not None:
        taken.discard(package.name)
    return free_slug(title, taken, (package_id or make_uuid())[:8])
