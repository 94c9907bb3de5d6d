"""Pages of partner portals."""

from flask import Blueprint

lrtzc_partners = Blueprint("lrtzc_partners", __name__)


def get_blueprints():
    """Give the room's pages."""
    return [lrtzc_partners]
