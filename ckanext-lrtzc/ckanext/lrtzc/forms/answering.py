"""Answers: whether one may be given, taking it, correcting it, taking it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import ckan.model as model
import sqlalchemy as sa
from ckan.model.types import make_uuid
from sqlalchemy.exc import IntegrityError

from ckanext.lrtzc.batches.api import content_of, revoke, submit_small, supersede, wake
from ckanext.lrtzc.clock import local_now
from ckanext.lrtzc.forms import attachments, integrating
from ckanext.lrtzc.forms.definitions import definition_of
from ckanext.lrtzc.forms.domain import answers, columns
from ckanext.lrtzc.forms.domain.answers import Fields
from ckanext.lrtzc.forms.model import Answer, Edit, File, Form, Invitation, Openness, State, now
from ckanext.lrtzc.ledger.api import record


class Refused(ValueError):
    """An answer isn't taken, or not any more: `code` says why (see `wording.refusal`)."""

    def __init__(self, code: str):
        self.code = code
        super().__init__(code)


class AnswersRefused(ValueError):
    """Some questions aren't answered as they should be."""

    def __init__(self, judged: answers.Answer):
        self.judged = judged
        super().__init__(f"{len(judged.refusals)} answers")


@dataclass(frozen=True)
class Giver:
    """Who answers: an account (its identifier) or an invitation, or nobody known; `owner` may change the dataset."""

    account: str = ""
    email: str = ""
    invitation: Invitation | None = None
    owner: bool = False


def standing(form: Form, at: dt.datetime | None = None) -> str:
    """Say whether a form takes answers now: empty where it does, else a code that says why not."""
    at = at or now()
    if form.package_state != "active" or form.state == State.DRAFT:
        return "no_form"
    if form.state == State.CLOSED:
        return "closed"
    if form.opens is not None and at < form.opens:
        return "not_yet"
    if form.closes is not None and at >= form.closes:
        return "over"
    if form.quota is not None and form.answers >= form.quota:
        return "full"
    return ""


def may_answer(form: Form, giver: Giver) -> str:
    """Say whether somebody may answer a form: empty where they may, else a code that says why not."""
    match Openness(form.openness):
        case Openness.EVERYONE:
            return ""
        case Openness.OWNER:
            return "" if giver.owner else "owners_only"
        case Openness.INVITED:
            return "" if _invited(form, giver) is not None else "invited_only"


def _invited(form: Form, giver: Giver) -> Invitation | None:
    if giver.invitation is not None:
        return giver.invitation if giver.invitation.form_id == form.id else None
    if not giver.email:
        return None
    asked = (Invitation.form_id == form.id, Invitation.email == giver.email.lower())
    return model.Session.scalar(sa.select(Invitation).where(*asked))


def person_of(form: Form, giver: Giver) -> str | None:
    """Give who answers, where the form takes one answer of each; None where it takes several."""
    if not form.once:
        return None
    invitation = _invited(form, giver) if form.openness == Openness.INVITED else None
    if invitation is not None:
        return f"invitation {invitation.id}"
    return f"account {giver.account}" if giver.account else None


def accept(
    form: Form,
    fields: Fields,
    token: str,
    giver: Giver,
    language: str,
    noted: Mapping[str, str] | None = None,
    *,
    judged: answers.Answer | None = None,
) -> Answer:
    """Take an answer: judged by the form's rules, it is stored as a batch when this returns.

    :param token: the name of the page that it was given on; what is sent twice from one counts once
    :param noted: what a telephone noted by itself of when it was filled in, by path
    :param judged: what a page that was sent found already: `fields` as a whole answer
    :raises Refused: where the form takes none now, or none of this person
    :raises AnswersRefused: where some questions aren't answered as they should be
    """
    try:
        return _taken(form, fields, token, giver, language, noted, judged)
    except (Refused, AnswersRefused):
        # what came before isn't taken again, whatever else speaks against it: only then is it looked for
        known = Answer.sent_from(form.id, token)
        if known is None:
            raise
        return _again(form, known, fields, language, token)


def _taken(
    form: Form,
    fields: Fields,
    token: str,
    giver: Giver,
    language: str,
    noted: Mapping[str, str] | None,
    judged: answers.Answer | None,
) -> Answer:
    if code := standing(form) or may_answer(form, giver):
        raise Refused(code)
    person = person_of(form, giver)
    if person and Answer.given_by(form.id, person) is not None:
        raise Refused("once")
    files, refused = attachments.judged(form, fields, token)
    if judged is None or refused:
        judged = answers.judge(
            definition_of(form), fields, local_now(), language, complete=True, noted=noted, refused=refused
        )
    if judged.refusals:
        raise AnswersRefused(judged)
    at = now()
    answer = Answer(
        id=make_uuid(),
        form_id=form.id,
        version=form.version,
        token=token,
        author_id=giver.account,
        invitation_id=giver.invitation.id if giver.invitation else "",
        person=person,
        created=at,
        changed=at,
    )
    try:
        answer.batch_id = _batch(form, answer, judged.values)
        if not answer.keep():
            # the same page, or the same person, maybe at the same instant
            raise Refused("once")
        attachments.bind(_kept(form, files, judged), answer.id)
        _count(form, 1)
        model.Session.commit()
    except Refused:
        model.Session.rollback()
        raise
    if files or attachments.questions(definition_of(form)):
        # what came with the page and isn't named by the answer isn't anybody's
        attachments.forget(attachments.of_sending(form.id, token))
        model.Session.commit()
    wake(form.resource_id)
    return answer


def _kept(form: Form, files: list[File], judged: answers.Answer) -> list[File]:
    """Give the files of the questions that concern an answer; the others aren't kept with it."""
    said = set(attachments.named(definition_of(form), {key: [text] for key, text in judged.values.items()}).values())
    return [file for file in files if file.id in said] if said else []


def _again(form: Form, known: Answer, fields: Fields, language: str, token: str) -> Answer:
    """Give the answer that was sent from a page already; one that says something else isn't taken for it."""
    if Edit.last_of(known) != token:
        # what was said anew since isn't said again by what it replaced
        return known
    kept = values_of(known)
    judged = answers.judge(definition_of(form), fields, local_now(), language, complete=True)
    moving = {node.key for node in definition_of(form).questions() if not node.given}
    if kept is not None and not known.withdrawn:
        said, heard = ({key: one[key] for key in one if key not in moving} for one in (kept, judged.values))
        if said != heard:
            raise Refused("used")
    return known


def _batch(form: Form, answer: Answer, values: dict[str, str]) -> str:
    received = answer.created.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="seconds")
    return submit_small(
        integrating.NAME,
        form.package_id,
        form.resource_id,
        integrating.written(answer.id, received, values, form.version),
        f"{form.title[:80]} {answer.id[:8]}.json",
        answer.author_id,
        column=columns.ANSWER,
        key=answer.id,
        given={"form": form.id},
    )


def _count(form: Form, by: int) -> None:
    """Count an answer where a quota bounds them, in the answer's own transaction; two at once never pass it."""
    if form.quota is None:
        return
    bound = Form.answers + by <= Form.quota if by > 0 else sa.true()
    statement = sa.update(Form).where(Form.id == form.id, bound).values(answers=Form.answers + by)
    done = model.Session.execute(statement, execution_options={"synchronize_session": False})
    if by > 0 and done.rowcount == 0:
        raise Refused("full")


def correct(
    form: Form,
    answer: Answer,
    fields: Fields,
    language: str,
    token: str = "",
    *,
    replaces: str = "",
    noted: Mapping[str, str] | None = None,
) -> Answer:
    """Say an answer anew; it goes the same way as the first time, and takes its place once it is in.

    :param token: the name of the page or instance that it is said on, with which new files came
    :param replaces: the name of the instance that a telephone corrects, which must be the last of this answer
    :param noted: what a telephone noted by itself of when it was filled in, by path
    :raises Refused: where it was taken back or said anew since, or the form takes answers no more
    :raises AnswersRefused: where some questions aren't answered as they should be
    """
    found = Answer.get(answer.id, lock=True)
    if found is None or found.withdrawn is not None:
        model.Session.rollback()
        raise Refused("withdrawn")
    code = standing(form)
    code = "" if code == "full" else code
    if not code and replaces and Edit.last_of(found) != replaces:
        if Answer.sent_from(form.id, token) is not None:
            # sent twice at the same instant: the other was first
            model.Session.rollback()
            return _again(form, found, fields, language, token)
        code = "corrected"
    if code:
        model.Session.rollback()
        raise Refused(code)
    files, refused = attachments.judged(form, fields, token, answer.id)
    judged = answers.judge(
        definition_of(form), fields, local_now(), language, complete=True, noted=noted, refused=refused
    )
    if judged.refusals:
        model.Session.rollback()
        raise AnswersRefused(judged)
    supersede(form.resource_id, answer.id)
    found.batch_id = _batch(form, found, judged.values)
    found.version, found.changed = form.version, now()
    if replaces:
        model.Session.add(Edit(form_id=form.id, token=token, answer_id=found.id, created=found.changed))
    if attachments.questions(definition_of(form)):
        named = _kept(form, files, judged)
        attachments.bind(named, answer.id)
        attachments.leave(answer.id, named)
    try:
        model.Session.commit()
    except IntegrityError:
        # the same number at the same instant, for another answer
        model.Session.rollback()
        raise Refused("used") from None
    wake(form.resource_id)
    return found


def withdraw(form: Form, answer: Answer, actor: str) -> None:
    """Take an answer back: its row, its raw forms and their reports are destroyed. Done twice, it is done once."""
    found = Answer.get(answer.id, lock=True)
    if found is None or found.withdrawn is not None:
        model.Session.rollback()
        return
    revoke(form.resource_id, columns.ANSWER, answer.id, actor)
    found.withdrawn, found.person = now(), None
    found.changed = found.withdrawn
    attachments.forget(attachments.of_answer(found.id))
    _count(form, -1)
    record("form.answer_withdraw", object_type="resource", object_id=form.resource_id, details={"form": form.id})
    model.Session.commit()


def values_of(answer: Answer) -> dict[str, str] | None:
    """Give what an answer says, by path; None where it isn't kept any more."""
    content = content_of(answer.batch_id)
    return integrating.read(content)["values"] if content is not None else None
