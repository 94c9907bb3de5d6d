"""Makes the files of the sample content.

Usage: python make.py FOLDER [--page FILE.md]
writes every data file and `content.json` (organisations, people, datasets and resources, texts complete), which
`ckan lrtzc-sample load` reads; `--page` writes the page of the documentation as well. The same input gives the same
bytes.
"""

import argparse
import json
from pathlib import Path

import asked
import axis_buildings
import axis_carbon
import axis_citizens
import axis_cycling
import axis_data
import axis_energy
import axis_industry
import axis_mobility
import notebooks
import scenes
from content import content, page
from kit import WRITERS

MODULES = [
    axis_carbon,
    axis_buildings,
    axis_energy,
    axis_mobility,
    axis_cycling,
    axis_industry,
    axis_citizens,
    axis_data,
]
GATHERED = scenes.FILES | notebooks.FILES
"""The files of collections, which aren't rows: name and what makes it."""


def make(folder: Path) -> dict[str, int]:
    """Write the data files and content.json; tell how many rows each file of rows has."""
    folder.mkdir(parents=True, exist_ok=True)
    counts, heads = {}, {}
    for module in MODULES:
        for name, rows_of in module.FILES.items():
            rows = rows_of()
            path = folder / name
            WRITERS[path.suffix](path, rows)
            counts[name], heads[name] = len(rows), list(rows[0])
    for name, drawn in (GATHERED | asked.FILES).items():
        (folder / name).write_bytes(drawn())
    text = json.dumps(content(heads, set(GATHERED)), ensure_ascii=False, indent=1)
    (folder / "content.json").write_text(text, "utf-8")
    return counts


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--page", type=Path)
    options = parser.parse_args()
    counts = make(options.folder)
    if options.page:
        options.page.write_text(page(counts), "utf-8")
    print(f"{len(counts)} files of {sum(counts.values())} rows, {len(GATHERED)} others in {options.folder}")
