"""Every text of our rooms has its French."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("what", ["missing", "loose"])
def test_no_text_lacks_its_french_or_parts_a_sign_from_its_word(what):
    result = subprocess.run(
        [sys.executable, ROOT / "config" / "translations.py", what], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout or result.stderr
