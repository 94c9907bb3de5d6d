"""What the portal does by itself, for administrators and their programs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import validated
from ckanext.lrtzc.interfaces import Chain, IOrchestrated, Work
from ckanext.lrtzc.orchestration.domain.arranging import arranged

__all__ = ["lrtzc_orchestration_show"]

MOST = 50


@dataclass(frozen=True)
class _Piece:
    kind: str
    work: Work

    @property
    def stand(self) -> str:
        return self.work.stand.value

    @property
    def moment(self) -> datetime:
        return self.work.moment

    def told(self) -> dict[str, Any]:
        work = self.work
        said = {"kind": self.kind, "title": work.title, "said": work.said, "url": work.url}
        return {**said, "stand": self.stand, "moment": self.moment.isoformat()}


def chains() -> dict[str, Chain]:
    """Give all kinds of work by name, in the order of the plug-ins."""
    return {name: chain for room in p.PluginImplementations(IOrchestrated) for name, chain in room.get_chains().items()}


def _known(value: Any) -> str:
    if not isinstance(value, str) or value not in chains():
        raise tk.Invalid(tk._("There is no such kind of work."))
    return value


@tk.side_effect_free
def lrtzc_orchestration_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Say what waits for a person, what goes on and comes next, what failed and what ran; administrators only.

    :param of: only one kind of work, by its name among `kinds`
    :returns: `kinds`: names and titles; `person`, `coming`, `failed`, `done`: 50 pieces of work each at most, as
        `kind`, `title`, `said`, `stand`, `moment` (ISO 8601), `url`
    """
    tk.check_access("lrtzc_orchestration_show", context, data_dict)
    ignore, empty = tk.get_validator("ignore_missing"), tk.get_validator("ignore_empty")
    schema = {"of": [ignore, empty, _known], "__extras": [tk.get_validator("ignore")]}
    chosen = validated(data_dict, schema, context).get("of")
    known = chains()
    found = [_Piece(name, work) for name, chain in known.items() if chosen in (None, name) for work in chain.read(MOST)]
    return {
        "kinds": {name: chain.title() for name, chain in known.items()},
        **{part.value: [piece.told() for piece in pieces] for part, pieces in arranged(found, MOST).items()},
    }
