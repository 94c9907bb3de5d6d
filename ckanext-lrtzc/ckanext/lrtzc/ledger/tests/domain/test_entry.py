"""Entries: one text for one meaning, commitments that hold, payloads that may go."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.lrtzc.ledger.domain.entry import EntryError, canonical, make_entry, read_leaf, verify_payload

MOMENT = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
PAYLOADS = st.dictionaries(st.sampled_from(["actor", "object", "origin", "details"]), VALUES)


def test_the_leaf_says_no_more_than_it_must():
    entry = make_entry("dataset.update", "done", {"actor": "anne", "object": "arbres"}, MOMENT)
    assert set(read_leaf(entry.leaf)) == {"v", "time", "operation", "outcome", "commitment"}
    assert b"anne" not in entry.leaf
    assert read_leaf(entry.leaf)["time"] == "2026-03-29T01:30:00.000000Z"


def test_the_moment_is_the_same_in_every_zone():
    local = MOMENT.astimezone(timezone(timedelta(hours=2)))
    salt = b"\x00" * 16
    assert make_entry("a.b", "done", {}, local, salt) == make_entry("a.b", "done", {}, MOMENT, salt)


@given(PAYLOADS)
def test_a_payload_proves_itself_and_no_other_does(payload):
    try:
        entry = make_entry("dataset.update", "done", payload, MOMENT)
    except EntryError:
        return
    verify_payload(entry.leaf, entry.salt, entry.payload)
    with pytest.raises(EntryError):
        verify_payload(entry.leaf, entry.salt, entry.payload + b" ")
    with pytest.raises(EntryError):
        verify_payload(entry.leaf, bytes(16), entry.payload)


def test_two_entries_of_the_same_payload_cannot_be_linked():
    first, second = (make_entry("a.b", "done", {"actor": "anne"}, MOMENT) for _ in range(2))
    assert read_leaf(first.leaf)["commitment"] != read_leaf(second.leaf)["commitment"]


@pytest.mark.parametrize("operation", ["", "update", "Dataset.update", "a.b\n", "a..b", "a.b; drop table"])
def test_an_operation_is_named_plainly(operation):
    with pytest.raises(EntryError):
        make_entry(operation, "done", {}, MOMENT)


@pytest.mark.parametrize("value", [1.5, {1: 2}, {"a": {1, 2}}, "\ud800", b"bytes"])
def test_what_has_no_one_text_is_refused(value):
    with pytest.raises(EntryError):
        canonical({"value": value})


def test_a_moment_needs_its_zone_and_details_have_a_limit():
    with pytest.raises(EntryError, match="zone"):
        make_entry("a.b", "done", {}, MOMENT.replace(tzinfo=None))
    with pytest.raises(EntryError, match="bytes at most"):
        make_entry("a.b", "done", {"details": "x" * 70_000}, MOMENT)


@given(st.binary(max_size=80))
def test_no_bytes_break_the_reader(data):
    with pytest.raises(EntryError):
        read_leaf(data)
