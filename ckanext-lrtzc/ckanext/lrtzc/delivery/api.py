"""What other rooms may ask of delivery."""

from flask import has_request_context, request

from ckanext.lrtzc.delivery import generation
from ckanext.lrtzc.delivery.problems import details, is_for_machine
from ckanext.lrtzc.delivery.wsgi import PERSONAL

__all__ = ["details", "is_for_machine", "keep_personal", "public_content_changed"]


def public_content_changed() -> None:
    """Make every shared page new for the next visitor.

    Writes through the database are seen without a call. Call this, once a batch, after a change that the
    database doesn't carry or carries earlier: an index committed after the rows, files put in place, rows
    loaded by `COPY`. When it returns, the next request of any visitor is answered afresh.
    """
    generation.renew()


def keep_personal() -> None:
    """Say that the answer under way is for whoever asked now: it isn't given to others later."""
    if has_request_context():
        request.environ[PERSONAL] = True
