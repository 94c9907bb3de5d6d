"""What forms and answers are said to be, in words."""

from __future__ import annotations

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.forms.domain.faults import Fault


def refusal(code: str) -> str:
    """Say why a form isn't answered."""
    return {
        "no_form": tk._("There is no such form, or it isn't open yet."),
        "closed": tk._("This form is closed: it takes no more answers."),
        "not_yet": tk._("This form isn't open yet."),
        "over": tk._("The date until which this form took answers has passed."),
        "corrected": tk._("This answer was corrected since by another one: correct that one."),
        "not_yours": tk._("The answer that this one corrects isn't known here as yours: send that one first."),
        "no_author": tk._("An answer given without account or invitation is corrected by its private link only."),
        "full": tk._("This form has been given all the answers that it asks for."),
        "owners_only": tk._("Only those who look after the dataset answer this form."),
        "invited_only": tk._("This form is for people who were invited: use the link of your invitation."),
        "once": tk._("You have answered already: this form takes one answer of each person."),
        "withdrawn": tk._("This answer was withdrawn."),
        "forged": tk._("This page isn't one that was given to you for this form: send your answer from here."),
        "expired": tk._("This page had been open for too long: look your answers through, and send them again."),
        "hasty": tk._("This came back sooner than a person answers: look your answers through, and send them again."),
        "trapped": tk._("A field that people leave empty was filled in: empty it, and send your answers again."),
        "used": tk._("An answer was sent from this page already: open the form anew to send another."),
        "changed": tk._("The form was changed since you opened it: look your answers through, and send them again."),
    }[code]


def state(code: str) -> str:
    """Say where an answer stands, by the state of its batch."""
    return {
        "received": tk._("Received: it will be looked at in a moment."),
        "analysed": tk._("Received: it will be looked at in a moment."),
        "confirmed": tk._("Received: it waits to be brought into the dataset."),
        "loading": tk._("Received: it is being brought into the dataset."),
        "integrated": tk._("Accepted: it is in the dataset."),
        "quarantined": tk._("Put aside: those who look after the dataset will decide."),
        "waiting": tk._("Received: it waits for moderators."),
        "rejected": tk._("Rejected by moderators: it isn't in the dataset."),
        "failed": tk._("Not taken into the dataset."),
        "withdrawn": tk._("Withdrawn: it was taken out of the dataset and erased."),
    }.get(code, tk._("Received: those who look after the dataset will decide."))


def form_state(code: str) -> str:
    """Say where a form stands."""
    return {"draft": tk._("Draft"), "open": tk._("Open"), "closed": tk._("Closed")}[code]


def use(code: str) -> str:
    """Say what a file that a form is asked with is for."""
    return {
        "image": tk._("Picture"),
        "audio": tk._("Sound"),
        "video": tk._("Film"),
        "data": tk._("Choices or values"),
    }.get(code, tk._("Named by no question any more"))


def openness(code: str) -> str:
    """Say who may answer."""
    return {
        "everyone": tk._("Everyone, without an account"),
        "invited": tk._("The people you invite by e-mail"),
        "owner": tk._("Those who may change the dataset"),
    }[code]


def fault(found: Fault) -> str:
    """Say what is wrong with a definition, and where: sheet and row of the workbook."""
    sentence = found.sentence(tk._)
    if found.sheet and found.row:
        return tk._("Sheet “{sheet}”, row {row}: {sentence}").format(
            sheet=found.sheet, row=found.row, sentence=sentence
        )
    if found.sheet:
        return tk._("Sheet “{sheet}”: {sentence}").format(sheet=found.sheet, sentence=sentence)
    return sentence
