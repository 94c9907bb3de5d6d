"""Who judges."""

from ckanext.lrtzc.moderation.tests.judging import admin

__all__ = ["admin"]
