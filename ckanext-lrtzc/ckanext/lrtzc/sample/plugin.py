"""Wiring of the room `lrtzc_sample`."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk


@tk.blanket.config_declarations
@tk.blanket.cli
class SamplePlugin(p.SingletonPlugin):
    """Adds the command `ckan lrtzc-sample`."""
