"""Migrations of quality."""

from ckanext.lrtzc.migration.environment import run

run("lrtzc_quality")
