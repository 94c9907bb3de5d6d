"""What the tests of the ledger write into it."""

from datetime import UTC, datetime

from ckanext.lrtzc.ledger import store
from ckanext.lrtzc.ledger.domain.entry import make_entry

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def entry(text: str, moment: datetime = NOON) -> store.Record:
    """Give an entry that says a text."""
    payload = {"actor": "anne", "object_type": None, "object_id": None, "origin": None, "details": {"text": text}}
    return store.Record(make_entry("vote.cast", "done", payload, moment), moment, "vote.cast", "done", "anne")
