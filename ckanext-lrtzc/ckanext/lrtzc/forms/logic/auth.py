"""Who may do what with forms: those who may change the dataset; answers belong to whoever has their private link."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import AuthResult, everybody, signed_in
from ckanext.lrtzc.forms.model import Form

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


def _may_change(context: Any, package_id: Any) -> AuthResult:
    refused = {"success": False, "msg": tk._("You may not change this dataset.")}
    if not isinstance(package_id, str) or not package_id or "\0" in package_id:
        return refused
    try:
        tk.check_access("package_update", tk.fresh_context(context), {"id": package_id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return refused
    return {"success": True}


def lrtzc_form_create(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Those who may change the dataset."""
    return _may_change(context, data_dict.get("id"))


lrtzc_form_list = lrtzc_form_create


def lrtzc_form_show(context: Any, data_dict: dict[str, Any]) -> AuthResult:
    """Those who may change the dataset of the form."""
    named = data_dict.get("form")
    form = Form.get(named) if isinstance(named, str) else None
    return _may_change(context, form.package_id if form is not None else None)


lrtzc_form_update = lrtzc_form_define = lrtzc_form_open = lrtzc_form_close = lrtzc_form_delete = lrtzc_form_show
lrtzc_form_invite = lrtzc_form_uninvite = lrtzc_form_build = lrtzc_form_unbuild = lrtzc_form_show
lrtzc_form_file_add = lrtzc_form_file_remove = lrtzc_form_show

# The action asks who may answer; what a page of a form shows, its owner wrote for those who answer.
lrtzc_form_read = lrtzc_form_answer = everybody
# The action asks for the answer's private link.
lrtzc_answer_show = lrtzc_answer_correct = lrtzc_answer_withdraw = everybody
# One's own.
lrtzc_answer_list = signed_in
