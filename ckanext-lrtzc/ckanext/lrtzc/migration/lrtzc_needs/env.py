"""Migrations of needs."""

from ckanext.lrtzc.migration.environment import run

run("lrtzc_needs")
