"""The room's door: offer to undo what a person has just done on a page.

    tk.h.flash_success(tk._("The link is taken away."))
    undo.offer("link.delete", ("dataset", source_id), kind=…, source=…, target=…)

The message before it then carries a button. How it is undone is said by the `IUndo` of the room it belongs to.
"""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from flask import flash, has_request_context

from ckanext.lrtzc.interfaces import IUndo, Undo
from ckanext.lrtzc.undo import store

__all__ = ["CATEGORY", "known", "minutes", "offer"]

CATEGORY = "lrtzc-undo"
"""Category of the messages of Flask that hold the word for what was done."""


def known() -> dict[str, Undo]:
    """Give all operations that can be undone, by name."""
    return {name: undo for plugin in p.PluginImplementations(IUndo) for name, undo in plugin.get_undos().items()}


def minutes() -> int:
    """Give for how long an operation may be undone."""
    return int(tk.config[store.MINUTES])


def offer(operation: str, thing: tuple[str, str], **what: Any) -> None:
    """Offer to undo an operation that whoever is signed in has just done; nothing outside a page, or to programs.

    :param operation: its name in the registry, `kind.verb`
    :param thing: type and identifier of what it was done to, as the ledger names it
    :param what: texts, numbers and lists of these that `Undo.apply` needs
    """
    if not has_request_context() or tk.current_user.is_anonymous or tk.request.blueprint == "api":
        return
    if not p.plugin_loaded("lrtzc_undo"):
        return
    done = store.Done(operation, thing, what, known()[operation].state(what))
    if word := store.keep(done, tk.current_user.id):
        flash(word, CATEGORY)
