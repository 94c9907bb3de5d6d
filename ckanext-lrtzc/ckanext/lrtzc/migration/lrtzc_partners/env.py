"""Migrations of the room `lrtzc_partners`."""

from ckanext.lrtzc.migration.environment import run

run("lrtzc_partners")
