"""Second half of a run: make or change the datasets of one piece, in one transaction."""

import json
import logging
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckanext.harvest.model import HarvestObject
from sqlalchemy.dialects.postgresql import insert

from ckanext.lrtzc.partners import catalogue, closing, report, searching, traces
from ckanext.lrtzc.partners.domain.dataset import Ground, fit
from ckanext.lrtzc.partners.domain.kinds import KINDS, Kind
from ckanext.lrtzc.partners.domain.record import Problem, Unreadable
from ckanext.lrtzc.partners.domain.record import Record as Given
from ckanext.lrtzc.partners.duplicates import doubles
from ckanext.lrtzc.partners.ground import ground_for
from ckanext.lrtzc.partners.model import Partner, Record, Run, now
from ckanext.lrtzc.translation import mark

log = logging.getLogger(__name__)

NOT_WRITTEN = mark("The portal could not write the record; its administrator finds why in the logs.")
NOT_SEARCHABLE = mark("The search did not take all datasets; the next run gives them to it again.")


@dataclass
class Item:
    """One record on its way: what it would be here, and what was met."""

    given: Given
    dataset: dict[str, Any] = field(default_factory=dict)
    validated: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    package_id: str = ""

    @property
    def refused(self) -> bool:
        """Whether a fatal problem was met."""
        return any(problem.fatal for problem in self.problems)


def understand(given: Given, kind: Kind, ground: Ground) -> Item:
    """Say what `given` would be here, before the catalogue's schema has its say."""
    item = Item(given)
    try:
        item.dataset, item.problems = fit(kind.harvested(given.raw), ground)
    except Unreadable as err:
        item.problems.append(Problem("", err.sentence, err.params, fatal=True))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        log.exception("A record could not be understood: %r", given.guid[:200])
        item.problems.append(Problem("", NOT_WRITTEN, fatal=True))
    return item


def settle(item: Item, owner_org: str) -> None:
    """Give `item` its validated form, or its refusal."""
    item.dataset["owner_org"] = owner_org
    if item.refused:
        return
    item.validated, found = catalogue.validate(item.dataset)
    item.problems += found


def import_piece(piece: HarvestObject) -> bool:
    """Make the datasets of one piece; give whether it was done. A piece done before is not done twice."""
    run = model.Session.get(Run, piece.harvest_job_id)
    partner = model.Session.get(Partner, piece.harvest_source_id)
    if run is None or partner is None or run.state in Run.OVER:
        return False
    if piece.content is None:
        return True
    run_id, piece_id = run.id, piece.id
    given = [Given(*row) for row in json.loads(piece.content)]
    try:
        written = _import(given, run_id, partner)
    except Exception:
        log.exception("A piece of the run %s failed as a whole; its records are tried one by one", run_id)
        model.Session.rollback()
        partner = model.Session.get(Partner, piece.harvest_source_id)
        written = [identity for one in given for identity in _import_alone(one, run_id, partner)]
    _index(written, run_id)
    model.Session.execute(sa.update(HarvestObject).where(HarvestObject.id == piece_id).values(content=None))
    report.count(run_id, pieces_done=1)
    model.Session.commit()
    model.Session.refresh(piece)
    closing.close_if_done(run_id)
    return True


def _index(written: list[str], run_id: str) -> None:
    try:
        searching.index(written)
    except Exception:
        log.exception("The search did not take the datasets of the run %s; the next run gives them again", run_id)
        model.Session.rollback()
        model.Session.execute(sa.update(Record).where(Record.package_id.in_(written)).values(digest=""))
        report.state(run_id, message=NOT_SEARCHABLE)


def _import_alone(one: Given, run_id: str, partner: Partner) -> list[str]:
    try:
        return _import([one], run_id, partner)
    except Exception:
        log.exception("A record could not be written: %r", one.guid[:200])
        model.Session.rollback()
        report.add([report.line(run_id, "refused", Problem("", NOT_WRITTEN), one.guid, one.title)])
        report.count(run_id, refused=1)
        model.Session.commit()
        return []


def _import(given: list[Given], run_id: str, partner: Partner) -> list[str]:
    kind, ground = KINDS[partner.kind], ground_for(partner.licence, partner.axis)
    source = model.Package.get(partner.source_id)
    owner_org = source.owner_org if source else ""
    user = catalogue.site_user()
    user_id = model.User.get(user).id
    known = {record.guid: record for record in _known(partner.source_id, given)}
    fresh: list[Item] = []
    changed: list[Item] = []
    refused: list[Item] = []
    for one in given:
        before = known.get(one.guid)
        if before is not None and before.digest == one.digest and before.withdrawn is None:
            continue
        item = understand(one, kind, ground)
        if before is not None:
            item.package_id = before.package_id
            item.dataset["owner_org"] = owner_org
        else:
            settle(item, owner_org)
        (refused if item.refused else changed if before is not None else fresh).append(item)
    found = doubles([item.dataset for item in fresh], partner.source_id) if fresh else []
    with traces.apart():
        for item, identity in zip(fresh, catalogue.create([i.validated for i in fresh], user_id), strict=True):
            item.package_id = identity
        changed, failed = _update(changed, user)
    traces.datasets("add", [item.package_id for item in fresh], run_id)
    traces.datasets("change", [item.package_id for item in changed], run_id)
    written = fresh + changed
    _remember(written, partner.source_id)
    _leave_objects(fresh, run_id, partner.source_id, "added")
    _leave_objects(changed, run_id, partner.source_id, "updated")
    lines = [line for item in written for line in _lines(item, run_id, "remark")]
    lines += [line for item in refused + failed for line in _lines(item, run_id, "refused")]
    for double in found:
        item = fresh[double.position]
        problem = Problem("", double.sentence, {"other": double.title, "other_id": double.package_id})
        lines.append(report.line(run_id, "duplicate", problem, item.given.guid, item.given.title, item.package_id))
    report.add(lines)
    report.count(
        run_id,
        added=len(fresh),
        changed=len(changed),
        refused=len(refused) + len(failed),
        duplicates=len({double.position for double in found}),
    )
    model.Session.commit()
    return [item.package_id for item in written]


def _known(source_id: str, given: list[Given]) -> list[Record]:
    guids = [one.guid for one in given]
    return list(model.Session.scalars(sa.select(Record).where(Record.source_id == source_id, Record.guid.in_(guids))))


def _update(items: list[Item], user: str) -> tuple[list[Item], list[Item]]:
    done, failed = [], []
    for item in items:
        item.problems += catalogue.update(item.package_id, item.dataset, user)
        (failed if item.refused else done).append(item)
    return done, failed


def _remember(items: list[Item], source_id: str) -> None:
    rows = [
        {
            "source_id": source_id,
            "guid": item.given.guid,
            "digest": item.given.digest,
            "likeness": item.given.likeness,
            "package_id": item.package_id,
            "written": now(),
            "withdrawn": None,
        }
        for item in items
    ]
    if not rows:
        return
    statement = insert(Record).values(rows)
    renewed = {name: statement.excluded[name] for name in ("digest", "likeness", "package_id", "written", "withdrawn")}
    model.Session.execute(statement.on_conflict_do_update(index_elements=["source_id", "guid"], set_=renewed))


def _leave_objects(items: list[Item], run_id: str, source_id: str, status: str) -> None:
    """Leave, for each dataset, the harvest object that ckanext-harvest's own pages and index look for."""
    if not items:
        return
    identities = [item.package_id for item in items]
    model.Session.execute(
        sa.update(HarvestObject)
        .where(HarvestObject.package_id.in_(identities), HarvestObject.current.is_(True))
        .values(current=False),
        execution_options={"synchronize_session": False},
    )
    moment = now().replace(tzinfo=None)
    rows = [
        {
            "guid": item.given.guid,
            "current": True,
            "gathered": moment,
            "fetch_started": moment,
            "fetch_finished": moment,
            "import_started": moment,
            "import_finished": moment,
            "content": item.given.raw.replace("\x00", ""),
            "state": "COMPLETE",
            "harvest_job_id": run_id,
            "harvest_source_id": source_id,
            "package_id": item.package_id,
            "report_status": status,
        }
        for item in items
    ]
    model.Session.execute(sa.insert(HarvestObject), rows)


def _lines(item: Item, run_id: str, kind: str) -> list[Any]:
    wanted = [problem for problem in item.problems if problem.fatal or kind == "remark"]
    given = item.given
    return [report.line(run_id, kind, problem, given.guid, given.title, item.package_id) for problem in wanted]
