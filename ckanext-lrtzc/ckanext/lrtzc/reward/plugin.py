"""Wiring of the room `lrtzc_reward`."""

from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.interfaces import IPersonalData, IUndo, IWorkspace
from ckanext.lrtzc.reward import blocks, holding, jobs, undoing


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.helpers
class RewardPlugin(IPersonalData, IUndo, IWorkspace, p.IConfigurer, p.ISignal, p.SingletonPlugin):
    """See the package's docstring for what the room is for."""

    def update_config(self, config: Any) -> None:
        """Add the room's templates and style."""
        tk.add_template_directory(config, "templates")
        tk.add_resource("assets", "lrtzc_reward")

    def get_blocks(self) -> dict[str, Any]:
        """Show a person their points in their space."""
        return blocks.BLOCKS

    def get_personal_data(self) -> dict[str, Any]:
        """Declare pseudonyms and what is counted under them."""
        return {"reward": holding.RewardHolding()}

    def get_undos(self) -> Any:
        """Undo taking a pseudonym down."""
        return undoing.UNDOS

    def get_signal_subscriptions(self) -> Any:
        """Hear of the scheduler's looks."""
        return {tk.signals.ckanext.signal("lrtzc:tick"): [jobs.tick]}
