"""Runs the scripts of a content folder and reads what they wrote."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Described = dict[str, Any]
PARTS = {"organizations": "name", "people": "name", "datasets": "name"}
WATCHED = {".py", ".yaml", ".json", ".geojson"}
SECONDS = 120


class SampleError(Exception):
    """The sample content can't be made or loaded: the message says what is wrong and what to do."""


@dataclass(frozen=True)
class File:
    """A data file of a dataset: where it is, and the dictionary of its columns."""

    path: Path
    name: str
    fields: Described
    columns: list[Described]


@dataclass(frozen=True)
class Collected:
    """The files of a dataset that is a collection, each with its caption; `fields` are what the action takes."""

    fields: Described
    files: tuple[tuple[Path, str], ...]


@dataclass(frozen=True)
class Dataset:
    """A dataset as the portal's actions take it, and its files: those of rows, or those of a collection."""

    name: str
    fields: Described
    files: tuple[File, ...]
    collected: Collected | None = None

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all that is loaded of it, in hexadecimal."""
        digest = hashlib.sha256(json.dumps(self.fields, sort_keys=True).encode())
        for file in self.files:
            digest.update(json.dumps([file.fields, file.columns], sort_keys=True).encode())
            digest.update(hashlib.sha256(file.path.read_bytes()).digest())
        if self.collected:
            digest.update(json.dumps(self.collected.fields, sort_keys=True).encode())
            for path, caption in self.collected.files:
                digest.update(json.dumps([path.name, caption]).encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()


@dataclass(frozen=True)
class Linked:
    """An object that isn't a dataset, as the portal's actions take it, and its links: pairs of kind and name."""

    fields: Described
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Asked:
    """A form of a dataset: `fields` are its title, intro and sheets, `files` those that its questions name.

    `answers` are values and files by the path of their question.
    """

    dataset: str
    fields: Described
    files: tuple[Path, ...]
    answers: tuple[tuple[dict[str, str], dict[str, Path]], ...]


@dataclass(frozen=True)
class Content:
    """All that is loaded."""

    organizations: list[Described]
    people: list[Described]
    datasets: list[Dataset]
    objects: list[Linked]
    reuses: list[Described]
    """As `lrtzc_reuse_create` takes them."""
    needs: list[Described]
    """Each with `fields`, as `lrtzc_need_create` takes them, and `answer`, as `lrtzc_need_answer`, or nothing."""
    challenges: list[Described] = field(default_factory=list[dict[str, Any]])
    """As `lrtzc_reward_challenge_create` takes them, with `dataset` (a name) instead of `resource`."""
    forms: list[Asked] = field(default_factory=list[Asked])
    partner: Described | None = None
    """The partner as the action `partner_create` takes it, with `path` (of its catalogue) instead of `address`."""


def fingerprint_of(folders: Iterable[Path]) -> str:
    """Give the SHA-256 of the scripts and descriptions of some folders, names included, in hexadecimal."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in WATCHED and path.is_file():
                digest.update(str(path.relative_to(folder)).encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def run_script(script: Path, *arguments: str) -> None:
    """Run a script of a content folder.

    :raises SampleError: if it isn't there, fails, or takes more than two minutes.
    """
    if not script.is_file():
        raise SampleError(f"{script} is missing: is this a folder of sample content?")
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, str(script), *arguments]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=SECONDS, env=environment)  # noqa: S603
    except subprocess.CalledProcessError as error:
        last = error.stderr.strip().splitlines()[-1:] or ["no message"]
        raise SampleError(f"{script} failed: {last[0]}") from error
    except subprocess.TimeoutExpired as error:
        raise SampleError(f"{script} took more than {SECONDS} s.") from error


def read_content(folder: Path) -> Content:
    """Read `content.json` and find the files it names.

    :raises SampleError: if it is missing or malformed, or names a file that isn't there.
    """
    path = folder / "content.json"
    try:
        given = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SampleError(f"{path} can't be read: {error}") from error
    if not isinstance(given, dict):
        raise SampleError(f"{path}: an object is expected.")
    for part, key in PARTS.items():
        items = given.get(part)
        if not isinstance(items, list) or not all(isinstance(one, dict) and one.get(key) for one in items):
            raise SampleError(f"{path}: “{part}” must be a list of objects that have a {key}.")
    return Content(
        organizations=given["organizations"],
        people=given["people"],
        datasets=[_dataset(folder, one) for one in given["datasets"]],
        objects=[_linked(path, one) for one in given.get("objects", [])],
        reuses=_said(path, given, "reuses"),
        needs=_said(path, given, "needs"),
        challenges=_said(path, given, "challenges"),
        forms=[_asked(folder, one) for one in _said(path, given, "forms")],
        partner=_partner(path, given.get("partner")),
    )


def _said(path: Path, given: Described, part: str) -> list[Described]:
    items = given.get(part, [])
    if not isinstance(items, list) or not all(isinstance(one, dict) and one.get("title") for one in items):
        raise SampleError(f"{path}: “{part}” must be a list of objects that have a title.")
    return items


def _asked(folder: Path, given: Described) -> Asked:
    fields = {key: given[key] for key in ("title", "intro", "sheets") if key in given}
    dataset = str(given.get("dataset", ""))
    try:
        files = tuple(_path(folder, dataset, {"file": name}) for name in given.get("files", ()))
        answers = tuple(
            (dict(one["values"]), {key: _path(folder, dataset, {"file": name}) for key, name in one["files"].items()})
            for one in given.get("answers", ())
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise SampleError(f"form {given['title']}: each of its answers must have values and files.") from None
    return Asked(dataset, fields, files, answers)


def _linked(path: Path, given: Any) -> Linked:
    try:
        return Linked(dict(given["fields"]), tuple((one["kind"], one["target"]) for one in given["links"]))
    except (KeyError, TypeError, ValueError):
        raise SampleError(f"{path}: each of “objects” must have fields and links.") from None


def _partner(path: Path, given: Any) -> Described | None:
    if given is None:
        return None
    if not isinstance(given, dict) or not {"title", "kind", "path", "owner_org"} <= set(given):
        raise SampleError(f"{path}: “partner” must have a title, a kind, a path and an owner_org.")
    return given


def _dataset(folder: Path, given: Described) -> Dataset:
    files = tuple(_file(folder, given["name"], one) for one in given.get("resources", []))
    fields = {key: value for key, value in given.items() if key not in ("resources", "collection")}
    return Dataset(name=given["name"], fields=fields, files=files, collected=_collected(folder, given))


def _collected(folder: Path, given: Described) -> Collected | None:
    if "collection" not in given:
        return None
    described = given["collection"]
    if not isinstance(described, dict) or not described.get("kind") or not described.get("files"):
        raise SampleError(f"{given['name']}: “collection” must have a kind and files.")
    files = tuple((_path(folder, given["name"], one), one.get("caption", "")) for one in described["files"])
    return Collected({key: value for key, value in described.items() if key != "files"}, files)


def _path(folder: Path, dataset: str, given: Described) -> Path:
    name = given.get("file", "")
    path = folder / name
    if not name or Path(name).name != name or not path.is_file():
        raise SampleError(f"{dataset}: the file “{name}” isn't in {folder}.")
    return path


def _file(folder: Path, dataset: str, given: Described) -> File:
    path = _path(folder, dataset, given)
    fields = {key: value for key, value in given.items() if key not in ("file", "columns")}
    return File(path=path, name=given.get("name") or path.name, fields=fields, columns=given.get("columns", []))
