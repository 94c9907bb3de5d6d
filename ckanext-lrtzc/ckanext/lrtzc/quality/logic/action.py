"""What can be done with rules of quality."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.logic import validate

from ckanext.lrtzc.asking import asker
from ckanext.lrtzc.batches.api import Reach, judged_by_people, reports_of, stored
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.quality import national, overview, trying
from ckanext.lrtzc.quality.check import NAME, may_read
from ckanext.lrtzc.quality.domain import tableschema
from ckanext.lrtzc.quality.domain.rules import MOST_RULES, Failure, Kind, Rule, RuleError, rule_of
from ckanext.lrtzc.quality.logic import schema
from ckanext.lrtzc.quality.model import Below, Kept, Threshold
from ckanext.lrtzc.quality.suggesting import suggestions
from ckanext.lrtzc.quality.wording import say_error, say_failure, say_rule


def _shown(kept: Kept) -> dict[str, Any]:
    keys = ("id", "resource_id", "kind", "columns", "params", "failure", "least")
    shown = {key: getattr(kept, key) for key in keys}
    return {**shown, "sentence": say_rule(kept.rule), "failure_words": say_failure(kept.rule)}


def _refusal(error: RuleError) -> tk.ValidationError:
    return tk.ValidationError({error.field: [say_error(error.code)]})


def _rule(context: Any, resource_id: str, asked: dict[str, Any]) -> Rule:
    """Give the rule that is asked for. Raises ValidationError where it can't hold for the file."""
    try:
        rule = rule_of(asked)
        table = stored(resource_id)
        if table is not None and not set(rule.columns) <= set(table.types):
            raise RuleError("columns", "no_such_column")
        if rule.kind is Kind.REFERENCE:
            _check_reference(context, rule)
        if rule.failure is Failure.REPLACE:
            trying.check_replacement(rule, table)
    except RuleError as error:
        raise _refusal(error) from error
    return rule


def _check_reference(context: Any, rule: Rule) -> None:
    """Refuse a reference to what isn't there, or whose rows the person may not read all; both in the same words."""
    found = model.Session.get(model.Resource, str(rule.params["resource"]))
    user = model.User.get(context.get("user") or "")
    table = stored(str(found.id)) if found is not None and found.state == "active" else None
    if found is None or table is None or not may_read(user.id if user else "", found):
        raise RuleError("resource", "no_such_table")
    if rule.params["column"] not in table.types:
        raise RuleError("column", "no_such_column")


def _may_be_moderated(resource_id: str) -> bool:
    """Say whether moderators were named who may decide on a file's batches."""
    resource = model.Resource.get(resource_id)
    if resource is None:
        return False
    return judged_by_people(str(resource.package_id), resource_id) is not Reach.NOTHING


def _locked(resource_id: str) -> None:
    """Have others wait who change the rules of this file."""
    statement = sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"quality {resource_id}", 0)))
    model.Session.execute(statement)


def _room_for(resource_id: str, more: int) -> None:
    query = sa.select(sa.func.count()).select_from(Kept).where(Kept.resource_id == resource_id)
    if (model.Session.scalar(query) or 0) + more > MOST_RULES:
        model.Session.rollback()
        raise tk.ValidationError(
            {"kind": [tk._("A file has at most {most} rules of quality.").format(most=MOST_RULES)]}
        )


def _trace(verb: str, resource_id: str, **details: Any) -> None:
    record(f"quality.{verb}", object_type="resource", object_id=resource_id, details=details)


def _kept(rule_id: str) -> Kept:
    kept = model.Session.get(Kept, rule_id, with_for_update=True)
    if kept is None:
        raise tk.ObjectNotFound(tk._("There is no such rule."))
    return kept


def _told(rule: Rule) -> dict[str, Any]:
    return {"kind": rule.kind.value, "columns": list(rule.columns), "failure": rule.failure.value}


@tk.side_effect_free
@validate(schema.resource)
def lrtzc_quality_rule_list(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """List the rules of a file, and what its batches must reach.

    :param resource_id: the file's identifier
    :returns: `rules`, each with `id`, `kind`, `columns`, `params`, `failure`, `least` and `sentence`, the rule in
        words; `threshold` with `minimum` (share of good rows, 0 to 1) and `below`, or nothing
    """
    tk.check_access("lrtzc_quality_rule_list", context, data_dict)
    threshold = model.Session.get(Threshold, data_dict["resource_id"])
    return {
        "rules": [_shown(kept) for kept in Kept.of_resource(data_dict["resource_id"])],
        "threshold": {"minimum": threshold.minimum, "below": threshold.below} if threshold else None,
    }


@validate(schema.create)
def lrtzc_quality_rule_create(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Add a rule to a file; its next batches are judged by it.

    :param resource_id: the file's identifier
    :param kind: `required`, `unique`, `type`, `format`, `range`, `length`, `pattern`, `values`, `reference`, `compare`,
        `outliers`, `fresh`, `placed`, `territory`, `overlap` or `gap`
    :param columns: the columns it is on: one; two for `compare`; any number for `unique` (none: the whole row);
        none for `placed`, `territory`, `overlap` and `gap`
    :param params: what the kind asks for: `type`; `format` (`email`, `uri`, `uuid`, `insee`, `postal`, `siren`,
        `siret`); `minimum`, `maximum`; `pattern` (syntax of Rust's regex, over the whole value); `values`; `resource`
        and `column`; `operator` (`lt`, `le`, `eq`, `ne`, `ge`, `gt`); `method` (`iqr`, `zscore`, `robust`) and
        `factor`; `days`; `tolerance` (square metres); and `replacement` where `failure` is `replace`
    :param failure: `refuse_row`, `replace` (the cell by a standard value), `flag` (default) or `refuse_batch`
    :param least: for `refuse_batch`, the share (0 to 1) that must keep the rule; 1 unless told
    :returns: the rule
    :raises ValidationError: where the file can't have such a rule, or has 100 already
    """
    tk.check_access("lrtzc_quality_rule_create", context, data_dict)
    resource_id = data_dict["resource_id"]
    rule = _rule(context, resource_id, data_dict)
    _locked(resource_id)
    _room_for(resource_id, 1)
    kept = Kept(resource_id=resource_id)
    kept.take(rule)
    model.Session.add(kept)
    _trace("add", resource_id, **_told(rule))
    model.Session.commit()
    return _shown(kept)


@validate(schema.update)
def lrtzc_quality_rule_update(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Change a rule, all of it.

    :param id: the rule's identifier
    :param kind: and the others as for `lrtzc_quality_rule_create`
    :returns: the rule
    """
    tk.check_access("lrtzc_quality_rule_update", context, data_dict)
    kept = _kept(data_dict["id"])
    rule = _rule(context, kept.resource_id, data_dict)
    kept.take(rule)
    _trace("change", kept.resource_id, **_told(rule))
    model.Session.commit()
    return _shown(kept)


@validate(schema.identity)
def lrtzc_quality_rule_delete(context: Any, data_dict: dict[str, Any]) -> None:
    """Remove a rule; reports of batches that were judged by it keep what it said.

    :param id: the rule's identifier
    """
    tk.check_access("lrtzc_quality_rule_delete", context, data_dict)
    kept = _kept(data_dict["id"])
    _trace("remove", kept.resource_id, **_told(kept.rule))
    model.Session.delete(kept)
    model.Session.commit()


@validate(schema.threshold)
def lrtzc_quality_threshold_update(context: Any, data_dict: dict[str, Any]) -> dict[str, Any] | None:
    """Say which share of a batch's rows must be good, that is read and breaking no rule, for it to be published.

    :param resource_id: the file's identifier
    :param minimum: the share, 0 to 1; absent or empty: no share is asked for
    :param below: `quarantine` (default: the batch waits for its owner's decision), `refuse`, or `moderate`, where
        moderators were named for the dataset: they decide
    :returns: `minimum` and `below`, or nothing
    """
    tk.check_access("lrtzc_quality_threshold_update", context, data_dict)
    resource_id, minimum = data_dict["resource_id"], data_dict.get("minimum")
    below = Below(data_dict["below"])
    if below is Below.MODERATE and minimum is not None and not _may_be_moderated(resource_id):
        raise tk.ValidationError({"below": [tk._("Name moderators for the data of this dataset first.")]})
    _locked(resource_id)
    threshold = model.Session.get(Threshold, resource_id, populate_existing=True)
    if minimum is None and threshold is not None:
        model.Session.delete(threshold)
    elif minimum is not None:
        threshold = threshold or Threshold(resource_id=resource_id)
        threshold.minimum, threshold.below = minimum, below.value
        model.Session.add(threshold)
    _trace("threshold", resource_id, minimum="" if minimum is None else str(minimum), below=below.value)
    model.Session.commit()
    return None if minimum is None else {"minimum": minimum, "below": below.value}


@validate(schema.trial)
def lrtzc_quality_try(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Judge the rows that a file has, or that a batch would bring, without changing anything.

    The first 100,000 rows are judged.

    :param resource_id: the file's identifier
    :param batch_id: a batch for this file that was read and is kept in its raw form, to be judged in place of the rows
    :param rule: one rule, as for `lrtzc_quality_rule_create`; those of the file unless told
    :returns: `rows` judged, `good` ones, `whole`: whether these were all; `rules`, each with its `sentence`, `checked`,
        `failed`, `share`, `unchecked` and the first `faults` (`position` of the row, `value`); and `shown`: `names` of
        columns and the first rows at fault, each with `position`, `cells` and `at`, the places of its cells at fault
    :raises ValidationError: where there is nothing to judge
    """
    tk.check_access("lrtzc_quality_try", context, data_dict)
    resource_id = data_dict["resource_id"]
    if data_dict.get("rule"):
        rules = [_rule(context, resource_id, data_dict["rule"])]
    else:
        rules = [kept.rule for kept in Kept.of_resource(resource_id)]
    return trying.judged(context, resource_id, rules, data_dict.get("batch_id"))


@tk.side_effect_free
@validate(schema.resource)
def lrtzc_quality_suggest(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Offer rules that the rows of a file keep already and that it hasn't got; none is added by this.

    The first 20,000 rows are looked at; of fewer than 20, nothing is said.

    :param resource_id: the file's identifier
    :returns: `rows` looked at, and `rules`, each with `kind`, `columns`, `params` and its `sentence`
    :raises ValidationError: where the file holds no rows
    """
    tk.check_access("lrtzc_quality_suggest", context, data_dict)
    resource_id = data_dict["resource_id"]
    user = model.User.get(context.get("user") or "")
    rows, found = suggestions(resource_id, user.id if user else "")
    known = {_same(kept.rule) for kept in Kept.of_resource(resource_id)}
    return {
        "rows": rows,
        "rules": [
            {"kind": rule.kind.value, "columns": list(rule.columns), "params": rule.params, "sentence": say_rule(rule)}
            for rule in found
            if _same(rule) not in known
        ],
    }


@tk.side_effect_free
@validate(schema.resource)
def lrtzc_quality_schema_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Give the columns of a file and those of its rules that it can say, as a Table Schema (Frictionless Data).

    :param resource_id: the file's identifier
    """
    tk.check_access("lrtzc_quality_schema_show", context, data_dict)
    table = stored(data_dict["resource_id"])
    if table is None:
        raise tk.ObjectNotFound(tk._("This resource holds no rows."))
    rules = [kept.rule for kept in Kept.of_resource(data_dict["resource_id"])]
    return tableschema.export(rules, table.types)


@validate(schema.schema_import)
def lrtzc_quality_schema_import(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Add to a file the rules that a Table Schema asks for; all that can be taken, or none where it is no schema.

    :param resource_id: the file's identifier
    :param schema: the Table Schema, as an object or as JSON
    :param name: or the name of one that `lrtzc_quality_schema_list` lists
    :param failure: what breaking the rules does: `flag` (default), `refuse_row` or `refuse_batch`
    :returns: the `rules` that were added, and `left`: what could not be taken, of the schema's fields or of columns
        that the file lacks; rules that the file has already are in neither
    """
    tk.check_access("lrtzc_quality_schema_import", context, data_dict)
    resource_id = data_dict["resource_id"]
    if data_dict.get("name"):
        given = national.schema(data_dict["name"])
    elif (given := data_dict.get("schema")) is None:
        raise tk.ValidationError({"schema": [tk._("Send a schema, or paste its text.")]})
    try:
        found = tableschema.read(given, Failure(data_dict["failure"]))
    except RuleError as error:
        raise _refusal(error) from error
    table = stored(resource_id)
    if table is None:
        raise tk.ObjectNotFound(tk._("This resource holds no rows."))
    _locked(resource_id)
    known = {_same(kept.rule) for kept in Kept.of_resource(resource_id)}
    added: list[Kept] = []
    for rule in found.rules:
        if missing := [name for name in rule.columns if name not in table.types]:
            found.left.append(f"{', '.join(missing)}: {rule.kind.value}")
            continue
        try:
            if rule.kind is Kind.REFERENCE:
                _check_reference(context, rule)
        except RuleError:
            found.left.append(f"{', '.join(rule.columns)}: {rule.kind.value}")
            continue
        if _same(rule) in known:
            continue
        known.add(_same(rule))
        kept = Kept(resource_id=resource_id)
        kept.take(rule)
        added.append(kept)
    _room_for(resource_id, len(added))
    model.Session.add_all(added)
    _trace("import", resource_id, rules=len(added))
    model.Session.commit()
    return {"rules": [_shown(kept) for kept in added], "left": found.left}


def _same(rule: Rule) -> str:
    """Give what tells two rules apart, whatever failure does."""
    params = {name: value for name, value in rule.params.items() if name != "replacement"}
    return repr((rule.kind.value, rule.columns, sorted(params.items())))


@tk.side_effect_free
@validate(schema.history)
def lrtzc_quality_history(context: Any, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """Give what the rules said of a file's last batches, the newest first.

    :param resource_id: the file's identifier
    :param limit: how many, 30 unless told, 200 at most
    :returns: of each batch `id`, `name`, `state`, `created` and its `report`: `rows`, `good`, `share` of good rows,
        `minimum` asked for, `verdict` (`good`, `quarantined`, `refused`, `released`), `rules`, and `complete`: the
        share of filled cells, of all (`share`) and by column (`columns`), in the rows that go in
    """
    tk.check_access("lrtzc_quality_history", context, data_dict)
    found = reports_of(data_dict["resource_id"], NAME, min(data_dict["limit"], 200))
    return [_dated(each) for each in found]


def _dated(batch: dict[str, Any]) -> dict[str, Any]:
    return {**batch, "created": batch["created"].isoformat()}


@tk.side_effect_free
@validate(schema.overview)
def lrtzc_quality_overview(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """List the files with rules that one may change, all of them for an administrator; what is amiss comes first.

    :param limit: how many, 50 unless told, 1,000 at most
    :param offset: how many to leave out
    :returns: `count`, how many there are; `stopped`, those whose last data was put aside or refused; and `files`, each
        with `dataset`, `title`, `type`, `resource_id`, `name`, number of `rules`, `minimum` (share of good rows asked
        for, or nothing), `last` and `before` (the last two batches that were judged: `id`, `created`, `report` as in
        `lrtzc_quality_history`, or nothing), `trend` (change of the share of good rows, or nothing)
    """
    tk.check_access("lrtzc_quality_overview", context, data_dict)
    found = overview.files_of(asker(context))
    start = data_dict["offset"]
    shown = found[start : start + min(data_dict["limit"], 1000)]
    return {
        "count": len(found),
        "stopped": sum(overview.is_stopped(each) for each in found),
        "files": [
            {**each, **{when: _dated(each[when]) if each[when] else None for when in ("last", "before")}}
            for each in shown
        ],
    }


@tk.side_effect_free
def lrtzc_quality_schema_list(context: Any, data_dict: dict[str, Any]) -> list[dict[str, str]]:
    """List the Table Schemas that others keep for all, those of schema.data.gouv.fr unless configured otherwise.

    :returns: `name`, `title` and `description` of each, by title
    :raises ValidationError: where the catalogue of schemas can't be read now
    """
    tk.check_access("lrtzc_quality_schema_list", context, data_dict)
    return [{key: each[key] for key in ("name", "title", "description")} for each in national.listed()]
