"""What production is made of: checked by linters, since no engine runs here, and held to the same configuration."""

import configparser
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
BIN = Path(sys.executable).parent


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)


def assert_passes(*command):
    result = run(*command)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((DOCKER / "compose.yaml").read_text())


@pytest.fixture(scope="module")
def instance():
    spec = importlib.util.spec_from_file_location("instance", ROOT / "config" / "instance.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def nginx_folder(tmp_path):
    """Fill in nginx's configuration with a certificate of the moment, as the container does."""
    values = {
        "LRTZC_NGINX_WORKERS": "1",
        "LRTZC_NGINX_STATE": str(tmp_path),
        "LRTZC_NGINX_CONF": str(tmp_path),
        "LRTZC_NGINX_LOG": "/dev/null",
        "LRTZC_EDGE": str(tmp_path),
        "LRTZC_UPSTREAM": "127.0.0.1:9",
        "LRTZC_UPSTREAM_SCHEME": "https",
        "LRTZC_UPSTREAM_NAME": "web",
        "LRTZC_AUTHORITY": str(tmp_path / "certificate.pem"),
        "LRTZC_HTTP_PORT": "127.0.0.1:8080",
        "LRTZC_HTTPS_PORT": "127.0.0.1:8443",
        "LRTZC_HOST": "data.example.org",
        "LRTZC_TLS_CERTIFICATE": str(tmp_path / "certificate.pem"),
        "LRTZC_TLS_KEY": str(tmp_path / "key.pem"),
    }
    assert_passes(
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *("-subj", "/CN=data.example.org", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "certificate.pem"),
    )
    for name in ("nginx.conf", "portal.conf"):
        text = (DOCKER / "nginx" / f"{name}.template").read_text()
        for word, value in values.items():
            text = text.replace("${" + word + "}", value)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_dockerfile_passes_its_linter():
    assert_passes(BIN / "hadolint", "--failure-threshold", "info", DOCKER / "Dockerfile")


def test_the_compose_file_follows_its_schema():
    assert_passes(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", DOCKER / "compose.yaml")


@pytest.mark.parametrize("script", sorted(DOCKER.rglob("*.sh")), ids=lambda path: path.name)
def test_scripts_can_be_read_and_run(script):
    assert_passes("sh", "-n", script)
    assert script.stat().st_mode & 0o111


@pytest.mark.skipif(not (shutil.which("nginx") or Path("/usr/sbin/nginx").exists()), reason="nginx isn't installed")
def test_nginx_takes_its_configuration(nginx_folder):
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    result = run(nginx, "-t", "-p", nginx_folder, "-c", nginx_folder / "nginx.conf")
    assert "test is successful" in result.stderr, result.stderr


def test_nginx_configuration_has_no_known_weakness(nginx_folder):
    result = run(BIN / "gixy", "--format", "text", nginx_folder / "nginx.conf")
    assert "Problem:" not in result.stdout, result.stdout


def test_every_word_of_the_templates_is_filled_in(nginx_folder):
    for name in ("nginx.conf", "portal.conf"):
        assert "${LRTZC" not in (nginx_folder / name).read_text()
    start = (DOCKER / "nginx" / "start.sh").read_text()
    templates = "".join(path.read_text() for path in DOCKER.glob("nginx/*.template"))
    for word in {part.split("}")[0] for part in templates.split("${")[1:] if part.startswith("LRTZC_")}:
        assert word in start, f"{word} isn't set by docker/nginx/start.sh"


class TestHardening:
    def test_no_process_runs_as_root_or_gains_rights(self, compose):
        for name, service in compose["services"].items():
            assert service["cap_drop"] == ["ALL"], name
            assert "no-new-privileges:true" in service["security_opt"], name
            assert service.get("privileged") is None, name

    def test_files_of_the_system_are_read_only(self, compose):
        for name, service in compose["services"].items():
            assert service["read_only"] is True, name

    def test_each_lasting_service_says_whether_it_is_well(self, compose):
        for name, service in compose["services"].items():
            assert name == "prepare" or "healthcheck" in service, name

    def test_stores_are_on_a_network_without_way_out(self, compose):
        assert compose["networks"]["stores"]["internal"] is True
        for name in ("postgresql", "redis", "solr"):
            assert compose["services"][name]["networks"] == ["stores"], name
            assert "ports" not in compose["services"][name], name

    def test_nothing_is_said_between_tiers_without_tls(self, compose):
        for name, service in compose["services"].items():
            said = yaml.safe_dump([service.get(key) for key in ("environment", "command", "healthcheck")])
            assert not re.search(r"\b(http|redis)://", said), name
            assert "tls_authority" in service["secrets"], name
            if "LRTZC_POSTGRES" in service.get("environment", {}):
                assert service["environment"]["LRTZC_AUTHORITY"] == "/run/secrets/tls_authority", name

    def test_secrets_come_from_files_only(self, compose, instance):
        files = {secret["file"] for secret in compose["secrets"].values()}
        assert all(path.startswith("./secrets/") for path in files)
        for name, service in compose["services"].items():
            for key in service.get("environment", {}):
                assert not key.endswith(("_PASSWORD", "_SECRET", "_KEY")), f"{name}: {key}"
        assert set(instance.SECRETS) <= set(compose["services"]["web"]["secrets"])


class TestSameConfiguration:
    def test_the_portal_is_told_what_a_single_machine_is_told(self, compose, instance):
        told = set(compose["services"]["web"]["environment"])
        assert set(instance.SETTINGS) <= told, set(instance.SETTINGS) - told

    def test_the_web_server_is_started_by_the_same_files(self):
        dockerfile = (DOCKER / "Dockerfile").read_text()
        assert "/app/config/gunicorn.py" in dockerfile
        assert "wsgi:application" in dockerfile

    def test_every_worker_of_one_machine_has_its_service(self, compose):
        programs = configparser.RawConfigParser(strict=False, comment_prefixes=(";",))
        programs.read(ROOT / "config" / "machine" / "supervisord.conf")
        workers = [name.strip() for name in programs["group:workers"]["programs"].split(",")]
        for worker in workers:
            words = programs[f"program:{worker}"]["command"].split()
            arguments = words[words.index("-c") + 2 :]
            assert compose["services"][worker]["command"][3:] == arguments, worker

    def test_images_are_fixed_to_a_version(self, compose):
        for name, service in compose["services"].items():
            image = service["image"].replace("${LRTZC_VERSION:-latest}", "1")
            assert ":" in image, name
            assert not image.endswith(":latest"), name
