"""Migrations of the copies of versions."""

from ckanext.lrtzc.migration.environment import run

run("lrtzc_versions")
