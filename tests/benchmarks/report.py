"""Keep the figures of the benchmarks in docs/performance.md: one section each, replaced when it is measured again."""

import datetime as dt
import os
import platform
import re
from collections.abc import Sequence
from pathlib import Path

TARGET = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
HEAD = """# Performance

Each figure stands beside its peer or its limit, measured in the same run on the same machine. A section is
rewritten by the command it names.
"""


def write(
    name: str, title: str, command: str, header: Sequence[str], rows: Sequence[Sequence[object]], notes: str
) -> None:
    """Put a table into the page.

    :param name: what marks the section; the same name replaces it
    :param command: what measures it again
    :param notes: what was compared, in a few sentences
    """
    now = dt.datetime.now(dt.UTC)
    lines = [
        f"<!-- {name} -->",
        f"## {title}",
        "",
        f"Measured {now:%Y-%m-%d %H:%M} UTC on {_cores()} cores ({platform.machine()}) by `{command}`.",
        notes,
        "",
        "| " + " | ".join(header) + " |",
        "|" + "---|" * len(header),
        *("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows),
        f"<!-- end {name} -->",
    ]
    section = "\n".join(lines)
    text = TARGET.read_text() if TARGET.exists() else HEAD
    marked = re.compile(rf"<!-- {name} -->.*?<!-- end {name} -->", re.DOTALL)
    text = marked.sub(lambda _: section, text) if marked.search(text) else f"{text.rstrip()}\n\n{section}\n"
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(text)
    print(section)


def _cores() -> int:
    return len(os.sched_getaffinity(0))
