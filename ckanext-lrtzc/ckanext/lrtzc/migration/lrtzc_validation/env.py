"""Migrations of validation."""

from ckanext.lrtzc.migration.environment import run

run("lrtzc_validation")
