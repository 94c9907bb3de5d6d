"""Records that an operation of a SOAP service answers (W3C, SOAP 1.1 and 1.2), as one JSON file, by zeep."""

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import IO, Any

import zeep
from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]
from zeep import exceptions
from zeep.helpers import serialize_object
from zeep.transports import Transport

from ckanext.lrtzc.egress.client import Client
from ckanext.lrtzc.egress.domain.addresses import parse_target
from ckanext.lrtzc.egress.domain.errors import EgressError, public_host
from ckanext.lrtzc.sources.domain.faults import Code, Fault, OutFault
from ckanext.lrtzc.sources.domain.novelty import Found
from ckanext.lrtzc.sources.kinds import login
from ckanext.lrtzc.sources.kinds.base import Connection, Field, Kind, Settings, Taken, bounded
from ckanext.lrtzc.sources.kinds.rest import MOST_BYTES, records_at
from ckanext.lrtzc.sources.kinds.web import ask
from ckanext.lrtzc.translation import mark

_SAFE = zeep.Settings(forbid_dtd=True, forbid_entities=True, forbid_external=True, xml_huge_tree=False)
# A refusal of the service's is an answer too, of this status.
_REFUSAL = 500


class _Out(Transport):
    """What zeep sends and fetches, by the egress client alone; credentials go to the description's server only."""

    def __init__(self, settings: Settings, sent: Mapping[str, str], client: Client) -> None:
        super().__init__()
        self._settings, self._sent, self._client = settings, sent, client
        self._limits = replace(settings.limits, size=min(settings.limits.size, MOST_BYTES))
        self._origin = parse_target(settings.address).origin

    def load(self, url: str) -> bytes:
        """Give a description of the service, or a schema that it refers to."""
        return ask(self._client, url, self._credentials(url), self._limits, None).body

    def post(self, address: str, message: bytes, headers: Mapping[str, str]) -> Any:
        """Send a message; give what zeep reads of an answer."""
        if parse_target(address).origin != self._origin:
            raise Fault(Code.ELSEWHERE, field="address", host=public_host(self._settings.address))
        sent = {**headers, **self._sent}
        answer = self._client.fetch(address, method="POST", headers=sent, body=message, limits=self._limits)
        if answer.status in (401, 403):
            raise Fault(Code.LOGIN, field="login", host=public_host(address))
        if answer.status != _REFUSAL:
            answer.raise_for_status()
        return SimpleNamespace(
            status_code=answer.status, content=answer.body, headers=answer.headers, encoding="utf-8", text=""
        )

    def get(self, address: str, params: Any, headers: Any) -> Any:
        """Refuse the binding without messages, which isn't SOAP."""
        raise Fault(Code.PROTOCOL, field="operation", host=public_host(address), said="HTTP GET")

    def _credentials(self, url: str) -> dict[str, str]:
        return dict(self._sent) if parse_target(url).origin == self._origin else {}


class SoapRecords(Connection):
    """The records that one operation answers."""

    def __init__(self, service: Any, parameters: dict[str, Any], settings: Settings) -> None:
        self._service, self._parameters, self._settings = service, parameters, settings
        self._operation = settings.get("operation")

    def found(self) -> list[Found]:
        """Give the one file that the answer makes, once the operation is known to be there."""
        self._called()
        return [Found(f"{self._operation}.json")]

    def _called(self) -> Any:
        try:
            return self._service[self._operation]
        except (AttributeError, KeyError):
            raise Fault(Code.OPERATION, field="operation", name=self._operation) from None

    def read(self, found: Found, to: IO[bytes], since: str) -> Taken | None:
        """Call the operation, and write its records."""
        with _told(self._settings.address):
            said = serialize_object(self._called()(**self._parameters), dict)
            text = json.dumps(records_at(said, self._settings.get("records")), ensure_ascii=False, default=str)
        bounded(iter([text.encode()]), to, self._settings.limits.size, found.name)
        return Taken("")


class Soap(Kind):
    """An operation of a SOAP service."""

    name = "soap"
    label = mark("A SOAP service")
    hint = mark("Records that a service described by a WSDL gives, all in one answer.")
    example = "https://services.example.org/counts?wsdl"
    fields = (
        Field("operation", mark("Operation"), mark("Its name in the WSDL, for instance GetCounts.")),
        Field(
            "parameters",
            mark("What it is told"),
            mark('As an object of JSON, for instance {"year": 2026}. Empty: nothing.'),
            control="area",
        ),
        Field(
            "records",
            mark("Where the records are"),
            mark(
                "Names that lead to the list, with points between, for instance data.items. Empty: all of the answer."
            ),
        ),
        *login.FIELDS,
    )

    @contextmanager
    def connect(self, settings: Settings, client: Client) -> Generator[Connection]:
        """Sign in, and read what the service says of itself."""
        if not settings.get("operation"):
            raise Fault(Code.NEEDED, field="operation")
        parameters = _object(settings.get("parameters"))
        with _told(settings.address):
            transport = _Out(settings, login.headers(settings, client), client)
            try:
                service = zeep.Client(settings.address, transport=transport, settings=_SAFE).service
            finally:
                transport.session.close()
        yield SoapRecords(service, parameters, settings)


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Fault(Code.OBJECT, field="parameters")
    return found


@contextmanager
def _told(address: str) -> Generator[None]:
    """Say in words what the library raises."""
    try:
        yield
    except EgressError as error:
        raise OutFault(error) from None
    except exceptions.ValidationError as error:
        raise Fault(Code.PROTOCOL, field="parameters", host=public_host(address), said=str(error)[:200]) from None
    except (exceptions.Error, etree.LxmlError, AttributeError, KeyError, TypeError, ValueError) as error:
        # zeep lets through what broken descriptions do to it
        raise Fault(Code.PROTOCOL, field="address", host=public_host(address), said=str(error)[:200]) from None
