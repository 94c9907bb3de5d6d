"""Every text of our rooms has its French."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = re.compile(r'^msgstr(?:\[\d\])? "(.*)"$', re.MULTILINE)
BREAKS = re.compile(r"\w [;:?!»](?:\W|$)|« ")


def test_no_text_lacks_its_french():
    result = subprocess.run(
        [sys.executable, ROOT / "config" / "translations.py", "missing"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout or result.stderr


def test_french_signs_stay_with_their_words():
    """A space before ; : ? ! and within « » doesn't break the line (Imprimerie nationale, Lexique, 2002, p. 149)."""
    faults = []
    for room in ROOT.glob("ckanext-*/ckanext/*/"):
        for path in [*room.rglob("i18n/fr.po"), *room.glob("help/topics/fr/*.md")]:
            texts = TEXT.findall(path.read_text("utf-8")) if path.suffix == ".po" else [path.read_text("utf-8")]
            faults += [f"{path.relative_to(ROOT)}: {text[:100]}" for text in texts if BREAKS.search(text)]
    assert not faults, "\n".join(faults)
