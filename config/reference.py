"""Write what docs/ says of the code from the code: reference/actions.md and settings.md, guides/visiteur.md.

Usage: python config/reference.py write|check
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs"
TOPICS = ROOT / "ckanext-lrtzc" / "ckanext" / "lrtzc" / "help" / "topics"


def rooms() -> Iterator[tuple[str, Path]]:
    """Give the name and folder of each room that has actions, settings or both."""
    for package in sorted(ROOT.glob("ckanext-*/ckanext/*")):
        for folder in [package, *sorted(path for path in package.iterdir() if path.is_dir())]:
            if (folder / "plugin.py").is_file():
                yield folder.name, folder


def actions(folder: Path) -> Iterator[tuple[str, bool, str]]:
    """Give (name, whether it only reads, docstring) of the actions that a room defines."""
    for path in sorted(folder.glob("logic/**/*.py")):
        if path.stem in ("auth", "schema", "validators"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        public = next(
            (
                ast.literal_eval(node.value)
                for node in tree.body
                if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
            ),
            None,
        )
        for node in tree.body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            arguments = [argument.arg for argument in node.args.args]
            if (public is not None and node.name not in public) or arguments[:2] != ["context", "data_dict"]:
                continue
            reads = any("side_effect_free" in ast.unparse(decorator) for decorator in node.decorator_list)
            yield node.name, reads, ast.get_docstring(node) or ""


def settings(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Give (name, default, description) of the settings that a room declares."""
    path = folder / "config_declaration.yaml"
    if not path.is_file():
        return
    for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]:
        for option in group["options"]:
            yield option["key"], str(option.get("default", "")), " ".join(str(option.get("description", "")).split())


def guide() -> str:
    """Give the guide of those who look for data: the help's topics for them, in French."""
    lines = [
        "# Trouver et utiliser des données\n",
        "Fait par `make reference` des sujets de l'aide (`/aide`) : changez ceux de `help/topics/fr`, pas ceci.\n",
    ]
    topics = yaml.safe_load((TOPICS / "topics.yaml").read_text(encoding="utf-8"))
    for reader, title in (("visitor", "Sans compte"), ("contributor", "Avec un compte")):
        lines.append(f"## {title}\n")
        for code, said in topics.items():
            if said["for"] == reader:
                lines.append("##" + (TOPICS / "fr" / f"{code}.md").read_text(encoding="utf-8"))
    return "\n".join(lines)


def pages() -> dict[str, str]:
    """Give the text of each page, by its path in docs/."""
    calls = [
        "# Actions\n",
        "Made from the code by `make reference`. Each is called at `/api/3/action/<name>`: those that read by GET or",
        "POST, the others by POST with an API token.\n",
    ]
    options = [
        "# Settings\n",
        "Made from the code by `make reference`: the settings of our rooms, beside CKAN's own.\n",
    ]
    for room, folder in rooms():
        found = list(actions(folder))
        if found:
            calls.append(f"## {room}\n")
        for name, reads, text in found:
            calls.append(f"### `{name}`{' (reads)' if reads else ''}\n\n```text\n{text}\n```\n")
        declared = list(settings(folder))
        if declared:
            options.append(f"## {room}\n\n| setting | default | what |\n|---|---|---|")
            options += [
                f"| `{key}` | {f'`{default}`' if default else ''} | {text} |" for key, default, text in declared
            ]
            options.append("")
    return {
        "reference/actions.md": "\n".join(calls).rstrip() + "\n",
        "reference/settings.md": "\n".join(options).rstrip() + "\n",
        "guides/visiteur.md": guide(),
    }


def main() -> None:
    """Run the command given."""
    match sys.argv[1:]:
        case ["write"]:
            for name, text in pages().items():
                (TARGET / name).parent.mkdir(parents=True, exist_ok=True)
                (TARGET / name).write_text(text, encoding="utf-8")
        case ["check"]:
            kept = {str(path.relative_to(TARGET)): path.read_text(encoding="utf-8") for path in TARGET.rglob("*.md")}
            old = [name for name, text in pages().items() if kept.get(name) != text]
            sys.exit(f"Run make reference: {', '.join(old)} no longer says what the code does." if old else 0)
        case _:
            sys.exit((__doc__ or "").strip().splitlines()[-1])


if __name__ == "__main__":
    main()
