"""Migrations of the search."""

from ckanext.lrtzc.migration.environment import run

run("lrtzc_search")
