"""What the page of orchestration shows of partner portals."""

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.lrtzc.interfaces import Chain, Stand, Work
from ckanext.lrtzc.partners.helpers import lrtzc_partner_state
from ckanext.lrtzc.partners.model import Partner, Run

STANDS = {
    "gathering": Stand.NOW,
    "importing": Stand.NOW,
    "finished": Stand.DONE,
    "incomplete": Stand.FAILED,
    "failed": Stand.FAILED,
}


def read(limit: int) -> list[Work]:
    """Give the harvests to come, and those that were, by two statements."""
    package = model.Package
    here = (package.name, package.title)
    coming = (
        sa.select(*here, Partner.next_run)
        .join(Partner, Partner.source_id == package.id)
        .where(Partner.paused.is_(False), Partner.next_run.is_not(None), package.state == "active")
        .order_by(Partner.next_run)
        .limit(limit)
    )
    found = [
        Work(
            row.title or row.name,
            tk._("will be harvested"),
            Stand.NEXT,
            row.next_run,
            tk.h.url_for("lrtzc_partners.read", id=row.name),
        )
        for row in model.Session.execute(coming)
    ]
    latest = [
        sa.select(*here, Run.id, Run.state, sa.func.coalesce(Run.finished, Run.started).label("moment"))
        .join(Run, Run.source_id == package.id)
        .where(Run.state == state, package.state == "active")
        .order_by(Run.started.desc())
        .limit(limit)
        .subquery()
        for state in STANDS
    ]
    for row in model.Session.execute(sa.union_all(*(sa.select(each) for each in latest))):
        page = tk.h.url_for("lrtzc_partners.report", id=row.name, run_id=row.id)
        said = lrtzc_partner_state({"state": row.state})["text"]
        found.append(Work(row.title or row.name, said, STANDS[row.state], row.moment, page))
    return found


CHAINS = {"partners": Chain(lambda: tk._("Partner portals"), read)}
