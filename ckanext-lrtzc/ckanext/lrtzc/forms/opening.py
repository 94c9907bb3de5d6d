"""Opening a form: its definition is looked at once more, and the table that its answers feed is made."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.batches.api import prepare_table, rows_only
from ckanext.lrtzc.forms.definitions import definition_of, faults_of, workbook_of
from ckanext.lrtzc.forms.domain.faults import Fault
from ckanext.lrtzc.forms.integrating import table_of
from ckanext.lrtzc.forms.model import Form, State, now
from ckanext.lrtzc.ledger.api import record

_HOLDING = ("personal", "missing_file")
"""Warnings about a definition that hold its opening back."""


class NotOpened(ValueError):
    """A form can't be opened: `faults` of its definition, or `columns` whose type differs from the table's."""

    def __init__(self, faults: list[Fault], columns: list[str]):
        self.faults, self.columns = faults, columns
        super().__init__("; ".join([fault.sentence() for fault in faults] + columns))


def open_form(form: Form, user: Any) -> None:
    """Have a form take answers, and its resource stand ready with a column a question; commits.

    :param user: who opens it, a row of CKAN's table, or None for the portal itself
    :raises NotOpened: where its definition doesn't allow it; nothing is changed then
    """
    faults = faults_of(workbook_of(form), form.id)
    stopping = [fault for fault in faults if not fault.warning or fault.code in _HOLDING]
    if stopping:
        raise NotOpened(stopping, [])
    definition = definition_of(form)
    wrong = prepare_table(form.resource_id, table_of(definition), user.id if user else "")
    if wrong:
        raise NotOpened([], wrong)
    # what it was before its last changes isn't read with every answer
    form.definition = {"sheets": form.definition["sheets"]}
    form.state, form.changed = State.OPEN.value, now()
    record("form.open", object_type="dataset", object_id=form.package_id, details={"form": form.id})
    _publish(form, user)
    model.Session.commit()


def _publish(form: Form, user: Any) -> None:
    """Make the resource, where it isn't there yet; the form's change is in the same commit."""
    resource = model.Resource.get(form.resource_id)
    if resource is not None and resource.state == "active":
        return
    context: Any = {
        "model": model,
        "session": model.Session,
        "user": user.name if user else "",
        "ignore_auth": True,
        "lrtzc_batch": form.id,
    }
    fields = {"id": form.resource_id, "package_id": form.package_id, "name": form.title, **rows_only()}
    tk.get_action("resource_create")(context, fields)


def close_form(form: Form) -> None:
    """Have a form take no more answers; those that were given stay. Commits."""
    form.state, form.changed = State.CLOSED.value, now()
    record("form.close", object_type="dataset", object_id=form.package_id, details={"form": form.id})
    model.Session.commit()
