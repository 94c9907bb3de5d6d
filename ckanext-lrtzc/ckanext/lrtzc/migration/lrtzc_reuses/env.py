"""Migrations of reuses."""

from ckanext.lrtzc.migration.environment import run

run("lrtzc_reuses")
