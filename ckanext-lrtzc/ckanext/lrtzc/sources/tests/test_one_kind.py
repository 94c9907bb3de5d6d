"""What is of one kind of source only: folders, databases, geographic services."""

import datetime as dt
import hashlib
import io
import json
import socket
import threading
from contextlib import suppress

import psycopg2.errors
import pytest

from ckanext.lrtzc.sources.domain.faults import Code
from ckanext.lrtzc.sources.domain.signing import Signer
from ckanext.lrtzc.sources.kinds import KINDS
from ckanext.lrtzc.sources.tests.test_kinds import CSV, NAME, PASSWORD, Way, fault_of


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


class TestPostgresql:
    def way(self, database, **options):
        options = {"username": database.user, "table": database.table, "tls": "disable", **options}
        return Way("postgresql", database, database.address, options, {"password": database.password})

    def test_only_rows_after_the_last_value_are_read(self, database):
        database.fill("lieu;passages\nPort;1\nGare;2\n")
        way = self.way(database, cursor="passages")
        _found, taken, data, _after = way.fetch()
        assert (data, taken.mark) == (b"lieu,passages\nPort,1\nGare,2\n", "2")
        assert way.fetch(since="2")[1] is None
        database.fill('lieu;passages\nPort;1\nGare;2\n"Quai; nord";11\n')
        _found, taken, data, _after = way.fetch(since="2")
        assert (data, taken.mark) == (b"lieu,passages\nQuai; nord,11\n", "11")

    def test_nothing_can_be_written(self, database):
        database.fill(CSV)
        with KINDS["postgresql"].connect(self.way(database).settings(), self.way(database).client()) as connection:
            for statement in (f"DELETE FROM {database.table}", f"CREATE TABLE {database.table}_more ()"):
                with connection._connection.cursor() as cursor, pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
                    cursor.execute(statement)
                connection._connection.rollback()

    @pytest.mark.parametrize(
        ("options", "code", "field"),
        [
            ({"table": "nothing.there"}, Code.TABLE, "table"),
            ({"table": "a.b.c"}, Code.NEEDED, "table"),
            ({"table": 'x"; DROP TABLE y; --'}, Code.TABLE, "table"),
            ({"cursor": "colour"}, Code.COLUMN, "cursor"),
        ],
    )
    def test_what_is_not_there_is_said(self, database, options, code, field):
        database.fill(CSV)
        fault = fault_of(self.way(database, **options).fetch)
        assert (fault.code, fault.field) == (code, field)

    def test_tls_is_asked_for_unless_told_otherwise(self, database):
        database.fill(CSV)
        assert fault_of(self.way(database, tls="").fetch).code == "tls"


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
