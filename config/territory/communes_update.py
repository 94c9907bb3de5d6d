"""Write communes.json from the npm package @etalab/decoupage-administratif.

Usage: python communes_update.py PACKAGE_FOLDER EPCI_CODE
where PACKAGE_FOLDER is the unpacked package (version 6.0.0: members in 2026, reference population of 2023).

Sources: INSEE, Code officiel géographique and populations de référence 2023 (Licence Ouverte 2.0),
put together by Etalab (package under MIT).
"""

import json
import sys
from pathlib import Path


def communes_of(package: Path, epci: str) -> list[dict]:
    """List the communes of an intercommunality: code, full name, municipal population in persons."""
    groups = json.loads((package / "data" / "epci.json").read_text("utf-8"))
    members = {member["code"] for group in groups if group["code"] == epci for member in group["membres"]}
    if not members:
        raise SystemExit(f"No intercommunality {epci} in {package}")
    everything = json.loads((package / "data" / "communes.json").read_text("utf-8"))
    found = [
        {"code": one["code"], "name": one["nom"], "population": one["population"]}
        for one in everything
        if one["code"] in members and one["type"] == "commune-actuelle"
    ]
    return sorted(found, key=lambda one: one["code"])


if __name__ == "__main__":
    rows = communes_of(Path(sys.argv[1]), sys.argv[2])
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
    target = Path(__file__).with_name("communes.json")
    target.write_text(f"[\n{lines}\n]\n", "utf-8")
    print(f"{target.name}: {len(rows)} communes, {sum(row['population'] for row in rows)} inhabitants")
