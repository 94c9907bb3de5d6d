"""The certificates of the tiers: made once, never overwritten, renewed one by one, for no names but the tiers'."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml

DOCKER = Path(__file__).resolve().parents[2] / "docker"


def run(folder, *arguments, script="certificates.sh", **settings):
    environment = {"PATH": os.environ["PATH"], "LRTZC_SECRETS": str(folder), **settings}
    command = [DOCKER / script, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deployment") / "secrets"
    made = run(folder, script="make-secrets.sh")
    assert made.returncode == 0, made.stderr
    return folder


def test_every_secret_of_the_stack_is_made_or_asked_for(folder):
    compose = yaml.safe_load((DOCKER / "compose.yaml").read_text())
    wanted = {Path(secret["file"]).name for secret in compose["secrets"].values()}
    told = run(folder, script="make-secrets.sh").stdout
    asked = {name for name in wanted if f"missing: {folder}/{name} (PEM)" in told}
    assert asked == {"tls_certificate", "tls_key"}
    assert wanted - asked <= set(contents(folder))


def test_a_second_run_changes_nothing(folder):
    before = contents(folder)
    again = run(folder, script="make-secrets.sh")
    assert again.returncode == 0
    assert "made" not in again.stdout
    assert contents(folder) == before


def test_containers_can_read_what_is_mounted_and_others_here_cannot(folder):
    assert oct(folder.stat().st_mode)[-3:] == "700"
    for path in folder.glob("*_tls_*"):
        assert oct(path.stat().st_mode)[-3:] == "444", path.name
    assert oct((folder / "authority" / "key.pem").stat().st_mode)[-3:] == "400"
    assert "authority/key" not in (DOCKER / "compose.yaml").read_text()


def test_one_tier_is_renewed_alone(folder):
    before = contents(folder)
    done = run(folder, "renew", "redis")
    assert "restart redis" in done.stdout
    after = contents(folder)
    assert {name for name in after if after[name] != before[name]} == {"redis_tls_certificate", "redis_tls_key"}
    assert run(folder, "check").returncode == 0


def test_what_is_not_of_the_authority_is_told(folder, tmp_path):
    assert run(tmp_path / "other").returncode == 0
    kept = (folder / "solr_tls_certificate").read_bytes()
    (folder / "solr_tls_certificate").unlink()
    (folder / "solr_tls_certificate").write_bytes((tmp_path / "other" / "solr_tls_certificate").read_bytes())
    told = run(folder, "check")
    (folder / "solr_tls_certificate").write_bytes(kept)
    assert told.returncode == 1
    assert "solr_tls_certificate isn't from this authority" in told.stdout


def test_the_authority_vouches_for_the_tiers_only(folder):
    before = contents(folder)
    refused = run(folder, "renew", "postgresql", LRTZC_TLS_NAMES="data.example.org")
    assert refused.returncode == 2
    assert "may not vouch for all of: postgresql data.example.org" in refused.stderr
    assert contents(folder) == before


def test_mistakes_are_told_plainly(folder):
    assert "no tier named “mysql”" in run(folder, "renew", "mysql").stderr
    assert "say what to renew" in run(folder, "renew").stderr
    key = folder / "authority" / "key.pem"
    key.rename(folder / "elsewhere")
    told = run(folder, "renew", "web")
    (folder / "elsewhere").rename(key)
    assert told.returncode == 2
    assert "authority/key.pem is missing: put it back" in told.stderr


def test_a_new_authority_renews_all(folder):
    before = contents(folder)
    assert run(folder, "renew", "authority", LRTZC_TLS_NAMES="db.example.org").returncode == 0
    after = contents(folder)
    assert all(after[name] != before[name] for name in after if "_tls_" in name or name == "tls_authority")
    assert after["ckan_password"] == before["ckan_password"]
    assert run(folder, "check").returncode == 0
