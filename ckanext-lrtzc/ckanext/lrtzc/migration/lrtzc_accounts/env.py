"""Migrations of accounts."""

from ckanext.lrtzc.migration.environment import run

run("lrtzc_accounts")
