"""Letters of moderation, written by a worker, each in the language of who reads it.

To those who have to judge; to who sent what was judged, and to those whom the outcome concerns. Nobody writes to closed
accounts, nor to those whose data are stored without being used (`accounts.api.readers`).
"""

from collections.abc import Callable, Collection, Iterable, Sequence

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from babel.dates import format_date

from ckanext.lrtzc.accounts.api import Reader, link, write_each, write_one
from ckanext.lrtzc.clock import local_day
from ckanext.lrtzc.interfaces import Moderated, Sender, Subject
from ckanext.lrtzc.moderation import cases
from ckanext.lrtzc.moderation.domain.timing import AtEnd
from ckanext.lrtzc.moderation.model import Case, State


def announce(case_ids: Iterable[str]) -> None:
    """Have those told who are concerned by cases that were opened or decided. Call it after the commit."""
    ids = list(case_ids)
    if ids and tk.config.get("smtp.server"):
        tk.enqueue_job(write, [ids], title="Letters of moderation", rq_kwargs={"timeout": 300})


def announce_about(kind: str, subject_id: str) -> None:
    """Have those told who are asked about a thing. Call it after the commit."""
    query = sa.select(Case.id).where(Case.kind == kind, Case.subject_id == subject_id, Case.state == State.PENDING)
    announce(model.Session.scalars(query).all())


def write(case_ids: list[str]) -> None:
    """Write the letters that cases ask for now: to moderators where they are pending, to authors where decided.

    Of those that are told of once a day the moderators aren't written to yet.
    """
    known = cases.kinds()
    for case in _cases(case_ids):
        kind = known.get(case.kind)
        if kind is None:
            continue
        match State(case.state):
            case State.PENDING if case.digest and case.told is None:
                pass
            case State.PENDING:
                if case.told is None:
                    _note_told(case.id)
                write_each(_judges(case), lambda reader, case=case, kind=kind: _to_be_judged(case, kind, reader))
            case State.ACCEPTED | State.REJECTED:
                _tell_outcome(case, kind)
            case State.CANCELLED:
                pass


def _tell_outcome(case: Case, kind: Moderated) -> None:
    """Write to the author, who may have no account but an address, and to those whom the outcome concerns."""
    sender = kind.sender(case.subject_id) or Sender("")
    concerned = set(kind.concerned(case.subject_id)) - {case.author_id}
    write_each(concerned, lambda reader: _decided(case, kind, reader.language))
    if case.author_id:
        write_each([case.author_id], lambda reader: _decided(case, kind, reader.language, sender))
    elif sender.address:
        language = str(tk.config["ckan.locale_default"])
        write_one(sender.address, language, lambda: _decided(case, kind, language, sender))


def _cases(case_ids: Collection[str]) -> list[Case]:
    query = sa.select(Case).where(Case.id.in_(case_ids)).order_by(Case.opened, Case.id)
    return list(model.Session.scalars(query.execution_options(populate_existing=True)))


def _note_told(case_id: str) -> None:
    for case in Case.locked(Case.id == case_id, Case.told.is_(None)):
        case.be_told()
    model.Session.commit()


def remind(case_ids: list[str]) -> None:
    """Write again to those who haven't voted on cases that wait."""
    known, votes = cases.kinds(), cases.votes_on(case_ids)
    for case in _cases(case_ids):
        kind = known.get(case.kind)
        if kind is None or case.state != State.PENDING:
            continue
        late = set(_judges(case)) - set(votes[case.id])
        write_each(late, lambda reader, case=case, kind=kind: _to_be_judged(case, kind, reader, again=True))


def write_digests(case_ids: list[str]) -> None:
    """Write to each moderator one letter of all cases among these that wait for them."""
    known = cases.kinds()
    theirs: dict[str, list[tuple[Case, Moderated]]] = {}
    for case in _cases(case_ids):
        if case.kind in known and case.state == State.PENDING:
            for account_id in _judges(case):
                theirs.setdefault(account_id, []).append((case, known[case.kind]))
    write_each(theirs, lambda reader: _digest(theirs[reader.id], reader))


def _digest(waiting: list[tuple[Case, Moderated]], reader: Reader) -> Sequence[str]:
    told = [(subject, kind) for case, kind in waiting if (subject := _subject(case, kind)) is not None]
    if not told:
        return ()
    count = len(told)
    title = tk.ungettext("{count} proposal to judge", "{count} proposals to judge", count).format(count=count)
    lines = [tk._("“{title}” ({kind})").format(title=subject.title, kind=kind.title()) for subject, kind in told]
    page = link(reader.language, "lrtzc_moderation.console")
    said = tk._("This waits for your decision:")
    return title, said, "\n".join(lines), tk._("Read it and vote: {link}").format(link=page)


def write_to(account_ids: Collection[str], words: Callable[[str], Sequence[str]]) -> None:
    """Write to people whose accounts are open; what can't be sent is logged, and stops nothing.

    :param words: gives the letter's subject and paragraphs in a language, by its code, which is spoken meanwhile
    """
    write_each(account_ids, lambda reader: words(reader.language))


def _judges(case: Case) -> Collection[str]:
    return cases.active(case.moderators) or cases.judges((), case.author_id)


def _subject(case: Case, kind: Moderated) -> Subject | None:
    # The title is the author's own, or said to all: the portal itself reads it.
    return kind.describe([case.subject_id], {"ignore_auth": True, "user": ""}).get(case.subject_id)


def _to_be_judged(case: Case, kind: Moderated, reader: Reader, *, again: bool = False) -> Sequence[str]:
    subject = _subject(case, kind)
    if subject is None:
        return ()
    page = _page(subject, reader) or link(reader.language, "lrtzc_moderation.console", _anchor=f"case-{case.id}")
    left = tk._("Those who were to judge it have left: it waits for a moderator, and comes to the administrators.")
    return (
        (tk._("Still to be judged: {title}") if again else tk._("To be judged: {title}")).format(title=subject.title),
        tk._("This waits for your decision ({kind}): “{title}”.").format(kind=kind.title(), title=subject.title),
        left if case.moderators and reader.id not in case.moderators else "",
        _until(case, reader.language),
        tk._("Read it and vote: {link}").format(link=page),
    )


def _decided(case: Case, kind: Moderated, language: str, author: Sender | None = None) -> Sequence[str]:
    subject = _subject(case, kind)
    if subject is None:
        return ()
    accepted = case.state == State.ACCEPTED
    title, sentence = kind.outcome(subject, accepted, author=author is not None) or _words(subject, accepted)
    why = "" if accepted else cases.why_rejected(case, cases.votes_on([case.id])[case.id])
    url = (author.page if author is not None else "") or subject.url
    page = tk.h.url_for(url, qualified=True, locale=language) if url else ""
    return title, sentence, why, tk._("See it: {link}").format(link=page) if page else ""


def _page(subject: Subject, reader: Reader) -> str:
    return tk.h.url_for(subject.judged_at, qualified=True, locale=reader.language) if subject.judged_at else ""


def _until(case: Case, language: str) -> str:
    if case.deadline is None or case.ended is not None:
        return ""
    day = format_date(local_day(case.deadline), "long", locale=language)
    match AtEnd(case.at_end):
        case AtEnd.WAIT:
            return tk._("Please decide by {day}.").format(day=day)
        case AtEnd.ACCEPT:
            return tk._("Please decide by {day}: without a decision it is accepted then.").format(day=day)
        case AtEnd.REJECT:
            return tk._("Please decide by {day}: without a decision it is rejected then.").format(day=day)
        case AtEnd.PASS_ON:
            return tk._("Please decide by {day}: without a decision the administrators decide.").format(day=day)


def _words(subject: Subject, accepted: bool) -> tuple[str, str]:
    if accepted:
        title, said = tk._("Accepted: {title}"), tk._("“{title}” was accepted by the moderators and is shown now.")
    else:
        title = tk._("Not accepted: {title}")
        said = tk._("“{title}” was not accepted by the moderators, for this reason:")
    return title.format(title=subject.title), said.format(title=subject.title)
