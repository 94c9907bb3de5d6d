"""Cases and boards as pages and programs read them, in a number of statements that doesn't depend on theirs."""

from dataclasses import asdict
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.interfaces import Subject
from ckanext.lrtzc.moderation import cases, narrowing
from ckanext.lrtzc.moderation.domain.policy import Policy, write_share
from ckanext.lrtzc.moderation.model import Board, Case, State, Vote
from ckanext.lrtzc.people import author_name, public_names


def waiting(user: Any) -> int:
    """Count the cases on which a person has to vote yet."""
    query = sa.select(sa.func.count()).select_from(Case).where(*_pending(user), ~_voted(user))
    return model.Session.scalar(query) or 0


def _pending(user: Any) -> list[Any]:
    return [Case.kind.in_([*cases.kinds()]), cases.mine(user), Case.state == State.PENDING]


def _voted(user: Any) -> Any:
    return sa.exists().where(Vote.case_id == Case.id, Vote.voter_id == user.id)


def page(context: Any, user: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """Give a page of a person's cases, as `lrtzc_moderation_list` says."""
    decided = asked["state"] == "decided"
    conditions = _pending(user)
    if decided:
        conditions[-1] = Case.state.in_([State.ACCEPTED, State.REJECTED])
    kinds, offered = _kinds(conditions), narrowing.offered(conditions)
    if asked.get("kind"):
        conditions.append(Case.kind == asked["kind"])
    conditions += narrowing.conditions(asked)
    order = [Case.closed.desc(), Case.id] if decided else [_voted(user), Case.opened, Case.id]
    found = sa.select(Case).where(*conditions).order_by(*order).limit(asked["limit"]).offset(asked["offset"])
    count = sa.select(sa.func.count()).select_from(Case).where(*conditions)
    return {
        "count": model.Session.scalar(count) or 0,
        "waiting": waiting(user),
        "kinds": kinds,
        "offered": offered,
        "results": described(context, user, list(model.Session.scalars(found))),
    }


def _kinds(conditions: list[Any]) -> list[dict[str, Any]]:
    """Give the kinds that a person's cases are of, with how many there are of each."""
    known = cases.kinds()
    query = sa.select(Case.kind, sa.func.count()).where(*conditions).group_by(Case.kind).order_by(Case.kind)
    return [
        {"kind": kind, "title": known[kind].title(), "count": count, "taken_at": known[kind].taken_at()}
        for kind, count in model.Session.execute(query)
    ]


def case_about(context: Any, user: Any, kind: str, subject_id: str) -> dict[str, Any] | None:
    """Give the last case about a thing that a person judges or judged, as `lrtzc_moderation_show` does; None else."""
    query = sa.select(Case).where(Case.kind == kind, Case.subject_id == subject_id, cases.mine(user))
    found = list(model.Session.scalars(query.order_by(Case.opened.desc()).limit(1)))
    return described(context, user, found)[0] if found else None


def theirs(user: Any, kind: str, most: int) -> list[str]:
    """Give the things of a kind on which a person has to decide, the oldest first, `most` of them at most."""
    query = sa.select(Case.subject_id).where(*_pending(user), Case.kind == kind).order_by(Case.opened, Case.id)
    return list(model.Session.scalars(query.limit(most)))


def described(context: Any, user: Any, found: list[Case]) -> list[dict[str, Any]]:
    """Give cases with what there is to judge, the votes counted, and whoever asks's own."""
    known, subjects = cases.kinds(), {}
    for kind in {case.kind for case in found}:
        told = known[kind].describe([case.subject_id for case in found if case.kind == kind], context)
        subjects |= {(kind, identifier): subject for identifier, subject in told.items()}
    votes = cases.votes_on([case.id for case in found])
    present = cases.active({each for case in found for each in case.moderators})
    names = public_names({case.author_id for case in found})
    return [
        _described(
            case,
            subjects.get((case.kind, case.subject_id)),
            votes[case.id],
            present,
            author_name(case.author_id or "", names),
            user,
        )
        | {"kind_title": known[case.kind].title()}
        for case in found
    ]


def _described(
    case: Case, subject: Subject | None, votes: dict[str, Vote], present: set[str], author: str, user: Any
) -> dict[str, Any]:
    counted = cases.count(case, votes, present)
    own = votes.get(user.id)
    told = asdict(subject) if subject else {"title": tk._("Something erased since"), "url": "", "parts": ()}
    return {
        "id": case.id,
        "kind": case.kind,
        "subject": {"id": case.subject_id, **told},
        "author": author,
        "state": case.state,
        "opened": case.opened.isoformat(),
        "closed": case.closed.isoformat() if case.closed else None,
        "rule": case.rule,
        "share": case.share,
        "unattended": case.state == State.PENDING and present.isdisjoint(case.moderators),
        "votes": {
            **asdict(counted),
            # Nobody is designated where only an administrator to come may judge: one, then.
            "needed": case.policy.needed(max(counted.designated, 1)),
        },
        "mine": {"choice": own.choice, "reason": own.reason} if own else None,
        "reasons": cases.why_rejected(case, votes) if case.state == State.REJECTED else "",
        "deadline": case.deadline.isoformat() if case.deadline else None,
        "at_end": case.at_end,
    }


def boards() -> list[dict[str, Any]]:
    """Give who moderates each kind."""
    chosen = {board.kind: board for board in model.Session.scalars(sa.select(Board))}
    ids = {each for board in chosen.values() for each in board.moderators}
    people = {user.id: user for user in model.Session.scalars(sa.select(model.User).where(model.User.id.in_(ids)))}
    told = []
    for kind, each in sorted(cases.kinds().items()):
        board = chosen.get(kind)
        named = [people[one] for one in (board.moderators if board else []) if one in people]
        told.append(
            {
                "kind": kind,
                "title": each.title(),
                "rule": board.rule if board else Policy().rule.value,
                "share": board.share if board else write_share(Policy().share),
                "moderators": [
                    {"id": user.id, "name": user.name, "title": user.display_name}
                    for user in named
                    if user.state == "active"
                ],
            }
        )
    return told
