"""Migrations of forms."""

from ckanext.lrtzc.migration.environment import run

run("lrtzc_forms")
