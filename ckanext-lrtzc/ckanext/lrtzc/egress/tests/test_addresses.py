"""Which addresses may be called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.lrtzc.egress.domain.addresses import AllowList, check_port, may_call, parse_target
from ckanext.lrtzc.egress.domain.errors import Code, EgressError

FORBIDDEN = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1",
    "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1",
    "2002:7f00:1::", "2001:0:7f00:1::", "64:ff9b::7f00:1", "100.100.100.200", "not-an-address",
    "::ffff:7f00:1", "::ffff:0:127.0.0.1", "64:ff9b:1::7f00:1", "2002:a9fe:a9fe::1", "2a00::5efe:7f00:1",
    "2a00::200:5efe:a9fe:a9fe", "fec0::1", "2001:db8::1", "3fff::1", "192.88.99.1", "168.63.129.16", "192.0.0.192",
    "fd20:ce::254",
]  # fmt: skip


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_reserved_address_is_never_called(address):
    assert not may_call(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_a_public_address_is_called(address):
    assert may_call(address)


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.0", "fd00:ec2::254", "168.63.129.16", "192.0.0.192"]
)
def test_the_allow_list_never_opens_metadata_or_multicast(address):
    assert not may_call(address, private_accepted=True)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "::1", "fc00::1"])
def test_the_allow_list_opens_private_addresses(address):
    assert may_call(address, private_accepted=True)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", Code.ADDRESS),
        ("file:///etc/passwd", Code.SCHEME),
        ("ftp://example.org/", Code.SCHEME),
        ("gopher://127.0.0.1:6379/_FLUSHALL", Code.SCHEME),
        ("http://user:secret@example.org/", Code.CREDENTIALS),
        ("http://exa mple.org/", Code.ADDRESS),
        ("http://example.org:99999/", Code.ADDRESS),
        ("http://[::1", Code.ADDRESS),
        ("http://example.org\\@127.0.0.1/", Code.ADDRESS),
        ("http://example.org/\r\nHost: evil", Code.ADDRESS),
        ("http://" + "a" * 70 + ".org/", Code.ADDRESS),
    ],
)
def test_what_is_no_web_address_is_refused(url, code):
    with pytest.raises(EgressError) as refused:
        parse_target(url)
    assert refused.value.code is code
    assert "secret" not in str(refused.value)


def test_an_accented_address_is_put_in_its_network_form():
    target = parse_target("https://données.exemple.fr/jeu de données?q=énergie#titre")
    assert target.host == "xn--donnes-eva.exemple.fr"
    assert target.path == "/jeu%20de%20donn%C3%A9es?q=%C3%A9nergie"


@given(st.text())
def test_any_text_is_taken_apart_or_refused(text):
    try:
        target = parse_target(text)
    except EgressError:
        return
    assert target.path.startswith("/")
    assert "\n" not in target.url


def test_ports_of_other_services_are_refused():
    with pytest.raises(EgressError) as refused:
        check_port(parse_target("http://example.org:25/"), AllowList(frozenset()))
    assert refused.value.code is Code.PORT
    check_port(parse_target("http://example.org:8080/"), AllowList(frozenset()))
    check_port(parse_target("http://example.org:25/"), AllowList.parse(["example.org:25"]))


def test_the_allow_list_is_of_hosts_and_ports():
    allowed = AllowList.parse(["127.0.0.1:6654", "intranet.exemple.fr", "[::1]:8080"])
    assert allowed.has(parse_target("http://127.0.0.1:6654/x"))
    assert not allowed.has(parse_target("http://127.0.0.1:6655/x"))
    assert allowed.has(parse_target("https://intranet.exemple.fr/"))
    assert allowed.has(parse_target("http://[::1]:8080/"))
    with pytest.raises(ValueError):
        AllowList.parse(["host:port"])
