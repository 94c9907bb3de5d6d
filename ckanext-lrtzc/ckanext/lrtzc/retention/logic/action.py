"""Actions of retention: owners declare, see beforehand, keep by hand, and remove rules."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.asking import asker, validated
from ckanext.lrtzc.batches.api import columns_of, count_older, rows_number
from ckanext.lrtzc.clock import local_day
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.retention.domain.due import Kind, State, oldest_kept
from ckanext.lrtzc.retention.listing import described, everything, rules_of, runs_of
from ckanext.lrtzc.retention.logic import schema
from ckanext.lrtzc.retention.model import Rule, now

__all__ = [
    "lrtzc_retention_declare",
    "lrtzc_retention_hold",
    "lrtzc_retention_list",
    "lrtzc_retention_overview",
    "lrtzc_retention_preview",
    "lrtzc_retention_release",
    "lrtzc_retention_remove",
]

MOST_RULES = 50
SHOWN = 100


def _package(name_or_id: str) -> Any:
    package = model.Package.get(name_or_id)
    if package is None or package.state == "deleted":
        raise tk.ObjectNotFound(tk._("There is no such object, or you may not see it."))
    return package


def _wrong(field: str, text: str) -> tk.ValidationError:
    return tk.ValidationError({field: [text]})


def _checked(data: dict[str, Any], package: Any) -> dict[str, int]:
    """Give what a rule would take today: `rows`, and of how many; `undated`, `tables`, `files` where they matter.

    :raises ValidationError: where the rule can't be applied to this dataset.
    """
    resource = model.Resource
    mine = sa.select(resource.id).where(resource.package_id == package.id, resource.state == "active")
    resources = list(model.Session.scalars(mine))
    if data["kind"] == Kind.DATASET:
        if (data.get("days") is None) == (data.get("on_day") is None):
            raise _wrong("days", tk._("Say either a day or an age in days."))
        counts = [rows_number(each) for each in resources]
        rows = [count for count in counts if count is not None]
        return {"rows": sum(rows), "of": sum(rows), "undated": 0, "tables": len(rows), "files": len(resources)}
    if data.get("days") is None:
        raise _wrong("days", tk._("Say after how many days rows go."))
    if data.get("resource_id") not in resources:
        raise _wrong("resource_id", tk._("This dataset has no such file."))
    before = oldest_kept(data["days"], local_day(now()))
    # an empty list isn't taken out by CKAN's validators
    data["emptied"] = data.get("emptied") or None
    column, emptied = data.get("column") or "", data["emptied"]
    if emptied is not None and (emptied == column or emptied not in columns_of(data["resource_id"])):
        raise _wrong("emptied", tk._("Choose another column of the same file to be emptied."))
    found = count_older(data["resource_id"], column, before, emptied)
    if found is None:
        raise _wrong("column", tk._("Choose a column of dates: no other says how old a row is."))
    return {"rows": found.older, "of": found.total, "undated": found.undated, "tables": 1, "files": 0}


@tk.side_effect_free
def lrtzc_retention_preview(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Say what a rule would destroy if it were applied today; nothing is destroyed.

    :param id: the dataset's identifier or name
    :param kind: `dataset` (all of it, once) or `rows` (those that have become too old, each day)
    :param resource_id: the file whose rows go; `column`: that of the date that says how old they are
    :param emptied: of these rows, destroy only the values of this column
    :param days: how old in days, from the date in the column, or from the publication of the dataset
    :param on_day: the day on which the whole dataset goes (ISO 8601), instead of `days`
    :param warn_days: how many days before people are warned, 30 by default
    :returns: `rows` that would go `of` how many, `undated`: rows without a date, which stay; `tables`, `files`
    """
    tk.check_access("lrtzc_retention_preview", context, data_dict)
    data = validated(data_dict, schema.rule(), context)
    return _checked(data, _package(data["id"]))


def lrtzc_retention_declare(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Declare how long a dataset or its rows are kept: people are warned, then it is destroyed.

    Takes what `lrtzc_retention_preview` takes.

    :returns: the rule, with `destroys_from`: the first day on which something may go
    """
    tk.check_access("lrtzc_retention_declare", context, data_dict)
    data = validated(data_dict, schema.rule(), context)
    package, user = _package(data["id"]), asker(context)
    _checked(data, package)
    model.Session.execute(sa.select(model.Package.id).where(model.Package.id == package.id).with_for_update())
    standing = sa.select(sa.func.count()).select_from(Rule)
    count = model.Session.scalar(standing.where(Rule.package_id == package.id, Rule.state != State.DONE)) or 0
    if count >= MOST_RULES:
        model.Session.rollback()
        raise _wrong("kind", tk._("A dataset has {most} rules at most.").format(most=MOST_RULES))
    whole = data["kind"] == Kind.DATASET
    rule = Rule(
        package_id=package.id,
        kind=data["kind"],
        resource_id=None if whole else data["resource_id"],
        column_name=None if whole else data["column"],
        emptied=None if whole else data.get("emptied"),
        days=data.get("days"),
        on_day=data.get("on_day") if whole else None,
        warn_days=data["warn_days"],
        created_by=user.id,
    )
    model.Session.add(rule)
    model.Session.flush()
    _record("declare", rule, kind=rule.kind, days=rule.days or 0, on_day=str(rule.on_day or ""))
    model.Session.commit()
    return described([rule])[0]


def _record(verb: str, rule: Rule, **details: Any) -> None:
    about: Any = {"object_type": "dataset", "object_id": rule.package_id}
    record(f"retention.{verb}", details={"rule": rule.id, **details}, **about)


@tk.side_effect_free
def lrtzc_retention_list(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Give the rules on a dataset, and what they destroyed (the latest 100 times).

    :param id: the dataset's identifier or name
    """
    tk.check_access("lrtzc_retention_list", context, data_dict)
    package = _package(validated(data_dict, schema.of_one(), context)["id"])
    return {"rules": rules_of(package.id), "runs": runs_of(package.id, SHOWN)}


def _locked(number: str, *states: State) -> Rule:
    rule = Rule.get(number, lock=True)
    if rule is None or rule.state not in states:
        model.Session.rollback()
        raise tk.ObjectNotFound(tk._("There is no such rule, or it is over."))
    return rule


def lrtzc_retention_hold(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Keep by hand what a rule would destroy, until it is released.

    :param id: the rule's identifier
    :param reason: why, in a sentence that those who answer for the dataset read
    """
    tk.check_access("lrtzc_retention_hold", context, data_dict)
    data = validated(data_dict, schema.holding(), context)
    rule = _locked(data["id"], State.STANDING, State.HELD)
    rule.state, rule.hold_reason, rule.held_by = State.HELD.value, data["reason"], asker(context).id
    _record("hold", rule, reason=data["reason"])
    model.Session.commit()
    return described([rule])[0]


def lrtzc_retention_release(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Apply again a rule whose data was kept by hand; people are warned anew before something goes.

    :param id: the rule's identifier
    """
    tk.check_access("lrtzc_retention_release", context, data_dict)
    rule = _locked(validated(data_dict, schema.of_one(), context)["id"], State.HELD)
    rule.state, rule.hold_reason, rule.held_by, rule.warned = State.STANDING.value, "", None, None
    _record("release", rule)
    model.Session.commit()
    return described([rule])[0]


def lrtzc_retention_remove(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Remove a rule; what it destroyed stays destroyed, and listed.

    :param id: the rule's identifier
    """
    tk.check_access("lrtzc_retention_remove", context, data_dict)
    rule = _locked(validated(data_dict, schema.of_one(), context)["id"], State.STANDING, State.HELD)
    rule.state = State.DONE.value
    _record("remove", rule)
    model.Session.commit()
    return {"id": rule.id}


@tk.side_effect_free
def lrtzc_retention_overview(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Give the rules on all datasets and what was destroyed lately (100 each); administrators only."""
    tk.check_access("lrtzc_retention_overview", context, data_dict)
    return everything(SHOWN)
