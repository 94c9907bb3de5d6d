"""Documents of a folder of a content repository over CMIS 1.1 (OASIS), by its browser binding (section 5)."""

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, Any
from urllib.parse import quote

from ckanext.lrtzc.egress.client import Client
from ckanext.lrtzc.egress.domain.errors import public_host
from ckanext.lrtzc.sources.domain.faults import Code, Fault, OutFault
from ckanext.lrtzc.sources.domain.novelty import Found
from ckanext.lrtzc.sources.kinds import login
from ckanext.lrtzc.sources.kinds.base import (
    MOST_FILES,
    PATTERN,
    Connection,
    Field,
    Kind,
    Settings,
    Taken,
    matching,
    refuse_many,
)
from ckanext.lrtzc.sources.kinds.rest import with_parameters
from ckanext.lrtzc.sources.kinds.web import ask, same_server
from ckanext.lrtzc.translation import mark

_PAGE = 500
_MISSING = (400, 404)


class CmisFolder(Connection):
    """A folder of a repository, whose root folder has an address of its own."""

    def __init__(self, root: str, settings: Settings, sent: Mapping[str, str], client: Client) -> None:
        self._root, self._sent, self._client, self._limits = root, sent, client, settings.limits
        self._folder, self._pattern = settings.get("folder").strip("/"), settings.get("pattern")
        self._host = public_host(settings.address)
        self._ids: dict[str, str] = {}

    def found(self) -> list[Found]:
        """List the documents of the folder, a page at a time."""
        listed: dict[str, Found] = {}
        while len(listed) <= MOST_FILES:
            said = self._children(len(listed))
            objects = said.get("objects") or []
            for one in objects:
                found, identity = _found((one.get("object") or {}).get("succinctProperties") or {})
                listed[found.name] = found
                if identity:
                    self._ids[found.name] = identity
            if not objects or not said.get("hasMoreItems"):
                break
        refuse_many(self._host, len(listed))
        wanted = matching([name for name in listed if name in self._ids], self._pattern)
        return [found for name, found in listed.items() if name in wanted]

    def _children(self, skip: int) -> dict[str, Any]:
        address = f"{self._root.rstrip('/')}/{quote(self._folder)}" if self._folder else self._root
        asked = {"cmisselector": "children", "succinct": "true", "maxItems": str(_PAGE), "skipCount": str(skip)}
        try:
            return answered(self._client, with_parameters(address, asked), self._sent, self._limits)
        except OutFault as fault:
            if fault.params.get("status") not in _MISSING:
                raise
            raise Fault(Code.FOLDER, field="folder", host=self._host, name=f"/{self._folder}") from None

    def read(self, found: Found, to: IO[bytes], since: str) -> Taken | None:
        """Read a document's content whole."""
        ask(self._client, self._of(found, "content"), self._sent, self._limits, to)
        return Taken(found.mark)

    def mark_now(self, found: Found) -> str:
        """Ask again for its change token, its time of change and its size."""
        said = answered(self._client, self._of(found, "object") + "&succinct=true", self._sent, self._limits)
        return _found(said.get("succinctProperties") or {})[0].mark

    def _of(self, found: Found, selector: str) -> str:
        return with_parameters(self._root, {"cmisselector": selector, "objectId": self._ids[found.name]})


def answered(client: Client, address: str, sent: Mapping[str, str], limits: Any) -> dict[str, Any]:
    """Give what a repository answers.

    :raises Fault: refused, failed, or no object of JSON
    """
    answer = ask(client, address, {**sent, "accept": "application/json"}, limits, None)
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise Fault(Code.JSON, field="address", host=public_host(address), page=1)
    return said


def _found(told: Mapping[str, Any]) -> tuple[Found, str]:
    """Give what an object says of itself, and its identifier, which is empty for what has no content."""
    size, changed = told.get("cmis:contentStreamLength"), told.get("cmis:lastModificationDate")
    modified = datetime.fromtimestamp(changed / 1000, UTC) if isinstance(changed, int) else None
    size = size if isinstance(size, int) and size >= 0 else None
    document = told.get("cmis:baseTypeId") == "cmis:document"
    parts = (told.get("cmis:changeToken"), changed, size)
    told_mark = "/".join(str(part) for part in parts) if any(part is not None for part in parts[:2]) else ""
    name = str(told.get("cmis:name") or "").replace("/", "-")
    return Found(name, told_mark, size, modified), str(told.get("cmis:objectId") or "") if document else ""


class Cmis(Kind):
    """A folder of a content repository."""

    name = "cmis"
    label = mark("A folder of a content repository (CMIS)")
    hint = mark("The documents of a folder of an electronic document management system, such as Alfresco or Nuxeo.")
    example = "https://documents.example.org/alfresco/api/-default-/public/cmis/versions/1.1/browser"
    fields = (
        Field("folder", mark("Folder"), mark("For instance /Sites/open-data. Empty: the first folder.")),
        Field("repository", mark("Repository"), mark("Its identifier. Empty: the first that the server shows.")),
        PATTERN,
        *login.FIELDS,
    )

    @contextmanager
    def connect(self, settings: Settings, client: Client) -> Generator[Connection]:
        """Sign in, and ask where the repository's folders are."""
        sent = login.headers(settings, client)
        said = answered(client, settings.address, sent, settings.limits)
        known = {name: each for name, each in said.items() if isinstance(each, dict) and each.get("rootFolderUrl")}
        wanted = settings.get("repository") or next(iter(known), "")
        if wanted not in known:
            raise Fault(Code.FOLDER, field="repository", host=public_host(settings.address), name=wanted or "CMIS")
        root = same_server(str(known[wanted]["rootFolderUrl"]), settings.address, "address")
        yield CmisFolder(root, settings, sent, client)
