"""What other rooms may ask of delivery."""

from ckanext.lrtzc.delivery import generation

__all__ = ["public_content_changed"]


def public_content_changed() -> None:
    """Make every shared page new for the next visitor.

    Writes through the database are seen without a call. Call this, once a batch, after a change that the
    database doesn't carry or carries earlier: an index committed after the rows, files put in place, rows
    loaded by `COPY`. When it returns, the next request of any visitor is answered afresh.
    """
    generation.renew()
