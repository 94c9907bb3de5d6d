"""Forms that the portal itself brings, such as sample content: made, opened and answered at once."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
from werkzeug.datastructures import FileStorage

from ckanext.lrtzc.collection.api import FileRefused
from ckanext.lrtzc.forms import answering, attachments
from ckanext.lrtzc.forms.answering import AnswersRefused, Giver, Refused
from ckanext.lrtzc.forms.definitions import definition_of
from ckanext.lrtzc.forms.domain.answers import as_fields
from ckanext.lrtzc.forms.model import Answer, Form

Given = tuple[Mapping[str, str], Mapping[str, Path]]
"""An answer: values as they are kept (chosen names parted by spaces), and its files, both by path."""


def show_form(
    author: str, package: str, given: Mapping[str, Any], files: Sequence[Path], answers: Sequence[Given]
) -> None:
    """Make a form that is open to everyone, with its answers; what was made before a fault is gone on with.

    :param author: name of an account that may change the dataset
    :param package: name of the dataset
    :param given: `title`, `intro` and `sheets`, as `lrtzc_form_build` takes them
    :param files: those that its questions name
    :raises ValidationError: where something of it isn't taken, in words
    """
    context: Any = {"user": author}
    dataset = tk.get_action("package_show")(dict(context), {"id": package})
    known = [one for one in Form.of_package(dataset["id"]) if one.title == given["title"]]
    if known:
        form_id = known[0].id
    else:
        form_id = tk.get_action("lrtzc_form_create")(dict(context), {"id": package, "title": given["title"]})["id"]
    form = _form(form_id)
    if form.state != "open":
        _made(form, context, given, files)
    for number, (values, held) in enumerate(answers):
        try:
            _answered(_form(form_id), f"sample {number}", values, held)
        except (FileRefused, Refused) as error:
            raise tk.ValidationError({f"answer {number}": [str(error)]}) from error
        except AnswersRefused as error:
            told = {key: [one.sentence(tk._)] for key, one in error.judged.refusals.items()}
            raise tk.ValidationError(told) from error


def _made(form: Form, context: Any, given: Mapping[str, Any], files: Sequence[Path]) -> None:
    asked = {"form": form.id, "version": form.version, "sheets": given["sheets"]}
    tk.get_action("lrtzc_form_build")(dict(context), asked)
    tk.get_action("lrtzc_form_update")(dict(context), {"form": form.id, "intro": given.get("intro", "")})
    for path in files:
        upload = FileStorage(io.BytesIO(path.read_bytes()), filename=path.name)
        tk.get_action("lrtzc_form_file_add")(dict(context), {"form": form.id, "upload": upload})
    tk.get_action("lrtzc_form_open")(dict(context), {"form": form.id})


def _form(form_id: str) -> Form:
    form = Form.get(form_id)
    if form is None:
        raise tk.ValidationError({"form": [tk._("There is no such form.")]})
    return form


def _answered(form: Form, token: str, values: Mapping[str, str], held: Mapping[str, Path]) -> None:
    """Answer a form as nobody known; an answer that was given before is left."""
    if Answer.sent_from(form.id, token) is not None:
        return
    fields = as_fields(values, definition_of(form))
    for key, path in held.items():
        with path.open("rb") as stream:
            fields[key] = [attachments.said(attachments.take(form, token, key, stream, path.name))]
    answering.accept(form, fields, token, Giver(), str(tk.config["ckan.locale_default"]))
