"""How taking a pseudonym down is undone: it is allowed again."""

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.interfaces import Undo
from ckanext.lrtzc.reward import refusing
from ckanext.lrtzc.reward.domain.pseudonyms import folded


def _state(what: Mapping[str, Any]) -> str:
    return "allowed" if refusing.why(folded(what["pseudonym"])) is None else "refused"


def _allow(context: Any, what: Mapping[str, Any]) -> None:
    tk.get_action("lrtzc_reward_refused_allow")(context, {"pseudonym": what["pseudonym"]})


def _page(_what: Mapping[str, Any]) -> str:
    return tk.h.url_for("lrtzc_reward.refused")


UNDOS = {"reward.take_down": Undo(_state, _allow, _page)}
