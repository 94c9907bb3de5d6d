"""Migrations of the links between objects."""

from ckanext.lrtzc.migration.environment import run

run("lrtzc_links")
