"""Who judges, and what is mailed."""

from ckanext.lrtzc.moderation.tests.judging import told

__all__ = ["told"]
