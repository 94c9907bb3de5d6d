"""Partner portals and their runs as the actions tell them: values as texts, times in ISO 8601 (UTC)."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckanext.harvest.model import HarvestJob, HarvestSource

from ckanext.lrtzc.partners.model import Partner, Record, Run, row

Found = tuple[Partner, HarvestSource, model.Package]
"""A partner: our row, ckanext-harvest's, and the package that ckanext-harvest makes of a source."""


def find(identity: str) -> Found:
    """Find a partner by its identity or name.

    :raises ObjectNotFound: where there is none.
    """
    package = model.Package.get(identity)
    partner = model.Session.get(Partner, package.id) if package is not None else None
    source = HarvestSource.get(package.id) if package is not None else None
    if package is None or partner is None or source is None:
        raise tk.ObjectNotFound(tk._("There is no such partner portal."))
    return partner, source, package


def shown(identity: str) -> dict[str, Any]:
    """Give one partner with its latest run and the numbers of its datasets.

    :raises ObjectNotFound: where there is none.
    """
    return listed([find(identity)])[0]


def listed(found: Sequence[Any]) -> list[dict[str, Any]]:
    """Give partners (see `Found`) likewise, by four statements whatever their number."""
    identities = [partner.source_id for partner, _source, _package in found]
    runs, numbers = _latest_runs(identities), _numbers(identities)
    names = _organization_names({package.owner_org for _partner, _source, package in found})
    waiting = _waiting(identities)
    return [
        {
            **_told((partner, source, package), runs.get(package.id), numbers.get(package.id, (0, 0)), names),
            "waiting": package.id in waiting,
        }
        for partner, source, package in found
    ]


def told(run: Run) -> dict[str, Any]:
    """Give a run."""
    return _texts(row(run))


def _texts(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, dt.datetime) else value for name, value in values.items()}


def _told(found: Found, run: Run | None, numbers: tuple[int, int], names: dict[str, tuple[str, str]]) -> dict[str, Any]:
    partner, source, package = found
    title, name = names.get(package.owner_org or "", ("", ""))
    return {
        **_texts({key: value for key, value in row(partner).items() if key != "source_id"}),
        "id": package.id,
        "name": package.name,
        "title": source.title,
        "address": source.url,
        "owner_org": package.owner_org,
        "organization_title": title,
        "organization_name": name,
        "datasets": numbers[0],
        "withdrawn": numbers[1],
        "last_run": told(run) if run is not None else None,
    }


def _latest_runs(identities: list[str]) -> dict[str, Run]:
    query = (
        sa.select(Run)
        .where(Run.source_id.in_(identities))
        .distinct(Run.source_id)
        .order_by(Run.source_id, Run.started.desc())
    )
    return {run.source_id: run for run in model.Session.scalars(query)}


def _waiting(identities: list[str]) -> set[str]:
    """Give the partners of which a run is in the queue that no worker has taken yet."""
    taken = sa.select(Run.id).where(Run.id == HarvestJob.id).exists()
    query = sa.select(HarvestJob.source_id).where(
        HarvestJob.source_id.in_(identities), HarvestJob.status.in_(("New", "Running")), ~taken
    )
    return set(model.Session.scalars(query))


def _numbers(identities: list[str]) -> dict[str, tuple[int, int]]:
    query = (
        sa.select(
            Record.source_id,
            sa.func.count().filter(Record.withdrawn.is_(None)),
            sa.func.count().filter(Record.withdrawn.is_not(None)),
        )
        .where(Record.source_id.in_(identities))
        .group_by(Record.source_id)
    )
    return {source: (shown, withdrawn) for source, shown, withdrawn in model.Session.execute(query)}


def _organization_names(identities: set[str | None]) -> dict[str, tuple[str, str]]:
    query = sa.select(model.Group.id, model.Group.title, model.Group.name).where(model.Group.id.in_(identities))
    return {identity: (title or name, name) for identity, title, name in model.Session.execute(query)}
