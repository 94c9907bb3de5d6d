"""Migrations of collections of files."""

from ckanext.lrtzc.migration.environment import run

run("lrtzc_collection")
