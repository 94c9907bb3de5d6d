"""What every place must do that files are left at, each against a real server."""

import io
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ckanext.lrtzc.egress.client import Client
from ckanext.lrtzc.egress.domain.addresses import AllowList
from ckanext.lrtzc.egress.domain.body import Limits
from ckanext.lrtzc.sources.api import PLACES
from ckanext.lrtzc.sources.domain.faults import Fault
from ckanext.lrtzc.sources.kinds.base import Settings

from .conftest import NAME, PASSWORD, web_server

QUICK = Limits(seconds=30, connect=5, stall=10)
CSV = b"lieu;passages\nPort;3\n" * 50_000


def put(kind, address, options, secrets, content=CSV, limits=QUICK, allowed=None):
    client = Client(AllowList.parse([urlsplit(address).netloc] if allowed is None else allowed), limits)
    with PLACES[kind].connect(Settings(address, options, secrets, limits), client) as place:
        place.put("été 1.csv", io.BytesIO(content), len(content))


@pytest.fixture(params=["sftp", "s3", "webdav", "http"])
def place(request, shelf, tmp_path):
    """Give how each place is reached, and how what was left there is read."""
    shelf.takes = True
    read = lambda: shelf.files["été 1.csv"][0]  # noqa: E731
    match request.param:
        case "sftp":
            server = request.getfixturevalue("sftp")
            options = {"username": NAME, "host_key": server.fingerprint}
            return ("sftp", server.address, options, {"password": PASSWORD}), read
        case "s3":
            return ("s3", request.getfixturevalue("s3").url, {"key_id": "AKI"}, {"secret_key": PASSWORD}), read
        case "webdav":
            server, folder = request.getfixturevalue("webdav"), Path(tmp_path) / "dav" / "out"
            asked = {"login": "basic", "username": NAME}
            return ("webdav", server.url, asked, {"password": PASSWORD}), lambda: (folder / "été 1.csv").read_bytes()
    server = request.getfixturevalue("web")
    read = lambda: shelf.files["%C3%A9t%C3%A9%201.csv"][0]  # noqa: E731
    return ("http", server.address + "/", {"method": "PUT"}, {}), read


class TestEveryPlace:
    def test_a_file_is_left_whole_and_takes_the_place_of_one_of_its_name(self, place):
        way, read = place
        put(*way)
        assert read() == CSV
        put(*way, content=b"lieu\n")
        assert read() == b"lieu\n"

    def test_who_may_not_write_is_told_and_no_inner_address_is_reached(self, place, shelf):
        way, _read = place
        shelf.takes = False
        if way[0] == "webdav":
            way = (*way[:3], {"password": "faux"})
        with pytest.raises(Fault) as refused:
            put(*way)
        assert refused.value.code in ("login", "write")
        with pytest.raises(Fault) as inner:
            put(*way, allowed=[])
        assert not inner.value.passing, "it isn't tried again and again"

    def test_one_that_hangs_is_given_up(self, place):
        way, _read = place
        with socket.create_server(("127.0.0.1", 0)) as silent:
            host = f"127.0.0.1:{silent.getsockname()[1]}"
            address = way[1].replace(urlsplit(way[1]).netloc, host)
            with pytest.raises(Fault) as late:
                put(way[0], address, *way[2:], limits=Limits(seconds=2, connect=1, stall=1))
        assert late.value.passing, "it is worth trying again"


def test_credentials_follow_no_redirect():
    def leads(request):
        request.answer(307, Location=f"http://127.0.0.1:{elsewhere.server_port}/")

    with web_server(lambda request: request.answer(200)) as elsewhere, web_server(leads) as server:
        address = f"http://127.0.0.1:{server.server_port}/"
        hosts = [f"127.0.0.1:{each.server_port}" for each in (elsewhere, server)]
        with pytest.raises(Fault):
            put("http", address, {"login": "token"}, {"token": "t"}, allowed=hosts)
        assert elsewhere.asked == []


def test_the_key_of_another_server_is_refused_before_anything_is_sent(sftp, shelf):
    shelf.takes = True
    for key, code in (("", "new_host_key"), ("SHA256:" + "A" * 43, "host_key")):
        with pytest.raises(Fault) as other:
            put("sftp", sftp.address, {"username": NAME, "host_key": key}, {"password": PASSWORD})
        assert (other.value.code, sftp.fingerprint in str(other.value)) == (code, True)
    assert not shelf.files
