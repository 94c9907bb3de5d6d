"""Wiring of the room `lrtzc_personal`."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.interfaces import IPersonalData
from ckanext.lrtzc.personal import cli, holding


@tk.blanket.config_declarations
class PersonalPlugin(IPersonalData, p.IClick, p.SingletonPlugin):
    """See the package's docstring for what the room is for."""

    def get_personal_data(self):
        """Declare identities and means of signing in."""
        return holding.holdings()

    def get_commands(self):
        """Give the commands."""
        return [cli.personal]
