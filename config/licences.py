"""Licences of all components that the portal runs, and whether they go together.

Our code is Apache-2.0; the running whole is under CKAN's AGPL-3.0 (docs/decisions/0003-licences.md). So a component
may be under any licence that can be part of an AGPL-3.0 whole. Components and versions come from uv.lock and
package-lock.json; licences from what is installed and from the npm lock.

Usage: python config/licences.py            writes docs/licences.md
       python config/licences.py --check    says what is incompatible or unknown
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "licences.md"

#: Licences that may be part of a whole under AGPL-3.0 (Free Software Foundation's list of compatible licences).
COMPATIBLE = {
    "0BSD", "AGPL-3.0", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "BSL-1.0", "CC0-1.0",
    "CC-BY-3.0", "CC-BY-4.0", "GPL-2.0-or-later", "GPL-3.0", "HPND", "ISC", "LGPL-2.1-or-later", "LGPL-3.0", "LGPL",
    "MIT", "MIT-CMU", "MIT-0", "MPL-1.1", "MPL-2.0", "PSF-2.0", "Python-2.0", "PostgreSQL", "Unlicense", "WTFPL",
    "Zlib", "ZPL-2.1", "Etalab-2.0", "ODbL-1.0",
}  # fmt: skip

#: Packages that state their licence nowhere a program can read, or less than their source says; read by hand there.
READ_BY_HAND: dict[str, str] = {"paramiko": "LGPL-2.1-or-later", "pyxform": "BSD-2-Clause"}

_CLASSIFIERS = (
    (r"GNU Affero General Public License v3", "AGPL-3.0"),
    (r"GNU Lesser General Public License v3", "LGPL-3.0"),
    (r"GNU Lesser General Public License v2 or later|LGPLv2\+", "LGPL-2.1-or-later"),
    (r"GNU Library or Lesser General Public License", "LGPL"),
    (r"GNU General Public License v3", "GPL-3.0"),
    (r"GNU General Public License v2 or later", "GPL-2.0-or-later"),
    (r"Apache Software License", "Apache-2.0"),
    (r"BSD License", "BSD"),
    (r"MIT No Attribution", "MIT-0"),
    (r"MIT License", "MIT"),
    (r"Mozilla Public License 2\.0", "MPL-2.0"),
    (r"ISC License", "ISC"),
    (r"Python Software Foundation License", "PSF-2.0"),
    (r"Zope Public License", "ZPL-2.1"),
    (r"Historical Permission Notice", "HPND"),
    (r"The Unlicense", "Unlicense"),
    (r"CC0", "CC0-1.0"),
    (r"Public Domain", "CC0-1.0"),
)
_WORDS = (
    (r"affero|agpl", "AGPL-3.0"),
    (r"lgpl.*3|lesser.*3", "LGPL-3.0"),
    (r"lgpl.*2\.1|lesser", "LGPL-2.1-or-later"),
    (r"lgpl", "LGPL"),
    (r"gpl.*3", "GPL-3.0"),
    (r"apache", "Apache-2.0"),
    (r"mpl|mozilla", "MPL-2.0"),
    (r"bsd", "BSD"),
    (r"\bmit\b", "MIT"),
    (r"\bisc\b", "ISC"),
    (r"zpl|zope", "ZPL-2.1"),
    (r"psf|python software", "PSF-2.0"),
    (r"hpnd", "HPND"),
    (r"unlicense", "Unlicense"),
    (r"public domain", "CC0-1.0"),
)


@dataclass(frozen=True, order=True)
class Component:
    """A component of the running whole. `licence` is an SPDX expression, or empty where it is unknown."""

    kind: str
    name: str
    version: str
    licence: str

    @property
    def compatible(self) -> bool:
        """Whether it can be part of the whole: one choice of an alternative, all parts of a conjunction."""
        choices = re.split(r"\s+OR\s+", self.licence.strip("() "))
        return bool(self.licence) and any(
            all(
                re.sub(r"-only$|\+$|-or-later$", "", part.strip("() ")) in COMPATIBLE or part.strip("() ") in COMPATIBLE
                for part in re.split(r"\s+AND\s+|\s+WITH\s+.*", choice)
                if part
            )
            for choice in choices
        )


def python_components() -> Iterator[Component]:
    """Give the Python packages that the portal runs, from the lock.

    :raises SystemExit: where the lock can't be read
    """
    uv = ROOT / ".tools" / "uv" / "bin" / "uv"
    options = ["export", "-q", "--frozen", "--no-dev", "--no-emit-workspace", "--no-hashes"]
    done = subprocess.run(
        [uv if uv.exists() else "uv", *options], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"The lock could not be read: {done.stderr.strip()[-300:]}")
    for line in done.stdout.splitlines():
        found = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;]+)", line)
        if not found:
            continue
        name, version = found.groups()
        try:
            metadata = distribution(name).metadata
        except PackageNotFoundError:  # of another system
            continue
        yield Component("Python", name, version, READ_BY_HAND.get(name) or python_licence(metadata))


def python_licence(metadata) -> str:
    """Give the licence that a package states: as an expression, in classifiers or in words."""
    expression = metadata.get("License-Expression")
    if expression:
        return expression
    classifiers = [line for line in metadata.get_all("Classifier") or [] if line.startswith("License ::")]
    known = [name for line in classifiers for pattern, name in _CLASSIFIERS if re.search(pattern, line)]
    if known:
        return " OR ".join(dict.fromkeys(known))
    words = (metadata.get("License") or "").strip().splitlines()
    if not words:
        return ""
    if words[0] in COMPATIBLE:
        return words[0]
    return next((name for pattern, name in _WORDS if re.search(pattern, words[0], re.IGNORECASE)), "")


def front_end_components() -> Iterator[Component]:
    """Give the front-end packages that pages may load, from the lock."""
    lock = ROOT / "package-lock.json"
    for place, package in json.loads(lock.read_text())["packages"].items() if lock.exists() else ():
        if place and not package.get("dev") and not package.get("link"):
            name = place.rpartition("node_modules/")[2]
            licence = package.get("license") or READ_BY_HAND.get(name) or ""
            yield Component("Front end", name, package["version"], str(licence))


def services() -> list[Component]:
    """Give the programs beside: they run by themselves and are not part of the whole."""
    return [
        Component("Service", "PostgreSQL", "15", "PostgreSQL"),
        Component("Service", "PostGIS", "3", "GPL-2.0-or-later"),
        Component("Service", "Redis", "7.0 (Debian)", "BSD-3-Clause"),
        Component("Service", "Apache Solr", "9", "Apache-2.0"),
        Component("Service", "nginx", "1.22 or later", "BSD-2-Clause"),
    ]


def components() -> list[Component]:
    """Give all components, by kind and name."""
    return sorted({*python_components(), *front_end_components(), *services()})


def page(found: list[Component]) -> str:
    """Give the text of docs/licences.md."""
    lines = [
        "# Licences of the components",
        "",
        "Made by `.venv/bin/python config/licences.py` from the locks and checked by the tests. Our code is",
        "Apache-2.0, the running whole is under CKAN's AGPL-3.0: see [the decision](decisions/0003-licences.md). Every",
        "licence below may be part of such a whole.",
    ]
    for kind in dict.fromkeys(component.kind for component in found):
        lines += ["", f"## {kind}", "", "| component | version | licence |", "|---|---|---|"]
        lines += [f"| {each.name} | {each.version} | {each.licence} |" for each in found if each.kind == kind]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the page, or say what doesn't fit."""
    found = components()
    odd = [component for component in found if not component.compatible]
    for component in odd:
        print(f"{component.kind} {component.name} {component.version}: {component.licence or 'licence unknown'}")
    if "--check" not in sys.argv[1:]:
        TARGET.parent.mkdir(exist_ok=True)
        TARGET.write_text(page(found))
        print(f"{len(found)} components in {TARGET.relative_to(ROOT)}")
    return 1 if odd else 0


if __name__ == "__main__":
    sys.exit(main())
