"""Wiring of the room `lrtzc_delivery`."""

import ckan.plugins as p


class DeliveryPlugin(p.SingletonPlugin):
    """See the package's docstring for what the room is for."""
