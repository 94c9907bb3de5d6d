"""Migrations of the transfers of ownership."""

from ckanext.lrtzc.migration.environment import run

run("lrtzc_transfers")
