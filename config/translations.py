"""Translations of all rooms: check that none is missing, and compile them.

Texts are written in English in code and templates; each room keeps its French in `<room>/i18n/fr.po`. `compile` merges
these into `i18n/<language>/LC_MESSAGES/ckanext-lrtzc.mo`, the one catalogue that CKAN reads. `missing` lists the texts
that a room uses and its catalogue lacks. `loose` lists French texts in which a sign may be parted from its word at the
end of a line, `bind` mends them.

Usage: python config/translations.py compile|missing|loose|bind
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import yaml
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent


def settings_texts(file: IO[bytes], *_wanted: Any, **_options: Any) -> Iterator[tuple[int, str, str, list[str]]]:
    """Give the descriptions of settings that administrators change by page, as Babel's extraction wants them."""
    for group in yaml.safe_load(file)["groups"]:
        for option in group.get("options", ()):
            if option.get("editable"):
                yield 1, "_", option["description"], []


METHODS = [
    ("**/tests/**", "ignore"),
    ("**/migration/**", "ignore"),
    ("**.py", "python"),
    ("**/templates/**.html", "ckan"),
]
METHODS += [
    ("**/templates/**.txt", "ckan"),
    ("**/templates/**.xml", "ckan"),
    ("**/config_declaration.yaml", settings_texts),
]


def packages() -> Iterator[Path]:
    """Give the source folder of each extension."""
    yield from sorted(ROOT.glob("ckanext-*/ckanext/*"))


def catalogues(package: Path) -> Iterator[Path]:
    """Give the hand-written catalogues of an extension."""
    yield from sorted(package.glob("i18n/??.po"))
    yield from sorted(package.glob("*/i18n/??.po"))


def merged(package: Path, quarrels: list[str] | None = None) -> dict[str, Catalog]:
    """Give one catalogue for each language, of all rooms of an extension.

    :param quarrels: gets a line for each text that two rooms translate differently; the first one stands.
    """
    result: dict[str, Catalog] = {}
    origin: dict[tuple[str, object], Path] = {}
    for path in catalogues(package):
        language = path.stem
        whole = result.setdefault(language, Catalog(locale=language, domain=f"ckanext-{package.name}"))
        with path.open("rb") as file:
            part = read_po(file, locale=language, abort_invalid=True)
        for message in part:
            if not message.id or not message.string or message.fuzzy:
                continue
            key = (language, message.id if isinstance(message.id, str) else message.id[0])
            known = whole.get(message.id, context=message.context)
            if known and known.string != message.string:
                if quarrels is not None:
                    quarrels.append(f"“{key[1]}” is translated in two ways: {origin[key]} and {path}")
                continue
            origin.setdefault(key, path)
            whole.add(message.id, message.string, context=message.context)
    return result


def compile_catalogues() -> None:
    """Write the compiled catalogues."""
    for package in packages():
        for language, catalogue in merged(package).items():
            target = package / "i18n" / language / "LC_MESSAGES" / f"ckanext-{package.name}.mo"
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as file:
                write_mo(file, catalogue)


def missing(language: str = "fr") -> list[str]:
    """Give one line for each text of our code that has no translation (file, line, text), or has two."""
    lines: list[str] = []
    for package in packages():
        catalogue = merged(package, lines).get(language, Catalog())
        found = extract_from_dir(
            str(package), method_map=METHODS, keywords=KEYWORDS, options_map={"**": {"encoding": "utf-8"}}
        )
        for name, line, message, _comments, context in found:
            key = message[0] if isinstance(message, tuple) else message
            if key and not catalogue.get(key, context=context):
                lines.append(f"{package.name}/{name}:{line}: {key}")
    return lines


#: A space before ; : ? ! and within « » doesn't break the line (Imprimerie nationale, Lexique, 2002, p. 149).
_BREAKS = re.compile(r"(?<=\w) (?=[;:?!»](?:\W|$))|(?<=«) ", re.MULTILINE)
_TRANSLATED = re.compile(r'^msgstr(?:\[\d\])? ".*"$', re.MULTILINE)


def _french() -> Iterator[tuple[Path, str, re.Pattern[str]]]:
    """Give each file of French, its text, and what finds the French in it."""
    for package in packages():
        for path in sorted([*package.rglob("i18n/fr.po"), *package.glob("help/topics/fr/*.md")]):
            yield path, path.read_text("utf-8"), _TRANSLATED if path.suffix == ".po" else re.compile(".+")


def loose() -> list[str]:
    """Give one line for each French text in which a sign may be parted from its word (file, text)."""
    return [
        f"{path.relative_to(ROOT)}: {found[0][:100]}"
        for path, text, french in _french()
        for found in french.finditer(text)
        if _BREAKS.search(found[0])
    ]


def bind() -> None:
    """Keep the signs of all French texts with their words, by spaces that don't break."""
    for path, text, french in _french():
        bound = french.sub(lambda found: _BREAKS.sub("\N{NO-BREAK SPACE}", found[0]), text)
        if bound != text:
            path.write_text(bound, "utf-8")


KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "ungettext": (1, 2),
    "N_": None,
    "mark": None,
    "pgettext": ((1, "c"), 2),
}


def main() -> None:
    """Run the command given."""
    match sys.argv[1:]:
        case ["compile"]:
            compile_catalogues()
        case ["missing" | "loose" as what]:
            lines = missing() if what == "missing" else loose()
            print("\n".join(lines))
            sys.exit(1 if lines else 0)
        case ["bind"]:
            bind()
        case _:
            sys.exit((__doc__ or "").strip().splitlines()[-1])


if __name__ == "__main__":
    main()
