"""Pages on which a form's questions are built. Each press of a button is a round trip that works without a script.

What was typed is on the page again whenever it wasn't kept; what somebody else changed meanwhile is told.
"""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Response

from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.forms import building, building_page, building_words
from ckanext.lrtzc.forms.asking import language
from ckanext.lrtzc.forms.building_page import Opened
from ckanext.lrtzc.forms.domain import building as rows
from ckanext.lrtzc.forms.domain import reading
from ckanext.lrtzc.forms.domain.building import BuildError
from ckanext.lrtzc.forms.domain.questions import QuestionError, new_question, question_of, save
from ckanext.lrtzc.forms.domain.sorts import SORTS
from ckanext.lrtzc.forms.domain.typed import focus_after, pressed, typed_question
from ckanext.lrtzc.forms.domain.workbook import Workbook
from ckanext.lrtzc.forms.model import Form
from ckanext.lrtzc.pages import Answer, page, redirect, said


class _Changed(Exception):
    """The form isn't what the page showed any more."""


def opened(form_id: str) -> Opened:
    """Give a form to those who may change it, as it stands; for others there is none."""
    form = Form.get(form_id)
    try:
        tk.check_access("lrtzc_form_show", request_context(), {"form": form_id})
        if form is not None:
            package = tk.get_action("package_show")(request_context(), {"id": form.package_id})
            return building_page.opened(form, package)
    except (tk.NotAuthorized, tk.ObjectNotFound):
        pass
    tk.abort(404, tk._("There is no such form."))


def _htmx() -> bool:
    return tk.request.headers.get("HX-Request") == "true"


def _answer(name: str, code: int, **variables: Any) -> Answer:
    """Draw a page, or the part of it that changes where a script asks, which takes no part that isn't answered 200."""
    if _htmx():
        return page(f"forms/{name}_part.html", **variables)
    return page(f"forms/{name}.html", code, **variables)


def _keep(now: Opened, sheets: Workbook, done: str) -> None:
    asked = {"form": now.form.id, "version": now.form.version, "sheets": sheets.as_dict()["sheets"], "said": done}
    try:
        tk.get_action("lrtzc_form_build")(request_context(), asked)
    except tk.ValidationError as refusal:
        if "version" in refusal.error_dict:
            raise _Changed from refusal
        raise


def build(form_id: str) -> Answer:
    """Show the questions of a form in order (GET), and change what stands where (POST)."""
    now = opened(form_id)
    if tk.request.method != "POST":
        return _outline(now)
    given = tk.request.form
    verb, _, at = given.get("verb", "").partition(":")
    row = int(at) if at.isdecimal() and len(at) < 7 else 0
    try:
        if given.get("version") != str(now.form.version):
            raise _Changed
        if verb == "delete" and not given.get("sure") and (told := building_page.losses(now, row)):
            asked = rows.item_at(now.items, row)
            return _outline(now, asked=asked, name_asked=building_page.name_of(now, row), losses=told)
        done, row = _done(now, verb, row, given)
    except BuildError as error:
        return _outline(now, 422, error=building_words.error(error.code, ""))
    except tk.ValidationError as refusal:
        return _outline(opened(form_id), 422, error=said(refusal))
    except _Changed:
        told = tk._("Somebody changed the form meanwhile, and nothing of yours was done: here it is as it is now.")
        return _outline(opened(form_id), 409, error=told)
    after = opened(form_id)
    focus = building_page.near(after, row)
    if _htmx():
        return _outline(after, notice=done, focus=focus if row else 0, pressed=verb)
    tk.h.flash_success(done)
    return redirect(tk.h.url_for("lrtzc_forms.build", form_id=form_id, _anchor=f"row-{focus}" if focus else None))


def _done(now: Opened, verb: str, row: int, given: Any) -> tuple[str, int]:
    """Do what a button of the list asks; give what is said of it, and the row to go on from."""
    sheets, definition = now.sheets, now.definition
    name = building_page.name_of(now, row)
    focus = row
    match verb:
        case "up" | "down":
            sheets, focus = rows.move(sheets, definition, row, verb == "down")
            told = tk._("“{question}” is moved.").format(question=name)
        case "duplicate":
            sheets, focus = rows.duplicate(sheets, definition, row)
            told = tk._("“{question}” is copied.").format(question=name)
        case "delete":
            sheets = rows.remove(sheets, definition, row)
            told = tk._("“{question}” is taken away.").format(question=name)
        case "language":
            added = given.get("language", "")
            sheets, focus = rows.add_language(sheets, added), 0
            told = tk._("Texts may be written in “{language}” now.").format(language=" ".join(added.split()))
        case "undo":
            asked = {"form": now.form.id, "version": now.form.version}
            done = tk.get_action("lrtzc_form_unbuild")(request_context(), asked)
            return tk._("Undone: {change}").format(change=done["undone"]), 0
        case _:
            raise BuildError("gone")
    if sheets is not now.sheets:
        _keep(now, sheets, told)
    return told, focus


def _outline(now: Opened, code: int = 200, **more: Any) -> Answer:
    given = {"error": "", "notice": "", "asked": None, "losses": [], "focus": 0, "pressed": "", **more}
    return _answer("build", code, **building_page.outline(now, tk.request.args.get("after", "")), **given)


def question(form_id: str) -> Answer:
    """Show a question, or a new one of a kind (GET); keep it, or do what a button asks without keeping it (POST)."""
    now = opened(form_id)
    if now.is_open:
        return redirect(tk.h.url_for("lrtzc_forms.build", form_id=form_id))
    given = tk.request.values
    try:
        found = _asked(now, given)
    except (BuildError, QuestionError) as error:
        if tk.request.method != "POST":
            code = error.code if isinstance(error, BuildError) else "gone"
            return _outline(now, 404, error=building_words.error(code, ""))
        # somebody took it away: what was typed becomes a new question
        found = building_page.Asked(new_question(now.sheets, now.definition, _sort(given)), None, now.end)
    if tk.request.method != "POST":
        return _question(now, found)
    fields = tk.request.form
    languages = rows.languages_of(now.sheets, now.definition)
    typed = typed_question(fields, found.question, languages, now.kinds)
    go = fields.get("go", "save")
    found.question = pressed(typed, go, fields, now.sheets, now.kinds)
    if go != "save":
        return _question(now, found, go=go, focus=focus_after(go, found.question))
    return _saved(now, found, fields)


def _sort(given: Any) -> Any:
    return SORTS.get(given.get("sort") or given.get("kind", ""), SORTS["text"])


def _asked(now: Opened, given: Any) -> building_page.Asked:
    """Give what the page is about: the question of a row, where it is now, or a new one behind a line."""
    if given.get("row"):
        row = building_page.row_of(now, given.get("row", ""), given.get("was", ""), given.get("version", ""))
        item, found = question_of(now.sheets, now.definition, row)
        return building_page.Asked(found, item, item.row)
    sort = _sort(given)
    after = building_page.after_of(now, given)
    found = new_question(now.sheets, now.definition, sort)
    matrix = building_page.matrix_at(now, after)
    if matrix:
        found.group = matrix
        found.options = building_page.options(now, matrix)
    return building_page.Asked(found, None, after)


def _saved(now: Opened, found: building_page.Asked, fields: Any) -> Answer:
    """Keep a question; where it can't be, show it again with all that was typed, and why."""
    if found.item is None and fields.get("row"):
        told = tk._("Somebody took this question away meanwhile. What you wrote is below: keep it to add it anew.")
        return _question(now, found, 409, error=told)
    if found.item is not None and building_page.seen(now, found.item) != fields.get("seen", ""):
        told = tk._(
            "Somebody changed this question meanwhile. What you wrote is below, and beside it what the form says now: "
            "keep yours, or cancel to leave theirs."
        )
        return _question(now, found, 409, error=told, theirs=found.item)
    try:
        sheets, row = _written(now, found, fields)
    except QuestionError as error:
        errors = {name: building_page.error(now, *what) for name, what in error.errors.items()}
        return _question(now, found, 422, errors=errors)
    except BuildError as error:
        return _question(now, found, 422, error=building_words.error(error.code, ""))
    if wrong := building.new_faults(now.sheets, sheets):
        return _question(now, found, 422, faults=[building_words.fault(fault) for fault in wrong])
    after = reading.look(sheets)[0]
    if not fields.get("sure") and (told := building_page.column_losses(now, after)):
        return _question(now, found, losses=told)
    name = building_page.label_at(sheets, after, row)
    told = tk._("“{question}” is kept.") if found.item else tk._("“{question}” is added.")
    try:
        _keep(now, sheets, told.format(question=name))
    except _Changed:
        return question(now.form.id)
    except tk.ValidationError as refusal:
        return _question(now, found, 422, error=said(refusal))
    tk.h.flash_success(told.format(question=name))
    address = tk.h.url_for("lrtzc_forms.build", form_id=now.form.id, _anchor=f"row-{row}")
    if _htmx():
        answer = Response("")
        answer.headers["HX-Redirect"] = address
        return answer
    return redirect(address)


def _written(now: Opened, found: building_page.Asked, fields: Any) -> tuple[Workbook, int]:
    """Write what was typed, and put it where it was asked to stand."""
    item = found.item
    row = item.row if item else None
    sheets, at = save(now.sheets, now.definition, found.question, row=row, after=found.after)
    to = fields.get("place", "")
    same = fields.get("version") == str(now.form.version)
    if item is not None and same and to.isdecimal() and len(to) < 7 and int(to) >= 1:
        return rows.place(sheets, reading.look(sheets)[0], at, int(to))
    return sheets, at


def _question(now: Opened, found: building_page.Asked, code: int = 200, **more: Any) -> Answer:
    given = {"error": "", "errors": {}, "faults": [], "losses": [], "theirs": None, "go": "", "focus": "", **more}
    if given["error"] or given["errors"] or given["faults"] or given["losses"]:
        given["focus"] = "errors"
    return _answer("build_question", code, **building_page.question(now, found, language()), **given)
