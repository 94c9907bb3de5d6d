"""The stores and a web server of production on this machine: the commands and files of `docker/`, without an engine.

What the container's paths, names and ports are is replaced by folders and ports of the tests; nothing else.
"""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
PORTS = {"postgresql": 36, "redis": 37, "solr": 38, "web": 39}
CONTAINER_PORTS = {"postgresql": 5432, "redis": 6379, "solr": 8983, "web": 5000}


class Tiers:
    """The stack's folders and addresses.

    :param told: ports and folders of the tests, as the install scripts say them
    """

    def __init__(self, told: dict[str, str]):
        self.told = told
        self.folder = Path(told["RUN"]) / "tls"
        self.compose = yaml.safe_load((DOCKER / "compose.yaml").read_text())
        self.ports = {name: int(told["PORT"]) + more for name, more in PORTS.items()}
        self.authority = self.folder / "web" / "secrets" / "tls_authority"

    def secrets(self) -> Path:
        """Make a deployment's secrets with its scripts; gives their folder, which only root (or you) can enter."""
        folder = self.folder / "secrets"
        environment = {**os.environ, "LRTZC_SECRETS": str(folder), "LRTZC_TLS_NAMES": "localhost"}
        subprocess.run([DOCKER / "make-secrets.sh"], env=environment, check=True, capture_output=True)
        return folder

    def mount(self, secrets: Path) -> None:
        """Give each service the secrets that compose names for it, with the owner and mode they have, as mounts do."""
        for name in PORTS:
            place = self.folder / name
            (place / "secrets").mkdir(parents=True)
            for secret in self.compose["services"][name]["secrets"]:
                shutil.copy2(secrets / Path(self.compose["secrets"][secret]["file"]).name, place / "secrets" / secret)
            for own in ("keys", "data", "state"):
                (place / own).mkdir(mode=0o700)
                shutil.chown(place / own, self.told["SERVICE_USER"])

    def here(self, name: str, word: str) -> str:
        """Give what a container's path, address or setting is on this machine."""
        place = self.folder / name
        word = re.sub(r"\$\{\w+:\?[^}]*\}", "localhost", word)
        word = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", word)
        for path, mine in {
            "/run/secrets": place / "secrets",
            "/run/keys": place / "keys",
            "/etc/postgresql/pg_hba.conf": DOCKER / "postgres" / "pg_hba.conf",
            "/var/solr": place / "data",
            "/app/solr/jars": ROOT / ".tools" / "solr" / "lib",
            "/app/solr/home": place / "home",
        }.items():
            word = word.replace(path, str(mine))
        for tier, port in CONTAINER_PORTS.items():
            word = word.replace(
                f"{tier}:{port}:127.0.0.1:{port}", f"localhost:{self.ports[tier]}:127.0.0.1:{self.ports[tier]}"
            )
            word = word.replace(f"{tier}:{port}", f"localhost:{self.ports[tier]}")
        return word

    def command(self, name: str) -> list[str]:
        """Give the command of a service."""
        return [self.here(name, word) for word in self.compose["services"][name]["command"]]

    def environment(self, name: str) -> dict[str, str]:
        """Give the settings of a service, those of its image first."""
        image = {}
        if name == "solr":
            dockerfile = (DOCKER / "Dockerfile").read_text()
            lines = re.search(r"^ENV (LRTZC_SOLR(?:[^\\\n]|\\\n)*)$", dockerfile, flags=re.MULTILINE)
            image = dict(word.split("=", 1) for word in lines[1].replace("\\\n", " ").split())
        told = self.compose["services"][name].get("environment", {})
        return {key: self.here(name, str(value)) for key, value in {**image, **told}.items()}

    def healthcheck(self, name: str) -> subprocess.CompletedProcess:
        """Ask a service how it is, as compose does."""
        words = [self.here(name, word) for word in self.compose["services"][name]["healthcheck"]["test"][1:]]
        if name == "postgresql":
            words = [word.replace("host=postgresql", f"host=localhost port={self.ports[name]}") for word in words]
        if name == "redis":
            words[1:1] = ["-p", str(self.ports[name])]
        try:
            return subprocess.run(words, capture_output=True, text=True, check=False, timeout=30)
        except subprocess.TimeoutExpired:  # as compose counts it
            return subprocess.CompletedProcess(words, 124, "", "no answer in time")

    def run(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> subprocess.Popen:
        """Run a process of a service as the user who owns services."""
        user = self.told["SERVICE_USER"]
        asked = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "LRTZC_SECRETS": str(self.folder / name / "secrets")}
        asked |= {"LRTZC_KEYS": str(self.folder / name / "keys"), **(environment or {})}
        become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--no-new-privs"]
        log = (self.folder / f"{name}.log").open("ab")
        with log:
            return subprocess.Popen(
                [*(become if os.geteuid() == 0 else ()), *map(str, command)],
                env=asked,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder / name / "state",
            )

    def postgresql(self) -> subprocess.Popen:
        """Start PostgreSQL on a new cluster; `docker-entrypoint.sh` of the image is played by its last line."""
        place, binaries = self.folder / "postgresql", self.told["POSTGRES_BIN"]
        entrypoint = place / "docker-entrypoint.sh"
        entrypoint.write_text('#!/bin/sh\nexec "$@"\n')
        entrypoint.chmod(0o755)
        form = self.compose["services"]["postgresql"]["environment"]["POSTGRES_INITDB_ARGS"].split()
        made = [f"{binaries}/initdb", "-D", f"{place}/data", "-U", "postgres", "--no-sync", "--locale=C.UTF-8", *form]
        made += ["--auth-local=peer", f"--pwfile={place}/secrets/postgres_password"]
        if self.run("postgresql", made).wait(60):
            raise RuntimeError(f"initdb failed: {place}.log")
        extra = ["-D", f"{place}/data", "-p", str(self.ports["postgresql"]), "-k", f"{place}/state"]
        path = {"PATH": f"{place}:{binaries}:{os.environ['PATH']}"}
        return self.run("postgresql", [DOCKER / "postgres" / "start.sh", *self.command("postgresql"), *extra], path)

    def redis(self) -> subprocess.Popen:
        """Start Redis."""
        words = [word.replace("6379", str(self.ports["redis"])) for word in self.command("redis")]
        return self.run("redis", [f"{self.folder}/redis/data" if word == "/data" else word for word in words])

    def solr(self) -> subprocess.Popen:
        """Start Solr with one core, on a home that it can't write."""
        home, configuration = self.folder / "solr" / "home", Path(self.told["RUN"]) / "solr/home/configsets/ckan/conf"
        shutil.copytree(configuration, home / "configsets" / "ckan" / "conf")
        shutil.copy(ROOT / "config" / "solr" / "solr.xml", home)
        (home / "ckan").mkdir()
        shutil.copy(DOCKER / "core.properties", home / "ckan")
        for path in (home, *home.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        environment = self.environment("solr") | {"LRTZC_SOLR_PORT": str(self.ports["solr"]), "LRTZC_SOLR_HEAP": "256m"}
        environment["JAVA_TOOL_OPTIONS"] = "-XX:TieredStopAtLevel=1"  # starts sooner, for a server that lives a minute
        return self.run("solr", [ROOT / "config" / "solr" / "start.sh"], environment)

    def web(self) -> subprocess.Popen:
        """Start the web server, which answers with the scheme it was asked by and doesn't load the portal."""
        application = "def application(e, go):\n    go('200 OK', [])\n    return [e['wsgi.url_scheme'].encode()]\n"
        (self.folder / "web" / "wsgi.py").write_text(application)
        command = [ROOT / ".venv/bin/gunicorn", "--config", ROOT / "config/gunicorn.py", "--chdir", self.folder / "web"]
        command += ["--bind", f"127.0.0.1:{self.ports['web']}", "wsgi:application"]
        return self.run("web", command, self.environment("web") | {"LRTZC_WEB_WORKERS": "1"})

    def told_portal(self) -> tuple[Path, dict[str, str]]:
        """Start a process of the portal as its container does; gives its configuration file and its environment."""
        environment = self.environment("web") | {"LRTZC_APP": str(ROOT), "LRTZC_STATE": str(self.folder / "web/state")}
        environment["PATH"] = f"{ROOT}/.venv/bin:{os.environ['PATH']}"
        found = self.folder / "web" / "state" / "environment"
        started = self.run("web", [DOCKER / "start.sh", "sh", "-c", f"env -0 >{found}"], environment)
        if started.wait(60):
            raise RuntimeError(f"docker/start.sh failed: {self.folder}/web.log")
        told = dict(line.split("=", 1) for line in found.read_text().split("\0") if "=" in line)
        return Path(told["CKAN_INI"]), told


def wait(stack: Tiers, name: str, process: subprocess.Popen, seconds: float = 180) -> None:
    """Wait until a service says that it is well."""
    end = time.monotonic() + seconds
    while stack.healthcheck(name).returncode:
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"{name} isn't well, see {stack.folder}/{name}.log")
        time.sleep(0.3)


@contextmanager
def tiers(told: dict[str, str]) -> Iterator[Tiers]:
    """Run the four services with certificates of the deployment's own; they are healthy when this gives them."""
    stack = Tiers(told)
    if stack.folder.exists():
        shutil.rmtree(stack.folder)
    stack.folder.mkdir(mode=0o755)
    stack.mount(stack.secrets())
    running = {}
    try:
        running["solr"] = stack.solr()
        for name in ("redis", "web", "postgresql"):
            running[name] = getattr(stack, name)()
        for name, process in running.items():
            wait(stack, name, process)
        yield stack
    finally:
        for process in running.values():
            process.send_signal(2 if process is running.get("postgresql") else 15)
        for process in running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
