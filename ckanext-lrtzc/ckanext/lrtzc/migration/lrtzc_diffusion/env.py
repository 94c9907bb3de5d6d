"""Migrations of diffusion."""

from ckanext.lrtzc.migration.environment import run

run("lrtzc_diffusion")
