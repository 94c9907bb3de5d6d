"""Rules of the ledger: Merkle tree, tiles, signed notes, entries. Pure; the stand-alone verifier runs on them."""
