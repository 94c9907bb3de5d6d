"""Wiring of the room `lrtzc_moderation`."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.accounts.api import GONE
from ckanext.lrtzc.interfaces import Function, IFunctions, IWorkspace, Waiting
from ckanext.lrtzc.moderation import gone, listing, upkeep


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.helpers
class ModerationPlugin(IFunctions, IWorkspace, p.IConfigurer, p.ISignal, p.SingletonPlugin):
    """See the package's docstring for what the room is for."""

    def update_config(self, config):
        """Add the room's templates."""
        tk.add_template_directory(config, "templates")

    def get_functions(self):
        """Let a profile say who moderates."""
        auths = ("lrtzc_moderation_board_list", "lrtzc_moderation_board_update")
        return {"moderation": Function(lambda: tk._("Say who moderates"), auths, "lrtzc_moderation")}

    def get_signal_subscriptions(self):
        """Go on without those whose accounts are gone; hear of the scheduler's looks."""
        signal = tk.signals.ckanext.signal
        return {signal(GONE): [gone.without], signal("lrtzc:tick"): [upkeep.tick]}

    def get_waiting(self, user):
        """Say on how many proposals a person has to vote."""
        count = listing.waiting(user)
        said = tk.ungettext("{count} proposal to judge", "{count} proposals to judge", count).format(count=count)
        return [Waiting(said, tk.h.url_for("lrtzc_moderation.console"))] if count else []
