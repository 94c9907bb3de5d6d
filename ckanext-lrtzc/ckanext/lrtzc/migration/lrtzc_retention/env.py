"""Migrations of retention."""

from ckanext.lrtzc.migration.environment import run

run("lrtzc_retention")
