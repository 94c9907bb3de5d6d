"""The tree against the definition of RFC 9162, section 2.1, written here as plainly as the RFC does."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.lrtzc.ledger.domain import merkle, tiles

SIZES = st.integers(1, 1100)


def by_definition(hashes):
    """Merkle tree hash, straight from the RFC: k is the largest power of two smaller than n."""
    if not hashes:
        return hashlib.sha256().digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    left, right = by_definition(hashes[:k]), by_definition(hashes[k:])
    return hashlib.sha256(b"\x01" + left + right).digest()


LEAVES = [merkle.leaf_hash(b"entry %d" % number) for number in range(1100)]


def grown(size):
    """Give the tree's edge after `size` leaves, and a reader of its tiles."""
    edge, full = tiles.Edge(), {}
    for level, index, data in edge.append(LEAVES[:size]):
        full[level, index] = data

    def read_tile(level, index, width):
        return full.get((level, index)) or b"".join(edge.rows[level][:width])

    return edge, tiles.node_reader(size, read_tile)


def test_the_empty_tree_and_one_leaf():
    assert tiles.Edge().root() == by_definition([]) == merkle.EMPTY_ROOT
    assert merkle.leaf_hash(b"") == hashlib.sha256(b"\x00").digest()


@given(SIZES)
def test_the_root_is_that_of_the_definition(size):
    edge, read = grown(size)
    assert edge.size == size
    assert edge.root() == merkle.root_hash(size, read) == by_definition(LEAVES[:size])


@given(SIZES, st.data())
def test_an_inclusion_proof_proves_its_leaf_and_no_other(size, data):
    index = data.draw(st.integers(0, size - 1))
    edge, read = grown(size)
    proof = merkle.inclusion_proof(index, size, read)
    merkle.verify_inclusion(index, size, LEAVES[index], proof, edge.root())
    other = data.draw(st.integers(0, size - 1).filter(lambda number: number != index)) if size > 1 else None
    if other is not None:
        with pytest.raises(merkle.ProofError):
            merkle.verify_inclusion(other, size, LEAVES[index], proof, edge.root())
        with pytest.raises(merkle.ProofError):
            merkle.verify_inclusion(index, size, LEAVES[other], proof, edge.root())


@given(SIZES, st.data())
def test_a_consistency_proof_proves_growth_and_nothing_else(new, data):
    old = data.draw(st.integers(1, new))
    (before, _), (after, read) = grown(old), grown(new)
    proof = merkle.consistency_proof(old, new, read)
    merkle.verify_consistency(old, new, before.root(), after.root(), proof)
    forged = bytes([before.root()[0] ^ 1]) + before.root()[1:]
    with pytest.raises(merkle.ProofError):
        merkle.verify_consistency(old, new, forged, after.root(), proof)


@given(st.integers(2, 1100), st.data())
def test_any_changed_bit_of_a_proof_is_rejected(size, data):
    index = data.draw(st.integers(0, size - 1))
    edge, read = grown(size)
    proof = merkle.inclusion_proof(index, size, read)
    place = data.draw(st.integers(0, len(proof) - 1))
    byte = data.draw(st.integers(0, 31))
    bit = 1 << data.draw(st.integers(0, 7))
    part = bytearray(proof[place])
    part[byte] ^= bit
    changed = [*proof[:place], bytes(part), *proof[place + 1 :]]
    for forged in (changed, proof[:-1], [*proof, proof[-1]]):
        with pytest.raises(merkle.ProofError):
            merkle.verify_inclusion(index, size, LEAVES[index], forged, edge.root())


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 3)])
def test_a_leaf_that_is_not_there_has_no_proof(index, size):
    _, read = grown(max(size, 1))
    with pytest.raises(IndexError):
        merkle.inclusion_proof(index, size, read)


def test_tiles_are_addressed_as_the_specification_says():
    assert tiles.path(0, 0) == "tile/0/000"
    assert tiles.path(1, 1234067) == "tile/1/x001/x234/067"
    assert tiles.path(2, 5, 17) == "tile/2/005.p/17"
    assert [tiles.tile_width(0, index, 600) for index in range(4)] == [256, 256, 88, 0]
    assert tiles.tile_width(1, 0, 600) == 2
