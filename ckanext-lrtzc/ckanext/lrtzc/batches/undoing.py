"""How a change of the moment when data goes in is undone: what was said before holds again."""

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.interfaces import Undo

from .timing import Timing


def _state(what: Mapping[str, Any]) -> str:
    kept = Timing.of_resource(what["resource"])
    return str(kept.revision if kept else 0)


def _restore(context: Any, what: Mapping[str, Any]) -> None:
    tk.get_action("batch_timing_update")(context, {"resource_id": what["resource"], **what["before"]})


def _page(what: Mapping[str, Any]) -> str:
    return tk.h.url_for("lrtzc_batches.timing", id=what["dataset"], resource_id=what["resource"])


UNDOS = {"timing.change": Undo(_state, _restore, _page)}
