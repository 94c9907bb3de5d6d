"""Migrations of the access decisions."""

from ckanext.lrtzc.migration.environment import run

run("lrtzc_access")
