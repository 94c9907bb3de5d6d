"""Migrations of the batches."""

from ckanext.lrtzc.migration.environment import run

run("lrtzc_batches")
