"""Submissions of telephones: an instance of a form's XForm with its files, in one request or several.

Each becomes an answer as one of the page does. The instance's own number stands for the page's token: what is sent
again, whole or in part, is one answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
from werkzeug.datastructures import FileStorage

from ckanext.lrtzc.collection.api import FileRefused
from ckanext.lrtzc.forms import answering, attachments, wording
from ckanext.lrtzc.forms.answering import AnswersRefused, Giver, Refused
from ckanext.lrtzc.forms.asking import giver, language
from ckanext.lrtzc.forms.definitions import definition_of
from ckanext.lrtzc.forms.domain import openrosa
from ckanext.lrtzc.forms.domain.definition import said as said_in
from ckanext.lrtzc.forms.domain.instances import without_places
from ckanext.lrtzc.forms.domain.openrosa import Head, InstanceError, Told
from ckanext.lrtzc.forms.model import Answer, Edit, Form
from ckanext.lrtzc.forms.telephones import Caller
from ckanext.lrtzc.safexml import BrokenXml, EntitiesRefused, parse

LARGEST = 1 << 20
"""Bytes of an instance."""


class NotTaken(ValueError):
    """A submission isn't taken: `status` of HTTP, and a sentence that the telephone shows."""

    def __init__(self, status: int, sentence: str):
        self.status, self.sentence = status, sentence
        super().__init__(sentence)


@dataclass(frozen=True)
class Taken:
    """What became of a submission; `left` are names of files that it doesn't speak of, which weren't kept."""

    complete: bool
    left: tuple[str, ...] = ()


def instance_of(upload: FileStorage | None) -> Any:
    """Read the instance that was sent. Raises NotTaken."""
    content = upload.stream.read(LARGEST + 1) if upload is not None else b""
    if not content.strip():
        raise NotTaken(400, tk._("The submission holds no answer: the part “xml_submission_file” is missing or empty."))
    if len(content) > LARGEST:
        raise NotTaken(
            413, tk._("The answer is too large without its files: {most} KB at most.").format(most=LARGEST >> 10)
        )
    try:
        return parse(content)
    except EntitiesRefused as error:
        raise NotTaken(400, tk._("The answer declares entities of its own, which aren't accepted.")) from error
    except BrokenXml as error:
        raise NotTaken(400, tk._("The answer isn't well-formed XML.")) from error


_STATUS = {"used": 409, "corrected": 409}
"""What is answered to what contradicts something that was sent before; 403 to all else that isn't taken."""


def token_of(number: str) -> str:
    """Give what stands for the page's name, by an instance's number: pages are never called so."""
    return f"instance {number}"


def take(caller: Caller, root: Any, uploads: Sequence[FileStorage], *, complete: bool, package_id: str = "") -> Taken:
    """Take a submission, or a part of one.

    :param uploads: the files that came with this request
    :param complete: whether nothing more follows
    :param package_id: the dataset at whose address it was sent, if any
    :raises NotTaken: in words; nothing of the answer is kept then
    """
    form, head, told = _read(root, package_id)
    token = token_of(head.number)
    who = giver(caller.context, form, caller.key)
    fields: dict[str, list[str]] = {}
    left = tuple(upload.filename or upload.name or "" for upload in uploads)
    former: Answer | None = None
    if told.files or head.replaces or not complete:
        known = Answer.sent_from(form.id, token)
        if known is not None and Edit.last_of(known) != token:
            # what was said anew since isn't said again by what it replaced
            return Taken(complete)
        former = _former(form, head, who) if head.replaces and known is None else None
        if told.files or not complete:
            fields, left = _with_files(form, who, token, told, uploads, known, former, complete=complete)
    if not complete:
        return Taken(False, left)
    said = told.fields | fields
    try:
        if former is not None:
            replaced = token_of(head.replaces)
            answering.correct(form, former, said, language(), token, replaces=replaced, noted=told.noted)
        else:
            answering.accept(form, said, token, who, language(), told.noted)
    except Refused as error:
        raise NotTaken(_STATUS.get(error.code, 403), wording.refusal(error.code)) from error
    except AnswersRefused as error:
        raise NotTaken(422, _faults(form, head, error)) from error
    return Taken(True, left)


def _former(form: Form, head: Head, who: Giver) -> Answer:
    """Give the answer that an instance corrects, to whoever gave it, while it can be corrected. Raises NotTaken."""
    invitation = who.invitation.id if who.invitation else ""
    if not who.account and not invitation:
        raise NotTaken(403, wording.refusal("no_author"))
    found = Answer.sent_from(form.id, token_of(head.replaces))
    theirs = found is not None and (
        (who.account and found.author_id == who.account) or (invitation and found.invitation_id == invitation)
    )
    if found is None or not theirs:
        raise NotTaken(404, wording.refusal("not_yours"))
    code = "withdrawn" if found.withdrawn is not None else answering.standing(form)
    if not code and Edit.last_of(found) != token_of(head.replaces):
        code = "corrected"
    if code not in ("", "full"):
        raise NotTaken(_STATUS.get(code, 403), wording.refusal(code))
    return found


def _read(root: Any, package_id: str) -> tuple[Form, Head, Told]:
    try:
        head = openrosa.head_of(root)
        form = Form.get(head.form)
        if form is None or (package_id and form.package_id != package_id):
            raise NotTaken(404, wording.refusal("no_form"))
        if head.version and not _was(form, head.version):
            raise NotTaken(
                422, tk._("The answer is of a version of the form that there never was: fetch the form anew.")
            )
        return form, head, openrosa.read_instance(definition_of(form), root)
    except InstanceError as error:
        raise NotTaken(422 if error.code == "unknown_question" else 400, _said(error)) from error


def _was(form: Form, version: str) -> bool:
    return version.isascii() and version.isdecimal() and len(version) < 10 and 1 <= int(version) <= form.version


def _said(error: InstanceError) -> str:
    match error.code:
        case "no_form_id":
            return tk._("The answer doesn't say of which form it is.")
        case "no_number":
            return tk._("The answer has no number of its own (instanceID).")
        case _:
            sentence = tk._("The answer holds “{name}”, which this form doesn't ask: fetch the form anew.")
            return sentence.format(name=error.found)


def _with_files(
    form: Form,
    who: Giver,
    token: str,
    told: Told,
    uploads: Sequence[FileStorage],
    known: Answer | None,
    former: Answer | None,
    *,
    complete: bool,
) -> tuple[dict[str, list[str]], tuple[str, ...]]:
    """Keep the files that came, and give what the answer says of all of its own, and the names of those left out.

    :param known: the answer that was given by this instance already, if any
    :param former: the answer that is corrected, if any, whose files may be named again without coming again
    """
    if known is not None:
        files, left = attachments.of_answer(known.id), ()
    elif former is None and (code := answering.standing(form) or answering.may_answer(form, who)):
        raise NotTaken(403, wording.refusal(code))
    else:
        left = _receive(form, token, told, uploads)
        files = attachments.of_sending(form.id, token)
        if former is not None:
            files = [*attachments.of_answer(former.id), *files]
    fields, missing = attachments.as_sent(form, told.files, files)
    if missing and complete:
        names = ", ".join(missing)[:300]
        raise NotTaken(400, tk._("These files haven't come, send the answer again: {names}.").format(names=names))
    return fields, left


def _receive(form: Form, token: str, told: Told, uploads: Iterable[FileStorage]) -> tuple[str, ...]:
    """Keep the files that the instance names; give the names of the others."""
    keys: dict[str, str] = {}
    for key, name in told.files.items():
        keys.setdefault(name, key)
    left: list[str] = []
    there = {(file.key, file.sent) for file in attachments.of_sending(form.id, token)} if keys else set()
    for upload in uploads:
        name = upload.filename or upload.name or ""
        key = keys.get(name)
        if key is None:
            left.append(name)
            continue
        if (key, name[:300]) in there:
            continue
        try:
            attachments.take(form, token, key, upload.stream, name)
        except FileRefused as error:
            raise NotTaken(422, f"{name}: {error}") from error
    return tuple(left)


def _faults(form: Form, head: Head, error: AnswersRefused) -> str:
    nodes = {node.key: node for node in definition_of(form).walk()}
    said: list[str] = []
    for key, refusal in list(error.judged.refusals.items())[:5]:
        node = nodes.get(without_places(key))
        label = (said_in(node.label, language()) if node is not None else "") or key
        said.append(tk._("{question}: {sentence}").format(question=label, sentence=refusal.sentence(tk._)))
    if head.version != str(form.version):
        said.insert(0, tk._("The form was changed since it was fetched."))
    return " ".join(said)
