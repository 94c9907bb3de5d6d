"""Migrations of sources."""

from ckanext.lrtzc.migration.environment import run

run("lrtzc_sources")
