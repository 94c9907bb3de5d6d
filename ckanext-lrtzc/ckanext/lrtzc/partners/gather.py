"""First half of a run: read the partner's catalogue, compare, hand the changed records on in pieces.

An unchanged record costs a comparison of hashes. Changed ones become harvest objects of `PIECE` records each, so that
the queue of ckanext-harvest carries pieces, not records. What the partner no longer has is withdrawn here, and only
when the whole catalogue was read.
"""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckanext.harvest.model import HarvestGatherError, HarvestJob, HarvestObject

from ckanext.lrtzc.egress.api import EgressError
from ckanext.lrtzc.partners import closing, report
from ckanext.lrtzc.partners.domain.comparison import TWICE, Comparison, Known
from ckanext.lrtzc.partners.domain.kinds import KINDS
from ckanext.lrtzc.partners.domain.kinds.base import FEWER
from ckanext.lrtzc.partners.domain.record import Page, Problem, Unreadable
from ckanext.lrtzc.partners.domain.record import Record as Given
from ckanext.lrtzc.partners.domain.texts import identity
from ckanext.lrtzc.partners.fetching import Caller
from ckanext.lrtzc.partners.model import Partner, Record, Run, now
from ckanext.lrtzc.partners.withdrawing import withdraw
from ckanext.lrtzc.translation import mark

log = logging.getLogger(__name__)

PIECE = 100
INTERNAL = mark(
    "The portal itself failed while it read the partner's catalogue; its administrator finds why in the logs."
)
UNKNOWN_PARTNER = mark("The settings of this partner are gone.")
NEW_IDENTITY = mark("The partner gave the record another identity (before: %(old)s); its page here stays the same.")


@dataclass
class _Reading:
    """The state of one reading of a catalogue."""

    job: HarvestJob
    partner: Partner
    comparison: Comparison
    pending: list[Given] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    unreadable: int = 0
    expected: int | None = None
    failure: tuple[str, dict[str, Any]] | None = None


def gather(job: HarvestJob) -> list[str]:
    """Read the catalogue of `job`'s source; give the identities of the pieces to import.

    Never raises: a failure is the run's state and the first line of its report.
    """
    run_id, source_id = job.id, job.source_id
    model.Session.merge(Run(id=run_id, source_id=source_id, state="gathering", started=now(), beat=now()))
    model.Session.commit()
    try:
        return _gather(job)
    except Exception:
        log.exception("Reading the partner %s failed", source_id)
        model.Session.rollback()
        closing.fail(run_id, INTERNAL, {})
        return []


def _gather(job: HarvestJob) -> list[str]:
    partner = model.Session.get(Partner, job.source_id)
    if partner is None or partner.kind not in KINDS:
        closing.fail(job.id, UNKNOWN_PARTNER, {})
        return []
    reading = _Reading(job, partner, Comparison(known_records(partner.source_id)))
    _read(reading)
    _cut(reading, whole=False)
    if reading.failure is None:
        _settle_missing(reading)
    else:
        sentence, params = reading.failure
        model.Session.add(HarvestGatherError(message=sentence % params, job=job))
    nothing_read = reading.failure is not None and not reading.comparison.seen
    report.state(job.id, pieces=len(reading.pieces), expected=reading.expected, state="importing")
    if reading.failure:
        report.state(job.id, message=reading.failure[0], params=reading.failure[1])
    model.Session.commit()
    if nothing_read:
        closing.fail(job.id, *(reading.failure or (INTERNAL, {})))
    elif not reading.pieces:
        closing.close(job.id)
    return reading.pieces


def known_records(source_id: str) -> dict[str, Known]:
    """Give what is known of a partner's records, by identity."""
    columns = (Record.guid, Record.digest, Record.likeness, Record.withdrawn)
    rows = model.Session.execute(sa.select(*columns).where(Record.source_id == source_id))
    return {guid: Known(digest, likeness, withdrawn is None) for guid, digest, likeness, withdrawn in rows}


def _read(reading: _Reading) -> None:
    partner, job = reading.partner, reading.job
    try:
        for page in KINDS[partner.kind].pages(job.source.url, partner.options or {}, Caller()):
            _take(reading, page)
    except EgressError as err:
        reading.failure = (err.sentence, dict(err.params))
    except Unreadable as err:
        reading.failure = (err.sentence, dict(err.params))
    given = len(reading.comparison.seen) + reading.unreadable
    if reading.failure is None and reading.expected and given < reading.expected:
        reading.failure = (FEWER, {"total": reading.expected, "count": given})


def _take(reading: _Reading, page: Page) -> None:
    run_id = reading.job.id
    records = [replace(record, guid=identity(record.guid)) for record in page.records]
    changed, twice = reading.comparison.sift(records)
    reading.unreadable += len(page.problems) + len(twice)
    reading.pending += changed
    if page.total is not None:
        reading.expected = page.total
    lines = [report.line(run_id, "refused", problem) for problem in page.problems]
    lines += [report.line(run_id, "refused", Problem("identifier", TWICE), r.guid, r.title) for r in twice]
    report.add(lines)
    report.count(run_id, seen=len(page.records) + len(page.problems), refused=len(lines))
    report.state(run_id, unchanged=reading.comparison.unchanged, expected=reading.expected)
    _cut(reading, whole=True)
    model.Session.commit()


def _cut(reading: _Reading, *, whole: bool) -> None:
    """Store pending records as pieces: only whole pieces, or all that is left."""
    while len(reading.pending) >= (PIECE if whole else 1):
        piece, reading.pending = reading.pending[:PIECE], reading.pending[PIECE:]
        reading.pieces.append(_store(reading, piece))


def _store(reading: _Reading, piece: Iterable[Given]) -> str:
    content = json.dumps([[r.guid, r.title, r.modified, r.digest, r.raw, r.likeness] for r in piece])
    stored = HarvestObject(
        guid=f"{reading.job.id}/{len(reading.pieces) + 1}",
        content=content,
        job=reading.job,
        source=reading.job.source,
        state="WAITING",
    )
    model.Session.add(stored)
    model.Session.flush()
    return stored.id


def _settle_missing(reading: _Reading) -> None:
    """Follow renumbered records, and withdraw those that are gone, unless that would be rash."""
    comparison, source_id = reading.comparison, reading.partner.source_id
    renamed = comparison.renumbered()
    for old, new in renamed.items():
        model.Session.execute(
            sa.update(Record).where(Record.source_id == source_id, Record.guid == old).values(guid=new, digest="")
        )
    report.add(report.line(reading.job.id, "renumbered", Problem("identifier", NEW_IDENTITY, {"old": old}), new)
               for old, new in renamed.items())  # fmt: skip
    doubt = comparison.doubt(len(renamed))
    if doubt is not None:
        reading.failure = doubt
        return
    gone = [guid for guid in comparison.gone() if guid not in renamed]
    if gone:
        withdraw(source_id, gone, reading.job.id)
        report.count(reading.job.id, withdrawn=len(gone))
