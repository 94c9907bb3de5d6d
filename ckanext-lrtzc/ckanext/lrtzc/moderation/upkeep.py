"""What the scheduler has done at each look: deadlines that came, reminders, digests, letters that were cut off."""

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.accounts.api import speaking
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.moderation import cases, letters
from ckanext.lrtzc.moderation.domain.policy import Outcome
from ckanext.lrtzc.moderation.domain.timing import A_DAY, AtEnd
from ckanext.lrtzc.moderation.model import Case, State, now

log = logging.getLogger(__name__)

PATIENCE = dt.timedelta(minutes=10)
"""After which a case of which nobody was told is told of by the scheduler: its process was cut off before."""
_AT_ONCE = 200


def tick(_sender: Any = None, **_: Any) -> None:
    """Do all of it once. Called by the scheduler's signal `lrtzc:tick`."""
    for work in (end_due, remind, tell):
        try:
            work()
        except Exception:
            log.exception("The upkeep of moderation could not go on")
        finally:
            model.Session.remove()


def _found(*conditions: sa.ColumnElement[bool]) -> list[tuple[str, str, str]]:
    """Give (identifier, kind, thing) of cases that wait."""
    query = sa.select(Case.id, Case.kind, Case.subject_id).where(
        Case.state == State.PENDING, Case.kind.in_([*cases.kinds()]), *conditions
    )
    found = list(model.Session.execute(query.order_by(Case.opened, Case.id).limit(_AT_ONCE)).tuples())
    model.Session.rollback()
    return found


def end_due() -> None:
    """Do what deadlines ask for, each case in a transaction of its own."""
    for case_id, kind, subject_id in _found(Case.deadline <= now(), Case.ended.is_(None)):
        try:
            cases.hold([(kind, subject_id)])
            for case in Case.locked(Case.id == case_id, Case.state == State.PENDING, Case.ended.is_(None)):
                _end(case)
            model.Session.commit()
        except Exception:
            model.Session.rollback()
            log.exception("What the deadline of the case %s asks for could not be done", case_id)
            continue
        cases.go_on([case_id])
        letters.announce([case_id])


def _end(case: Case) -> None:
    votes = cases.votes_on([case.id])[case.id]
    case.ended = now()
    match AtEnd(case.at_end):
        case AtEnd.WAIT:
            case.next_reminder = None
        case AtEnd.PASS_ON:
            # those who voted stay: their word counts
            case.moderators = sorted({*cases.judges((), case.author_id), *votes})
            record("vote.pass_on", object_type=case.kind, object_id=case.subject_id, details={"case": case.id})
        case AtEnd.ACCEPT | AtEnd.REJECT as choice:
            counted = cases.count(case, votes, cases.active(case.moderators))
            outcome = Outcome.ACCEPTED if choice is AtEnd.ACCEPT else Outcome.REJECTED
            with speaking(str(tk.config["ckan.locale_default"])):
                why = "" if choice is AtEnd.ACCEPT else cases.why_rejected(case, votes)
            cases.end(case, outcome, counted, cases.kinds(), why, by="deadline")


def remind() -> None:
    """Write again to those who haven't voted, where their time has come."""
    _write([each[0] for each in _found(Case.next_reminder <= now())], letters.remind)


def tell() -> None:
    """Write the digests that are due, and the letters that were never begun."""
    digest = sa.and_(Case.digest, Case.told.is_(None))
    if _found(digest, Case.opened < now() - A_DAY):
        _write([each[0] for each in _found(digest)], letters.write_digests)
    _write(
        [each[0] for each in _found(~Case.digest, Case.told.is_(None), Case.opened < now() - PATIENCE)], letters.write
    )


def _write(case_ids: list[str], letter: Callable[[list[str]], None]) -> None:
    """Note that cases are told of, and have a worker write."""
    if not case_ids:
        return
    for case in Case.locked(Case.id.in_(case_ids), Case.state == State.PENDING):
        case.be_told()
    model.Session.commit()
    if tk.config.get("smtp.server"):
        tk.enqueue_job(letter, [case_ids], title="Letters of moderation", rq_kwargs={"timeout": 300})
