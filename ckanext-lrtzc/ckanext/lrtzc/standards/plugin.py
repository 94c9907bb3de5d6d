"""Wiring of the room `lrtzc_standards`."""

import ckan.plugins as p


class StandardsPlugin(p.SingletonPlugin):
    """See the package's docstring for what the room is for."""
