"""Destroys what a rule says, in steps that may each be repeated: what was cut off is gone on with.

The proof of rows that went stands in the transaction that takes them; that of a dataset, in the one that erases it.
"""

import logging
from functools import partial
from typing import Any

import ckan.model as model
import ckan.plugins as p
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.batches.api import (
    DESTROY,
    count_older,
    erase_file,
    erase_older,
    erase_raw,
    note_version,
    rows_number,
    without_file,
)
from ckanext.lrtzc.clock import local_day
from ckanext.lrtzc.diffusion.api import delivered_to
from ckanext.lrtzc.ledger.api import record, record_in, taken_away
from ckanext.lrtzc.retention.domain.due import Kind, State, oldest_kept
from ckanext.lrtzc.retention.model import DONE, FAILED, RUNNING, Rule, Run, now

log = logging.getLogger(__name__)

TRIES = 5
"""Times that a run is tried before it is said to have failed."""


def begin(rule_id: str) -> str | None:
    """Open the run of a rule that is due, once however many try; commits. Give its identifier."""
    rule = Rule.get(rule_id, lock=True)
    package = model.Session.get(model.Package, rule.package_id) if rule is not None else None
    last = model.Session.scalar(sa.select(Run).where(Run.rule_id == rule_id).order_by(Run.started.desc()).limit(1))
    under_way = last is not None and last.state == RUNNING
    if rule is None or package is None or rule.state != State.STANDING or under_way:
        model.Session.rollback()
        return None
    today = local_day(now())
    if last is not None and last.state == FAILED:
        # what it had begun is ended first
        run = last
        run.state, run.ended, run.result = RUNNING, None, {**run.result, "tries": 0}
    else:
        run = Run(rule_id=rule.id, package_id=rule.package_id, resource_id=rule.resource_id, kind=rule.kind, result={})
        model.Session.add(run)
    run.title = package.title or package.name
    run.before = oldest_kept(rule.days or 0, today) if rule.kind == Kind.ROWS else None
    rule.ran = today
    model.Session.commit()
    return run.id


def go_on(run_id: str) -> None:
    """Do what is left of a run, and say what was reached; commits."""
    run = model.Session.get(Run, run_id, populate_existing=True)
    if run is None or run.state != RUNNING:
        return
    result: dict[str, Any] = {name: value for name, value in run.result.items() if name != "problem"}
    tries = result["tries"] = result.get("tries", 0) + 1
    _note(run_id, result)
    try:
        state = _rows(run, result) if run.kind == Kind.ROWS else _dataset(run, result)
    except Exception:
        log.exception("The run %s of retention failed", run_id)
        model.Session.rollback()
        if tries < TRIES:
            return
        # It is said on the page, and begun again the next day.
        state, result = FAILED, {**result, "problem": "internal"}
    _end(run_id, state, result)


def _end(run_id: str, state: str, result: dict[str, Any]) -> None:
    values = {"state": state, "result": result, "ended": now()}
    model.Session.execute(sa.update(Run).where(Run.id == run_id, Run.state == RUNNING).values(**values))
    if state == DONE:
        ended = sa.select(Run.rule_id).where(Run.id == run_id, Run.kind == Kind.DATASET.value)
        model.Session.execute(sa.update(Rule).where(Rule.id.in_(ended)).values(state=State.DONE.value))
    model.Session.commit()


def _note(run_id: str, result: dict[str, Any]) -> None:
    """Keep what is known of a run before the next step: what was reached is said also after a cut."""
    model.Session.execute(sa.update(Run).where(Run.id == run_id).values(result=dict(result)))
    model.Session.commit()


def _prove(run: Run, emptied: str | None, connection: Any, erased: int) -> None:
    record_in(
        connection,
        "retention.destroy",
        once=f"{run.id} {run.before}",
        object_type="resource",
        object_id=run.resource_id,
        details={
            "run": run.id,
            "rule": run.rule_id,
            "rows": erased,
            "before": str(run.before),
            "column": emptied or "",
        },
    )


def _rows(run: Run, result: dict[str, Any]) -> str:
    if run.resource_id is None or run.before is None:
        return FAILED
    resource_id = run.resource_id
    rule = Rule.get(run.rule_id)
    column = (rule and rule.column_name) or ""
    emptied = rule.emptied if rule else None
    old = count_older(resource_id, column, run.before, emptied)
    if old is None:
        result["problem"] = "no_column"
        return FAILED
    if old.older:
        # noted before they go: a run that is cut off between knows that there is more to do
        result |= {"rows": result.get("rows", 0) + old.older, "undated": old.undated, **_unreached(run.package_id)}
        result |= {"emptied": emptied} if emptied else {}
        _note(run.id, result)
        erase_older(resource_id, column, run.before, partial(_prove, run, emptied), emptied)
    if not result.get("rows"):
        return DONE
    # the version and the end of its rows are said once: it bears the name of the run
    note_version(
        resource_id, run.package_id, DESTROY, batch_id=f"retention {run.id} {run.before}", rows=rows_number(resource_id)
    )
    model.Session.commit()
    result["raw"] = result.get("raw", 0) + erase_raw(resource_id)
    without_file(resource_id, _portal()["user"])
    result["files"] = result.get("files", 0) + int(erase_file(resource_id))
    return DONE


def _dataset(run: Run, result: dict[str, Any]) -> str:
    package = model.Session.get(model.Package, run.package_id)
    if package is None:
        # it was erased, and the worker cut off before it could say so
        return DONE
    query = sa.select(model.Resource.id).where(model.Resource.package_id == package.id)
    resources = list(model.Session.scalars(query.order_by(model.Resource.id)))
    if "tables" not in result:
        counts = [rows_number(each) for each in resources]
        rows = [count for count in counts if count is not None]
        result |= {"rows": sum(rows), "tables": len(rows), "raw": 0, "files": 0, **_unreached(package.id)}
        _note(run.id, result)
    context = _portal()
    for resource_id in resources:
        if rows_number(resource_id) is not None:
            asked = {"resource_id": resource_id, "force": True}
            tk.get_action("datastore_delete")({**context, "lrtzc_batch": "-"}, asked)
        result["raw"] += erase_raw(resource_id, every=True)
        result["files"] += int(erase_file(resource_id))
        _note(run.id, result)
    if p.plugin_loaded("activity"):
        # former states of what was said of it
        from ckanext.activity.model import Activity

        model.Session.execute(
            sa.delete(Activity).where(Activity.object_id == package.id),
            execution_options={"synchronize_session": False},
        )
    told = {name: value for name, value in result.items() if isinstance(value, int)}
    about: Any = {"object_type": "dataset", "object_id": package.id}
    record("retention.destroy", details={"run": run.id, "rule": run.rule_id, **told}, **about)
    # commits all of it, the proof too
    tk.get_action("dataset_purge")(dict(context), {"id": package.id})
    return DONE


def _portal() -> Any:
    """Give the context in which the portal changes what is its people's."""
    name = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    return {"model": model, "session": model.Session, "user": name, "ignore_auth": True}


def _unreached(package_id: str) -> dict[str, int]:
    """Count what left the portal before: nobody can take it back."""
    return {"downloads": taken_away(package_id), "deliveries": delivered_to(package_id)}
