"""Actions that change a form's definition step by step, by the version that was seen."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import reader, validated
from ckanext.lrtzc.forms import building
from ckanext.lrtzc.forms.logic import schema
from ckanext.lrtzc.forms.model import Form, State
from ckanext.lrtzc.ledger.api import record


def lrtzc_form_build(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Give a form that isn't open other sheets, whatever may be wrong with them yet: opening asks that nothing is.

    :param form: the form's identifier
    :param version: the version that was seen; where the form has another now, nothing is changed
    :param sheets: a list of sheets as XLSForm has them, each with `name`, `header` (texts) and `rows` (lists of texts)
    :param said: what was done in a few words, for who undoes it
    :returns: `id`, `version`, and `undo`: what the last change did
    :raises ValidationError: under `version`, where somebody changed the form meanwhile, or it is open
    """
    data = validated(data_dict, schema.build(), context)
    form = _locked("lrtzc_form_build", context, data)
    try:
        building.change(form, data["version"], data["sheets"], data.get("said", ""))
    except building.Conflict as error:
        raise _refused(form) from error
    return _kept(form, context)


def lrtzc_form_unbuild(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Give a form that isn't open the questions that it had before its last change.

    :param form: the form's identifier
    :param version: the version that was seen; where the form has another now, nothing is changed
    :returns: `id`, `version`, `undo` (what the change before did) and `undone` (what was undone)
    :raises ValidationError: under `version`, where somebody changed the form meanwhile, or nothing is left to undo
    """
    data = validated(data_dict, schema.unbuild(), context)
    form = _locked("lrtzc_form_unbuild", context, data)
    try:
        undone = building.undo(form, data["version"])
    except building.Conflict as error:
        raise _refused(form) from error
    return _kept(form, context) | {"undone": undone}


def _locked(action: str, context: Any, data: dict[str, Any]) -> Form:
    tk.check_access(action, context, data)
    form = Form.get(data["form"], lock=True)
    if form is None:
        raise tk.ObjectNotFound(tk._("There is no such form."))
    return form


def _refused(form: Form) -> tk.ValidationError:
    is_open = form.state == State.OPEN
    model.Session.rollback()
    if is_open:
        return tk.ValidationError({"form": [tk._("Close the form first: its questions don't change under a pen.")]})
    said = tk._("The form was changed meanwhile: look at it as it is now, then do it again.")
    return tk.ValidationError({"version": [said]})


def _kept(form: Form, context: Any) -> dict[str, Any]:
    user = reader(context)
    details = {"form": form.id, "title": form.title, "version": form.version}
    actor = user.id if user else None
    record("form.update", actor=actor, object_type="dataset", object_id=form.package_id, details=details)
    model.Session.commit()
    return {"id": form.id, "version": form.version, "undo": building.undoable(form)}
