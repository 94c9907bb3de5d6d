"""Actions of forms: made and changed by those who may change their dataset."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid

from ckanext.lrtzc.asking import asker, reader, validated
from ckanext.lrtzc.batches.api import refusal_of_rows
from ckanext.lrtzc.forms import filing, inviting, media, opening, wording
from ckanext.lrtzc.forms.asking import form_of
from ckanext.lrtzc.forms.definitions import definition_of, faults_of, read_upload, workbook_of
from ckanext.lrtzc.forms.domain import workbook
from ckanext.lrtzc.forms.domain.faults import DefinitionError
from ckanext.lrtzc.forms.logic import schema
from ckanext.lrtzc.forms.logic.answers import (
    lrtzc_answer_correct,
    lrtzc_answer_list,
    lrtzc_answer_show,
    lrtzc_answer_withdraw,
    lrtzc_form_answer,
    lrtzc_form_read,
)
from ckanext.lrtzc.forms.logic.building import lrtzc_form_build, lrtzc_form_unbuild
from ckanext.lrtzc.forms.logic.files import lrtzc_form_file_add, lrtzc_form_file_remove
from ckanext.lrtzc.forms.model import Answer, Form, Invitation, Media, Openness, State, now
from ckanext.lrtzc.ledger.api import record

__all__ = [
    "lrtzc_answer_correct",
    "lrtzc_answer_list",
    "lrtzc_answer_show",
    "lrtzc_answer_withdraw",
    "lrtzc_form_answer",
    "lrtzc_form_build",
    "lrtzc_form_close",
    "lrtzc_form_create",
    "lrtzc_form_define",
    "lrtzc_form_delete",
    "lrtzc_form_file_add",
    "lrtzc_form_file_remove",
    "lrtzc_form_invite",
    "lrtzc_form_list",
    "lrtzc_form_open",
    "lrtzc_form_read",
    "lrtzc_form_show",
    "lrtzc_form_unbuild",
    "lrtzc_form_uninvite",
    "lrtzc_form_update",
]

_LANGUAGES = ("Français (fr)", "English (en)")


def _shown(form: Form, answers: int) -> dict[str, Any]:
    keys = (
        *("id", "package_id", "resource_id", "title", "intro", "version", "state", "openness", "quota", "once"),
        "keeps_position",
    )
    times = {key: getattr(form, key) for key in ("opens", "closes", "created", "changed")}
    return (
        {key: getattr(form, key) for key in keys}
        | {key: value.isoformat() if value else None for key, value in times.items()}
        | {"answers": answers, "questions": len(definition_of(form).questions())}
    )


def _trace(verb: str, form: Form, user: Any) -> None:
    details = {"form": form.id, "title": form.title, "version": form.version}
    record(
        f"form.{verb}",
        actor=user.id if user else None,
        object_type="dataset",
        object_id=form.package_id,
        details=details,
    )


def _changed(context: Any, data: dict[str, Any], action: str) -> Form:
    tk.check_access(action, context, data)
    form = Form.get(data["form"], lock=True)
    if form is None:
        raise tk.ObjectNotFound(tk._("There is no such form."))
    return form


def _uploaded(data: dict[str, Any]) -> workbook.Workbook:
    """Read the workbook that was sent. Raises ValidationError with all that is wrong with it."""
    try:
        sheets = read_upload(data["upload"].stream)
        stopping = [fault for fault in faults_of(sheets) if not fault.warning]
    except DefinitionError as error:
        stopping, sheets = error.faults, workbook.Workbook()
    if stopping:
        raise tk.ValidationError({"upload": [wording.fault(fault) for fault in stopping[:50]]})
    return sheets


def lrtzc_form_create(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Make a form that feeds a dataset: from an XLSForm workbook, or without any question yet.

    :param id: identifier or name of a dataset that one may change
    :param title: its title; that of the workbook if absent
    :param upload: a workbook in the format .xlsx
    :returns: the form, see `lrtzc_form_show`
    :raises ValidationError: with all that is wrong with the workbook, by sheet and row
    """
    data = validated(data_dict, schema.create(), context)
    tk.check_access("lrtzc_form_create", context, data)
    user = reader(context)
    package = model.Package.get(data["id"])
    if package is None or package.type != "dataset":
        raise tk.ValidationError({"id": [tk._("Only datasets have forms.")]})
    if refused := refusal_of_rows(str(package.id)):
        raise tk.ValidationError({"id": [refused]})
    form_id = make_uuid()
    if data.get("upload"):
        sheets = _uploaded(data)
        title = data.get("title") or workbook.settings_of(sheets).get("form_title") or str(package.title)
    else:
        if not data.get("title"):
            raise tk.ValidationError({"title": [tk._("Give the form a title.")]})
        title = data["title"]
        sheets = workbook.blank(title, form_id, _LANGUAGES)
    form = Form(
        id=form_id,
        resource_id=make_uuid(),
        package_id=str(package.id),
        title=" ".join(title.split())[: schema.TITLE],
        definition=sheets.as_dict(),
        version=1,
        author_id=str(user.id) if user else "",
    )
    model.Session.add(form)
    _trace("create", form, user)
    model.Session.commit()
    return _shown(form, 0)


def lrtzc_form_define(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Give a form another definition, from an XLSForm workbook. A form that is open must be closed first.

    :param form: the form's identifier
    :param upload: a workbook in the format .xlsx
    :returns: the form, see `lrtzc_form_show`
    :raises ValidationError: with all that is wrong with the workbook, by sheet and row
    """
    data = validated(data_dict, schema.define(), context)
    tk.check_access("lrtzc_form_define", context, data)
    sheets = _uploaded(data)
    form = _changed(context, data, "lrtzc_form_define")
    if form.state == State.OPEN:
        model.Session.rollback()
        raise tk.ValidationError({"upload": [tk._("Close the form first: its questions don't change under a pen.")]})
    form.definition, form.version, form.changed = sheets.as_dict(), form.version + 1, now()
    _trace("update", form, reader(context))
    model.Session.commit()
    return _shown(form, Answer.counts([form.id]).get(form.id, 0))


@tk.side_effect_free
def lrtzc_form_list(context: Any, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """List the forms of a dataset, the newest first, for those who may change it.

    :param id: identifier or name of the dataset
    """
    data = validated(data_dict, schema.dataset(), context)
    tk.check_access("lrtzc_form_list", context, data)
    forms = Form.of_package(str(model.Package.get(data["id"]).id))
    counts = Answer.counts([form.id for form in forms])
    return [_shown(form, counts.get(form.id, 0)) for form in forms]


@tk.side_effect_free
def lrtzc_form_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Show a form to those who may change its dataset.

    :param form: the form's identifier
    :returns: its settings, with `answers` and `questions` (their numbers), `faults` and `warnings` of its definition as
        sentences, `files` that it names or holds, and `invitations`
    """
    data = validated(data_dict, schema.form(), context)
    tk.check_access("lrtzc_form_show", context, data)
    form = form_of(data["form"])
    faults = faults_of(workbook_of(form), form.id)
    return _shown(form, Answer.counts([form.id]).get(form.id, 0)) | {
        "faults": [wording.fault(each) for each in faults if not each.warning],
        "warnings": [wording.fault(each) for each in faults if each.warning],
        "files": media.listed(form),
        "invitations": [
            {"id": each.id, "email": each.email, "sent": each.sent.isoformat() if each.sent else None}
            for each in Invitation.of_form(form.id)
        ],
    }


def lrtzc_form_update(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Change the settings of a form; what isn't given stays.

    :param form: the form's identifier
    :param title: its title
    :param intro: a text before the questions
    :param openness: `everyone`, `invited` or `owner`
    :param opens: from when it takes answers, such as 2024-12-31T18:00 in the territory's time; nothing for at once
    :param closes: until when it takes answers; nothing for without end
    :param quota: how many answers it takes; nothing for as many as come
    :param once: whether it takes one answer of each person, where one knows who answers
    :param keeps_position: whether photos keep what they say of the place where they were taken
    """
    data = validated(data_dict, schema.update(), context)
    form = _changed(context, data, "lrtzc_form_update")
    changes = {name: data[name] for name in data if name != "form" and hasattr(form, name)}
    opens, closes = changes.get("opens", form.opens), changes.get("closes", form.closes)
    errors: dict[str, list[str]] = {}
    if opens and closes and closes <= opens:
        errors["closes"] = [tk._("It must close after it opens.")]
    if changes.get("once", form.once) and changes.get("openness", form.openness) == Openness.EVERYONE:
        errors["once"] = [tk._("Where everyone answers without an account, nobody can tell who has answered already.")]
    if errors:
        model.Session.rollback()
        raise tk.ValidationError(errors)
    for name, value in changes.items():
        setattr(form, name, value)
    if form.quota is not None:
        form.answers = Answer.counts([form.id]).get(form.id, 0)
    form.changed = now()
    _trace("update", form, reader(context))
    model.Session.commit()
    return _shown(form, Answer.counts([form.id]).get(form.id, 0))


def lrtzc_form_open(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Open a form: the file that its answers feed is made, with a column a question.

    :param form: the form's identifier
    :raises ValidationError: where its definition doesn't allow it, with all reasons
    """
    data = validated(data_dict, schema.form(), context)
    form = _changed(context, data, "lrtzc_form_open")
    try:
        opening.open_form(form, reader(context))
    except opening.NotOpened as error:
        model.Session.rollback()
        said = [wording.fault(fault) for fault in error.faults]
        if error.columns:
            sentence = tk._("These columns hold values of another type since the form was open: {names}.")
            said.append(sentence.format(names=", ".join(error.columns)))
        raise tk.ValidationError({"form": said}) from error
    return _shown(form, Answer.counts([form.id]).get(form.id, 0))


def lrtzc_form_close(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Close a form: it takes no more answers, those that were given stay. It may be opened again.

    :param form: the form's identifier
    """
    data = validated(data_dict, schema.form(), context)
    form = _changed(context, data, "lrtzc_form_close")
    if form.state != State.OPEN:
        model.Session.rollback()
        raise tk.ValidationError({"form": [tk._("This form isn't open.")]})
    opening.close_form(form)
    return _shown(form, Answer.counts([form.id]).get(form.id, 0))


def lrtzc_form_delete(context: Any, data_dict: dict[str, Any]) -> None:
    """Delete a form that nobody has answered yet, for good.

    :param form: the form's identifier
    """
    data = validated(data_dict, schema.form(), context)
    form = _changed(context, data, "lrtzc_form_delete")
    if form.state == State.OPEN or model.Session.scalar(sa.select(Answer.id).where(Answer.form_id == form.id).limit(1)):
        model.Session.rollback()
        raise tk.ValidationError({"form": [tk._("A form that is open, or that was answered, can only be closed.")]})
    _trace("delete", form, reader(context))
    for table in (Invitation, Media):
        gone = sa.delete(table).where(table.form_id == form.id)
        model.Session.execute(gone, execution_options={"synchronize_session": False})
    model.Session.delete(form)
    model.Session.commit()
    filing.remove_all(form.id)


def lrtzc_form_invite(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Invite people to answer a form, each by an e-mail with a link of their own.

    :param form: the form's identifier
    :param emails: e-mail addresses, as a list or a text that parts them by spaces, commas or lines
    :returns: `added` and `sent`, how many were new and were written to
    """
    data = validated(data_dict, schema.invite(), context)
    tk.check_access("lrtzc_form_invite", context, data)
    asker(context)
    form = form_of(data["form"])
    added = inviting.invite(form, data["emails"])
    if added < 0:
        said = tk._("{most} addresses at most are taken.").format(most=schema.ADDRESSES)
        raise tk.ValidationError({"emails": [said]})
    return {"added": added, "sent": inviting.write(form)}


def lrtzc_form_uninvite(context: Any, data_dict: dict[str, Any]) -> None:
    """Take an invitation back: its link answers no more. What was answered by it stays.

    :param form: the form's identifier
    :param invitation: the invitation's identifier
    """
    data = validated(data_dict, schema.uninvite(), context)
    tk.check_access("lrtzc_form_uninvite", context, data)
    found = model.Session.get(Invitation, data["invitation"])
    if found is None or found.form_id != data["form"]:
        raise tk.ObjectNotFound(tk._("There is no such invitation."))
    model.Session.delete(found)
    model.Session.commit()
