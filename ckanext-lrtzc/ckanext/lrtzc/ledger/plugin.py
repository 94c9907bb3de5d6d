"""Wiring of the room `lrtzc_ledger`."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.ledger import watch


@tk.blanket.cli
@tk.blanket.config_declarations
class LedgerPlugin(p.IConfigurable, p.SingletonPlugin):
    """See the package's docstring for what the room is for."""

    def configure(self, config):
        """Begin to see what changes."""
        watch.start()
