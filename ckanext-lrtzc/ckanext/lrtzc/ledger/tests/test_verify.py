"""The stand-alone verifier accepts what the ledger exports, rejects a changed byte, imports nothing of the portal."""

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ckanext.lrtzc.ledger.domain import merkle, note, tiles
from ckanext.lrtzc.ledger.domain.entry import make_entry
from ckanext.lrtzc.ledger.verify import main

LOG = note.Signer("donnees.example.org/ledger", Ed25519PrivateKey.from_private_bytes(b"\x05" * 32))
ENTRIES = [
    make_entry("dataset.update", "done", {"actor": f"p{number}"}, datetime(2026, 1, 1, tzinfo=UTC))
    for number in range(300)
]


def tree(size):
    full, edge = {}, tiles.Edge()
    for level, index, data in edge.append([merkle.leaf_hash(entry.leaf) for entry in ENTRIES[:size]]):
        full[level, index] = data
    read = tiles.node_reader(size, lambda level, index, width: full.get((level, index)) or b"".join(edge.rows[level]))
    text = note.Checkpoint(LOG.name, size, edge.root()).text
    return read, text + "\n" + LOG.sign(text)


def export(size=300, indexes=(0, 7, 255, 256, 299), erased=()):
    read, checkpoint = tree(size)
    lines = [json.dumps({"checkpoint": checkpoint})]
    for index in indexes:
        entry = ENTRIES[index]
        proof = [part.hex() for part in merkle.inclusion_proof(index, size, read)]
        details = {} if index in erased else {"salt": entry.salt.hex(), "payload": entry.payload.decode()}
        lines.append(json.dumps({"index": index, "leaf": entry.leaf.decode(), "proof": proof, **details}))
    return "\n".join(lines) + "\n"


def run(path, text):
    path.write_text(text, encoding="utf-8")
    return main(["export", str(path), "--key", str(LOG.verifier)])


def test_an_export_is_accepted_and_erased_details_are_said(tmp_path, capsys):
    assert run(tmp_path / "day.jsonl", export(erased=(7,))) == 0
    assert "5 entries are proven, of which 1 with erased details" in capsys.readouterr().out


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_changed_byte_of_meaning_is_rejected(tmp_path, capsys, data):
    text = export(indexes=(7,))
    place = data.draw(st.sampled_from([at for at, sign in enumerate(text) if sign.isalnum()]))
    changed = text[:place] + ("0" if text[place] != "0" else "1") + text[place + 1 :]
    # The names of the optional parts may change: then the details are as if erased, which the verifier says.
    if run(tmp_path / "day.jsonl", changed) == 0:
        out = capsys.readouterr().out
        assert "1 with erased details" in out or json.loads(changed.splitlines()[1]) == json.loads(text.splitlines()[1])


@pytest.mark.parametrize("text", ["", "{}", "[]", "nonsense\n", '{"checkpoint": 5}\n', '{"checkpoint": "a\\n\\nb"}\n'])
def test_what_is_no_export_is_said_so(tmp_path, capsys, text):
    assert run(tmp_path / "day.jsonl", text) == 1
    assert "Not proven: line 1" in capsys.readouterr().err


def test_growth_is_proven_and_a_fork_is_not(tmp_path, capsys):
    (_, old), (read, new) = tree(200), tree(300)
    proof = merkle.consistency_proof(200, 300, read)
    files = [tmp_path / name for name in ("old", "new", "proof")]
    for file, text in zip(files, (old, new, "\n".join(part.hex() for part in proof)), strict=True):
        file.write_text(text, encoding="utf-8")
    arguments = ["consistency", *map(str, files), "--key", str(LOG.verifier)]
    assert main(arguments) == 0
    forked = note.Checkpoint(LOG.name, 200, b"\x01" * 32).text
    files[0].write_text(forked + "\n" + LOG.sign(forked), encoding="utf-8")
    assert main(arguments) == 1
    assert "leads to other roots" in capsys.readouterr().err


def test_it_needs_nothing_of_the_portal():
    code = (
        "import sys, ckanext.lrtzc.ledger.verify;"
        "print([name for name in sys.modules if name == 'ckan' or name.startswith(('ckan.', 'flask', 'sqlalchemy'))])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
