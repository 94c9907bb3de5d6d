"""Merkle tree hashing and proofs of RFC 9162, section 2.1, with SHA-256.

Hashes are 32 bytes. A tree is named by its size (number of leaves); leaves are numbered from 0. Proofs are lists of
hashes in the order of the RFC. Nodes are read through a function, so that the same code proves from memory and from
stored tiles.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()

# Reads the hash of a complete subtree: level (0 for leaves), index at that level.
ReadNode = Callable[[int, int], bytes]


class ProofError(ValueError):
    """A proof that doesn't prove what it is offered for."""


def leaf_hash(entry: bytes) -> bytes:
    """Give the hash of a leaf: SHA-256(0x00 ‖ entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Give the hash of an inner node: SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


def peaks(size: int) -> list[tuple[int, int]]:
    """Give the complete subtrees that make up a tree, from left to right, as (level, index)."""
    result, start = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            result.append((level, start >> level))
            start += 1 << level
    return result


def fold(hashes: Sequence[bytes]) -> bytes:
    """Give the root over the peaks of a tree, given from left to right."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def root_hash(size: int, read: ReadNode) -> bytes:
    """Give the root of the tree of the first `size` leaves."""
    return fold([read(level, index) for level, index in peaks(size)])


def _subtree(start: int, end: int, read: ReadNode) -> bytes:
    """Give the hash of the leaves [start, end), where start is a multiple of the subtree's width."""
    hashes = []
    while start < end:
        level = (end - start).bit_length() - 1
        hashes.append(read(level, start >> level))
        start += 1 << level
    return fold(hashes)


def inclusion_proof(index: int, size: int, read: ReadNode) -> list[bytes]:
    """Give the proof that leaf `index` is in the tree of `size` leaves (RFC 9162, section 2.1.3.1).

    :raises IndexError: where the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise IndexError(f"a tree of {size} leaves has no leaf {index}")
    proof, start, end = [], 0, size
    while end - start > 1:
        split = start + (1 << ((end - start - 1).bit_length() - 1))
        if index < split:
            proof.append(_subtree(split, end, read))
            end = split
        else:
            proof.append(_subtree(start, split, read))
            start = split
    return proof[::-1]


def consistency_proof(old: int, new: int, read: ReadNode) -> list[bytes]:
    """Give the proof that the tree of `new` leaves extends the tree of `old` leaves (RFC 9162, section 2.1.4.1).

    :raises IndexError: where old exceeds new, or is negative.
    """
    if not 0 <= old <= new:
        raise IndexError(f"a tree of {new} leaves doesn't extend one of {old}")
    if old in (0, new):
        return []
    proof, start, end, whole = [], 0, new, True
    while old != end:
        split = start + (1 << ((end - start - 1).bit_length() - 1))
        if old <= split:
            proof.append(_subtree(split, end, read))
            end = split
        else:
            proof.append(_subtree(start, split, read))
            start, whole = split, False
    if not whole:
        proof.append(_subtree(start, end, read))
    return proof[::-1]


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """Give the root that an inclusion proof leads to (RFC 9162, section 2.1.3.2).

    :raises ProofError: where the proof hasn't the shape that index and size demand.
    """
    if not 0 <= index < size:
        raise ProofError(f"a tree of {size} leaves has no leaf {index}")
    if any(len(part) != HASH_SIZE for part in (leaf, *proof)):
        raise ProofError("a hash hasn't 32 bytes")
    here, last, root = index, size - 1, leaf
    for part in proof:
        if last == 0:
            raise ProofError("the inclusion proof is too long")
        if here & 1 or here == last:
            root = node_hash(part, root)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            root = node_hash(root, part)
        here, last = here >> 1, last >> 1
    if last:
        raise ProofError("the inclusion proof is too short")
    return root


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf with this hash is number `index` of the tree with this size and root.

    :raises ProofError: where it isn't proven.
    """
    if root_from_inclusion(index, size, leaf, proof) != root:
        raise ProofError("the inclusion proof leads to another root")


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree (new, new_root) extends the tree (old, old_root) (RFC 9162, section 2.1.4.2).

    Any tree extends the empty one: there is nothing to prove, so that is refused too.

    :raises ProofError: where it isn't proven.
    """
    if not 0 < old <= new:
        raise ProofError(f"a tree of {new} leaves can't be proven to extend one of {old}")
    if old == new:
        if proof:
            raise ProofError("two trees of one size need no proof")
        if old_root != new_root:
            raise ProofError("two trees of one size have different roots")
        return
    if any(len(part) != HASH_SIZE for part in (old_root, new_root, *proof)):
        raise ProofError("a hash hasn't 32 bytes")
    parts = list(proof)
    if old & (old - 1) == 0:
        parts.insert(0, old_root)
    if not parts:
        raise ProofError("the consistency proof is too short")
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    first = second = parts[0]
    for part in parts[1:]:
        if last == 0:
            raise ProofError("the consistency proof is too long")
        if here & 1 or here == last:
            first, second = node_hash(part, first), node_hash(part, second)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            second = node_hash(second, part)
        here, last = here >> 1, last >> 1
    if last:
        raise ProofError("the consistency proof is too short")
    if first != old_root or second != new_root:
        raise ProofError("the consistency proof leads to other roots")
