"""Actions of those who answer forms: by page or by program, they go the same way."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import asker, reader, validated
from ckanext.lrtzc.batches.api import reason_of, states_of
from ckanext.lrtzc.forms import answering, wording
from ckanext.lrtzc.forms.asking import answer_of, form_of, giver, language
from ckanext.lrtzc.forms.definitions import definition_of
from ckanext.lrtzc.forms.domain.definition import Node, said
from ckanext.lrtzc.forms.domain.kinds import ASKED, CHOSEN, NESTING
from ckanext.lrtzc.forms.logic import schema
from ckanext.lrtzc.forms.model import Answer, Form
from ckanext.lrtzc.forms.tokens import TokenRefused, answer_token, page_token, read_page_token

_PAGE = 20
_EXPLAINED = ("failed", "quarantined", "rejected")


def _question(node: Node, form: Form, language: str) -> dict[str, Any]:
    found: dict[str, Any] = {"path": node.key, "type": node.kind.value, "label": said(node.label, language)}
    if node.kind in CHOSEN:
        offered = definition_of(form).choices.get(node.list, ())
        found["choices"] = [{"name": one.name, "label": said(one.label, language)} for one in offered]
    return found


@tk.side_effect_free
def lrtzc_form_read(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Read a form to answer it.

    :param form: the form's identifier
    :param invitation: the end of a personal invitation, where the form asks for one
    :returns: `title`, `intro`, `questions` (each with `path`, `type`, `label` and its `choices`), and a `token` that
        serves for one answer
    :raises NotAuthorized: where it takes no answers now, or none of whoever asks
    """
    data = validated(data_dict, schema.read(), context)
    tk.check_access("lrtzc_form_read", context, data)
    form = form_of(data["form"])
    code = answering.standing(form)
    if code == "no_form":
        raise tk.ObjectNotFound(tk._("There is no such form."))
    if code := code or answering.may_answer(form, giver(context, form, data.get("invitation", ""))):
        raise tk.NotAuthorized(wording.refusal(code))
    spoken = language()
    nodes = [node for node in definition_of(form).walk() if node.kind in ASKED | NESTING]
    return {
        "title": form.title,
        "intro": form.intro,
        "questions": [_question(node, form, spoken) for node in nodes],
        "token": page_token(form.id),
    }


def _said(refused: answering.AnswersRefused) -> dict[str, list[str]]:
    return {key: [one.sentence(tk._)] for key, one in refused.judged.refusals.items()}


def lrtzc_form_answer(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Answer a form. What is sent twice with one token counts once.

    :param form: the form's identifier
    :param token: as `lrtzc_form_read` gave it
    :param fields: answers by the path of their question, such as `group/name`, `repeat[0]/name`; a list of names where
        several are chosen; the location of a question in words as `path@address`
    :param invitation: the end of a personal invitation, where the form asks for one
    :returns: `answer`: the end of the private link by which it is followed, corrected and withdrawn
    :raises ValidationError: with what is wrong, by path
    """
    data = validated(data_dict, schema.answer(), context)
    tk.check_access("lrtzc_form_answer", context, data)
    form = form_of(data["form"])
    try:
        token = read_page_token(data["token"], form.id)
        who = giver(context, form, data.get("invitation", ""))
        answer = answering.accept(form, data["fields"], token, who, language())
    except (TokenRefused, answering.Refused) as error:
        raise tk.ValidationError({"form": [wording.refusal(error.code)]}) from error
    except answering.AnswersRefused as error:
        raise tk.ValidationError(_said(error)) from error
    return {"answer": answer_token(answer.id)}


def shown(answer: Answer, form: Form) -> dict[str, Any]:
    """Give what the one who gave an answer is shown of it."""
    state = "withdrawn" if answer.withdrawn else states_of([answer.batch_id]).get(answer.batch_id, "received")
    return {
        "form": form.id,
        "title": form.title,
        "state": state,
        "said": wording.state(state),
        "why": "" if answer.withdrawn else reason_of(answer.batch_id, tk._),
        "created": answer.created.isoformat(),
        "changed": answer.changed.isoformat(),
        "values": answering.values_of(answer) or {},
    }


@tk.side_effect_free
def lrtzc_answer_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Show an answer to whoever has its private link: where it stands, and what it says as long as that is kept.

    :param answer: the end of the private link
    """
    data = validated(data_dict, schema.given(), context)
    tk.check_access("lrtzc_answer_show", context, data)
    return shown(*answer_of(data["answer"]))


@tk.side_effect_free
def lrtzc_answer_list(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """List what whoever asks has answered with their account, the newest first.

    :param page: which page of 20, from 1
    :returns: `answers`, each with `answer` (the end of its private link), `title` of the form, `state`, `said` and
        `why` (in words), `created`, `changed` and `open` (whether it may still be corrected); `more`: whether there
        are others
    """
    data = validated(data_dict, schema.listed(), context)
    tk.check_access("lrtzc_answer_list", context, data)
    user = asker(context)
    found = Answer.of_account(str(user.id), _PAGE + 1, _PAGE * (data.get("page", 1) - 1))
    more, found = len(found) > _PAGE, found[:_PAGE]
    forms = Form.several({one.form_id for one in found})
    states = states_of([one.batch_id for one in found if one.withdrawn is None])
    standing = {form.id: answering.standing(form) for form in forms.values()}
    return {"answers": [_listed(one, forms, states, standing) for one in found], "more": more}


def _listed(answer: Answer, forms: dict[str, Form], states: dict[str, str], standing: dict[str, str]) -> dict[str, Any]:
    state = "withdrawn" if answer.withdrawn else states.get(answer.batch_id, "received")
    form = forms.get(answer.form_id)
    return {
        "answer": answer_token(answer.id),
        "form": answer.form_id,
        "title": form.title if form else "",
        "state": state,
        "said": wording.state(state),
        "why": reason_of(answer.batch_id, tk._) if state in _EXPLAINED else "",
        "created": answer.created.isoformat(),
        "changed": answer.changed.isoformat(),
        "open": answer.withdrawn is None and standing.get(answer.form_id, "no_form") in ("", "full"),
    }


def lrtzc_answer_correct(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Say an answer anew; it is checked and decided on as the first time, then takes its place.

    :param answer: the end of the private link
    :param fields: as for `lrtzc_form_answer`
    """
    data = validated(data_dict, schema.correct(), context)
    tk.check_access("lrtzc_answer_correct", context, data)
    answer, form = answer_of(data["answer"])
    try:
        return shown(answering.correct(form, answer, data["fields"], language()), form)
    except answering.Refused as error:
        raise tk.ValidationError({"answer": [wording.refusal(error.code)]}) from error
    except answering.AnswersRefused as error:
        raise tk.ValidationError(_said(error)) from error


def lrtzc_answer_withdraw(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Take an answer back for good: it leaves the dataset, and what was sent is erased.

    :param answer: the end of the private link
    """
    data = validated(data_dict, schema.given(), context)
    tk.check_access("lrtzc_answer_withdraw", context, data)
    answer, form = answer_of(data["answer"])
    user = reader(context)
    answering.withdraw(form, answer, str(user.id) if user else "")
    return shown(answer, form)
