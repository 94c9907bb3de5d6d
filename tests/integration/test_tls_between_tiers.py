"""Between the tiers of production nothing is said without TLS, and nobody is believed without the right certificate.

The processes run by the commands and files of `docker/`; the clients are the portal's own, told as its containers are.
"""

import configparser
import os
import shutil
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import ckan.lib.redis as ckan_redis
import ckan.lib.search as ckan_search
import ckan.plugins.toolkit as tk
import limits.storage
import psycopg2
import pysolr
import pytest
import redis
import requests
import sqlalchemy as sa
from ckanext.harvest import queue

from ckanext.lrtzc.delivery import economy, health

ROOT = Path(__file__).resolve().parents[2]
URLS = {
    "sqlalchemy.url": "ckan",
    "ckan.datastore.write_url": "datastore_write",
    "ckan.datastore.read_url": "datastore_read",
    "ckanext.lrtzc.ledger.sequencer_url": "lrtzc_sequencer",
    "ckanext.lrtzc.personal.url": "lrtzc_personal",
}


@pytest.fixture(scope="module")
def stack():
    places = [str(ROOT / "tests" / name) for name in ("benchmarks", "integration")]
    sys.path[:0] = places
    import instances
    import tiers

    told = instances.settings()
    if not (Path(told["RUN"]) / "test.ini").exists():
        pytest.skip("the services of the tests aren't there: make services-test")
    with tiers.tiers(told) as running:
        yield running
    for place in places:
        sys.path.remove(place)


@pytest.fixture(scope="module")
def portal(stack):
    """Give the settings that a process of the portal reads, and its environment; roles and databases are there."""
    path, environment = stack.told_portal()
    ini = configparser.RawConfigParser()
    ini.read(path)
    told = dict(ini["app:main"])
    secrets = stack.folder / "secrets"
    admin = sa.make_url(told["sqlalchemy.url"]).set(database="postgres", username="postgres")
    admin = admin.set(password=(secrets / "postgres_password").read_text())
    with sa.create_engine(admin, isolation_level="AUTOCOMMIT").connect() as connection:
        for key, role in URLS.items():
            url = sa.make_url(told[key])
            connection.execute(sa.text(f"CREATE ROLE {role} LOGIN PASSWORD '{url.password}'"))
        for database in {sa.make_url(told[key]).database for key in URLS}:
            connection.execute(sa.text(f"CREATE DATABASE {database} TEMPLATE template0"))
    return told, environment


@pytest.fixture(scope="module")
def other(stack):
    """Give the authority of another deployment."""
    folder = stack.folder / "other"
    folder.mkdir()
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-subj", "/CN=Another", "-keyout", str(folder / "key.pem"), "-out", str(folder / "authority.pem")]
    subprocess.run(command, check=True, capture_output=True)
    return str(folder / "authority.pem")


@pytest.fixture
def process(portal, monkeypatch):
    """Let this process be told what a container's are; gives what changes it."""
    told, environment = portal
    monkeypatch.setattr(ckan_redis, "_connection_pool", None)
    for key in ("solr_url", "ckan.redis.url"):
        monkeypatch.setitem(tk.config, key, told[key])
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(name, environment[name])
    economy._sessions.clear()
    yield monkeypatch
    economy._sessions.clear()


def without_query(address):
    return address.partition("?")[0]


class TestTheRightCertificate:
    @pytest.mark.parametrize("key", URLS)
    def test_every_role_reaches_its_database_by_tls(self, portal, key):
        with sa.create_engine(portal[0][key]).connect() as connection:
            found = connection.execute(sa.text("SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))
            secure, version = found.one()
        assert secure
        assert version in {"TLSv1.2", "TLSv1.3"}

    def test_the_sequencer_reaches_the_ledger_by_its_own_means(self, portal):
        connection = psycopg2.connect(portal[0]["ckanext.lrtzc.ledger.sequencer_url"])
        assert connection.info.ssl_in_use
        connection.close()

    @pytest.mark.ckan_config("ckan.plugins", "lrtzc lrtzc_delivery")
    @pytest.mark.usefixtures("with_plugins")
    def test_every_client_of_redis_and_solr_is_answered(self, process):
        assert ckan_redis.connect_to_redis().ping()
        assert queue.get_connection_redis().ping()
        assert limits.storage.storage_from_string(tk.config["ckan.redis.url"]).check()
        assert pysolr.Solr(tk.config["solr_url"]).search("*:*").hits == 0
        assert ckan_search.check_solr_schema_version()
        assert health._search()

    def test_nginx_reaches_web_by_tls(self, stack, other):
        import instances

        port = stack.ports["web"]
        trusted = ssl.create_default_context()
        trusted.check_hostname, trusted.verify_mode = (
            False,
            ssl.CERT_NONE,
        )  # of nginx' own certificate, made for the test

        def answer(authority, name):
            upstream = {"scheme": "https", "authority": authority, "name": name}
            with instances.nginx(port, port + 1, **upstream) as edge:
                request = urllib.request.Request(f"{edge}/", headers={"Host": "localhost"})
                try:
                    with urllib.request.urlopen(request, context=trusted, timeout=20) as reply:
                        return reply.read().decode()
                except urllib.error.HTTPError as error:
                    with error:
                        return error.code

        assert answer(stack.authority, "web") == "https"
        assert answer(other, "web") == 502
        assert answer(stack.authority, "redis") == 502


class TestNoOrAnotherCertificate:
    def test_plain_connections_to_the_database_are_refused(self, portal):
        address = portal[0]["sqlalchemy.url"].replace("verify-full", "disable")
        with pytest.raises(psycopg2.OperationalError, match="no encryption"):
            psycopg2.connect(address)

    def test_another_authority_or_name_is_not_believed_by_the_database_client(self, portal, stack, other):
        address = portal[0]["sqlalchemy.url"]
        with pytest.raises(psycopg2.OperationalError, match="certificate verify failed"):
            psycopg2.connect(address.replace(str(stack.authority), other))
        with pytest.raises(psycopg2.OperationalError, match="does not match host name"):
            psycopg2.connect(address.replace("@localhost", "@127.0.0.1"))

    def test_redis_listens_by_tls_only(self, portal):
        with pytest.raises(redis.RedisError):
            redis.Redis.from_url(without_query(portal[0]["ckan.redis.url"]).replace("rediss:", "redis:")).ping()

    def test_another_authority_or_name_is_not_believed_by_the_client_of_redis(self, portal, stack, other):
        address = portal[0]["ckan.redis.url"]
        with pytest.raises(redis.ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
            redis.Redis.from_url(address.replace(str(stack.authority), other)).ping()
        with pytest.raises(redis.ConnectionError, match="IP address mismatch"):
            redis.Redis.from_url(address.replace("//localhost", "//127.0.0.1")).ping()

    @pytest.mark.parametrize("name", ["solr", "web"])
    def test_solr_and_web_listen_by_tls_only(self, stack, name):
        with pytest.raises(requests.RequestException):
            requests.get(f"http://localhost:{stack.ports[name]}/", timeout=20)

    @pytest.mark.ckan_config("ckan.plugins", "lrtzc lrtzc_delivery")
    @pytest.mark.usefixtures("with_plugins")
    def test_another_authority_or_name_is_not_believed_by_clients_of_solr(self, process, other):
        address = tk.config["solr_url"]
        wrong_name = address.replace("localhost", "127.0.0.1")
        bundle = os.environ["SSL_CERT_FILE"]
        for authority, asked in ((other, address), (bundle, wrong_name)):
            process.setenv("SSL_CERT_FILE", authority)
            process.setenv("REQUESTS_CA_BUNDLE", authority)
            process.setitem(tk.config, "solr_url", asked)
            economy._sessions.clear()
            with pytest.raises(pysolr.SolrError, match=r"certificate|CERTIFICATE"):
                pysolr.Solr(asked).search("*:*")
            with pytest.raises(requests.exceptions.SSLError):
                ckan_search._get_schema_from_solr("/schema?wt=schema.xml")
            assert not health._search()

    @pytest.mark.parametrize("name", ["postgresql", "redis", "solr", "web"])
    def test_health_is_asked_by_tls(self, stack, other, name):
        assert stack.healthcheck(name).returncode == 0
        own = stack.folder / name / "secrets" / "tls_authority"
        kept = own.with_suffix(".kept")
        own.rename(kept)
        shutil.copy(other, own)
        try:
            asked = stack.healthcheck(name)
        finally:
            own.unlink()
            kept.rename(own)
        assert asked.returncode != 0, asked.stdout


def test_postgresql_would_not_take_the_key_as_it_is_mounted(stack):
    mounted = stack.folder / "postgresql" / "secrets" / "postgresql_tls_key"
    taken = stack.folder / "postgresql" / "keys" / "postgresql_tls_key"
    assert oct(mounted.stat().st_mode)[-3:] == "444"
    assert oct(taken.stat().st_mode)[-3:] == "600"
    assert taken.owner() == stack.told["SERVICE_USER"]


def test_a_process_of_the_portal_does_not_start_without_the_authority(stack):
    environment = {
        "LRTZC_AUTHORITY": "/nowhere",
        "LRTZC_STATE": str(stack.folder / "web/state"),
        "PATH": os.environ["PATH"],
    }
    command = [ROOT / "docker/start.sh", "true"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "make /nowhere" in done.stderr
