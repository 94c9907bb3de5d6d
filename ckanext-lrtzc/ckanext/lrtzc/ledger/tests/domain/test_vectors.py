"""The tree against vectors that others made: the roots that certificate logs publish, and a suite where it is given.

The suite is that of transparency-dev/merkle, its folder `testdata`; it isn't part of this project. Give its folder in
LRTZC_MERKLE_VECTORS, or put it as `merkle` into the folder of real data beside the project.
"""

import base64
import binascii
import json
import os
from pathlib import Path

import pytest

from ckanext.lrtzc.ledger.domain import merkle, tiles

# The eight leaves and the roots of the reference tests of Certificate Transparency (RFC 6962), as all its logs have.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# (index, size): proof, of the same tests.
INCLUSION = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
# (old, new): proof, of the same tests.
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def reader(size):
    edge = tiles.Edge()
    assert not list(edge.append([merkle.leaf_hash(leaf) for leaf in LEAVES[:size]]))
    return tiles.node_reader(size, lambda level, _index, width: b"".join(edge.rows[level][:width]))


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_certificate_transparency(size):
    assert merkle.root_hash(size, reader(size)).hex() == ROOTS[size]


@pytest.mark.parametrize("place", INCLUSION)
def test_inclusion_proofs_are_those_of_certificate_transparency(place):
    index, size = place
    proof = merkle.inclusion_proof(index, size, reader(size))
    assert [part.hex() for part in proof] == INCLUSION[place]
    merkle.verify_inclusion(index, size, merkle.leaf_hash(LEAVES[index]), proof, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize("sizes", CONSISTENCY)
def test_consistency_proofs_are_those_of_certificate_transparency(sizes):
    old, new = sizes
    proof = merkle.consistency_proof(old, new, reader(new))
    assert [part.hex() for part in proof] == CONSISTENCY[sizes]
    merkle.verify_consistency(old, new, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new]), proof)


@pytest.fixture(scope="module")
def suite():
    """Give the folder of the public suite."""
    beside = Path(__file__).parents[7] / "shared" / "data" / "merkle"
    folder = Path(os.environ.get("LRTZC_MERKLE_VECTORS") or beside)
    if not folder.is_dir():
        pytest.skip("the vectors of transparency-dev/merkle aren't here: give their folder in LRTZC_MERKLE_VECTORS")
    return folder


def hashes(texts):
    return [base64.b64decode(text) for text in texts or []]


def proven(kind, case):
    """Say whether our code accepts a case of the suite."""
    try:
        proof = hashes(case["proof"])
        if kind == "inclusion":
            (leaf, root) = hashes([case["leafHash"], case["root"]])
            merkle.verify_inclusion(case["leafIdx"], case["treeSize"], leaf, proof, root)
        else:
            roots = hashes([case["root1"], case["root2"]])
            merkle.verify_consistency(case["size1"], case["size2"], *roots, proof)
    except (merkle.ProofError, binascii.Error):
        return False
    return True


@pytest.mark.parametrize("kind", ["inclusion", "consistency"])
def test_the_public_suite_is_answered_as_it_wants(suite, kind):
    files = sorted((suite / kind).rglob("*.json"))
    cases = {file.relative_to(suite).as_posix(): json.loads(file.read_text(encoding="utf-8")) for file in files}
    assert len(cases) >= 50
    assert {case["wantErr"] for case in cases.values()} == {True, False}
    assert [name for name, case in cases.items() if proven(kind, case) == case["wantErr"]] == []
