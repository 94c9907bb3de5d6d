"""Wiring of the room `lrtzc_batches`."""

import ckan.plugins as p


class BatchesPlugin(p.SingletonPlugin):
    """See the package's docstring for what the room is for."""
