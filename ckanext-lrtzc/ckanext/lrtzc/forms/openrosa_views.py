"""The addresses that telephones use (OpenRosa 1.0): list of forms, form, manifest, submission.

Each stands below `/openrosa`, `/openrosa/account` (an account, by its name and an API token, RFC 7617) or
`/openrosa/key/<end of an invitation>`, and may be narrowed to a dataset or an organisation.
"""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from ckan.lib import api_token
from flask import Blueprint, Response
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from ckanext.lrtzc.delivery.api import keep_personal
from ckanext.lrtzc.forms import answering, attachments, collecting, media, telephones, wording
from ckanext.lrtzc.forms.asking import giver
from ckanext.lrtzc.forms.collecting import NotTaken
from ckanext.lrtzc.forms.domain import openrosa
from ckanext.lrtzc.forms.domain.tables import ITEMSETS
from ckanext.lrtzc.forms.file_views import given
from ckanext.lrtzc.forms.model import Form, Invitation
from ckanext.lrtzc.forms.telephones import Caller
from ckanext.lrtzc.forms.tokens import read_invitation_token
from ckanext.lrtzc.objects.api import visible_in_sql

lrtzc_openrosa = Blueprint("lrtzc_openrosa", __name__, url_prefix="/openrosa")

_ROOTS = ("", "/account", "/key/<key>")
_SCOPES = ("", "/dataset/<dataset>", "/organization/<organization>")
INSTANCE = "xml_submission_file"
INCOMPLETE = "*isIncomplete*"


class _SignIn(Exception):
    """Whoever asks must say which account they are."""


def _answer(body: bytes, status: int = 200) -> Response:
    answer = Response(body, status, content_type=openrosa.MEDIA_TYPE)
    return _told(answer)


def _told(answer: Response) -> Response:
    answer.headers["X-OpenRosa-Version"] = "1.0"
    answer.headers["X-OpenRosa-Accept-Content-Length"] = str(_most())
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _most() -> int:
    """Give the size of the largest request, in bytes: an instance and one file of the largest size."""
    return attachments.largest() + 2 * collecting.LARGEST


def _said(message: str, status: int, nature: str = "") -> Response:
    return _answer(openrosa.response(message, nature), status)


def _caller(place: dict[str, Any]) -> Caller:
    """Give who asks, by the address and what comes with it. Raises NotTaken, _SignIn."""
    keep_personal()
    if "key" in place:
        number = read_invitation_token(place["key"])
        invitation = model.Session.get(Invitation, number) if number else None
        if invitation is None:
            raise NotTaken(404, tk._("This invitation isn't one of ours, or was taken back."))
        return Caller(invitation=invitation, key=place["key"])
    if tk.request.path.partition("/openrosa")[2].startswith("/account/"):
        given = tk.request.authorization
        if given is None or given.type != "basic" or not given.password:
            raise _SignIn
        user = api_token.get_user_from_token(given.password)
        if user is None or user.state != "active" or (given.username or "").lower() != str(user.name).lower():
            raise _SignIn
        return Caller(user=user)
    return Caller()


def _scope(caller: Caller, place: dict[str, Any]) -> tuple[str, str]:
    """Give the identifiers of the dataset and organisation that an address is narrowed to. Raises NotTaken."""
    if "dataset" in place:
        found = model.Package.get(place["dataset"])
        seen = (
            found is not None
            and model.Session.query(model.Package.id)
            .filter(model.Package.id == found.id, visible_in_sql(caller.context, model.Package))
            .scalar()
        )
        if not seen and caller.invitation is None:
            raise NotTaken(404, tk._("There is no such dataset."))
        return str(found.id) if found is not None else "-", ""
    if "organization" in place:
        group = model.Group.get(place["organization"])
        if group is None or not group.is_organization or group.state != "active":
            raise NotTaken(404, tk._("There is no such organisation."))
        return "", str(group.id)
    return "", ""


def _asked(work: Any) -> Any:
    """Answer telephones in their own words, whatever is wrong."""

    def view(**place: Any) -> Response:
        try:
            return work(_caller(place), place)
        except _SignIn:
            model.Session.rollback()
            answer = _said(tk._("Sign in with the name of your account, and an API token for the password."), 401)
            answer.headers["WWW-Authenticate"] = 'Basic realm="OpenRosa", charset="UTF-8"'
            return answer
        except NotTaken as refused:
            model.Session.rollback()
            return _said(refused.sentence, refused.status, "submit_error" if tk.request.method == "POST" else "")
        except RequestEntityTooLarge:
            most = _most() >> 20
            return _said(tk._("The request is too large: {most} MB at most.").format(most=most), 413, "submit_error")
        except BadRequest:
            return _said(tk._("The request broke off before its end: send it again."), 400, "submit_error")

    view.__doc__ = work.__doc__
    return view


def _at(endpoint: str, place: dict[str, Any], **more: Any) -> str:
    root = tk.request.path.partition("/openrosa")[2]
    named = "account_" if root.startswith("/account/") else ""
    return tk.h.url_for(f"lrtzc_openrosa.{named}{endpoint}", qualified=True, **{**place, **more})


def form_list(caller: Caller, place: dict[str, Any]) -> Response:
    """List the forms that whoever asks may fill in now."""
    package_id, organisation_id = _scope(caller, place)
    asked = tk.request.args
    wanted = asked.get("formID", "").replace("\0", "")
    forms = telephones.open_to(caller, package_id, organisation_id, wanted)
    digests = telephones.digests_of(forms)
    filed = telephones.with_files(forms)
    listed = [
        openrosa.Listed(
            form.id,
            form.title,
            form.version,
            digests[form.id],
            form.intro,
            _at("form", place, form_id=form.id),
            _at("manifest", place, form_id=form.id) if form.id in filed else "",
        )
        for form in forms
    ]
    return _answer(openrosa.form_list(listed, verbose=asked.get("verbose") == "true"))


def _open(caller: Caller, place: dict[str, Any]) -> Form:
    form = Form.get(place["form_id"])
    code = "no_form" if form is None else answering.standing(form)
    if form is None or code:
        raise NotTaken(404 if code == "no_form" else 403, wording.refusal(code))
    if code := answering.may_answer(form, giver(caller.context, form, caller.key)):
        raise NotTaken(403, wording.refusal(code))
    return form


def form(caller: Caller, place: dict[str, Any]) -> Response:
    """Give the XForm of a form to whoever may fill it in."""
    return _answer(telephones.content_of(_open(caller, place)).encode())


def manifest(caller: Caller, place: dict[str, Any]) -> Response:
    """Name the files that go with a form, for whoever may fill it in."""
    files = telephones.files_of(_open(caller, place))
    told = [(name, digest, _at("media_file", place, name=name)) for name, digest in files.items()]
    return _answer(openrosa.manifest(told))


def media_file(caller: Caller, place: dict[str, Any]) -> Response:
    """Give a file that goes with a form to whoever may fill it in."""
    form, name = _open(caller, place), place["name"]
    if name == ITEMSETS:
        content = telephones.itemsets_of(form)
        if content:
            return _told(Response(content.encode(), content_type="text/csv; charset=utf-8"))
    found = media.given(form).get(name)
    if found is None:
        raise NotTaken(404, tk._("There is no such file."))
    return _told(given(found))


def submission(caller: Caller, place: dict[str, Any]) -> Response:
    """Take an answer (POST), or say how much may be sent at once (HEAD)."""
    package_id, _organisation = _scope(caller, place)
    if tk.request.method != "POST":
        return _told(Response(status=204))
    tk.request.max_content_length = _most()
    files = tk.request.files
    root = collecting.instance_of(files.get(INSTANCE))
    uploads = [upload for name, upload in files.items(multi=True) if name not in (INSTANCE, INCOMPLETE)]
    complete = tk.request.form.get(INCOMPLETE, "no").lower() != "yes"
    taken = collecting.take(caller, root, uploads, complete=complete, package_id=package_id)
    if taken.complete:
        told = tk._("Thank you, your answer is kept.")
    else:
        told = tk._("A part of the answer is kept: the rest is waited for.")
    if taken.left:
        names = ", ".join(taken.left)[:300]
        told += " " + tk._("These files aren't named by the answer, and weren't kept: {names}.").format(names=names)
    return _said(told, 201, "submit_success")


_views = {view.__name__: _asked(view) for view in (form_list, form, manifest, media_file, submission)}
for _root in _ROOTS:
    _named = "account_" if _root == "/account" else ""
    for _scoped in _SCOPES:
        for _rule, _name in (
            ("/formList", "form_list"),
            ("/forms/<form_id>.xml", "form"),
            ("/forms/<form_id>/manifest", "manifest"),
            ("/forms/<form_id>/media/<name>", "media_file"),
            ("/submission", "submission"),
        ):
            lrtzc_openrosa.add_url_rule(
                f"{_root}{_scoped}{_rule}",
                f"{_named}{_name}",
                _views[_name],
                methods=["GET", "POST"] if _name == "submission" else ["GET"],
            )
