"""How answers become rows: each is a small batch of the form's dataset, told apart by the answer's number."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.batches.api import BatchError, ColumnType, Piece, RowBatches, RowColumn, RowTable
from ckanext.lrtzc.forms import attachments
from ckanext.lrtzc.forms.definitions import definition_of
from ckanext.lrtzc.forms.domain import columns
from ckanext.lrtzc.forms.domain.definition import Definition
from ckanext.lrtzc.forms.model import Answer, Form, Invitation
from ckanext.lrtzc.forms.tokens import answer_token
from ckanext.lrtzc.interfaces import Sender
from ckanext.lrtzc.translation import speaking

NAME = "forms"
"""The name of this kind of batch."""


def table_of(definition: Definition) -> RowTable:
    """Give the table that a form's answers make; its texts are in the portal's language."""
    language = str(tk.config["ckan.locale_default"])
    with speaking(language):
        own = {columns.ANSWER: tk._("Number of the answer"), columns.RECEIVED: tk._("Received (UTC)")}
    found = [
        RowColumn(one.name, ColumnType(one.type), one.label or own.get(one.name, ""), one.notes)
        for one in columns.columns_of(definition, language)
    ]
    place = columns.place_of(definition)
    if place is None:
        return RowTable(tuple(found), columns.ANSWER)
    return RowTable(tuple(found), columns.ANSWER, place.column, place.written)


def written(answer_id: str, received: str, values: Mapping[str, str], version: int) -> bytes:
    """Give the raw form of an answer, as JSON.

    :param received: the instant it was first received, ISO 8601 in UTC without its zone
    """
    told = {"answer": answer_id, "received": received, "version": version, "values": dict(values)}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def read(content: bytes) -> dict[str, Any]:
    """Read what `written` gave."""
    found: dict[str, Any] = json.loads(content)
    return found


class AnswerBatches(RowBatches):
    """Batches of one answer each."""

    def table(self, resource_id: str) -> RowTable:
        """Give the table of a form as its definition makes it now. Raises BatchError where the form is gone."""
        return table_of(self._definition(resource_id))

    def rows(self, piece: Piece, content: bytes) -> list[Mapping[str, str]]:
        """Give the row of an answer. Raises BatchError where the form is gone."""
        told = read(content)
        definition = self._definition(piece.resource_id)
        return [columns.row_of(definition, told["answer"], told["received"], told["values"], attachments.address)]

    def sender(self, piece: Piece) -> Sender | None:
        """Give the private page of an answer, and the address of whoever was invited to give it."""
        answer = Answer.get(str(piece.given.get("key", "")))
        if answer is None:
            return None
        invitation = model.Session.get(Invitation, answer.invitation_id) if answer.invitation_id else None
        page = tk.h.url_for("lrtzc_forms.answered", token=answer_token(answer.id))
        return Sender(page, invitation.email if invitation is not None else "")

    def _definition(self, resource_id: str) -> Definition:
        form = Form.of_resource(resource_id)
        if form is None:
            raise BatchError("form_gone")
        return definition_of(form)
