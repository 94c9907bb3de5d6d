"""Rules and runs as pages and programs read them, by a constant number of statements."""

from collections.abc import Sequence
from typing import Any

import ckan.model as model
import sqlalchemy as sa

from ckanext.lrtzc.clock import local_day
from ckanext.lrtzc.people import public_names
from ckanext.lrtzc.retention.domain.due import State, destroys_from, end_of
from ckanext.lrtzc.retention.model import Rule, Run, now


def described(rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """Give rules with their dataset, file, and the day from which they destroy."""
    package, resource = model.Package, model.Resource
    ids = {each.package_id for each in rules}
    columns = (package.id, package.name, package.title, package.type, package.metadata_created)
    found = {row.id: row for row in model.Session.execute(sa.select(*columns).where(package.id.in_(ids)))}
    files = sa.select(resource.id, resource.name).where(resource.id.in_([each.resource_id for each in rules]))
    titles: dict[str, str] = {}
    for number, name in model.Session.execute(files):
        titles[number] = name or ""
    names = public_names([each.held_by for each in rules if each.held_by])
    today = local_day(now())
    told = []
    for rule in rules:
        row = found.get(rule.package_id)
        keys = ("id", "package_id", "kind", "resource_id", "days", "warn_days", "state", "hold_reason", "emptied")
        one: dict[str, Any] = {key: getattr(rule, key) for key in keys} | {"column": rule.column_name}
        for key in ("on_day", "created", "warned", "ran"):
            value = getattr(rule, key)
            one[key] = value and value.isoformat()
        one |= {"resource_name": titles.get(rule.resource_id or "", ""), "destroys_from": None, "ends": None}
        one |= {"held_by": names.get(rule.held_by, "") if rule.held_by else "", "dataset": None}
        if row is not None:
            terms = rule.terms(row.metadata_created.replace(tzinfo=now().tzinfo))
            end = end_of(terms)
            one |= {"dataset": {"name": row.name, "title": row.title or row.name, "type": row.type}}
            one |= {"destroys_from": destroys_from(terms, today).isoformat(), "ends": end and end.isoformat()}
        told.append(one)
    return told


def rules_of(package_id: str) -> list[dict[str, Any]]:
    """Give the rules of a dataset that aren't over, the oldest first."""
    query = sa.select(Rule).where(Rule.package_id == package_id, Rule.state != State.DONE).order_by(Rule.created)
    return described(list(model.Session.scalars(query.execution_options(populate_existing=True))))


def runs_of(package_id: str, limit: int) -> list[dict[str, Any]]:
    """Give what was destroyed of a dataset, the latest first."""
    query = sa.select(Run).where(Run.package_id == package_id).order_by(Run.started.desc()).limit(limit)
    return [run.as_dict() for run in model.Session.scalars(query.execution_options(populate_existing=True))]


def everything(limit: int) -> dict[str, Any]:
    """Give the rules of all datasets, those that are held first, and the latest runs."""
    held = Rule.state != State.HELD
    there = sa.exists().where(model.Package.id == Rule.package_id)
    query = sa.select(Rule).where(Rule.state != State.DONE, there).order_by(held, Rule.created.desc()).limit(limit)
    runs = sa.select(Run).order_by(Run.started.desc()).limit(limit)
    return {
        "rules": described(list(model.Session.scalars(query.execution_options(populate_existing=True)))),
        "runs": [run.as_dict() for run in model.Session.scalars(runs.execution_options(populate_existing=True))],
    }
