"""Pages of those who answer: the form, and the private page of an answer. All of it works without a script.

Questions that others call for are shown as soon as they do: “Continue” and sending judge what is answered so far.
"""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Response, jsonify

from ckanext.lrtzc.access.api import decide
from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.clock import local_now
from ckanext.lrtzc.delivery.api import keep_personal
from ckanext.lrtzc.forms import answering, attachments, wording
from ckanext.lrtzc.forms.answering import AnswersRefused, Refused
from ckanext.lrtzc.forms.asking import answer_of, giver, language
from ckanext.lrtzc.forms.definitions import definition_of
from ckanext.lrtzc.forms.domain import answers
from ckanext.lrtzc.forms.domain.answers import Shown
from ckanext.lrtzc.forms.domain.faults import Refusal
from ckanext.lrtzc.forms.domain.kinds import ASKED, Kind
from ckanext.lrtzc.forms.file_views import PREFIX, with_files
from ckanext.lrtzc.forms.logic.answers import shown as answer_shown
from ckanext.lrtzc.forms.model import Answer as Given
from ckanext.lrtzc.forms.model import Form
from ckanext.lrtzc.forms.tokens import (
    KEPT,
    TokenRefused,
    answer_token,
    kept_name,
    page_token,
    read_answer_token,
    read_page_token,
)
from ckanext.lrtzc.pages import Answer, page, redirect, sign_in_first

TRAP = "website"
"""A field that people don't see, and programs fill in."""


def _fields(form: Form) -> tuple[dict[str, list[str]], dict[str, Refusal]]:
    """Give what was filled in, files too, and what is wrong with those that aren't taken."""
    given = tk.request.form
    fields = {name.removeprefix(PREFIX): given.getlist(name) for name in given if name.startswith(PREFIX)}
    return with_files(form, fields, _page_name(form))


def _repeated(fields: dict[str, list[str]], asked: str) -> dict[str, list[str]]:
    """Give the fields once a repeat was added (`add:key:place`) or taken away (`remove:key:place`)."""
    verb, _, rest = asked.partition(":")
    key, _, place = rest.rpartition(":")
    if not key or not place.isdecimal() or len(place) > 4:
        return fields
    if verb == "add":
        return {**fields, f"{key}[{int(place)}]": [""]}
    return answers.without(fields, key, int(place))


def _errors(some: list[Shown]) -> list[Shown]:
    found: list[Shown] = []
    for one in some:
        found += [one] if one.refusal is not None else []
        found += _errors(one.children)
    return found


def _judged(
    form: Form, fields: dict[str, list[str]], refused: dict[str, Refusal] | None = None, *, complete: bool = False
) -> answers.Answer:
    at = local_now()
    return answers.judge(definition_of(form), fields, at, language(), complete=complete, refused=refused)


def _page(form: Form, judged: answers.Answer, code: int = 200, **more: Any) -> Answer:
    errors = _errors(judged.shown) if more.pop("tell", code == 422) else []
    if not errors:
        for one in _walk(judged.shown):
            one.refusal = None
    definition = definition_of(form)
    given = {"preview": False, "notice": "", "error": "", "invitation": "", "answer": None, **more}
    conditional = any(node.relevant is not None or node.choice_filter is not None for node in definition.walk())
    telling = any(
        (node.kind in ASKED and node.label and not node.given) or "${" in "".join(node.label.values())
        for node in definition.walk()
    )
    return page(
        "forms/fill.html",
        code,
        form=form,
        shown=judged.shown,
        errors=errors,
        token=_page_token(form, tk.request.form.get("token", "")),
        conditional=conditional,
        live=conditional or telling,
        kept=kept_name(tk.request.form.get("kept", "")).removeprefix(KEPT),
        multipart=bool(attachments.questions(definition)),
        kinds=Kind,
        prefix=PREFIX,
        trap=TRAP,
        **given,
    )


def _page_token(form: Form, given: str) -> str:
    """Give the token of the page that was sent as long as it serves, else another: to send it twice is known."""
    try:
        read_page_token(given, form.id)
    except TokenRefused:
        return page_token(form.id)
    return given


def _page_name(form: Form) -> str:
    """Give the name of the page that was sent, by which its files are known; nothing where it isn't ours."""
    given = tk.request.form
    try:
        name = read_page_token(given.get("token", ""), form.id)
    except TokenRefused:
        return ""
    return kept_name(given.get("kept", "")) or name


def _walk(some: list[Shown]) -> list[Shown]:
    return [each for one in some for each in [one, *_walk(one.children)]]


def _refusal(form: Form | None, code: str) -> Answer:
    status = 404 if code == "no_form" else 403
    return page("forms/shut.html", status, form=None if code == "no_form" else form, said=wording.refusal(code))


def fill(form_id: str) -> Answer:
    """Show a form to whoever may answer it (GET), and take the answer (POST)."""
    keep_personal()
    form = Form.get(form_id)
    if form is None:
        return _refusal(None, "no_form")
    invitation = tk.request.values.get("invitation", "")
    who = giver(request_context(), form, invitation)
    code = answering.standing(form)
    preview = code in ("no_form", "closed") and who.owner
    if not preview and (code := code or answering.may_answer(form, who)):
        return _refusal(form, code)
    more: dict[str, Any] = {"preview": preview, "invitation": invitation}
    if tk.request.method != "POST":
        return _page(form, _judged(form, {}), **more)
    return _filled(form, who, more)


def _filled(form: Form, who: answering.Giver, more: dict[str, Any]) -> Answer:
    fields, refused = _fields(form)
    asked = tk.request.form.get("verb", "send")
    if asked.startswith(("add:", "remove:")):
        return _page(form, _judged(form, _repeated(fields, asked)), **more)
    sends = asked != "continue" and not refused and not more["preview"]
    judged = _judged(form, fields, refused, complete=sends)
    if asked == "continue":
        return _page(form, judged, tell=bool(judged.refusals), **more)
    if refused:
        return _page(form, judged, 422, **more)
    if unseen := [key for key in judged.keys if key not in fields]:
        # what only follows now isn't missing yet
        judged = _judged(form, fields)
        told = tk.ungettext(
            "{n} more question follows from your answers.", "{n} more questions follow from your answers.", len(unseen)
        )
        return _page(form, judged, tell=bool(judged.refusals), notice=told.format(n=len(unseen)), **more)
    if more["preview"]:
        return _page(form, judged, notice=tk._("This is how it looks: nothing was kept."), **more)
    try:
        token = _token(form, who)
        answer = answering.accept(form, fields, token, who, language(), judged=judged)
    except (Refused, TokenRefused) as error:
        return _page(form, judged, 422, tell=False, error=wording.refusal(error.code), **more)
    except AnswersRefused as error:
        return _page(form, error.judged, 422, **more)
    return redirect(tk.h.url_for("lrtzc_forms.answered", token=answer_token(answer.id)))


def _token(form: Form, who: answering.Giver) -> str:
    """Give the name of the page that was sent; who can't be told from a program is asked again."""
    given = tk.request.form
    if given.get(TRAP):
        raise Refused("trapped")
    known = bool(who.account or who.invitation)
    soonest = 0 if known else int(tk.config["ckanext.lrtzc.forms.soonest"])
    token = read_page_token(given.get("token", ""), form.id, soonest=soonest)
    token = kept_name(given.get("kept", "")) or token
    if given.get("version") != str(form.version) and Given.sent_from(form.id, token) is None:
        raise Refused("changed")
    return token


def send(form_id: str) -> Response:
    """Take an answer from a page that keeps what can't be sent; what is sent twice counts once, as by `fill`.

    Says in JSON at which `address` the answer is followed, or by `code` and `said` why it isn't taken: a code of
    `wording.refusal`, or `answers` and `more` where the person has to look at their answers again.
    """
    keep_personal()
    form = Form.get(form_id)
    if form is None:
        return _told("no_form", 404)
    who = giver(request_context(), form, tk.request.form.get("invitation", ""))
    fields, refused = _fields(form)
    judged = _judged(form, fields, refused, complete=True)
    try:
        token = _token(form, who)
        if refused:
            raise AnswersRefused(judged)
        if any(key not in fields for key in judged.keys) and Given.sent_from(form.id, token) is None:
            return _told("more", 422, tk._("More questions follow from these answers: look them through."))
        answer = answering.accept(form, fields, token, who, language(), judged=judged)
    except (Refused, TokenRefused) as error:
        return _told(error.code, 422)
    except AnswersRefused as error:
        count = len(error.judged.refusals)
        said = tk.ungettext("{n} answer is to be looked at.", "{n} answers are to be looked at.", count)
        return _told("answers", 422, said.format(n=count))
    response = jsonify(address=tk.h.url_for("lrtzc_forms.answered", token=answer_token(answer.id)))
    response.status_code = 201
    return response


def _told(code: str, status: int, said: str = "") -> Response:
    response = jsonify(code=code, said=said or wording.refusal(code))
    response.status_code = status
    return response


def follow(form_id: str) -> Answer:
    """Give the questions as they concern the answers so far, for a page that is filled in; nothing is kept."""
    keep_personal()
    form = answered_by(form_id)
    judged = _judged(form, _fields(form)[0])
    for one in _walk(judged.shown):
        one.refusal = None
    asked = tk.request.form
    given = {"invitation": asked.get("invitation", ""), "answer": asked.get("answer", "")}
    return page("forms/followed.html", form=form, shown=judged.shown, kinds=Kind, prefix=PREFIX, **given)


def fresh(form_id: str) -> Answer:
    """Give what a page that has been open for long must send anew: its token, and that of the session."""
    keep_personal()
    form = answered_by(form_id)
    return page("forms/fresh.html", form=form, token=_page_token(form, tk.request.args.get("token", "")))


def answered_by(form_id: str) -> Form:
    """Give a form to whoever may answer it now, correct an answer to it, or look after it; refuse others."""
    form = Form.get(form_id)
    if form is None:
        tk.abort(404, wording.refusal("no_form"))
    who = giver(request_context(), form, tk.request.values.get("invitation", ""))
    code = answering.standing(form)
    corrected = read_answer_token(tk.request.values.get("answer", ""))
    answer = Given.get(corrected) if corrected else None
    theirs = answer is not None and answer.form_id == form.id and code in ("", "full")
    preview = code in ("no_form", "closed") and who.owner
    if not theirs and not preview and (code := code or answering.may_answer(form, who)):
        tk.abort(403, wording.refusal(code))
    return form


def _own(token: str) -> tuple[Given, Form]:
    keep_personal()
    try:
        return answer_of(token)
    except tk.ObjectNotFound as error:
        tk.abort(404, str(error))


def answered(token: str) -> Answer:
    """Show where an answer stands to whoever has its private link (GET); take it back (POST)."""
    answer, form = _own(token)
    if tk.request.method == "POST":
        tk.get_action("lrtzc_answer_withdraw")(request_context(), {"answer": token})
        tk.h.flash_success(tk._("Your answer is withdrawn and erased."))
        return redirect(tk.h.url_for("lrtzc_forms.answered", token=token))
    told = answer_shown(answer, form)
    judged = _judged(form, answers.as_fields(told["values"], definition_of(form)))
    return page(
        "forms/answered.html",
        answer=told,
        form=form,
        token=token,
        kinds=Kind,
        shown=judged.shown if told["values"] else [],
        address=tk.h.url_for("lrtzc_forms.answered", token=token, qualified=True),
        open=answering.standing(form) in ("", "full"),
        results=decide(request_context(), form.package_id, form.resource_id).permitted,
    )


def correct(token: str) -> Answer:
    """Say an answer anew (POST), from what it says now (GET)."""
    answer, form = _own(token)
    code = "withdrawn" if answer.withdrawn else answering.standing(form)
    values = answering.values_of(answer)
    if code not in ("", "full") or values is None:
        return _refusal(form, code if code not in ("", "full") else "withdrawn")
    more: dict[str, Any] = {"answer": token}
    if tk.request.method != "POST":
        return _page(form, _judged(form, answers.as_fields(values, definition_of(form))), **more)
    fields, refused = _fields(form)
    asked = tk.request.form.get("verb", "send")
    if asked.startswith(("add:", "remove:")):
        return _page(form, _judged(form, _repeated(fields, asked)), **more)
    judged = _judged(form, fields, refused)
    unseen = [key for key in judged.keys if key not in fields]
    if asked == "continue" or unseen or refused:
        return _page(form, judged, tell=bool(judged.refusals), **more)
    try:
        answering.correct(form, answer, fields, language(), _page_name(form))
    except Refused as error:
        return _page(form, judged, 422, tell=False, error=wording.refusal(error.code), **more)
    except AnswersRefused as error:
        return _page(form, error.judged, 422, **more)
    tk.h.flash_success(tk._("Your correction is received."))
    return redirect(tk.h.url_for("lrtzc_forms.answered", token=token))


def contributions() -> Answer:
    """List what whoever is signed in has answered, with where each stands."""
    keep_personal()
    if (refused := sign_in_first()) is not None:
        return refused
    number = tk.request.args.get("page", "1")
    place = max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1
    found = tk.get_action("lrtzc_answer_list")(request_context(), {"page": place})
    return page("forms/contributions.html", place=place, **found)
