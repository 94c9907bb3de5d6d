"""Who judges, and what is mailed."""

from ckanext.lrtzc.moderation.tests.judging import admin

__all__ = ["admin"]
