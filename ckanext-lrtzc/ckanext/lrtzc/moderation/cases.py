"""Cases: opened, taken back, voted on; in the session's transaction, which the caller commits.

Whoever touches a thing and its case takes the lock of that thing first (`hold`), so that two moderators, or a moderator
and an author who changes what is judged, come one after the other and never wait for each other.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import ckan.model as model
import ckan.plugins as p
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from ckanext.lrtzc.interfaces import IModerated, Moderated
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.moderation.domain.policy import Choice, Outcome, Policy, electorate, write_share
from ckanext.lrtzc.moderation.domain.timing import AtEnd, Timing
from ckanext.lrtzc.moderation.model import Board, Case, State, Vote, now
from ckanext.lrtzc.people import is_restricted, is_used


def kinds() -> dict[str, Moderated]:
    """Give all kinds that moderators decide on, by name."""
    found: dict[str, Moderated] = {}
    for plugin in p.PluginImplementations(IModerated):
        found |= plugin.get_moderated()
    return found


def administrators() -> list[str]:
    """Give the identifiers of the portal's administrators, but its own account."""
    user = model.User
    query = sa.select(user.id).where(user.sysadmin.is_(True), is_used(), user.name != tk.config["ckan.site_id"])
    return list(model.Session.scalars(query.order_by(user.id)))


def active(account_ids: Collection[str]) -> set[str]:
    """Give those of some accounts that are neither closed nor restricted."""
    query = sa.select(model.User.id).where(model.User.id.in_(account_ids), is_used())
    return set(model.Session.scalars(query))


def hold(subjects: Iterable[tuple[str, str]]) -> None:
    """Keep things, as (kind, identifier), for oneself until the transaction ends."""
    keys = {hashlib.sha256("\0".join(("lrtzc_moderation", *each)).encode()).digest()[:8] for each in subjects}
    ordered = sorted(int.from_bytes(key, signed=True) for key in keys)
    if ordered:
        # unnest gives the keys in their order, so that nobody waits in a circle
        listed = sa.bindparam("keys", ordered, type_=ARRAY(sa.BigInteger))
        model.Session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.unnest(listed))))


def board_of(kind: str) -> tuple[Policy, list[str]]:
    """Give the policy for a kind of thing and those named to moderate it; by default the administrators, any of them.

    :returns: the policy, identifiers of accounts (none: the administrators)
    """
    board = model.Session.get(Board, kind, populate_existing=True)
    return (board.policy, list(board.moderators)) if board is not None else (Policy(), [])


def judges(named: Collection[str], author_id: str | None) -> list[str]:
    """Give who judges what an author sent."""
    return electorate(active(named), administrators(), author_id)


def open_case(
    kind: str,
    subject_id: str,
    author_id: str | None,
    policy: Policy | None = None,
    named: Collection[str] = (),
    timing: Timing | None = None,
) -> Case:
    """Ask moderators about a thing; a case about it that is still pending is cancelled, with its votes.

    Where nobody but the author could judge, it waits until there is an administrator who isn't the author.

    :param policy: by which rule; with `named`, those who judge. By default, those of the kind's board.
    :param timing: how moderators are told and waited for; by default at once, without a deadline
    """
    hold([(kind, subject_id)])
    cancel(kind, subject_id)
    if policy is None:
        policy, named = board_of(kind)
    case = Case(
        kind=kind,
        subject_id=subject_id,
        author_id=author_id,
        rule=policy.rule.value,
        share=write_share(policy.share),
        moderators=judges(named, author_id),
        opened=now(),
    )
    case.take(timing or Timing())
    model.Session.add(case)
    model.Session.flush()
    return case


def cancel(kind: str, subject_id: str) -> None:
    """Take the pending case about a thing back, if there is one."""
    hold([(kind, subject_id)])
    for case in Case.locked(Case.kind == kind, Case.subject_id == subject_id, Case.state == State.PENDING):
        case.close(State.CANCELLED)
    # The session flushes by itself at commits only; a case opened next must find this one closed.
    model.Session.flush()


def is_pending(kind: str, subject_id: str) -> bool:
    """Say whether moderators are asked about a thing already."""
    return bool(
        model.Session.scalar(
            sa.select(sa.exists().where(Case.kind == kind, Case.subject_id == subject_id, Case.state == State.PENDING))
        )
    )


def mine(user: Any) -> sa.ColumnElement[bool]:
    """Say in SQL which cases a person (a row of CKAN's table) may judge; administrators, what nobody is left for."""
    if is_restricted(user.plugin_extras):
        return sa.false()
    named = Case.moderators.contains([user.id])
    if user.sysadmin:
        named = sa.or_(named, sa.and_(Case.state == State.PENDING, ~_attended()))
    return sa.and_(named, Case.author_id.is_distinct_from(user.id))


def _attended() -> sa.ColumnElement[bool]:
    """Say in SQL which cases have a moderator who is there."""
    named = sa.func.jsonb_array_elements_text(Case.moderators).column_valued("named")
    return sa.exists(sa.select(model.User.id).where(model.User.id == named, is_used()).correlate(Case))


def renew(kind: str) -> None:
    """Give the cases of a kind on which nobody voted yet to those who moderate it now."""
    policy, named = board_of(kind)
    _renew(policy, named, Case.kind == kind)


def renew_some(
    kind: str, subject_ids: Collection[str], policy: Policy, named: Collection[str], timing: Timing
) -> list[str]:
    """Give the cases about some things on which nobody voted yet to others, by another policy and timing.

    :returns: the cases that moderators got who didn't have them, of which to tell
    """
    return _renew(policy, named, Case.kind == kind, Case.subject_id.in_(subject_ids), timing=timing)


def _renew(
    policy: Policy, named: Collection[str], *which: sa.ColumnElement[bool], timing: Timing | None = None
) -> list[str]:
    found = Case.locked(*which, Case.state == State.PENDING)
    # asked once the cases are held: a vote that was being cast at the same instant is seen then
    voted = set(model.Session.scalars(sa.select(Vote.case_id).where(Vote.case_id.in_([each.id for each in found]))))
    told = []
    for case in (each for each in found if each.id not in voted):
        case.rule, case.share = policy.rule.value, write_share(policy.share)
        before, case.moderators = case.moderators, judges(named, case.author_id)
        if timing is not None:
            case.take(timing)
        if set(case.moderators) - set(before):
            told.append(case.id)
    model.Session.flush()
    return told


@dataclass(frozen=True, slots=True)
class Counted:
    """The votes on a case: how many there may be, how many accept and reject."""

    designated: int
    accepts: int
    rejects: int


def count(case: Case, votes: Mapping[str, Vote], present: Collection[str]) -> Counted:
    """Count the votes on a case; a moderator who is gone counts only if they voted before.

    :param votes: by voter
    :param present: accounts that are there
    """
    designated = {each for each in case.moderators if each in present or each in votes}
    cast = [vote.choice for voter, vote in votes.items() if voter in designated]
    return Counted(len(designated), cast.count(Choice.ACCEPT), cast.count(Choice.REJECT))


def votes_on(case_ids: Collection[str]) -> dict[str, dict[str, Vote]]:
    """Give the votes on some cases, by case and voter."""
    found: dict[str, dict[str, Vote]] = {each: {} for each in case_ids}
    query = sa.select(Vote).where(Vote.case_id.in_(case_ids)).execution_options(populate_existing=True)
    for vote in model.Session.scalars(query):
        found[vote.case_id][vote.voter_id] = vote
    return found


def cast(user: Any, case_ids: list[str], choice: Choice, reason: str) -> tuple[list[Case], list[Case]]:
    """Vote on cases; where that decides, what the outcome says is done.

    :param user: a row of CKAN's table
    :param reason: why not; compulsory to reject
    :returns: the cases voted on, and those that were decided or taken back meanwhile, on which nothing was done
    :raises ObjectNotFound: where one isn't theirs to judge, or isn't there; nothing is done then
    """
    known = kinds()
    asked = sa.and_(Case.id.in_(case_ids), Case.kind.in_([*known]), mine(user))
    subjects = list(model.Session.execute(sa.select(Case.kind, Case.subject_id).where(asked)).tuples())
    hold(subjects)
    found = Case.locked(asked)
    if len(found) != len(set(case_ids)):
        raise tk.ObjectNotFound(tk._("There is no such case for you to judge."))
    standing = [each for each in found if each.state == State.PENDING]
    votes = votes_on([each.id for each in standing])
    present = active({each for case in standing for each in case.moderators})
    for case in standing:
        if present.isdisjoint(case.moderators):
            case.moderators = judges((), case.author_id)
        _put(case, votes[case.id], user.id, choice, reason)
        _decide(case, votes[case.id], known)
    model.Session.flush()
    return standing, [each for each in found if each not in standing]


def waiting_for(account_id: str) -> list[str]:
    """Give the cases that may go on without somebody who is gone: voted on, or with nobody left to judge them; commits.

    Whoever votes holds the case's row. One statement goes through the rows of all cases that wait for the person, in
    the order in which voters take them, so nobody waits in a circle; these locks take no place in the server's memory,
    however many they are. A vote begun while the person was there is waited for and seen, one begun later counts
    without them.
    """
    asked = (Case.state == State.PENDING, Case.kind.in_([*kinds()]), Case.moderators.contains([account_id]))
    rows = sa.select(Case.id).where(*asked).order_by(Case.id).with_for_update(read=True, key_share=True)
    model.Session.execute(sa.select(sa.func.count()).select_from(rows.subquery()))
    model.Session.commit()
    voted = sa.exists().where(Vote.case_id == Case.id)
    query = sa.select(Case.id).where(*asked, sa.or_(voted, ~_attended())).order_by(Case.id)
    found = list(model.Session.scalars(query))
    model.Session.rollback()
    return found


def go_on_without(case_ids: Collection[str]) -> list[str]:
    """Go on with some cases that waited for somebody who is gone.

    The votes that were cast may decide now; what nobody is left to judge waits for the administrators.

    :returns: cases that were decided or wait for administrators, of which to tell
    """
    known = kinds()
    asked = sa.and_(Case.id.in_(case_ids), Case.state == State.PENDING, Case.kind.in_([*known]))
    hold(list(model.Session.execute(sa.select(Case.kind, Case.subject_id).where(asked)).tuples()))
    waiting = Case.locked(asked)
    votes = votes_on([each.id for each in waiting])
    present = active({each for case in waiting for each in case.moderators})
    told = []
    for case in waiting:
        if votes[case.id]:
            _decide(case, votes[case.id], known)
        elif present.isdisjoint(case.moderators):
            record("vote.pass_on", object_type=case.kind, object_id=case.subject_id, details={"case": case.id})
            told.append(case.id)
        if case.state != State.PENDING:
            told.append(case.id)
    model.Session.flush()
    return told


def _put(case: Case, votes: dict[str, Vote], voter: str, choice: Choice, reason: str) -> None:
    vote = votes.get(voter)
    if vote is None:
        vote = votes[voter] = Vote(case_id=case.id, voter_id=voter)
        model.Session.add(vote)
    vote.choice, vote.reason, vote.cast = choice.value, reason if choice is Choice.REJECT else "", now()
    details = {"case": case.id, "choice": choice.value}
    record("vote.cast", actor=voter, object_type=case.kind, object_id=case.subject_id, details=details)


def _decide(case: Case, votes: Mapping[str, Vote], known: Mapping[str, Moderated]) -> None:
    counted = count(case, votes, active(case.moderators))
    outcome = case.policy.outcome(counted.designated, counted.accepts, counted.rejects)
    if outcome is Outcome.PENDING:
        return
    end(case, outcome, counted, known, "" if outcome is Outcome.ACCEPTED else reasons(votes))


def end(case: Case, outcome: Outcome, counted: Counted, known: Mapping[str, Moderated], why: str, **said: str) -> None:
    """Close a case with an outcome, do what that says, and record it.

    :param why: the reasons that its author reads
    :param said: what else the record says
    """
    accepted = outcome is Outcome.ACCEPTED
    case.close(State.ACCEPTED if accepted else State.REJECTED)
    model.Session.flush()
    known[case.kind].decided(case.subject_id, accepted, why)
    details = {"case": case.id, "outcome": outcome.value, "rule": case.rule, "designated": counted.designated, **said}
    details |= {"accepts": counted.accepts, "rejects": counted.rejects}
    record("vote.outcome", object_type=case.kind, object_id=case.subject_id, details=details)


def go_on(case_ids: Collection[str]) -> None:
    """Go on with what was decided, once that is committed."""
    known = kinds()
    decided = Case.state.in_([State.ACCEPTED, State.REJECTED])
    query = sa.select(Case.kind, Case.subject_id, Case.state).where(Case.id.in_(case_ids), decided)
    for kind, subject_id, state in model.Session.execute(query).all():
        if kind in known:
            known[kind].settled(subject_id, state == State.ACCEPTED)


def why_rejected(case: Case, votes: Mapping[str, Vote]) -> str:
    """Give why a case was rejected: the reasons of those who did, and the deadline where it decided."""
    late = case.ended is not None and case.at_end == AtEnd.REJECT
    said = tk._("Not enough moderators accepted it before the deadline.") if late else ""
    return "\n\n".join(filter(None, (reasons(votes), said)))


def reasons(votes: Mapping[str, Vote]) -> str:
    """Give why those who rejected did, each reason once, the oldest first."""
    rejecting = sorted((each for each in votes.values() if each.choice == Choice.REJECT), key=lambda each: each.cast)
    return "\n\n".join(dict.fromkeys(each.reason for each in rejecting))
