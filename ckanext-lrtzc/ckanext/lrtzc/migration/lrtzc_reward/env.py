"""Migrations of points."""

from ckanext.lrtzc.migration.environment import run

run("lrtzc_reward")
