"""Migrations of automatic opening."""

from ckanext.lrtzc.migration.environment import run

run("lrtzc_opening")
