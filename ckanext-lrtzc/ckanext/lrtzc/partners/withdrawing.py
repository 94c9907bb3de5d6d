"""What becomes of a dataset that its partner no longer gives (HRV-2).

What nothing here uses is hidden from the public, then erased after the partner's delay. What something here uses stays
where it is, and says that it was withdrawn; once nothing uses it any more, it goes the way of the others.
"""

from collections.abc import Collection

import sqlalchemy as sa
from ckan import model
from ckanext.harvest.model import HarvestObject

from ckanext.lrtzc.clock import local_now
from ckanext.lrtzc.links.api import used
from ckanext.lrtzc.partners import catalogue, report, searching, traces
from ckanext.lrtzc.partners.domain.record import Problem
from ckanext.lrtzc.partners.model import Partner, Record, Run, now
from ckanext.lrtzc.translation import mark

KEPT = mark("The partner no longer gives this record. Its dataset is used here: it stays, and is shown as withdrawn.")
# Datasets erased, or hidden, at one look.
_AT_ONCE = 500


def withdraw(source_id: str, guids: list[str], run_id: str) -> None:
    """Hide the datasets of records that their partner no longer has, or mark those used here; commits."""
    records = sa.select(Record).where(Record.source_id == source_id, Record.guid.in_(guids))
    chosen = {}
    for record in model.Session.scalars(records):
        record.withdrawn = now()
        chosen[record.package_id] = record.guid
    with traces.apart():
        kept = settle(list(chosen))
    traces.datasets("withdraw", chosen, run_id)
    titles = sa.select(model.Package.id, model.Package.title).where(model.Package.id.in_(kept))
    report.add(
        report.line(run_id, "remark", Problem("", KEPT), chosen[number], title or "", number)
        for number, title in model.Session.execute(titles)
    )
    model.Session.commit()
    searching.index(list(chosen))


def settle(package_ids: Collection[str]) -> set[str]:
    """Hide datasets that were withdrawn at their source, but for those used here, which are marked: give these.

    Not committed nor indexed.
    """
    kept = used(package_ids)
    catalogue.set_hidden([each for each in package_ids if each not in kept], True)
    catalogue.set_withdrawn(package_ids, local_now().date())
    return kept


def hide_unused() -> None:
    """Hide the withdrawn datasets that nothing here uses any more; their delay begins now."""
    package = model.Package
    shown = list(
        model.Session.execute(
            sa.select(Record, package.id)
            .join(package, package.id == Record.package_id)
            .where(Record.withdrawn.is_not(None), package.state == "active", package.private.is_(False))
        )
    )
    still = used([number for _record, number in shown])
    left = [(record, number) for record, number in shown if number not in still][:_AT_ONCE]
    if not left:
        model.Session.rollback()
        return
    with traces.apart():
        for record, _number in left:
            record.withdrawn = now()
        catalogue.set_hidden([number for _record, number in left], True)
    traces.datasets("withdraw", [number for _record, number in left], None)
    model.Session.commit()
    searching.index([number for _record, number in left])
    searching.show()


def purge_withdrawn() -> None:
    """Erase the datasets that were withdrawn for longer than their partner's delay, and that nothing here uses."""
    age = sa.func.make_interval(0, 0, 0, Partner.purge_days)
    over = (
        sa.select(Record.source_id, Record.guid, Record.package_id)
        .join(Partner, Partner.source_id == Record.source_id)
        .where(Record.withdrawn.is_not(None), Record.withdrawn + age < now())
    )
    rows = list(model.Session.execute(over))
    still = used([row.package_id for row in rows])
    for source_id, guid, package_id in [row for row in rows if row.package_id not in still][:_AT_ONCE]:
        erase_objects(package_id)
        latest = sa.select(Run.id).where(Run.source_id == source_id).order_by(Run.started.desc()).limit(1)
        run_id = model.Session.scalar(latest)
        traces.datasets("purge", [package_id], run_id)
        with traces.apart():
            catalogue.purge(package_id)
        model.Session.execute(sa.delete(Record).where(Record.source_id == source_id, Record.guid == guid))
        if run_id:
            report.count(run_id, purged=1)
        model.Session.commit()


def erase_objects(package_id: str) -> None:
    """Cut the tie of harvest objects to a dataset that is about to be erased."""
    model.Session.execute(
        sa.update(HarvestObject).where(HarvestObject.package_id == package_id).values(package_id=None, current=False)
    )
    model.Session.commit()
