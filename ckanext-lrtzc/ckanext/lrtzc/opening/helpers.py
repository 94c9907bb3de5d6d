"""What templates ask of automatic opening."""

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.opening.domain.conditions import Condition


def lrtzc_opening_words(code: str) -> dict[str, str]:
    """Say what a condition asks (`text`), and what to do where it isn't met (`remedy`)."""
    match Condition(code):
        case Condition.DESCRIBED:
            text, remedy = tk._("It is described"), tk._("Fill the fields that are required to publish.")
        case Condition.LICENCE:
            text, remedy = tk._("Its licence is open"), tk._("Choose an open licence, if you may.")
        case Condition.DATA:
            text, remedy = tk._("It has data"), tk._("Send a file.")
        case Condition.RECEIVED:
            text = tk._("Its files are in")
            remedy = tk._("A file waits to be confirmed, is put aside or failed: look at the files received.")
        case Condition.QUALITY:
            text, remedy = (
                tk._("It keeps its rules of quality"),
                tk._("Send data that keeps them, or change the rules."),
            )
        case Condition.MODERATION:
            text, remedy = tk._("Moderators have decided"), tk._("Files wait for their decision.")
        case Condition.OPEN:
            text, remedy = (
                tk._("Nothing of it is held back"),
                tk._("The whole or a file is held back: see who sees it."),
            )
    return {"text": text, "remedy": remedy}
