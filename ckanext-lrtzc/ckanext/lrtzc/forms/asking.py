"""Who asks, and for which form or answer."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from flask import has_request_context

from ckanext.lrtzc.asking import reader
from ckanext.lrtzc.forms.answering import Giver
from ckanext.lrtzc.forms.model import Answer, Form, Invitation
from ckanext.lrtzc.forms.tokens import read_answer_token, read_invitation_token


def language() -> str:
    """Give the language of the page that is asked for; the portal's where none is."""
    return str((tk.h.lang() if has_request_context() else "") or tk.config["ckan.locale_default"])


def form_of(form_id: str) -> Form:
    """Give a form. Raises ObjectNotFound."""
    form = Form.get(form_id)
    if form is None:
        raise tk.ObjectNotFound(tk._("There is no such form."))
    return form


def answer_of(token: str) -> tuple[Answer, Form]:
    """Give the answer that a private link leads to, and its form. Raises ObjectNotFound."""
    found = read_answer_token(token)
    answer = Answer.get(found) if found else None
    form = Form.get(answer.form_id) if answer is not None else None
    if answer is None or form is None:
        raise tk.ObjectNotFound(tk._("There is no such answer."))
    return answer, form


def giver(context: Any, form: Form, invitation: str = "") -> Giver:
    """Give who answers a form: by their account, or by the end of a personal invitation."""
    user = reader(context)
    number = read_invitation_token(invitation) if invitation else None
    found = model.Session.get(Invitation, number) if number else None
    if user is None:
        return Giver(invitation=found)
    owner = True
    try:
        tk.check_access("package_update", tk.fresh_context(context), {"id": form.package_id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        owner = False
    return Giver(str(user.id), str(user.email or ""), found, owner)
