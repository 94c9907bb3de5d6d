"""Files of answers by page: taken with the page that sends them, given out by the decision or to who answered."""

from __future__ import annotations

from collections.abc import Mapping

import ckan.plugins.toolkit as tk
import file_keeper as fk
from flask import Response

from ckanext.lrtzc.access.api import AccessRefused, Action, record_use, require
from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.batches.api import names_in_row
from ckanext.lrtzc.collection.api import FileRefused
from ckanext.lrtzc.delivery.api import keep_personal
from ckanext.lrtzc.forms import attachments, filing
from ckanext.lrtzc.forms.asking import answer_of
from ckanext.lrtzc.forms.definitions import definition_of
from ckanext.lrtzc.forms.domain import columns
from ckanext.lrtzc.forms.domain.faults import Refusal
from ckanext.lrtzc.forms.domain.instances import without_places
from ckanext.lrtzc.forms.model import Answer, File, Form, Media

PREFIX = "q/"
"""How the names of the fields of questions begin."""
REMOVED = "@removed"
"""How the name of the field ends that takes a file away."""
#: What a file may do that a browser opens by itself: nothing.
_INERT = "default-src 'none'; sandbox"


def with_files(
    form: Form, fields: Mapping[str, list[str]], page: str
) -> tuple[dict[str, list[str]], dict[str, Refusal]]:
    """Give fields with the files that the page brings, and what is wrong with those that aren't taken.

    :param page: the name of the page that is sent, without which nothing is kept
    """
    asked = attachments.questions(definition_of(form))
    found, refused = dict(fields), dict[str, Refusal]()
    if not asked:
        return found, refused
    for key in [key for key in found if key.endswith(REMOVED)]:
        if found.pop(key) == ["yes"]:
            found[key.removesuffix(REMOVED)] = [""]
    brought = [
        (name.removeprefix(PREFIX), upload)
        for name, upload in tk.request.files.items()
        if upload.filename and name.startswith(PREFIX) and without_places(name.removeprefix(PREFIX)) in asked
    ]
    if not brought:
        return found, refused
    if not page:
        return found, {key: Refusal("no_file") for key, _upload in brought}
    known = Answer.sent_from(form.id, page)
    if known is not None:
        # sent twice: the files are those of the first time
        told = {key: upload.filename or "" for key, upload in brought}
        return found | attachments.as_sent(form, told, attachments.of_answer(known.id))[0], refused
    for key, upload in brought:
        try:
            file = attachments.take(form, page, key, upload.stream, upload.filename or "")
            found[key] = [attachments.said(file)]
        except FileRefused as error:
            found[key] = [""]
            refused[key] = Refusal("no_file", said=str(error))
    return found, refused


def own_file(token: str, file_id: str) -> Response:
    """Give a file of an answer to whoever has its private link."""
    keep_personal()
    try:
        answer, _form = answer_of(token)
    except tk.ObjectNotFound as error:
        tk.abort(404, str(error))
    file = _file(file_id)
    if file is None or file.answer_id != answer.id or answer.withdrawn is not None:
        tk.abort(404, tk._("There is no such file."))
    return given(file)


def file(file_id: str, name: str) -> Response:
    """Give a file that a row names to those who may read all of the dataset, any to those who may change it."""
    keep_personal()
    found = _file(file_id)
    form = Form.get(found.form_id) if found is not None else None
    if found is None or form is None or not found.answer_id:
        tk.abort(404, tk._("There is no such file."))
    try:
        tk.check_access("lrtzc_form_show", request_context(), {"form": form.id})
    except tk.NotAuthorized:
        _decided(form, found)
    return given(found)


def _decided(form: Form, found: File) -> None:
    """Ask the access decision; what waits for moderators, was rejected or replaced is in no row, so for nobody."""
    try:
        decision = require(request_context(), form.package_id, form.resource_id, Action.READ, whole=True)
    except AccessRefused as refused:
        if refused.findable:
            raise
        tk.abort(404, tk._("There is no such file."))
    except tk.ObjectNotFound:
        tk.abort(404, tk._("There is no such file."))
    address = attachments.address(attachments.said(found))
    if not names_in_row(form.resource_id, columns.ANSWER, str(found.answer_id), address):
        tk.abort(404, tk._("There is no such file."))
    record_use(decision, form.resource_id, Action.READ, by="file of an answer")


def _file(file_id: str) -> File | None:
    return None if "\0" in file_id else File.get(file_id)


def given(found: File | Media) -> Response:
    """Give a file as one to be kept, which no browser opens by itself in the portal's name."""
    try:
        answer = Response(filing.parts(found), mimetype=found.mimetype)
    except fk.exc.MissingFileError:
        tk.abort(404, tk._("This file is no longer in store."))
    answer.headers["Content-Length"] = str(found.size)
    answer.headers.set("Content-Disposition", "attachment", filename=found.name)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = _INERT
    answer.headers["Cache-Control"] = "no-cache"
    return answer
