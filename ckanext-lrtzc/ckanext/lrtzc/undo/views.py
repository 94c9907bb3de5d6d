"""The one address at which operations are undone."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.interfaces import Undo
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.pages import redirect, said
from ckanext.lrtzc.undo import store
from ckanext.lrtzc.undo.api import known, minutes

lrtzc_undo = Blueprint("lrtzc_undo", __name__)


def undo() -> Any:
    """Undo what the form's word stands for, and lead to where one sees it."""
    if tk.current_user.is_anonymous:
        return tk.redirect_to("user.login")
    done = store.take(tk.request.form.get("token", ""), tk.current_user.id)
    way = known().get(done.operation) if done else None
    if done is None or way is None:
        late = tk._("It is too late, or it is undone already: what you do can be undone for {number} minutes.")
        refusal = late.format(number=minutes())
    else:
        refusal = _undo(done, way)
    if refusal or done is None or way is None:
        tk.h.flash_error(refusal)
        return redirect(tk.h.url_for("lrtzc_undo.over"))
    tk.h.flash_success(tk._("It is undone: all is as it was before."))
    return redirect(way.page(done.what))


def _undo(done: store.Done, way: Undo) -> str:
    """Undo it, with its trace in the same transaction; give why not where it can't be."""
    kind, identifier = done.thing
    try:
        if way.state(done.what) != done.state:
            return tk._("It can't be undone any more: it has changed since.")
        record(
            f"{done.operation.partition('.')[0]}.undo",
            object_type=kind,
            object_id=identifier,
            details={"undone": done.operation},
        )
        way.apply(request_context(), done.what)
    except tk.NotAuthorized:
        return tk._("You no longer have the right to undo this.")
    except tk.ObjectNotFound:
        return tk._("It can't be undone any more: what it concerns is gone.")
    except tk.ValidationError as error:
        return tk._("It can't be undone any more: {why}").format(why=said(error))
    finally:
        # What was done is committed by its action; what wasn't leaves no trace.
        model.Session.rollback()
    return ""


def over() -> Any:
    """Say that something wasn't undone, and where to go on."""
    if tk.current_user.is_anonymous:
        return tk.redirect_to("user.login")
    return tk.render("undo/over.html", {"minutes": minutes()})


lrtzc_undo.add_url_rule("/undo", "undo", undo, methods=["POST"])
lrtzc_undo.add_url_rule("/undo/over", "over", over)
