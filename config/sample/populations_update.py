"""Write populations.json: inhabitants of each commune by year, from unpacked npm packages.

Usage: python populations_update.py YEAR=PACKAGE_FOLDER ...
with @etalab/decoupage-administratif 1.1.1 (2018), 2.3.1 (2019), 3.1.1 (2020), 4.1.0 (2021), 5.3.0 (2022) and 6.0.0
(2023). Municipal populations stand in epci.json (members of an intercommunality), except for 2023 (communes.json).
"""

import json
import sys
from pathlib import Path

from kit import NAMES


def populations(year: str, package: Path) -> dict[str, int]:
    """Give the inhabitants of each commune of the territory."""
    if year == "2023":
        rows = json.loads((package / "data" / "communes.json").read_text("utf-8"))
        found = {
            row["code"]: row["population"] for row in rows if row["type"] == "commune-actuelle" and row["code"] in NAMES
        }
    else:
        groups = json.loads((package / "data" / "epci.json").read_text("utf-8"))
        found = {
            m["code"]: m["populationMunicipale"] for group in groups for m in group["membres"] if m["code"] in NAMES
        }
    if missing := set(NAMES) - set(found):
        raise SystemExit(f"{package}: no population of {', '.join(sorted(missing))}")
    return dict(sorted(found.items()))


if __name__ == "__main__":
    table = {year: populations(year, Path(folder)) for year, folder in (one.split("=", 1) for one in sys.argv[1:])}
    lines = ",\n".join(f'  "{year}": {json.dumps(table[year])}' for year in sorted(table))
    Path(__file__).with_name("populations.json").write_text(f"{{\n{lines}\n}}\n", "utf-8")
    print({year: sum(rows.values()) for year, rows in table.items()})
