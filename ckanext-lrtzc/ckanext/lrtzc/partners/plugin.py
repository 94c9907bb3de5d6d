"""Wiring of the room `lrtzc_partners`."""

import ckan.plugins as p


class PartnersPlugin(p.SingletonPlugin):
    """See the package's docstring for what the room is for."""
