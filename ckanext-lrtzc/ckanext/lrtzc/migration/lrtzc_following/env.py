"""Migrations of what people follow."""

from ckanext.lrtzc.migration.environment import run

run("lrtzc_following")
