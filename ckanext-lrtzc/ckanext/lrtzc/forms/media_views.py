"""Files that a form is asked with, by page: given to whoever may be shown the form, who answers or looks after it."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from flask import Response

from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.delivery.api import keep_personal
from ckanext.lrtzc.forms import media
from ckanext.lrtzc.forms.answer_views import answered_by
from ckanext.lrtzc.forms.file_views import given
from ckanext.lrtzc.forms.model import Form


def asked_file(form_id: str, name: str) -> Response:
    """Give a file that a form is asked with."""
    keep_personal()
    found = media.given(_form(form_id)).get(name)
    if found is None:
        tk.abort(404, tk._("There is no such file."))
    return given(found)


def _form(form_id: str) -> Form:
    """Give a form to whoever looks after it, or may be shown its page; refuse others."""
    form = Form.get(form_id)
    try:
        tk.check_access("lrtzc_form_show", request_context(), {"form": form_id})
    except tk.NotAuthorized:
        return answered_by(form_id)
    return form or tk.abort(404, tk._("There is no such form."))
