"""Migrations of transformations."""

from ckanext.lrtzc.migration.environment import run

run("lrtzc_transforming")
