"""What the scheduler has done at each look: rules that are due are warned of, then applied by a worker, one by one."""

import logging
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.lib.jobs import get_queue

from ckanext.lrtzc.clock import local_day
from ckanext.lrtzc.retention import destroying, letters
from ckanext.lrtzc.retention.domain.due import State, Step, step
from ckanext.lrtzc.retention.model import RUNNING, Rule, Run, now

log = logging.getLogger(__name__)

# Rules applied by one job, so that it never takes a worker for long.
AT_ONCE = 20


def tick(_sender: Any = None, **_: Any) -> None:
    """Warn of what is due, and have a worker destroy it. Called by the scheduler's signal `lrtzc:tick`."""
    due = steps()
    for rule_id in [rule_id for rule_id, what in due.items() if what is Step.WARN][:AT_ONCE]:
        try:
            letters.warn(rule_id)
        except Exception:
            # Whatever one letter fails of, the others go; nothing is destroyed before it went.
            model.Session.rollback()
            log.exception("The warning of the rule %s could not be given", rule_id)
    under_way = model.Session.scalar(sa.select(sa.exists().where(Run.state == RUNNING)))
    model.Session.rollback()
    if under_way or Step.DESTROY in due.values():
        _enqueue()


def steps() -> dict[str, Step]:
    """Say of each standing rule of a dataset that is there what is to be done of it today, in one statement."""
    package, today = model.Package, local_day(now())
    query = (
        sa.select(Rule, package.metadata_created)
        .join(package, package.id == Rule.package_id)
        .where(Rule.state == State.STANDING)
        .order_by(Rule.created)
        .execution_options(populate_existing=True)
    )
    rows = list(model.Session.execute(query))
    return {rule.id: step(rule.terms(made.replace(tzinfo=now().tzinfo)), today) for rule, made in rows}


def _enqueue() -> None:
    queue, name = tk.config["ckanext.lrtzc.batches.queue"], f"{apply.__module__}.{apply.__name__}"
    if not any(job.func_name == name for job in get_queue(queue).jobs):
        timeout = int(tk.config["ckanext.lrtzc.batches.job_timeout"])
        tk.enqueue_job(apply, [], title="Retention", queue=queue, rq_kwargs={"timeout": timeout})


def apply() -> None:
    """Go on with what was cut off, and do what is due; safe to run at the same time as another."""
    for run_id in list(model.Session.scalars(sa.select(Run.id).where(Run.state == RUNNING).limit(AT_ONCE))):
        destroying.go_on(run_id)
    for rule_id in [rule_id for rule_id, what in steps().items() if what is Step.DESTROY][:AT_ONCE]:
        if run_id := destroying.begin(rule_id):
            destroying.go_on(run_id)
