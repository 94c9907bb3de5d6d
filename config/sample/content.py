"""Puts the descriptions together: `content.json`, and the page docs/sample-content.md."""

from pathlib import Path
from typing import Any

import yaml
from kit import FIGURES, FOLDER, NAMES

AXES = ("carbon", "buildings", "energy", "mobility", "industry", "citizens", "data")
FORMATS = {"parquet": "Parquet", "geojson": "GeoJSON", "zip": "ZIP"}
KEYS = {
    "name", "title", "organization", "notes", "tags", "theme", "frequency", "period", "sources", "method", "modelled",
    "resources", "communes", "resolution", "conforms_to", "licence",
}  # fmt: skip
Description = dict[str, Any]


def read(name: str) -> Any:
    """Read a description file of this folder."""
    return yaml.safe_load((FOLDER / name).read_text("utf-8"))


def provenance(one: Description) -> str:
    """Say where the data comes from, in plain text: sources with their figures, then the method."""
    kind = (
        "Données d'exemple, modélisées par les scripts du projet : elles ne remplacent pas des données officielles."
        if one["modelled"]
        else "Données reprises de leur source, non modélisées."
    )
    used = [FIGURES[key] for key in one["sources"]]
    sources = [f"{f['organism']}, « {f['publication']} », {f['year']} : {f['said']}." for f in used]
    method = " ".join(one["method"].split())
    heading = "Sources." if len(sources) > 1 else "Source."
    return "\n\n".join([kind, " ".join([heading, *sources]), f"Méthode. {method}"])


def descriptions() -> list[tuple[str, Description]]:
    """List the descriptions with their axis.

    :raises SystemExit: if one has a key too many or too few, or names a source that does not exist.
    """
    found = []
    for axis in AXES:
        for one in read(f"datasets/{axis}.yaml"):
            needed = KEYS - {"communes", "resolution", "conforms_to", "licence"}
            if wrong := set(one) - KEYS | needed - set(one) | set(one["sources"]) - set(FIGURES):
                raise SystemExit(f"datasets/{axis}.yaml, {one['name']}: check {', '.join(sorted(wrong))}")
            found.append((axis, one))
    return found


def resource(one: Description, columns: dict[str, Description], heads: dict[str, list[str]]) -> Description:
    """Describe a file with the dictionary of its columns.

    :raises SystemExit: if a column has no entry.
    """
    suffix = Path(one["file"]).suffix[1:]
    head = [name for name in heads[one["file"]] if name != "geometry"]
    if missing := [name for name in head if name not in columns]:
        raise SystemExit(f"columns.yaml: no entry for {', '.join(missing)} of {one['file']}")
    return {
        "file": one["file"],
        "name": one["name"],
        "description": one["description"],
        "format": FORMATS.get(suffix, suffix.upper()),
        "columns": [{"id": name, **columns[name]} for name in head],
    }


def content(heads: dict[str, list[str]]) -> Description:
    """Give all that is loaded.

    :param heads: the columns of each data file.
    """
    people = read("organizations.yaml")
    organizations = people["organizations"]
    columns = read("columns.yaml")
    datasets = []
    for axis, one in descriptions():
        start, end = one["period"]
        datasets.append(
            {
                "name": one["name"],
                "title": one["title"],
                "notes": one["notes"].strip(),
                "owner_org": organizations[one["organization"]]["name"],
                "license_id": one.get("licence", "lov2"),
                "access_rights": "PUBLIC",
                "axis": [axis],
                "theme": one["theme"],
                "tags": [{"name": tag} for tag in one["tags"]],
                "language": ["FRA"],
                "frequency": one["frequency"],
                "temporal_coverage": [{"start": start, "end": end}],
                **({"temporal_resolution": one["resolution"]} if "resolution" in one else {}),
                **({"conforms_to": one["conforms_to"]} if "conforms_to" in one else {}),
                "communes": one.get("communes") or list(NAMES),
                "contact": [people["contact"]],
                "publisher": [{"name": organizations[one["organization"]]["title"]}],
                "provenance": provenance(one),
                "resources": [resource(each, columns, heads) for each in one["resources"]],
            }
        )
    used = {file["file"] for one in datasets for file in one["resources"]}
    if unused := set(heads) - used:
        raise SystemExit(f"No description for {', '.join(sorted(unused))}")
    publisher, partner = people["publisher"], people["partner"]
    # What is loaded last shows first under “what is new”: the first dataset of each axis.
    rank = {one["name"]: number for axis in AXES for number, one in enumerate(read(f"datasets/{axis}.yaml"))}
    datasets.sort(key=lambda one: -rank[one["name"]])
    return {
        "organizations": list(organizations.values()),
        "people": [publisher | {"organizations": [organizations[key]["name"] for key in publisher["organizations"]]}],
        "datasets": datasets,
        "partner": {key: value for key, value in partner.items() if key != "organization"}
        | {"owner_org": organizations[partner["organization"]]["name"]},
    }


def page(counts: dict[str, int]) -> str:
    """Write docs/sample-content.md.

    :param counts: the rows of each data file.
    """
    lines = [
        "# The sample content",
        "",
        "Made by `python config/sample/make.py FOLDER --page docs/sample-content.md`, this page included: change",
        "the descriptions in `config/sample/`, not this table. `ckan lrtzc-sample load` loads it into a portal.",
        "",
        "All of it is an example, and each dataset says so in its provenance. *Modelled* means that a script computes",
        "the rows from the published figures named here and from stated assumptions. Only populations (unchanged) and",
        "contours (simplified) are taken over from their source. The same scripts give the same bytes.",
        "",
        "| dataset | axis | rows | files | published figures | kind |",
        "|---|---|---|---|---|---|",
    ]
    for axis, one in descriptions():
        files = [each["file"] for each in one["resources"]]
        rows = ", ".join(f"{counts[file]:,}" for file in files)
        kinds = ", ".join(Path(file).suffix[1:] for file in files)
        sources = ", ".join(f"[{key}](#{key})" for key in one["sources"])
        kind = "modelled" if one["modelled"] else "taken over"
        lines.append(f"| {one['title']} (`{one['name']}`) | {axis} | {rows} | {kinds} | {sources} | {kind} |")
    lines += [
        "",
        f"{len(descriptions())} datasets, {len(counts)} files, {sum(counts.values()):,} rows.",
        "",
        "## Methods",
        "",
    ]
    lines += [f"- **{one['name']}**: {' '.join(one['method'].split())}" for _, one in descriptions()]
    lines += ["", "## Published figures", ""]
    for key, one in FIGURES.items():
        source = f"{one['organism']}, *{one['publication']}*, {one['year']}"
        lines += [f'<a id="{key}"></a>**{key}**: {source}: {one["said"]}.', ""]
    return "\n".join(lines)
