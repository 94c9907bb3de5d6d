"""Signed notes: what we sign is read back by anybody, and a changed byte is noticed."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ckanext.lrtzc.ledger.domain import note

LOG = note.Signer("donnees.example.org/ledger", Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
WITNESS = note.Signer("witness.example.net/w", Ed25519PrivateKey.from_private_bytes(b"\x02" * 32), note.COSIGNATURE)
CHECKPOINT = note.Checkpoint("donnees.example.org/ledger", 20852163, b"\x07" * 32)
SIGNED = CHECKPOINT.text + "\n" + LOG.sign(CHECKPOINT.text)


def test_a_checkpoint_is_read_back_and_its_signer_known():
    read = note.Note.parse(SIGNED)
    assert read.signed_by([LOG.verifier]) == {LOG.name: None}
    assert note.Checkpoint.parse(read.text) == CHECKPOINT
    assert str(read) == SIGNED


def test_a_witness_adds_a_signature_with_its_time():
    both = note.Note.parse(SIGNED + WITNESS.sign(CHECKPOINT.text, 1_790_000_000))
    assert both.signed_by([LOG.verifier, WITNESS.verifier]) == {LOG.name: None, WITNESS.name: 1_790_000_000}


def test_a_verifier_key_is_written_and_read():
    assert note.Verifier.parse(str(LOG.verifier)) == LOG.verifier
    assert note.Verifier.parse(str(WITNESS.verifier)) == WITNESS.verifier


def test_the_published_example_of_a_verifier_key_is_read():
    """The key of Go's checksum database, whose identifier is part of its text."""
    text = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    assert str(note.Verifier.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "name", "name+00000000+AA==", str(LOG.verifier).replace("+", "+0", 1), "a b" + str(LOG.verifier)]
)
def test_a_bad_verifier_key_is_refused(text):
    with pytest.raises(note.NoteError):
        note.Verifier.parse(text)


def accepted(raw: bytes) -> bool:
    try:
        note.Note.parse(raw.decode()).signed_by([LOG.verifier])
    except (note.NoteError, UnicodeDecodeError):
        return False
    return True


@given(st.integers(0, len(SIGNED.encode()) - 1), st.integers(0, 7))
def test_any_changed_bit_is_noticed(place, bit):
    assert accepted(SIGNED.encode())
    raw = bytearray(SIGNED.encode())
    raw[place] ^= 1 << bit
    assert not accepted(bytes(raw))


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text):
    for read in (note.Note.parse, note.Checkpoint.parse, note.Verifier.parse):
        try:
            read(text)
        except note.NoteError:
            continue


@pytest.mark.parametrize("size", ["-1", "01", "1e3", "", "99999999999999999999"])
def test_a_size_is_a_plain_number(size):
    with pytest.raises(note.NoteError):
        note.Checkpoint.parse(f"origin\n{size}\n{'A' * 43}=\n")
