"""How a change of transformations is undone: those there were before take their place again."""

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.interfaces import Undo

from .model import Steps


def _state(what: Mapping[str, Any]) -> str:
    kept = Steps.of_resource(what["resource"])
    return str(kept.number if kept else 0)


def _restore(context: Any, what: Mapping[str, Any]) -> None:
    tk.get_action("lrtzc_steps_update")(context, {"resource_id": what["resource"], "steps": what["steps"]})


def _page(what: Mapping[str, Any]) -> str:
    return tk.h.url_for("lrtzc_transforming.show", id=what["dataset"], resource_id=what["resource"])


UNDOS = {"steps.change": Undo(_state, _restore, _page)}
