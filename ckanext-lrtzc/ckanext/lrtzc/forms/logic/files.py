"""Actions on the files that a form is asked with."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import reader, validated
from ckanext.lrtzc.collection.api import FileRefused
from ckanext.lrtzc.forms import media
from ckanext.lrtzc.forms.asking import form_of
from ckanext.lrtzc.forms.logic import schema


def lrtzc_form_file_add(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Give a form one of the files that it names, in place of the one that it had. A form that is open is closed first.

    :param form: the form's identifier
    :param upload: a picture, a sound, a film, or rows in CSV, GeoJSON or XML, called as the form names it
    :returns: `name`, `size` (bytes) and `md5` of what is kept
    :raises ValidationError: where it isn't taken, with the reason
    """
    data = validated(data_dict, schema.file_added(), context)
    tk.check_access("lrtzc_form_file_add", context, data)
    form = form_of(data["form"])
    try:
        kept = media.add(form, data["upload"].filename, data["upload"].stream, _actor(context))
    except FileRefused as error:
        raise tk.ValidationError({"upload": [str(error)]}) from error
    return {"name": kept.name, "size": kept.size, "md5": kept.md5}


def lrtzc_form_file_remove(context: Any, data_dict: dict[str, Any]) -> None:
    """Erase a file that a form is asked with. A form that is open is closed first.

    :param form: the form's identifier
    :param name: the file's name
    """
    data = validated(data_dict, schema.file_removed(), context)
    tk.check_access("lrtzc_form_file_remove", context, data)
    form = form_of(data["form"])
    try:
        removed = media.remove(form, data["name"], _actor(context))
    except FileRefused as error:
        raise tk.ValidationError({"name": [str(error)]}) from error
    if not removed:
        raise tk.ObjectNotFound(tk._("There is no such file."))


def _actor(context: Any) -> str | None:
    user = reader(context)
    return str(user.id) if user else None
