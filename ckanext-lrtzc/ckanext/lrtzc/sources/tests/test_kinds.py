"""What every kind of source must do, each against a real server; and what is of one kind only."""

import hashlib
import io
import json
import socket
import time
from dataclasses import replace

import pytest

from ckanext.lrtzc.egress.client import Client
from ckanext.lrtzc.egress.domain.addresses import AllowList
from ckanext.lrtzc.egress.domain.body import Limits
from ckanext.lrtzc.sources.domain.faults import Code, Fault
from ckanext.lrtzc.sources.kinds import KINDS
from ckanext.lrtzc.sources.kinds.base import Settings

QUICK = Limits(seconds=30, connect=5, stall=10, size=2_000_000)
NAME, PASSWORD = "collecte", "ouvre-toi"
CSV = "lieu;passages\nPort;3\n"


class Way:
    """How a kind is asked for one file of the shelf."""

    def __init__(self, kind, server, address, options, secrets, ca_file=None):
        self.kind, self.server, self.address, self.options, self.secrets = kind, server, address, options, secrets
        self.ca_file = ca_file

    def settings(self, **more):
        found = Settings(self.address, self.options, self.secrets, QUICK)
        return replace(found, **more)

    def client(self, limits=QUICK):
        from urllib.parse import urlsplit

        return Client(AllowList.parse([urlsplit(self.address).netloc]), limits, ca_file=self.ca_file)

    def fetch(self, since="", settings=None, client=None):
        settings = settings or self.settings()
        with KINDS[self.kind].connect(settings, client or self.client(settings.limits)) as connection:
            (found,) = connection.found()
            to = io.BytesIO()
            taken = connection.read(found, to, since)
            return found, taken, to.getvalue(), connection.mark_now(found)


@pytest.fixture(params=list(KINDS))
def way(request, shelf):
    """Give each kind, with a server that has the file `counts.csv`."""
    shelf.put("counts.csv", CSV)
    match request.param:
        case "sftp":
            server = request.getfixturevalue("sftp")
            options = {"username": NAME, "host_key": server.fingerprint, "pattern": "*.csv"}
            return Way("sftp", server, server.address, options, {"password": PASSWORD})
        case "ftp":
            server = request.getfixturevalue("ftp")
            return Way("ftp", server, server.url, {"username": NAME, "pattern": "*.csv"}, {"password": PASSWORD})
        case "webdav":
            server = request.getfixturevalue("webdav")
            return Way("webdav", server, server.url, {"login": "basic", "username": NAME}, {"password": PASSWORD})
        case "wfs":
            server = request.getfixturevalue("web")
            feature = {"type": "Feature", "geometry": None, "properties": {"lieu": "Port", "passages": 3}}
            shelf.put("counts.csv", json.dumps({"type": "FeatureCollection", "features": [feature]}))
            options = {"layer": "town:counts", "login": "basic", "username": NAME}
            return Way("wfs", server, server.address + "/counts.csv", options, {"password": PASSWORD})
        case "mysql":
            server = request.getfixturevalue("maria")
            server.fill(CSV)
            shelf.on_put = server.fill
            options = {"username": server.user, "table": server.table, "tls": "disable", "cursor": "passages"}
            return Way("mysql", server, server.address, options, {"password": server.password})
        case "postgresql":
            server = request.getfixturevalue("database")
            server.fill(CSV)
            shelf.on_put = server.fill
            options = {"username": server.user, "table": server.table, "tls": "disable", "cursor": "passages"}
            return Way("postgresql", server, server.address, options, {"password": server.password})
        case "cmis":
            server = request.getfixturevalue("cmis")
            options = {"folder": "/out", "pattern": "*.csv", "login": "basic", "username": NAME}
            return Way("cmis", server, server.url, options, {"password": PASSWORD})
        case "imap":
            server = request.getfixturevalue("imap")
            options = {"username": NAME, "senders": server.sender, "pattern": "*.csv"}
            return Way("imap", server, server.url, options, {"password": PASSWORD}, str(server.certificate))
        case "soap":
            server = request.getfixturevalue("soap")
            shelf.put("counts.csv", json.dumps([{"lieu": "Port", "passages": 3}]))
            options = {"operation": "GetCounts", "login": "basic", "username": NAME}
            return Way("soap", server, server.url, options, {"password": PASSWORD})
        case "ogcapi":
            server = request.getfixturevalue("web")
            feature = {"type": "Feature", "geometry": None, "properties": {"lieu": "Port", "passages": 3}}
            shelf.put("counts.csv", json.dumps({"type": "FeatureCollection", "features": [feature]}))
            options = {"collection": "counts.csv", "login": "basic", "username": NAME}
            return Way("ogcapi", server, server.address, options, {"password": PASSWORD})
        case "s3":
            server = request.getfixturevalue("s3")
            return Way("s3", server, server.url, {"key_id": "AKI"}, {"secret_key": PASSWORD})
        case "rest":
            shelf.put("counts.csv", json.dumps([{"lieu": "Port", "passages": 3}]))
    server = request.getfixturevalue("web")
    options = {"login": "basic", "username": NAME}
    return Way(request.param, server, server.address + "/counts.csv", options, {"password": PASSWORD})


def fault_of(work, *args, **more):
    with pytest.raises(Fault) as failed:
        work(*args, **more)
    assert PASSWORD not in str(failed.value)
    assert "%(" not in str(failed.value)
    return failed.value


class TestEveryKind:
    def test_a_file_is_found_and_read_whole(self, way, shelf):
        found, taken, data, after = way.fetch()
        assert taken is not None
        assert after == found.mark
        assert b"Port" in data
        if way.kind not in ("rest", "wfs", "ogcapi", "soap", "postgresql", "mysql"):
            assert data == CSV.encode()

    def test_what_was_read_is_known_again_by_its_mark_or_its_bytes(self, way, shelf):
        _found, taken, data, _after = way.fetch()
        found, again, same, _after = way.fetch(since=taken.mark)
        assert again is None or (found.mark and found.mark == taken.mark) or same == data
        changed = shelf.files["counts.csv"][0].replace(b": 3", b": 42").replace(b";3", b";42")
        shelf.put("counts.csv", changed, 1_700_000_500)
        found, new, data, _after = way.fetch(since=taken.mark)
        assert new is not None
        assert b"42" in data
        assert not taken.mark or new.mark != taken.mark

    def test_a_wrong_password_is_said_to_be_wrong(self, way):
        options = {**way.options, "username": "wrong", **({"key_id": "wrong"} if way.kind == "s3" else {})}
        settings = way.settings(options=options, secrets=dict.fromkeys(way.secrets, "wrong"))
        assert fault_of(way.fetch, settings=settings).code == Code.LOGIN

    def test_a_private_address_is_never_called(self, way):
        fault = fault_of(way.fetch, client=Client(AllowList.parse([]), QUICK))
        assert fault.code in ("forbidden", "port")
        assert not fault.passing

    def test_a_name_that_leads_inside_is_never_called(self, way):
        address = way.address.replace("127.0.0.1", "partner.example")
        inside = Client(AllowList.parse([]), QUICK, resolver=lambda _h, _p: ["93.184.216.34", "169.254.169.254"])
        assert fault_of(way.fetch, settings=way.settings(address=address), client=inside).code == "forbidden"

    def test_a_file_that_is_too_large_is_given_up(self, way, shelf):
        start = b'{"features": [' if way.kind in ("wfs", "ogcapi") else b"["
        shelf.put("counts.csv", start + b"1," * 600_000 + b"1]" + (b"}" if way.kind in ("wfs", "ogcapi") else b""))
        settings = way.settings(limits=replace(QUICK, size=300_000))
        assert fault_of(way.fetch, settings=settings).code in (Code.LARGE, "too_large")

    def test_a_server_that_stalls_is_given_up(self, way, stalling):
        address = way.address.replace(way.address.split("/")[2], stalling)
        settings = way.settings(address=address, limits=replace(QUICK, seconds=2, stall=1))
        began = time.monotonic()
        fault = fault_of(way.fetch, settings=settings, client=Client(AllowList.parse([stalling]), settings.limits))
        assert fault.code in ("timeout", "truncated")
        assert fault.passing
        assert time.monotonic() - began < 30

    def test_a_server_that_is_away_may_be_back_soon(self, way):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            host = f"127.0.0.1:{listener.getsockname()[1]}"
        address = way.address.replace(way.address.split("/")[2], host)
        fault = fault_of(
            way.fetch, settings=way.settings(address=address), client=Client(AllowList.parse([host]), QUICK)
        )
        assert fault.code == "unreachable"
        assert fault.passing

    @pytest.mark.parametrize("address", ["", "file:///etc/passwd", "sftp://", "http://", "not an address"])
    def test_what_is_no_address_is_refused(self, way, address):
        fault = fault_of(way.fetch, settings=way.settings(address=address))
        assert not fault.passing

    def test_its_words_are_in_the_catalogue(self, way):
        kind = KINDS[way.kind]
        assert kind.label
        assert kind.hint
        assert kind.example.split(":")[0]
        assert len({field.name for field in kind.fields}) == len(kind.fields)


class TestWeb:
    def fetch(self, server, options, secrets, path="/counts.csv"):
        return Way("http", server, server.address + path, options, secrets).fetch()

    def test_a_token_is_sent_as_asked(self, web, shelf):
        shelf.put("counts.csv", CSV)
        self.fetch(web, {"login": "token"}, {"token": "abc\n"})
        self.fetch(web, {"login": "token", "token_header": "x-api-key"}, {"token": "abc"})
        assert web.asked[0][2]["authorization"] == "Bearer abc"
        assert web.asked[1][2]["x-api-key"] == "abc"

    def test_a_token_of_oauth2_is_asked_for_and_used(self, web, shelf):
        shelf.put("counts.csv", CSV)
        given = web.answer

        def answer(request):
            if request.command != "POST":
                return given(request)
            body = {"access_token": "jeton", "token_type": "Bearer", "expires_in": 60}
            return request.answer(200, json.dumps(body).encode())

        web.answer = answer
        options = {"login": "oauth2", "token_url": web.address + "/token", "client_id": "moi", "scope": "read"}
        self.fetch(web, options, {"client_secret": "chut"})
        (_post, _path, sent, form), (_get, _path2, headers, _nothing) = web.asked
        assert form == {"grant_type": ["client_credentials"], "scope": ["read"]}
        assert sent["authorization"].startswith("Basic ")
        assert headers["authorization"] == "Bearer jeton"

    def test_a_refusal_of_oauth2_says_the_servers_word_and_no_secret(self, web):
        web.answer = lambda request: request.answer(400, b'{"error": "invalid_client", "hint": "chut"}')
        options = {"login": "oauth2", "token_url": web.address + "/token", "client_id": "moi"}
        fault = fault_of(self.fetch, web, options, {"client_secret": "chut"})
        assert fault.code == Code.TOKEN
        assert "invalid_client" in str(fault)
        assert "chut" not in str(fault)

    def test_what_is_needed_to_sign_in_is_asked_for(self, web):
        fault = fault_of(self.fetch, web, {"login": "token"}, {})
        assert (fault.code, fault.field) == (Code.NEEDED, "token")

    def test_a_redirect_inside_is_refused(self, web):
        web.answer = lambda request: request.answer(302, Location="http://169.254.169.254/latest/meta-data")
        assert fault_of(self.fetch, web, {}, {}).code == "forbidden"

    def test_a_page_that_asks_to_sign_in_is_not_data(self, web):
        web.answer = lambda request: request.answer(200, b"<html>", Content_Type="text/html; charset=utf-8")
        assert fault_of(self.fetch, web, {}, {}).code == Code.PAGE

    def test_checksum_and_name_come_with_the_answer(self, web):
        import base64

        digest = base64.b64encode(hashlib.sha256(b"a;b\n").digest()).decode()
        web.answer = lambda request: request.answer(
            200, b"a;b\n", Repr_Digest=f"sha-256=:{digest}:", Content_Disposition='attachment; filename="../été.csv"'
        )
        _found, taken, _data, _after = self.fetch(web, {}, {}, "/export?format=csv")
        assert taken.checksum == ("sha256", hashlib.sha256(b"a;b\n").hexdigest())
        assert taken.name == "été.csv"


class TestRest:
    PAGES = [[{"n": 1}, {"n": 2}], [{"n": 3}, {"n": 4}], [{"n": 5}]]

    def fetch(self, server, path="/records", **options):
        return [one["n"] for one in json.loads(Way("rest", server, server.address + path, options, {}).fetch()[2])]

    @pytest.mark.parametrize(
        "options",
        [
            {"paging": "page", "page_param": "p", "size_param": "n", "page_size": "2"},
            {"paging": "page", "page_param": "p"},
            {"paging": "offset", "page_param": "o", "page_size": "2"},
            {"paging": "link", "next": "links.next"},
            {"paging": "header"},
        ],
    )
    def test_pages_are_gathered_in_order(self, web, options):
        from urllib.parse import parse_qs, urlsplit

        def answer(request):
            asked = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
            number = int(asked.get("o", 0)) // 2 if "o" in asked else int(asked.get("p", 1)) - 1
            if int(asked.get("o", 0)) == 5:
                number = 3
            records = self.PAGES[number] if number < 3 else []
            following = f"/records?p={number + 2}" if number < 2 else None
            link = {"Link": f'<{following}>; rel="next"'} if following else {}
            body = {"data": {"items": records}, "links": {"next": following}}
            request.answer(200, json.dumps(body).encode(), **link)

        web.answer = answer
        assert self.fetch(web, records="data.items", **options) == [1, 2, 3, 4, 5]

    def test_a_server_that_ignores_pages_is_not_asked_for_ever(self, web):
        web.answer = lambda request: request.answer(200, b'[{"n": 1}]')
        assert fault_of(self.fetch, web, paging="page").code == Code.LOOP
        assert len(web.asked) == 2

    def test_a_next_page_elsewhere_gets_no_credentials(self, web):
        web.answer = lambda request: request.answer(200, b'{"items": [], "next": "http://other.example/2"}')
        assert fault_of(self.fetch, web, records="items", paging="link").code == Code.ELSEWHERE

    def test_what_is_no_list_is_said_to_be_none(self, web):
        web.answer = lambda request: request.answer(200, b'{"items": 3}')
        assert fault_of(self.fetch, web, records="items").code == Code.PATH
        web.answer = lambda request: request.answer(200, b"{")
        assert fault_of(self.fetch, web).code == Code.JSON
