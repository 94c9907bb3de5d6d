"""The door of the search."""

from ckanext.lrtzc.search.jobs import changed
from ckanext.lrtzc.search.wording import facet_label, facet_titles

__all__ = ["changed", "facet_label", "facet_titles"]
