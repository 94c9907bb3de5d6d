"""Messages published to a topic of a broker (MQTT 5 and 3.1.1, OASIS), by paho-mqtt, over the egress client's line.

QoS 1 (section 4.3.2 of both): a message counts once the broker has acknowledged it; it may come there twice.
"""

import socket
import ssl
import struct
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import certifi
import paho.mqtt.client as paho
from paho.mqtt import MQTTException
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ckanext.lrtzc.egress.client import Client, Line
from ckanext.lrtzc.egress.domain.errors import Code as OutCode
from ckanext.lrtzc.egress.domain.errors import EgressError
from ckanext.lrtzc.sources.domain.faults import Code, Fault, OutFault
from ckanext.lrtzc.sources.domain.places import Place, place_of
from ckanext.lrtzc.sources.kinds.base import PASSWORD, USERNAME, Field, Settings
from ckanext.lrtzc.translation import mark

PORTS = {"mqtt": 1883, "mqtts": 8883}
_VERSIONS = {"5": MQTTProtocolVersion.MQTTv5, "3.1.1": MQTTProtocolVersion.MQTTv311}
LONGEST_TOPIC = 1_000
# Bytes of a packet around its message and its topic, at most.
_AROUND = 32
# Bytes of an answer, which are a few dozens: nothing is subscribed to.
_LARGEST_ANSWER = 65_536
# Seconds of one look whether something came.
_LOOK = 0.5
# Answers of a broker (MQTT 5, section 2.4).
_BAD_LOGIN, _NOT_AUTHORISED, _BAD_CLIENT, _BANNED = 0x86, 0x87, 0x85, 0x8A


class _Talk(paho.Client):
    """The library's client over a socket of ours, which leads to the very address that was checked."""

    def __init__(self, line: Line, context: ssl.SSLContext | None, version: MQTTProtocolVersion, name: str) -> None:
        clean = {} if version is MQTTProtocolVersion.MQTTv5 else {"clean_session": True}
        super().__init__(
            CallbackAPIVersion.VERSION2, client_id=name, protocol=version, reconnect_on_failure=False, **clean
        )
        self._line, self._context = line, context

    def _create_socket(self) -> socket.socket:
        sock = self._line.open()
        if self._context is None:
            return sock
        try:
            secure = self._context.wrap_socket(sock, server_hostname=self._line.host)
        except BaseException:
            sock.close()
            raise
        # it took the place of the socket that the line watches
        self._line.deadline.watch(secure)
        return secure

    @property
    def is_flooded(self) -> bool:
        """Say whether the broker announces more than any answer holds."""
        return int(self._in_packet["to_process"]) > _LARGEST_ANSWER


class Broker:
    """A broker while it is open."""

    def __init__(self, talk: _Talk, line: Line, settings: Settings) -> None:
        self._talk, self._line = talk, line
        self._topic, self._retain = settings.get("topic").strip(), settings.get("retain") == "yes"
        self._welcome: tuple[ReasonCode, Properties | None] | None = None
        self._taken: dict[int, ReasonCode] = {}
        self._ended: ReasonCode | None = None
        talk.on_connect = self._on_connect
        talk.on_publish = self._on_publish
        talk.on_disconnect = self._on_disconnect

    def _on_connect(self, _talk: Any, _data: Any, _flags: Any, code: ReasonCode, told: Properties | None) -> None:
        self._welcome = code, told

    def _on_publish(self, _talk: Any, _data: Any, number: int, code: ReasonCode, _told: Properties | None) -> None:
        self._taken[number] = code

    def _on_disconnect(self, _talk: Any, _data: Any, _flags: Any, code: ReasonCode, _told: Properties | None) -> None:
        self._ended = code

    def begin(self) -> None:
        """Connect and sign in.

        :raises Fault: the broker refuses or doesn't answer.
        """
        with self._told():
            self._talk.connect(self._line.host, self._line.port, keepalive=max(10, round(self._line.patience)))
        self._wait(lambda: self._welcome is not None)
        code, _told = self._welcome or (None, None)
        if code is not None and code.is_failure:
            if code.value in (_BAD_LOGIN, _NOT_AUTHORISED, _BAD_CLIENT, _BANNED):
                raise Fault(Code.LOGIN, field="username", host=self._line.host)
            raise Fault(Code.PROTOCOL, field="version", host=self._line.host, said=str(code)[:200])

    def publish(self, message: bytes, *, retain: bool = True) -> None:
        """Publish a message, and wait until the broker has acknowledged it.

        :param retain: whether the broker may be asked to keep it as the topic's last, where the settings say so
        :raises Fault: it isn't taken.
        """
        self._check_size(message)
        with self._told():
            sent = self._talk.publish(self._topic, message, qos=1, retain=retain and self._retain)
        self._wait(lambda: sent.mid in self._taken)
        code = self._taken[sent.mid]
        if code.is_failure:
            if code.value == _NOT_AUTHORISED:
                raise Fault(Code.WRITE, field="topic", host=self._line.host, name=self._topic)
            raise Fault(Code.PROTOCOL, field="topic", host=self._line.host, said=str(code)[:200])

    def _check_size(self, message: bytes) -> None:
        """Refuse what the broker said that it doesn't take (MQTT 5, section 3.2.2.3)."""
        told = self._welcome[1] if self._welcome else None
        most = getattr(told, "MaximumPacketSize", None)
        if most is not None and len(message) + len(self._topic.encode()) + _AROUND > most:
            raise Fault(Code.LARGE, field="topic", host=self._line.host, name=self._topic, most=most)
        if getattr(told, "MaximumQoS", 1) < 1:
            raise Fault(Code.PROTOCOL, field="address", host=self._line.host, said="QoS 0")
        if self._retain and not getattr(told, "RetainAvailable", 1):
            raise Fault(Code.PROTOCOL, field="retain", host=self._line.host, said="retain")

    def _wait(self, done: Any) -> None:
        """Exchange packets until something came, or time is over."""
        while not done():
            with self._told():
                state = self._talk.loop(min(_LOOK, self._line.deadline.left))
            if done():
                return
            if self._line.deadline.passed:
                raise OutFault(self._line.late())
            if self._talk.is_flooded:
                raise Fault(Code.PROTOCOL, field="address", host=self._line.host, said=f"> {_LARGEST_ANSWER}")
            if state is not MQTTErrorCode.MQTT_ERR_SUCCESS:
                self._explain_end(state)

    def _explain_end(self, state: MQTTErrorCode) -> None:
        ended = self._ended
        # a broker of MQTT 5 says why it hangs up; the library says so of itself with a code below
        if ended is not None and ended.is_failure and ended.value not in (0x80, 0x81):
            if ended.value == _NOT_AUTHORISED:
                raise Fault(Code.WRITE, field="topic", host=self._line.host, name=self._topic)
            raise Fault(Code.PROTOCOL, field="address", host=self._line.host, said=str(ended)[:200])
        if state is MQTTErrorCode.MQTT_ERR_PROTOCOL:
            raise Fault(Code.PROTOCOL, field="address", host=self._line.host, said="MQTT")
        raise OutFault(EgressError(OutCode.TRUNCATED, host=self._line.host))

    @contextmanager
    def _told(self) -> Generator[None]:
        """Say in words what the library raises."""
        try:
            yield
        except ssl.SSLError:
            if self._line.deadline.passed:
                raise OutFault(self._line.late()) from None
            raise OutFault(EgressError(OutCode.TLS, host=self._line.host)) from None
        except OSError as error:
            if self._line.deadline.passed or isinstance(error, TimeoutError):
                raise OutFault(self._line.late()) from None
            raise OutFault(EgressError(OutCode.TRUNCATED, host=self._line.host)) from None
        except (ValueError, LookupError, TypeError, AttributeError, AssertionError, struct.error, MQTTException):
            # what a server that isn't a broker answers breaks the library's reading in many ways
            raise Fault(Code.PROTOCOL, field="address", host=self._line.host, said="MQTT") from None

    def end(self) -> None:
        """Say goodbye, and close."""
        self._talk.on_disconnect = None
        self._talk.disconnect()
        self._talk.loop(0.1)
        sock = self._talk.socket()
        if sock is not None:
            sock.close()


class Mqtt:
    """A topic of a broker."""

    name = "mqtt"
    label = mark("A topic of an MQTT broker")
    hint = mark("Messages for connected devices and their platforms: the new rows, or where to read them.")
    example = "mqtts://broker.example.org:8883"
    fields = (
        Field("topic", mark("Topic"), mark("For instance territory/bikes/counts; without + and #."), required=True),
        USERNAME,
        PASSWORD,
        Field(
            "version",
            mark("Version of MQTT"),
            mark("With MQTT 5 a broker says why it refuses a message; with 3.1.1 it drops it without a word."),
            control="select",
            choices=(("5", "5"), ("3.1.1", "3.1.1")),
        ),
        Field(
            "client_id",
            mark("Client identifier"),
            mark("Where the broker expects one. Nothing else may connect to it by the same."),
        ),
        Field(
            "retain",
            mark("Last message"),
            control="select",
            choices=(
                ("no", mark("Only for who listens at that moment")),
                ("yes", mark("Kept by the broker for who comes later (retain)")),
            ),
        ),
    )

    @contextmanager
    def connect(self, settings: Settings, client: Client) -> Generator[Broker]:
        """Connect by the rules on addresses, and sign in.

        :raises Fault: the address isn't one, the broker refuses or doesn't answer.
        """
        place = place_of(settings.address, PORTS, self.example)
        _check(place, settings, self.example)
        context = None
        if place.scheme == "mqtts":
            context = ssl.create_default_context(cafile=client.ca_file or certifi.where())
            context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            with client.line(place.scheme, place.host, place.port, usual=(), limits=settings.limits) as line:
                version = _VERSIONS[settings.get("version", "5")]
                talk = _Talk(line, context, version, settings.get("client_id").strip())
                if settings.get("username"):
                    talk.username_pw_set(settings.get("username"), settings.get("password") or None)
                broker = Broker(talk, line, settings)
                try:
                    broker.begin()
                    yield broker
                finally:
                    broker.end()
        except EgressError as error:
            raise OutFault(error) from None


def _check(place: Place, settings: Settings, example: str) -> None:
    """Refuse what no broker takes, before anything is sent.

    :raises Fault: saying which setting.
    """
    if place.path != "/":
        raise Fault(Code.ADDRESS, field="address", example=example)
    topic = settings.get("topic").strip()
    if not topic:
        raise Fault(Code.NEEDED, field="topic")
    if len(topic) > LONGEST_TOPIC or topic.startswith("$") or any(sign in topic for sign in "+#\x00"):
        raise Fault(Code.TOPIC, field="topic")
    if settings.get("password") and not settings.get("username"):
        raise Fault(Code.NEEDED, field="username")
