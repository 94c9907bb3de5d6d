"""`lrtzc-verify`: check the ledger off-line, with nothing of the portal but these rules.

lrtzc-verify export FILE --key KEY [--witness KEY …]
    An export of the ledger's page: each entry stands in the tree that the checkpoint signs, its details are those it
    committed to (or were erased, which is said).
lrtzc-verify consistency OLD NEW PROOF --key KEY
    The new checkpoint extends the old one (both files), by the proof: a file of one hash in hexadecimal digits a line.

KEY is the ledger's verifier key, as published on its page. The exit status is 0 where all is proven, 1 otherwise.
"""

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ckanext.lrtzc.ledger.domain.entry import EntryError, read_leaf, verify_payload
from ckanext.lrtzc.ledger.domain.merkle import ProofError, leaf_hash, verify_consistency, verify_inclusion
from ckanext.lrtzc.ledger.domain.note import Checkpoint, Note, NoteError, Verifier


def open_checkpoint(raw: str, log: Verifier, witnesses: Iterable[Verifier] = ()) -> Checkpoint:
    """Read a checkpoint that the log signed, and all the witnesses named.

    :raises NoteError: where one of them didn't, or it is of another log.
    """
    note = Note.parse(raw)
    wanted = [log, *witnesses]
    signed = note.signed_by(wanted)
    for verifier in wanted:
        if verifier.name not in signed:
            raise NoteError(f"the checkpoint bears no signature of {verifier.name}")
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != log.name:
        raise NoteError(f"the checkpoint is of {checkpoint.origin}, not of {log.name}")
    return checkpoint


def verify_entry(entry: dict[str, Any], checkpoint: Checkpoint) -> bool:
    """Check one entry of an export; give whether its details are there (False: erased).

    :raises ProofError, EntryError: where it isn't proven.
    """
    try:
        leaf = str(entry["leaf"]).encode()
        proof = [bytes.fromhex(part) for part in entry["proof"]]
        index = int(entry["index"])
    except (KeyError, TypeError, ValueError) as error:
        raise EntryError("an entry of an export has index, leaf and proof") from error
    read_leaf(leaf)
    verify_inclusion(index, checkpoint.size, leaf_hash(leaf), proof, checkpoint.root)
    salt, payload = entry.get("salt"), entry.get("payload")
    if salt is None or payload is None:
        return False
    verify_payload(leaf, bytes.fromhex(str(salt)), str(payload).encode())
    return True


def verify_export(path: Path, log: Verifier, witnesses: list[Verifier]) -> tuple[int, int]:
    """Check an export: its first line holds the checkpoint, each other an entry; give (entries, of them erased).

    :raises NoteError, ProofError, EntryError: with the line where it fails.
    """
    count = erased = 0
    with path.open(encoding="utf-8") as lines:
        try:
            checkpoint = open_checkpoint(str(json.loads(next(lines))["checkpoint"]), log, witnesses)
        except (StopIteration, ValueError, KeyError, TypeError) as error:
            raise NoteError(f"line 1: no checkpoint that can be trusted ({error})") from error
        for number, line in enumerate(lines, start=2):
            try:
                erased += not verify_entry(json.loads(line), checkpoint)
            except (ProofError, EntryError, ValueError, AttributeError) as error:
                raise EntryError(f"line {number}: {error}") from error
            count += 1
    return count, erased


def main(arguments: list[str] | None = None) -> int:
    """Run the command; give its exit status."""
    parser = argparse.ArgumentParser(
        prog="lrtzc-verify", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    export = commands.add_parser("export")
    export.add_argument("file", type=Path)
    export.add_argument("--witness", action="append", default=[])
    growth = commands.add_parser("consistency")
    for name in ("old", "new", "proof"):
        growth.add_argument(name, type=Path)
    for command in (export, growth):
        command.add_argument("--key", required=True)
    options = parser.parse_args(arguments)
    try:
        log = Verifier.parse(options.key)
        if options.command == "export":
            count, erased = verify_export(options.file, log, [Verifier.parse(key) for key in options.witness])
            message = f"{count} entries are proven, of which {erased} with erased details."
        else:
            old, new = (open_checkpoint(path.read_text(encoding="utf-8"), log) for path in (options.old, options.new))
            proof = [bytes.fromhex(line) for line in options.proof.read_text(encoding="utf-8").split()]
            verify_consistency(old.size, new.size, old.root, new.root, proof)
            message = f"The checkpoint of {new.size} entries extends that of {old.size}."
    except (NoteError, ProofError, EntryError, OSError, ValueError) as error:
        sys.stderr.write(f"Not proven: {error}\n")
        return 1
    sys.stdout.write(message + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
