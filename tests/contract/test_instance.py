"""The instance file: secrets stay in files of their own, defaults suit one machine."""

import configparser
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "config" / "instance.py"


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, SCRIPT, *map(str, arguments)], capture_output=True, text=True, env=environment, check=False
    )


def read(path):
    parser = configparser.RawConfigParser()
    parser.read(path)
    return parser["app:main"]


def test_secrets_are_made_once_and_kept(tmp_path):
    target, secrets = tmp_path / "ckan.ini", tmp_path / "secrets"
    assert run("--secrets", secrets, "--make-secrets", target).returncode == 0
    first = read(target)["SECRET_KEY"]
    assert run("--secrets", secrets, "--make-secrets", target).returncode == 0
    assert read(target)["SECRET_KEY"] == first
    assert len(first) >= 32
    assert oct(target.stat().st_mode)[-3:] == "600"


def test_a_missing_secret_is_named(tmp_path):
    result = run("--secrets", tmp_path, tmp_path / "ckan.ini")
    assert result.returncode != 0
    assert "secret_key is missing" in result.stderr
    assert not (tmp_path / "ckan.ini").exists()


def test_stores_are_taken_by_the_certificates_of_the_authority_only(tmp_path):
    target = tmp_path / "ckan.ini"
    stores = {"LRTZC_AUTHORITY": "/run/ca", "LRTZC_REDIS_URL": "rediss://redis:6379/0?socket_timeout=9"}
    run("--secrets", tmp_path / "s", "--make-secrets", target, **stores)
    told = read(target)
    addresses = [each for value in told.values() for each in value.split() if each.startswith("postgresql://")]
    assert len(addresses) == 7
    assert all(address.endswith("?sslmode=verify-full&sslrootcert=/run/ca") for address in addresses)
    whole = "rediss://redis:6379/0?socket_timeout=9&ssl_cert_reqs=required&ssl_check_hostname=true&ssl_ca_certs=/run/ca"
    assert told["ckan.redis.url"] == whole


def test_cookies_are_secure_under_https(tmp_path):
    target = tmp_path / "ckan.ini"
    run("--secrets", tmp_path / "s", "--make-secrets", target, LRTZC_SITE_URL="https://donnees.example.org")
    assert read(target)["SESSION_COOKIE_SECURE"] == "true"
    run("--secrets", tmp_path / "s", "--make-secrets", target)
    assert read(target)["SESSION_COOKIE_SECURE"] == "false"
