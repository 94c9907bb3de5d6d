"""Wiring of the room `lrtzc_objects`."""

import ckan.plugins as p


class ObjectsPlugin(p.SingletonPlugin):
    """See the package's docstring for what the room is for."""
