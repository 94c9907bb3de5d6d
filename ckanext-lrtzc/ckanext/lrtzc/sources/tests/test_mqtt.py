"""Messages reach a real broker, which acknowledges them; bad brokers, and what isn't one, are told apart from that."""

import time

import pytest

from ckanext.lrtzc.egress.client import Client
from ckanext.lrtzc.egress.domain.addresses import AllowList
from ckanext.lrtzc.egress.domain.body import Limits
from ckanext.lrtzc.sources.domain.faults import Fault
from ckanext.lrtzc.sources.kinds.base import Settings
from ckanext.lrtzc.sources.kinds.mqtt import Mqtt

from .conftest import NAME, PASSWORD
from .mosquitto import CLOSED_TOPIC, OPEN_TOPIC, pretending, until

QUICK = Limits(seconds=30, connect=10, stall=20)
# The broker's welcome: MQTT 5 with no property, 3.1.1.
WELCOME, WELCOME_3 = b"\x20\x03\x00\x00\x00", b"\x20\x02\x00\x00"


def publish(broker, *messages, address="", topic=OPEN_TOPIC, password=PASSWORD, client=None, limits=QUICK, **options):
    address = address or broker.address
    port = address.rsplit(":", 1)[1]
    client = client or Client(AllowList.parse([f"127.0.0.1:{port}"]), limits, ca_file=str(broker.certificate))
    settings = Settings(address, {"topic": topic, "username": NAME, **options}, {"password": password}, limits)
    with Mqtt().connect(settings, client) as place:
        for message in messages:
            place.publish(message)


class TestPublishing:
    @pytest.mark.parametrize("version", ["5", "3.1.1"])
    @pytest.mark.parametrize("scheme", ["mqtt", "mqtts"])
    def test_messages_come_in_their_order_once_acknowledged(self, mosquitto, scheme, version):
        address = mosquitto.address if scheme == "mqtt" else mosquitto.secure_address
        sent = [b'{"rows":[]}', "é".encode() * 40_000, b"3"]
        with mosquitto.heard() as heard:
            publish(mosquitto, *sent, address=address, version=version, client_id="portal")
            until(lambda: len(heard) >= 3)
        assert heard == [(each, False) for each in sent]

    def test_the_last_is_kept_for_who_comes_later_where_that_is_asked_for(self, mosquitto):
        publish(mosquitto, b"1", topic="territory/none")
        publish(mosquitto, b"1", b"2", topic="territory/kept", retain="yes")
        with mosquitto.heard("territory/+") as heard:
            until(lambda: heard)
        assert heard == [(b"2", True)]

    @pytest.mark.parametrize("version", ["5", "3.1.1"])
    def test_who_may_not_is_told_why(self, mosquitto, version):
        with pytest.raises(Fault) as told:
            publish(mosquitto, b"1", password="wrong", version=version)
        assert (told.value.code, told.value.field) == ("login", "username")

    def test_a_topic_that_is_closed_and_a_message_that_is_too_large_are_refused_with_their_reason(self, mosquitto):
        with pytest.raises(Fault) as told:
            publish(mosquitto, b"1", topic=CLOSED_TOPIC)
        assert (told.value.code, told.value.params["name"]) == ("write", CLOSED_TOPIC)
        with pytest.raises(Fault) as told:
            publish(mosquitto, b"x" * 250_000)
        assert told.value.code == "large"
        with pytest.raises(Fault) as told:
            publish(mosquitto, b"x" * 250_000, version="3.1.1")
        assert told.value.code == "truncated", "an older broker hangs up without a word: not delivered"


class TestAttacks:
    def test_inner_addresses_are_refused_also_where_a_name_leads_there(self, mosquitto):
        with pytest.raises(Fault) as told:
            publish(mosquitto, b"1", client=Client(limits=QUICK))
        assert told.value.code == "forbidden"
        for address in ("10.0.0.1", "169.254.169.254", "::1"):
            client = Client(limits=QUICK, resolver=lambda _host, _port, found=address: [found])
            with pytest.raises(Fault) as told:
                publish(mosquitto, b"1", address="mqtt://broker.example:1883", client=client)
            assert told.value.code == "forbidden"
        with pytest.raises(Fault) as told:
            publish(mosquitto, b"1", address="mqtt://broker.example:25", client=Client(limits=QUICK))
        assert told.value.code == "port"

    def test_the_certificate_is_checked_against_the_name_whatever_address_was_checked(self, mosquitto):
        def client(**more):
            allowed = AllowList.parse([f"{host}:{mosquitto.tls_port}" for host in ("127.0.0.1", "broker.example")])
            return Client(allowed, QUICK, resolver=lambda _host, _port: ["127.0.0.1"], **more)

        with mosquitto.heard() as heard:
            for address, found in (
                (mosquitto.secure_address, client()),
                (f"mqtts://broker.example:{mosquitto.tls_port}", client(ca_file=str(mosquitto.certificate))),
            ):
                with pytest.raises(Fault) as told:
                    publish(mosquitto, b"1", address=address, client=found)
                assert told.value.code == "tls"
        assert heard == []

    @pytest.mark.parametrize(
        ("answers", "version", "code"),
        [
            ((b"HTTP/1.1 400 Bad Request\r\n\r\n", None), "5", "source_protocol"),
            ((b"\x20\xff\xff\xff\x7f" + b"x" * 1000,), "5", "source_protocol"),
            ((None,), "5", "truncated"),
            ((WELCOME, None), "5", "truncated"),
            ((WELCOME_3, None), "3.1.1", "truncated"),
            ((b"\x20\x03\x00\x84\x00",), "5", "source_protocol"),
        ],
        ids=["web", "flood", "silent", "no-acknowledgement", "no-acknowledgement-3", "other-version"],
    )
    def test_what_is_no_broker_or_acknowledges_nothing_delivers_nothing(self, mosquitto, answers, version, code):
        with pytest.raises(Fault) as told:
            publish(mosquitto, b"1", address=f"mqtt://127.0.0.1:{pretending(*answers)}", version=version)
        assert told.value.code == code

    @pytest.mark.parametrize("answers", [(), (WELCOME,)], ids=["at-once", "after-the-welcome"])
    @pytest.mark.parametrize("scheme", ["mqtt", "mqtts"])
    def test_who_hangs_is_left_at_the_deadline(self, mosquitto, scheme, answers):
        began = time.monotonic()
        address, limits = f"{scheme}://127.0.0.1:{pretending(*answers)}", Limits(seconds=2, connect=2, stall=20)
        with pytest.raises(Fault) as told:
            publish(mosquitto, b"1", address=address, limits=limits)
        assert told.value.code in ("timeout", "tls"), "what follows a welcome that isn't TLS is no TLS either"
        assert time.monotonic() - began < 20

    @pytest.mark.parametrize(
        ("field", "given"),
        [
            ("topic", {"topic": ""}),
            ("topic", {"topic": "territory/+"}),
            ("topic", {"topic": "#"}),
            ("topic", {"topic": "$SYS/broker"}),
            ("topic", {"topic": "x" * 2000}),
            ("address", {"address": "mqtt://127.0.0.1/topic:1883"}),
            ("address", {"address": "mqtt://name:word@127.0.0.1:1883"}),
            ("address", {"address": "http://127.0.0.1:1883"}),
            ("username", {"username": ""}),
        ],
    )
    def test_settings_that_no_broker_takes_reach_none(self, mosquitto, field, given):
        with mosquitto.heard() as heard, pytest.raises(Fault) as told:
            publish(mosquitto, b"1", **{"client": Client(limits=QUICK), **given})
        assert told.value.field == field
        assert heard == []
