"""Wiring of the room `lrtzc_ledger`."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.ledger import watch


@tk.blanket.actions
@tk.blanket.auth_functions
@tk.blanket.blueprints
@tk.blanket.cli
@tk.blanket.config_declarations
class LedgerPlugin(p.IConfigurer, p.IConfigurable, p.SingletonPlugin):
    """See the package's docstring for what the room is for."""

    def update_config(self, config):
        """Add the room's pages."""
        tk.add_template_directory(config, "templates")

    def update_config_schema(self, schema):
        """Let administrators choose by page what leaves a trace."""
        validators = [tk.get_validator("ignore_missing"), tk.get_validator("unicode_safe")]
        return {**schema, "ckanext.lrtzc.ledger.traces": validators}

    def configure(self, config):
        """Begin to see what changes."""
        watch.start()
