"""The reference of actions and settings says what the code does, and nothing of the code is left out."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_reference_is_that_of_the_code():
    command = [sys.executable, ROOT / "config" / "reference.py", "check"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
