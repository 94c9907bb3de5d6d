"""Every text of our rooms has its French."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_no_text_lacks_its_french():
    result = subprocess.run(
        [sys.executable, ROOT / "config" / "translations.py", "missing"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout or result.stderr
