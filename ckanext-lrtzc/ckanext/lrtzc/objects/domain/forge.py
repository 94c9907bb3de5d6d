"""Links to forges: where a repository's latest revision is asked for, and how the answer is read.

Sources: GitHub REST API "Get a commit"; GitLab REST API "List repository commits"; Gitea and Forgejo API
"repoGetAllCommits".
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, cast
from urllib.parse import quote, urlsplit


class Forge(StrEnum):
    """The software of a forge."""

    GITHUB = "github"
    GITLAB = "gitlab"
    GITEA = "gitea"


KNOWN: Mapping[str, Forge] = MappingProxyType(
    {
        "github.com": Forge.GITHUB,
        "gitlab.com": Forge.GITLAB,
        "framagit.org": Forge.GITLAB,
        "gitlab.adullact.net": Forge.GITLAB,
        "codeberg.org": Forge.GITEA,
    }
)
"""Hosts whose software is known; a deployment adds others by a setting."""

_NAME = re.compile(r"[\w.-]{1,100}")
_SHA = re.compile(r"[0-9a-f]{7,64}")
_PATHS = {
    Forge.GITHUB: re.compile(r"^(?P<project>[^/]+/[^/]+)(?:/(?:tree|blob|commit)/(?P<ref>[^/]+).*)?$"),
    Forge.GITLAB: re.compile(r"^(?P<project>[^/]+(?:/[^/]+)+?)(?:/-/(?:tree|blob|commit)/(?P<ref>[^/]+).*)?$"),
    Forge.GITEA: re.compile(r"^(?P<project>[^/]+/[^/]+)(?:/src/(?:branch|tag|commit)/(?P<ref>[^/]+).*)?$"),
}


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository at a forge, by the address of its page; `ref` is a branch, a tag or a commit, empty for its own."""

    forge: Forge
    origin: str
    project: str
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit: its identifier in hexadecimal, and when it was made (ISO 8601)."""

    commit: str
    date: str


def read_hosts(entries: list[str]) -> dict[str, Forge]:
    """Read a setting's `software:host` entries, added to the known hosts.

    :raises ValueError: for an entry that isn't one
    """
    found = dict(KNOWN)
    for entry in entries:
        software, _colon, host = entry.partition(":")
        found[host.lower()] = Forge(software)
    return found


def repository(address: str, hosts: Mapping[str, Forge]) -> Repository | None:
    """Give the repository that an address leads to; None where it is none, or its host is no forge we know."""
    try:
        parts = urlsplit(address.strip())
        host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname or ""
    except ValueError:
        return None
    forge = hosts.get(host.lower())
    if forge is None or parts.scheme not in ("http", "https"):
        return None
    found = _PATHS[forge].match(parts.path.strip("/").removesuffix(".git"))
    if found is None or not all(_NAME.fullmatch(name) for name in found["project"].split("/")):
        return None
    return Repository(forge, f"{parts.scheme}://{host}", found["project"], found["ref"] or "")


def revision_address(where: Repository) -> str:
    """Give the address of the forge's API that tells the latest commit."""
    ref = quote(where.ref, safe="")
    match where.forge:
        case Forge.GITHUB:
            api = "https://api.github.com" if where.origin.endswith("//github.com") else f"{where.origin}/api/v3"
            return f"{api}/repos/{where.project}/commits/{ref or 'HEAD'}"
        case Forge.GITLAB:
            project = quote(where.project, safe="")
            asked = f"&ref_name={ref}" if ref else ""
            return f"{where.origin}/api/v4/projects/{project}/repository/commits?per_page=1{asked}"
        case Forge.GITEA:
            asked = f"&sha={ref}" if ref else ""
            return f"{where.origin}/api/v1/repos/{where.project}/commits?limit=1&stat=false&files=false{asked}"


def read_revision(forge: Forge, body: bytes) -> Revision | None:
    """Read a forge's answer; None where it holds no commit."""
    try:
        answer: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if isinstance(answer, list):
        items = cast("list[Any]", answer)
        answer = items[0] if items else None
    if not isinstance(answer, dict):
        return None
    said = cast("dict[str, Any]", answer)
    if forge is Forge.GITLAB:
        commit, date = said.get("id"), said.get("committed_date")
    else:
        inner = said.get("commit")
        inner = cast("dict[str, Any]", inner) if isinstance(inner, dict) else {}
        by = inner.get("committer")
        commit, date = said.get("sha"), cast("dict[str, Any]", by).get("date") if isinstance(by, dict) else ""
    if not isinstance(commit, str) or not _SHA.fullmatch(commit):
        return None
    return Revision(commit, date[:40] if isinstance(date, str) else "")
