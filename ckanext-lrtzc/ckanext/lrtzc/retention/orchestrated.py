"""What the page of orchestration shows of retention."""

import datetime as dt
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.clock import midnight
from ckanext.lrtzc.interfaces import Chain, Stand, Work
from ckanext.lrtzc.retention.domain.due import State
from ckanext.lrtzc.retention.helpers import lrtzc_retention_run_state, lrtzc_retention_words
from ckanext.lrtzc.retention.listing import described
from ckanext.lrtzc.retention.model import DONE, FAILED, RUNNING, Rule, Run

STANDS = {RUNNING: Stand.NOW, FAILED: Stand.FAILED, DONE: Stand.DONE}


def read(limit: int) -> list[Work]:
    """Give what is to be destroyed or kept by hand, and what was destroyed, by a constant number of statements."""
    there = sa.exists().where(model.Package.id == Rule.package_id)
    standing = sa.select(Rule).where(Rule.state.in_((State.STANDING.value, State.HELD.value)), there)
    rules = described(list(model.Session.scalars(standing.order_by(Rule.created.desc()).limit(2 * limit))))
    found = [_of_rule(rule) for rule in rules]
    latest = [
        sa.select(Run).where(Run.state == state).order_by(Run.started.desc()).limit(limit).subquery()
        for state in STANDS
    ]
    for row in model.Session.execute(sa.union_all(*(sa.select(each) for each in latest))):
        page = tk.h.url_for("lrtzc_retention.everything")
        said = lrtzc_retention_run_state(row.state)["text"]
        found.append(Work(row.title, said, STANDS[row.state], row.ended or row.started, page))
    return found


def _of_rule(rule: dict[str, Any]) -> Work:
    page = tk.h.url_for("lrtzc_retention.rules", id=rule["dataset"]["name"])
    title = f"{rule['dataset']['title']} – {lrtzc_retention_words(rule)}"
    if rule["state"] == State.HELD:
        return Work(title, tk._("kept by hand"), Stand.PERSON, dt.datetime.fromisoformat(rule["created"]), page)
    day = midnight(dt.date.fromisoformat(rule["destroys_from"]))
    return Work(title, tk._("will be destroyed"), Stand.NEXT, day, page)


CHAINS = {"retention": Chain(lambda: tk._("How long data is kept"), read)}
