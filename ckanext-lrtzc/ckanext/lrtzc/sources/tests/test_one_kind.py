"""What is of one kind of source only: folders, databases, geographic services."""

import csv
import datetime as dt
import hashlib
import io
import json
import socket
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest

from ckanext.lrtzc.egress.client import Client
from ckanext.lrtzc.egress.domain.addresses import AllowList
from ckanext.lrtzc.sources.domain.faults import Code
from ckanext.lrtzc.sources.domain.signing import Signer
from ckanext.lrtzc.sources.kinds import KINDS
from ckanext.lrtzc.sources.tests.test_kinds import CSV, NAME, PASSWORD, QUICK, Way, fault_of


class TestSftp:
    def way(self, server, **options):
        options = {"username": NAME, "host_key": server.fingerprint, **options}
        return Way("sftp", server, server.address, options, {"password": PASSWORD})

    def test_the_servers_key_is_shown_before_anything_is_sent(self, sftp):
        fault = fault_of(self.way(sftp, host_key="").fetch)
        assert (fault.code, fault.field) == (Code.NEW_HOST_KEY, "host_key")
        assert sftp.fingerprint in str(fault)

    def test_another_key_than_the_accepted_one_ends_it(self, sftp):
        fault = fault_of(self.way(sftp, host_key="SHA256:" + "A" * 43).fetch)
        assert fault.code == Code.HOST_KEY
        assert not fault.passing

    def test_checksums_stand_beside_files_and_are_no_files(self, sftp, shelf):
        shelf.put("counts.csv", CSV)
        shelf.put("counts.csv.sha256", "0" * 64 + "  counts.csv\n")
        _found, taken, _data, _after = self.way(sftp).fetch()
        assert taken.checksum == ("sha256", "0" * 64)

    def test_only_files_of_the_pattern_are_found(self, sftp, shelf):
        for name in ("counts-1.csv", "counts-2.CSV", "notes.txt", ".hidden.csv"):
            shelf.put(name, CSV)
        with KINDS["sftp"].connect(self.way(sftp, pattern="counts-*.csv").settings(), self.way(sftp).client()) as one:
            assert {found.name for found in one.found()} == {"counts-1.csv", "counts-2.CSV"}

    def test_a_folder_that_is_not_there_is_said_so(self, sftp):
        way = self.way(sftp)
        way.address = sftp.address + "/elsewhere"
        assert fault_of(way.fetch).code == Code.FOLDER

    def test_a_size_that_was_a_lie_can_be_seen(self, sftp, shelf):
        shelf.put("counts.csv", CSV)
        shelf.lies["counts.csv"] = 500_000
        found, _taken, data, _after = self.way(sftp).fetch()
        assert (found.size, data) == (500_000, CSV.encode())

    def test_what_is_no_private_key_is_said_so(self, sftp):
        way = self.way(sftp)
        way.secrets = {"private_key": "-----BEGIN OPENSSH PRIVATE KEY-----\nabc"}
        assert fault_of(way.fetch).code == Code.KEY

    def test_a_large_file_is_read_whole(self, sftp, shelf):
        data = bytes(range(256)) * 6_000
        shelf.put("large.bin", data)
        assert self.way(sftp).fetch()[2] == data


class TestWfs:
    def test_pages_of_features_are_gathered(self, web, shelf):
        from urllib.parse import parse_qs, urlsplit

        def answer(request):
            asked = {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}
            start, count = int(asked["startIndex"]), int(asked["count"])
            features = [{"type": "Feature", "id": number} for number in range(start, min(start + count, 2_500))]
            request.answer(200, json.dumps({"features": features}).encode())

        web.answer = answer
        _found, _taken, data, _after = Way("wfs", web, web.address + "/ows?map=x", {"layer": "t:l"}, {}).fetch()
        assert [one["id"] for one in json.loads(data)["features"]] == list(range(2_500))
        assert len(web.asked) == 3
        assert "map=x" in web.asked[0][1]
        assert "typeNames=t%3Al" in web.asked[0][1]

    def test_a_layer_that_is_not_known_is_said_so(self, web):
        web.answer = lambda request: request.answer(200, b"<ows:ExceptionReport/>", Content_Type="text/xml")
        assert fault_of(Way("wfs", web, web.address, {"layer": "none"}, {}).fetch).field == "layer"


def database_way(server, **options):
    options = {"username": server.user, "table": server.table, "tls": "disable", **options}
    kind = server.address.partition(":")[0]
    return Way(kind, server, server.address, options, {"password": server.password})


@pytest.fixture(params=["database", "maria"])
def base(request):
    """Give each sort of database."""
    return request.getfixturevalue(request.param)


class TestDatabases:
    def test_only_rows_after_the_last_value_are_read(self, base):
        base.fill("lieu;passages\nPort;1\nGare;2\n")
        way = database_way(base, cursor="passages")
        _found, taken, data, _after = way.fetch()
        assert (data, taken.mark) == (b"lieu,passages\nPort,1\nGare,2\n", "2")
        assert way.fetch(since="2")[1] is None
        base.fill('lieu;passages\nPort;1\nGare;2\n"Quai; nord";11\n')
        _found, taken, data, _after = way.fetch(since="2")
        assert (data, taken.mark) == (b"lieu,passages\nQuai; nord,11\n", "11")

    def test_numbers_that_differ_by_one_are_told_apart_however_large(self, base):
        base.fill("lieu;passages\nPort;9007199254740992\nGare;9007199254740993\n")
        _found, taken, data, _after = database_way(base, cursor="passages").fetch(since="9007199254740992")
        assert (data, taken.mark) == (b"lieu,passages\nGare,9007199254740993\n", "9007199254740993")

    def test_what_only_csv_writes_with_care_comes_whole(self, base):
        base.say(f"TRUNCATE {base.table}")
        texts = ['a "b", c', "deux\nlignes", "été 🌍", None, "100 %"]
        for number, text in enumerate(texts):
            base.say(f"INSERT INTO {base.table} VALUES (%s, %s)", (text, number))
        data = database_way(base, cursor="passages").fetch()[2].decode()
        rows = list(csv.reader(io.StringIO(data)))
        assert rows[1:] == [[text or "", str(number)] for number, text in enumerate(texts)]

    def test_a_column_and_a_table_may_have_any_name(self, base):
        odd = 'Comp"té` 100%'
        quote = "`" if base.address.startswith("mysql") else '"'
        quoted = quote + odd.replace(quote, 2 * quote) + quote
        base.say(f"DROP TABLE IF EXISTS {quoted}".replace("%", "%%"), ())
        base.say(f"CREATE TABLE {quoted} ({quoted} int)".replace("%", "%%"), ())
        try:
            base.say(f"INSERT INTO {quoted} VALUES (7)".replace("%", "%%"), ())
            _found, taken, data, _after = database_way(base, table=odd, cursor=odd).fetch(since="6")
            assert (taken.mark, list(csv.reader(io.StringIO(data.decode())))) == ("7", [[odd], ["7"]])
        finally:
            base.say(f"DROP TABLE {quoted}".replace("%", "%%"), ())

    def test_nothing_can_be_written(self, base):
        base.fill(CSV)
        way = database_way(base)
        statements = [
            f"DELETE FROM {base.table}",
            f"CREATE TABLE {base.table}_more (n int)",
            f"DROP TABLE {base.table}",
        ]
        with KINDS[way.kind].connect(way.settings(), way.client()) as connection:
            for statement in statements:
                with connection.connection.cursor() as cursor, pytest.raises(Exception, match=r"(?i)read.only"):
                    cursor.execute(statement)
                connection.connection.rollback()
        assert b"Port" in way.fetch()[2]

    @pytest.mark.parametrize(
        ("options", "code", "field"),
        [
            ({"table": "nothing.there"}, Code.TABLE, "table"),
            ({"table": "a.b.c"}, Code.NEEDED, "table"),
            ({"table": 'x"; DROP TABLE y; --'}, Code.TABLE, "table"),
            ({"table": "x`; DROP TABLE y; --"}, Code.TABLE, "table"),
            ({"cursor": "colour"}, Code.COLUMN, "cursor"),
        ],
    )
    def test_what_is_not_there_is_said(self, base, options, code, field):
        base.fill(CSV)
        fault = fault_of(database_way(base, **options).fetch)
        assert (fault.code, fault.field) == (code, field)

    def test_an_address_inside_is_refused(self, base):
        way = database_way(base)
        fault = fault_of(way.fetch, client=Client(AllowList.parse([]), QUICK))
        assert fault.code == "forbidden"

    def test_tls_is_asked_for_unless_told_otherwise(self, base):
        base.fill(CSV)
        # PostgreSQL of the tests has none, MariaDB a certificate that nobody vouches for
        assert fault_of(database_way(base, tls="").fetch).code == "tls"


class TestMysql:
    def test_a_certificate_that_is_vouched_for_is_taken_and_any_where_that_was_said(self, maria, certificate):
        maria.fill(CSV)
        way = database_way(maria, tls="")
        way.ca_file = str(certificate)
        assert b"Port" in way.fetch()[2]
        way = database_way(maria, tls="require")
        with KINDS["mysql"].connect(way.settings(), way.client()) as one, one.connection.cursor() as cursor:
            cursor.execute("SHOW STATUS LIKE 'Ssl_cipher'")
            assert cursor.fetchone()[1]

    def test_a_server_without_tls_gets_no_password_where_tls_is_wanted(self, maria):
        with _relay(int(maria.address.rpartition(":")[2].partition("/")[0]), hide_tls) as (port, sent):
            way = database_way(maria, tls="require")
            way.address = f"mysql://127.0.0.1:{port}/depot"
            assert fault_of(way.fetch).code == "tls"
        assert maria.user.encode() not in sent

    def test_values_come_as_the_server_writes_them(self, maria):
        maria.say(f"DROP TABLE {maria.table}")
        maria.say(
            f"CREATE TABLE {maria.table} (d date, t datetime(3), s timestamp, h time, n decimal(20,4), f double, "
            "b varbinary(9), j json, y year, vrai bool, e enum('a','b'))"
        )
        maria.say("SET time_zone = '+02:00'")
        maria.say(
            f"INSERT INTO {maria.table} VALUES ('2026-07-14', '2026-07-14 10:00:00.125', '2026-07-14 10:00:00', "
            "'-01:30:00', 12345678901234.5678, 0.1, x'00ff', '{\"a\": 1}', 2026, true, 'b')"
        )
        _found, _taken, data, _after = database_way(maria).fetch()
        (_names, row) = csv.reader(io.StringIO(data.decode()))
        assert row == [
            "2026-07-14", "2026-07-14 10:00:00.125", "2026-07-14 08:00:00", "-01:30:00", "12345678901234.5678", "0.1",
            "\\x00ff", '{"a": 1}', "2026", "1", "b",
        ]  # fmt: skip

    def test_times_of_change_are_followed(self, maria):
        maria.say(f"ALTER TABLE {maria.table} ADD changed timestamp(6)")
        maria.say(f"INSERT INTO {maria.table} VALUES ('Port', 1, '2026-07-14 10:00:00.000001')")
        way = database_way(maria, cursor="changed")
        first = way.fetch()[1].mark
        assert way.fetch(since=first)[1] is None
        maria.say(f"INSERT INTO {maria.table} VALUES ('Gare', 2, '2026-07-14 10:00:00.000002')")
        _found, taken, data, _after = way.fetch(since=first)
        assert (data.count(b"\n"), b"Gare" in data, taken.mark > first) == (2, True, True)

    def test_rows_come_as_a_stream_and_a_read_that_is_given_up_doesnt_wait_for_the_others(self, maria):
        maria.say(f"INSERT INTO {maria.table} SELECT repeat('x', 10000), seq FROM seq_1_to_20000")
        began = time.monotonic()
        assert fault_of(database_way(maria).fetch).code == Code.LARGE
        assert time.monotonic() - began < 20
        maria.say(f"TRUNCATE {maria.table}")

    def test_a_statement_that_takes_too_long_is_ended(self, maria):
        maria.say(f"CREATE VIEW {maria.table}_slow AS SELECT sleep(30) AS n")
        try:
            way = database_way(maria, table=f"{maria.table}_slow")
            settings = way.settings(limits=replace(QUICK, seconds=3, stall=1))
            began = time.monotonic()
            fault = fault_of(way.fetch, settings=settings)
            assert (fault.code, fault.passing) == ("timeout", True)
            assert time.monotonic() - began < 15
        finally:
            maria.say(f"DROP VIEW {maria.table}_slow")

    def test_an_account_that_may_not_read_it_is_told_so(self, maria):
        maria.fill(CSV)
        fault = fault_of(database_way(maria, table="mysql.user").fetch)
        assert (fault.code, fault.field) == (Code.TABLE, "table")

    def test_a_database_that_is_not_there_is_said(self, maria):
        way = database_way(maria)
        way.address = way.address.replace("/depot", "/ailleurs")
        fault = fault_of(way.fetch)
        # the account isn't told whether there is one that it may not use
        assert fault.code in (Code.LOGIN, Code.PROTOCOL)

    @pytest.mark.parametrize(
        "greeting",
        [
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            b"\x05\x00\x00\x00\x0aabc\x00",
            b"\xff\xff\xff\x00" + b"x" * 100,
            b"\x01\x00\x00\x00\xff",
            b"",
        ],
    )
    def test_what_is_no_database_is_said(self, greeting):
        with _greeter(greeting) as port:
            way = Way("mysql", None, f"mysql://127.0.0.1:{port}/d", {"username": "a", "table": "t"}, {"password": "b"})
            fault = fault_of(way.fetch, settings=way.settings(limits=replace(QUICK, seconds=5, stall=2)))
            assert fault.code in (Code.PROTOCOL, "truncated", "timeout", "tls")

    def test_a_server_that_sends_without_end_is_left(self):
        with _greeter(b"\xff\xff\xff\x00" + b"x" * 0xFFFFFF, again=True) as port:
            way = Way("mysql", None, f"mysql://127.0.0.1:{port}/d", {"username": "a", "table": "t"}, {"password": "b"})
            assert fault_of(way.fetch).code == "too_large"


def hide_tls(greeting):
    """Take the word for TLS out of a server's greeting (MySQL's protocol, `HandshakeV10`)."""
    at = greeting.index(b"\0", 5) + 1 + 4 + 8 + 1
    flags = int.from_bytes(greeting[at : at + 2], "little") & ~0x0800
    return greeting[:at] + flags.to_bytes(2, "little") + greeting[at + 2 :]


@contextmanager
def _relay(port, change):
    """Stand between a client and a server, changing what it says first; gives the port and what the client sent."""
    listener, sent = socket.create_server(("127.0.0.1", 0)), bytearray()

    def serve():
        with suppress(OSError):
            client = listener.accept()[0]
            with client, socket.create_connection(("127.0.0.1", port)) as server:
                client.sendall(change(server.recv(65_536)))
                while data := client.recv(65_536):
                    sent.extend(data)
                    server.sendall(data)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1], sent
    with suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(60)


@contextmanager
def _greeter(greeting, *, again=False):
    """Say something to who connects, once or without end."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with suppress(OSError):
            while True:
                client = listener.accept()[0]
                with client, suppress(OSError):
                    number = 0
                    while not number or again:
                        client.sendall(greeting[:3] + bytes([number % 256]) + greeting[4:] if again else greeting)
                        number += 1

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    with suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(60)


class TestFolders:
    @pytest.mark.parametrize("kind", ["ftp", "webdav", "s3"])
    def test_files_of_the_pattern_are_found_with_size_time_and_checksum(self, kind, shelf, request):
        server = request.getfixturevalue(kind)
        for number, name in enumerate(("counts-1.csv", "counts 2é.csv", "notes.txt", "counts-3.csv")):
            shelf.put(name, CSV * (number + 1), 1_700_000_000 + number)
        shelf.put("counts-1.csv.sha256", "0" * 64)
        options = {"username": NAME, "login": "basic", "key_id": "AKI", "pattern": "counts*.csv"}
        way = Way(kind, server, server.url, options, {"password": PASSWORD, "secret_key": PASSWORD})
        with KINDS[kind].connect(way.settings(), way.client()) as connection:
            found = {one.name: one for one in connection.found()}
            assert set(found) == {"counts-1.csv", "counts 2é.csv", "counts-3.csv"}
            assert found["counts 2é.csv"].size == 2 * len(CSV)
            assert all(one.modified is not None and one.mark for one in found.values())
            to = io.BytesIO()
            connection.read(found["counts 2é.csv"], to, "")
            assert to.getvalue() == CSV.encode() * 2
            taken = connection.read(found["counts-1.csv"], io.BytesIO(), "")
            digest = hashlib.md5(CSV.encode()).hexdigest()
            assert taken.checksum == (("md5", digest) if kind == "s3" else ("sha256", "0" * 64))

    @pytest.mark.parametrize("kind", ["ftp", "webdav"])
    def test_a_folder_that_is_not_there_is_said_so(self, kind, request):
        server = request.getfixturevalue(kind)
        options = {"username": NAME, "login": "basic"}
        way = Way(kind, server, server.url + "/elsewhere", options, {"password": PASSWORD})
        assert fault_of(way.fetch).code == Code.FOLDER

    def test_a_server_of_ftp_that_names_another_address_for_its_data_is_not_followed(self, shelf):
        """The address in the answer to PASV is ignored, and no port of another service is called."""

        def serve(listener):
            connection, _peer = listener.accept()
            # who is refused hangs up at once
            with suppress(OSError), connection, connection.makefile("rw", newline="\r\n") as talk:
                talk.write("220 hello\n")
                talk.flush()
                for line in talk:
                    said = {"USER": "331 ?", "PASS": "230 ok", "CWD": "250 ok", "TYPE": "200 ok"}
                    command = line.split()[0]
                    talk.write(said.get(command, "227 Entering Passive Mode (10,0,0,1,0,22)") + "\n")
                    talk.flush()

        with socket.create_server(("127.0.0.1", 0)) as listener:
            thread = threading.Thread(target=serve, args=(listener,), daemon=True)
            thread.start()
            way = Way("ftp", None, f"ftp://127.0.0.1:{listener.getsockname()[1]}/out", {}, {})
            fault = fault_of(way.fetch)
            thread.join(60)
        assert fault.code == Code.PROTOCOL
        assert "port" in str(fault)

    @pytest.mark.parametrize("trusted", [True, False])
    def test_tls_is_asked_for_before_anybody_signs_in(self, secure_ftp, shelf, certificate, trusted):
        shelf.put("counts.csv", CSV)
        ca_file = str(certificate) if trusted else None
        way = Way("ftp", secure_ftp, secure_ftp.url, {"username": NAME}, {"password": PASSWORD}, ca_file)
        if trusted:
            assert way.fetch()[2] == CSV.encode()
        else:
            assert fault_of(way.fetch).code == "tls"

    def test_a_server_without_tls_gets_no_password(self, ftp):
        address = ftp.url.replace("ftp://", "ftpes://")
        assert fault_of(Way("ftp", ftp, address, {"username": NAME}, {"password": PASSWORD}).fetch).code == "tls"

    @pytest.mark.parametrize(
        ("path", "query", "more", "signature"),
        [
            (
                "/test.txt",
                {},
                {"range": "bytes=0-9"},
                "f0e8bdb87c964420",
            ),
            ("/", {"lifecycle": ""}, {}, "fea454ca298b7da1"),
            (
                "/",
                {"max-keys": "2", "prefix": "J"},
                {},
                "34b48302e7b5fa45",
            ),
        ],
    )
    def test_requests_are_signed_as_the_examples_of_amazon_are(self, path, query, more, signature):
        signer = Signer("AKIA" + "IOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
        moment = dt.datetime(2013, 5, 24, tzinfo=dt.UTC)
        told = signer.headers("GET", "examplebucket.s3.amazonaws.com", path, query, moment, **more)
        assert told["authorization"].partition("Signature=")[2].startswith(signature)


class TestMailbox:
    def listed(self, server, **options):
        options = {"username": NAME, "senders": server.sender, **options}
        way = Way("imap", server, server.url, options, {"password": PASSWORD}, str(server.certificate))
        with KINDS["imap"].connect(way.settings(), way.client()) as connection:
            found = connection.found()
            taken = {}
            for one in found:
                to = io.BytesIO()
                connection.read(one, to, "")
                taken[one.name] = to.getvalue()
            return taken

    def test_the_last_file_of_each_name_counts_of_accepted_senders_only(self, imap):
        imap.deliver("counts.csv", b"old")
        imap.deliver("counts.csv", b"new")
        imap.deliver("../été.csv", b"summer")
        imap.deliver("other.csv", b"x", sender="port@ville.example.evil.example")
        imap.deliver("other.csv", b"x", sender="x@example.org>, <port@ville.example")
        assert self.listed(imap) == {"counts.csv": b"new", "été.csv": b"summer"}
        assert self.listed(imap, senders="@ville.example", pattern="c*") == {"counts.csv": b"new"}
        assert self.listed(imap, senders="autre@ville.example") == {}

    def test_a_mailbox_that_is_not_there_and_senders_that_are_none(self, imap):
        way = Way("imap", imap, imap.url.replace("INBOX", "Données"), {"username": NAME, "senders": imap.sender}, {})
        way.secrets, way.ca_file = {"password": PASSWORD}, str(imap.certificate)
        assert fault_of(way.fetch).code == Code.FOLDER
        way.options = {**way.options, "senders": "everybody"}
        assert (fault := fault_of(way.fetch)).code == Code.SENDERS
        assert fault.field == "senders"

    def test_a_certificate_of_nobody_gets_no_password(self, imap):
        way = Way("imap", imap, imap.url, {"username": NAME, "senders": imap.sender}, {"password": PASSWORD})
        assert fault_of(way.fetch).code == "tls"


class TestCollectionsOfFeatures:
    def way(self, server, **options):
        return Way("ogcapi", server, server.address, {"collection": "town benches", **options}, {})

    def test_pages_are_followed_on_the_same_server_only(self, web):
        def answer(request):
            number = 2 if "offset=2" in request.path else 1
            href = "/collections/town%20benches/items?offset=2" if number == 1 else elsewhere
            links = [{"rel": "self", "href": "/"}, *([{"rel": "next", "href": href}] if href else [])]
            request.answer(200, json.dumps({"features": [{"id": number}], "links": links}).encode())

        web.answer, elsewhere = answer, ""
        assert [one["id"] for one in json.loads(self.way(web).fetch()[2])["features"]] == [1, 2]
        assert web.asked[0][1] == "/collections/town%20benches/items?limit=1000"
        elsewhere = "http://other.example/items"
        assert fault_of(self.way(web).fetch).code == Code.ELSEWHERE

    def test_what_is_no_collection_is_said_so(self, web):
        web.answer = lambda request: request.answer(200, b"<html>")
        assert fault_of(self.way(web).fetch).code == Code.JSON
        assert fault_of(self.way(web, collection="").fetch).field == "collection"


class TestCmis:
    def way(self, server, **options):
        return Way("cmis", server, server.url, {"folder": "out", **options}, {})

    def test_documents_of_all_pages_are_found_and_folders_are_not(self, cmis, shelf):
        for name in ("a.csv", "b.csv", "c.csv"):
            shelf.put(name, CSV)
        with KINDS["cmis"].connect(self.way(cmis).settings(), self.way(cmis).client()) as connection:
            assert [one.name for one in connection.found()] == ["a.csv", "b.csv", "c.csv"]

    def test_a_folder_or_a_repository_that_is_not_there(self, cmis):
        assert fault_of(self.way(cmis, folder="/elsewhere").fetch).code == Code.FOLDER
        assert fault_of(self.way(cmis, repository="other").fetch).field == "repository"

    def test_a_repository_elsewhere_gets_no_credentials(self, cmis):
        cmis.answer = lambda request: request.answer(200, b'{"r": {"rootFolderUrl": "http://other.example/root"}}')
        assert fault_of(self.way(cmis).fetch).code == Code.ELSEWHERE


class TestSoap:
    def way(self, server, **options):
        return Way("soap", server, server.url, {"operation": "GetCounts", **options}, {})

    def test_an_operation_is_told_what_was_asked_and_its_refusal_is_said(self, soap):
        fault = fault_of(self.way(soap, parameters='{"year": 1800}').fetch)
        assert fault.code == Code.PROTOCOL
        assert "no such year" in str(fault)

    @pytest.mark.parametrize(
        ("options", "code"),
        [
            ({"operation": "Nothing"}, Code.OPERATION),
            ({"operation": ""}, Code.NEEDED),
            ({"parameters": "[1]"}, Code.OBJECT),
            ({"parameters": '{"month": 1}'}, Code.PROTOCOL),
        ],
    )
    def test_what_cannot_be_called_is_said_so(self, soap, options, code):
        assert fault_of(self.way(soap, **options).fetch).code == code

    def test_a_service_elsewhere_is_not_called(self, soap):
        soap.location = "http://other.example/counts"
        assert fault_of(self.way(soap).fetch).code == Code.ELSEWHERE

    @pytest.mark.parametrize("body", [b"<html>", b'<!DOCTYPE d [<!ENTITY e "x">]><d>&e;</d>', b"", b"<a/>"])
    def test_what_is_no_description_is_said_so(self, soap, body):
        soap.answer = lambda request: request.answer(200, body)
        assert fault_of(self.way(soap).fetch).code == Code.PROTOCOL
