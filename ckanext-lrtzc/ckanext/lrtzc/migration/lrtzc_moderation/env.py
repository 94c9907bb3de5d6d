"""Migrations of moderation."""

from ckanext.lrtzc.migration.environment import run

run("lrtzc_moderation")
