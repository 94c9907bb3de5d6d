"""Rooms depend on each other as docs/architecture.md draws it, by their doors only."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "ckanext-lrtzc" / "ckanext" / "lrtzc"
DRAWING = ROOT / "docs" / "architecture.md"
# Shared by all, and no room: how migrations run, and what siblings implement.
SHARED = {"migration", "interfaces.py"}
# Packages without a plug-in, whose modules are their interface.
OPEN = {
    "territory", "translation", "egress", "safexml", "pictures", "people", "tabular", "interfaces", "asking", "pages",
    "schedule", "stores", "clock",
}  # fmt: skip


def permitted() -> dict[str, set[str]]:
    """Read the table of the drawing: room, rooms it may import."""
    rows = re.findall(r"^\| ([a-z]+) \|([a-z, ]*)\|$", DRAWING.read_text(), flags=re.M)
    return {
        room: set(filter(None, (name.strip() for name in others.split(",")))) for room, others in rows if room != "room"
    }


def sources() -> list[Path]:
    return [
        path
        for path in sorted(PACKAGE.rglob("*.py"))
        if "tests" not in path.relative_to(PACKAGE).parts and path.relative_to(PACKAGE).parts[0] not in SHARED
    ]


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path):
    """Give (line, dotted name) of each import of our package, deferred ones too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.startswith("ckanext.lrtzc."):
                yield node.lineno, name.removeprefix("ckanext.lrtzc.")


def test_every_room_is_in_the_drawing():
    rooms = {room_of(path) for path in sources()} - {"__init__"}
    assert rooms <= set(permitted()), f"not in docs/architecture.md: {sorted(rooms - set(permitted()))}"


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_what_the_drawing_permits(path):
    room, faults = room_of(path), []
    for line, name in imports(path):
        other, *rest = name.split(".")
        if other == room:
            continue
        if other not in permitted().get(room, set()):
            faults.append(f"{path}:{line}: {room} may not import {other}")
        elif other not in OPEN and rest[:1] != ["api"] and room != "plugin":
            faults.append(f"{path}:{line}: {other} is entered by its api.py, not by {name}")
    assert not faults, "\n".join(faults)


def test_rules_know_neither_ckan_nor_a_database():
    forbidden = re.compile(r"^\s*(?:from|import) (?:ckan|sqlalchemy|psycopg2|flask|redis|pysolr)\b", flags=re.M)
    faults = [
        f"{path.relative_to(ROOT)}: {match.group().strip()}"
        for path in sources()
        if "domain" in path.relative_to(PACKAGE).parts
        for match in forbidden.finditer(path.read_text())
        if "ckanext.lrtzc" not in path.read_text()[match.start() : match.end() + 20]
    ]
    assert not faults, "\n".join(faults)


def test_the_drawing_has_no_circle():
    graph, done = permitted(), set()

    def visit(room: str, trail: tuple[str, ...]) -> None:
        assert room not in trail, f"circle: {' → '.join((*trail, room))}"
        if room not in done:
            for other in graph.get(room, set()):
                visit(other, (*trail, room))
            done.add(room)

    for room in graph:
        visit(room, ())
