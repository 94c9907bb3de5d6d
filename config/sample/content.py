"""Puts the descriptions together: `content.json`, and the page docs/sample-content.md."""

from pathlib import Path
from typing import Any

import yaml
from asked import forms
from kit import FIGURES, FOLDER, NAMES

AXES = ("carbon", "buildings", "energy", "mobility", "industry", "citizens", "data")
FORMATS = {"parquet": "Parquet", "geojson": "GeoJSON", "zip": "ZIP"}
KEYS = {
    "name", "title", "organization", "notes", "tags", "theme", "frequency", "period", "sources", "method", "modelled",
    "resources", "collection", "communes", "resolution", "conforms_to", "licence",
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
            held = "resources" if "collection" in one else "collection"
            needed = KEYS - {"communes", "resolution", "conforms_to", "licence", held}
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


def objects(organizations: dict[str, Description], datasets: set[str]) -> list[Description]:
    """Give the objects besides datasets, each with the links that say what it stands on.

    :raises SystemExit: if one stands on something that isn't before it.
    """
    found, known = [], set(datasets)
    for one in read("objects.yaml"):
        stands = [(kind, name) for kind in ("uses", "produced_by") for name in one.pop(kind, [])]
        if missing := [name for _kind, name in stands if name not in known]:
            raise SystemExit(f"objects.yaml, {one['name']}: nothing before it is named {', '.join(missing)}")
        known.add(one["name"])
        fields = {key: value for key, value in one.items() if key not in ("organization", "axis", "tags", "links")}
        if one["type"] != "algorithm":
            fields["communes"] = list(NAMES)
        fields |= {
            "notes": one["notes"].strip(),
            "owner_org": organizations[one["organization"]]["name"],
            "license_id": "lov2",
            "axis": [one["axis"]],
            "tags": [{"name": tag} for tag in one["tags"]],
            "language": ["FRA"],
            "resources": one.get("links", []),
        }
        found.append({"fields": fields, "links": [{"kind": kind, "target": name} for kind, name in stands]})
    return found


def said(name: str, known: set[str]) -> list[Description]:
    """Give what people say of objects, as the portal's actions take it.

    :raises SystemExit: if it speaks of an object that isn't there.
    """
    found = read(name)
    for one in found:
        if missing := [each for each in one.get("objects", []) if each not in known]:
            raise SystemExit(f"{name}, {one['title']}: nothing is named {', '.join(missing)}")
    return found


def needs(organizations: dict[str, Description], datasets: set[str]) -> list[Description]:
    """Give needs, each as `fields` and the `answer` that was given, if any.

    :raises SystemExit: if one is met by a dataset that isn't there.
    """
    found = []
    for one in read("needs.yaml"):
        answer = one.pop("answer", None)
        if answer:
            if answer.get("object") not in {None, *datasets}:
                raise SystemExit(f"needs.yaml, {one['title']}: nothing is named {answer['object']}")
            answer["organization"] = organizations[answer["organization"]]["name"]
        found.append({"title": one["title"], "fields": one, "answer": answer})
    return found


def challenges(datasets: set[str]) -> list[Description]:
    """Give what people are to reach together.

    :raises SystemExit: if one is about a dataset that isn't there.
    """
    found = read("challenges.yaml")
    for one in found:
        if one["dataset"] not in datasets:
            raise SystemExit(f"challenges.yaml, {one['title']}: nothing is named {one['dataset']}")
    return found


def check_files(datasets: list[Description], tables: set[str], gathered: set[str]) -> None:
    """See that each file belongs to a dataset, and that each file of a collection is made.

    :raises SystemExit: if one doesn't, or isn't.
    """
    used = {file["file"] for one in datasets for file in one["resources"]}
    collected = {file["file"] for one in datasets for file in one.get("collection", {}).get("files", ())}
    if unused := (tables - used) | (gathered - collected):
        raise SystemExit(f"No description for {', '.join(sorted(unused))}")
    if missing := collected - gathered:
        raise SystemExit(f"Nothing makes {', '.join(sorted(missing))}")


def content(heads: dict[str, list[str]], gathered: set[str]) -> Description:
    """Give all that is loaded.

    :param heads: the columns of each data file.
    :param gathered: the files of collections.
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
                "resources": [resource(each, columns, heads) for each in one.get("resources", ())],
                **({"collection": one["collection"]} if "collection" in one else {}),
            }
        )
    check_files(datasets, set(heads), gathered)
    publisher, partner = people["publisher"], people["partner"]
    # What is loaded last shows first under “what is new”: the first dataset of each axis.
    rank = {one["name"]: number for axis in AXES for number, one in enumerate(read(f"datasets/{axis}.yaml"))}
    datasets.sort(key=lambda one: -rank[one["name"]])
    names = {one["name"] for one in datasets}
    others = objects(organizations, names)
    return {
        "organizations": list(organizations.values()),
        "people": [publisher | {"organizations": [organizations[key]["name"] for key in publisher["organizations"]]}],
        "datasets": datasets,
        "objects": others,
        "needs": needs(organizations, names),
        "challenges": challenges(names),
        "forms": forms(names),
        "reuses": said("reuses.yaml", names | {one["fields"]["name"] for one in others}),
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
        files = [each["file"] for each in (one.get("collection") or {"files": one["resources"]})["files"]]
        rows = f"{len(files)} files" if "collection" in one else ", ".join(f"{counts[file]:,}" for file in files)
        suffixes = [Path(file).suffix[1:] for file in files]
        kinds = ", ".join(dict.fromkeys(suffixes) if "collection" in one else suffixes)
        sources = ", ".join(f"[{key}](#{key})" for key in one["sources"])
        kind = "modelled" if one["modelled"] else "taken over"
        lines.append(f"| {one['title']} (`{one['name']}`) | {axis} | {rows} | {kinds} | {sources} | {kind} |")
    lines += [
        "",
        f"{len(descriptions())} datasets, {len(counts)} files of {sum(counts.values()):,} rows; photos and documents",
        "of collections are drawn and written by `scenes.py` and `notebooks.py` (CC0).",
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
