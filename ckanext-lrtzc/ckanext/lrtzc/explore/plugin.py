"""Wiring of the room `lrtzc_explore`."""

import ckan.plugins as p


class ExplorePlugin(p.SingletonPlugin):
    """See the package's docstring for what the room is for."""
