"""The two portals that are compared, on the stores of the tests: ours, and CKAN as it comes.

Both have their own databases and Solr core, the same content, the same web server with the same settings.
"""

import os
import random
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / "run" / "test"
BENCH = ROOT / "run" / "bench"
BIN = ROOT / ".venv" / "bin"
#: Each side's ending of database and core names, and its port, counted from the tests' own.
SIDES = {"ours": ("_bench", 41), "stock": ("_stock", 42), "size": ("_size", 43)}
EDGE_PORT = 44
STOCK_PLUGINS = "activity datastore image_view text_view datatables_view"


def settings() -> dict[str, str]:
    """Read ports and folders as the install scripts do."""
    script = (
        f". {ROOT}/config/machine/common.sh; use_instance test; "
        "echo PORT=$PORT; echo POSTGRES_PORT=$POSTGRES_PORT; echo REDIS_PORT=$REDIS_PORT; echo SOLR_PORT=$SOLR_PORT; "
        "echo SOCKETS=$SOCKETS; echo RUN=$RUN; echo SERVICE_USER=$SERVICE_USER; echo POSTGRES_BIN=$POSTGRES_BIN"
    )
    told = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout
    return dict(line.split("=", 1) for line in told.splitlines())


def as_service(*command: str, **kwargs) -> subprocess.CompletedProcess:
    """Run a command as the user who owns the services."""
    script = f'. {ROOT}/config/machine/common.sh; use_instance test; as_service "$@"'
    return subprocess.run(["bash", "-c", script, "bash", *command], check=True, **kwargs)


def psql(told: dict[str, str], database: str, sql: str) -> None:
    command = [f"{told['POSTGRES_BIN']}/psql", "-h", told["SOCKETS"], "-p", told["POSTGRES_PORT"]]
    as_service(*command, "-U", "postgres", "-X", "-q", "-d", database, "-v", "ON_ERROR_STOP=1", input=sql, text=True)


def database(told: dict[str, str], name: str, owner: str) -> None:
    psql(
        told,
        "postgres",
        f"SELECT 'CREATE DATABASE {name} OWNER {owner} TEMPLATE template0' "
        f"WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{name}')\\gexec\n",
    )


def core(told: dict[str, str], name: str, stock: bool) -> None:
    """Make a Solr core: with our configuration, or with CKAN's own schema."""
    base = f"http://127.0.0.1:{told['SOLR_PORT']}/solr"
    if _answers(f"{base}/{name}/select?q=*:*&rows=0"):
        return
    home = Path(told["RUN"]) / "solr" / "home" / "configsets"
    configuration = "ckan"
    if stock:
        configuration = "stock"
        target = home / configuration / "conf"
        if not target.exists():
            shutil.copytree(home / "ckan" / "conf", target)
        shipped = Path(find_spec("ckan").origin).parent / "config" / "solr" / "schema.xml"
        (target / "schema.xml").write_text(shipped.read_text())
        for word in ("stopwords.txt", "synonyms.txt", "protwords.txt"):
            (target / word).touch()
        text = (target / "solrconfig.xml").read_text()
        text = re.sub(r"<searchComponent name=\"spellcheck\".*?</searchComponent>", "", text, flags=re.DOTALL)
        text = re.sub(r"<arr name=\"last-components\">.*?</arr>", "", text, flags=re.DOTALL)
        (target / "solrconfig.xml").write_text(text)
        shutil.chown(target.parent, told["SERVICE_USER"])
    address = f"{base}/admin/cores?action=CREATE&name={name}&configSet={configuration}"
    with urllib.request.urlopen(address, timeout=60):
        pass


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as reply:
            return reply.status == 200
    except (urllib.error.URLError, OSError):
        return False


def make(datasets: int) -> dict[str, Path]:
    """Make both instances with their content, side by side.

    What exists already is left, but for new tables and new content of a newer checkout.

    :returns: the instance files: `ours`, `stock`
    """
    told = settings()
    BENCH.mkdir(parents=True, exist_ok=True)
    shutil.chown(BENCH, told["SERVICE_USER"])
    files = {which: _instance(told, which) for which in ("ours", "stock")}
    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(_fill, told, which, ini, datasets) for which, ini in files.items()]:
            done.result()
    return files


@contextmanager
def passing(which: str) -> Iterator[Path]:
    """Make an instance of ours with its tables and without content; it is erased at the end. Gives its file."""
    told = settings()
    BENCH.mkdir(parents=True, exist_ok=True)
    shutil.chown(BENCH, told["SERVICE_USER"])
    suffix = SIDES[which][0]
    try:
        ini = _instance(told, which)
        with (BENCH / f"{which}.log").open("w") as log:
            as_service(str(BIN / "ckan"), "-c", str(ini), "db", "upgrade", stdout=log, stderr=log)
            _ledger(told, f"ckan{suffix}", log)
        yield ini
    finally:
        for name in (f"ckan{suffix}", f"datastore{suffix}"):
            psql(told, "postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        erased = "deleteIndex=true&deleteDataDir=true&deleteInstanceDir=true"
        address = f"http://127.0.0.1:{told['SOLR_PORT']}/solr/admin/cores?action=UNLOAD&core=ckan{suffix}&{erased}"
        with urllib.request.urlopen(address, timeout=60):
            pass


def _instance(told: dict[str, str], which: str) -> Path:
    """Make the databases, the Solr core and the file of one side; gives the file."""
    suffix, port = SIDES[which]
    database(told, f"ckan{suffix}", "ckan")
    database(told, f"datastore{suffix}", "datastore_write")
    if which != "stock":
        psql(
            told,
            f"datastore{suffix}",
            "SET client_min_messages = warning; "
            "CREATE EXTENSION IF NOT EXISTS postgis; CREATE EXTENSION IF NOT EXISTS pg_trgm;",
        )
    core(told, f"ckan{suffix}", stock=which == "stock")
    ini = BENCH / f"{which}.ini"
    environment = {
        "LRTZC_SITE_URL": f"http://localhost:{int(told['PORT']) + port}",
        "LRTZC_SITE_ID": f"bench_{which}",
        "LRTZC_POSTGRES": f"127.0.0.1:{told['POSTGRES_PORT']}",
        "LRTZC_REDIS_URL": f"redis://127.0.0.1:{told['REDIS_PORT']}/{7 + list(SIDES).index(which)}",
        "LRTZC_SOLR_URL": f"http://127.0.0.1:{told['SOLR_PORT']}/solr/ckan",
        "LRTZC_FILES": str(BENCH / f"files-{which}"),
        "LRTZC_EDGE": str(BENCH / "edge") if which == "ours" else "",
    }
    for folder in ("storage", "webassets"):
        as_service("mkdir", "-p", str(BENCH / f"files-{which}" / folder), str(BENCH / "edge"))
    variables = [f"{key}={value}" for key, value in environment.items()]
    command = [str(BIN / "python"), str(ROOT / "config" / "instance.py"), "--make-secrets"]
    as_service("env", *variables, *command, "--secrets", f"{told['RUN']}/secrets", "--suffix", suffix, str(ini))
    if which == "stock":
        _make_stock(ini)
    return ini


def _fill(told: dict[str, str], which: str, ini: Path, datasets: int) -> None:
    """Make the tables of one side and put the content in, unless it is there; then the planner's figures."""
    name = f"ckan{SIDES[which][0]}"
    with (BENCH / f"{which}.log").open("w") as log:
        as_service(str(BIN / "ckan"), "-c", str(ini), "db", "upgrade", stdout=log, stderr=log)
        if which == "ours":
            _ledger(told, name, log)
        stamp = BENCH / f".{which}-{datasets}"
        if stamp.exists():
            return
        print(f"{which}: {datasets} datasets", flush=True)
        filler = [str(BIN / "python"), str(Path(__file__).with_name("catalogue.py")), str(ini), str(datasets)]
        as_service(*filler, stdout=log, stderr=log)
        psql(told, name, "VACUUM ANALYZE")
        stamp.touch()


def _ledger(told: dict[str, str], name: str, log: IO[str]) -> None:
    """Make the ledger's tables, whose rights only an administrator of the server gives."""
    schema = ROOT / "ckanext-lrtzc" / "ckanext" / "lrtzc" / "ledger" / "schema.sql"
    command = [f"{told['POSTGRES_BIN']}/psql", "-h", told["SOCKETS"], "-p", told["POSTGRES_PORT"], "-U", "postgres"]
    words = ["-v", "app=ckan", "-v", "sequencer=lrtzc_sequencer"]
    as_service(*command, "-X", "-q", "-d", name, *words, "-f", str(schema), stdout=log, stderr=log)
    words, name = ["-v", "writer=datastore_write", "-v", "sequencer=lrtzc_sequencer"], name.replace("ckan", "datastore")
    outbox = str(schema.with_name("outbox.sql"))
    as_service(*command, "-X", "-q", "-d", name, *words, "-f", outbox, stdout=log, stderr=log)


def _make_stock(ini: Path) -> None:
    """Leave of the instance file only where its stores are: CKAN's own plug-ins, theme and defaults do the rest."""
    kept = ("ckan.site_url", "ckan.site_id", "sqlalchemy.url", "ckan.datastore", "solr_url", "ckan.redis", "SECRET_KEY")
    kept += ("ckan.storage_path", "ckan.files", "ckan.webassets.path")
    lines = [line for line in ini.read_text().splitlines() if line.startswith(kept)]
    head = ["[DEFAULT]", "debug = false", "[app:main]", "use = egg:ckan", f"ckan.plugins = {STOCK_PLUGINS}"]
    storage = ["ckan.files.storage.default.type = ckan:fs", "ckan.files.storage.default.initialize = true"]
    shipped = (ROOT / "config" / "ckan.ini").read_text()
    logging = shipped[shipped.index("[loggers]") :].replace("level = INFO", "level = WARNING")
    ini.write_text("\n".join([*head, *lines, *storage]) + "\n\n" + logging)


def variant(ini: Path, name: str, **options: str) -> Path:
    """Write an instance file that differs in some options; words are joined by two underscores for a dot."""
    target = ini.with_name(f"{ini.stem}-{name}.ini")
    lines = ["[app:main]", f"use = config:{ini}"]
    lines += [f"{key.replace('__', '.')} = {value}" for key, value in options.items()]
    target.write_text("\n".join(lines) + "\n")
    target.chmod(0o644)
    return target


def token(ini: Path) -> str:
    """Give a token of a person who may change everything, made for this run."""
    ckan = [str(BIN / "ckan"), "-c", str(ini)]
    user = f"bench-{random.randrange(10**8)}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    password = secrets.token_urlsafe(16)
    as_service(*ckan, "user", "add", user, f"email={user}@example.org", f"password={password}", **quiet)
    as_service(*ckan, "sysadmin", "add", user, **quiet)
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    told = as_service(*ckan, "user", "token", "add", user, "bench", "-q", text=True, **quiet)
    return told.stdout.strip().splitlines()[-1].strip()


def processor_seconds(port: int) -> float:
    """Give the processor time that the workers of a web server have had so far."""
    master = (BENCH / f"web-{port}.pid").read_text().strip()
    ticks = 0
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if fields[1] == master:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def web(ini: Path, port: int, workers: int = 2) -> Iterator[str]:
    """Run the web server of an instance; gives its address."""
    pid = BENCH / f"web-{port}.pid"
    environment = [f"CKAN_INI={ini}", "PYTHONDONTWRITEBYTECODE=1", f"LRTZC_WEB_WORKERS={workers}"]
    command = [str(BIN / "gunicorn"), "--chdir", str(ROOT / "config"), "--config", str(ROOT / "config" / "gunicorn.py")]
    command += ["--bind", f"127.0.0.1:{port}", "--pid", str(pid), "--daemon", "--capture-output"]
    command += ["--log-file", str(BENCH / f"web-{port}.log"), "wsgi:application"]
    as_service("env", *environment, *command)
    address = f"http://localhost:{port}"
    try:
        end = time.monotonic() + 90
        while not _answers(f"{address}/dataset/"):
            if time.monotonic() > end:
                sys.exit(f"The web server didn't start: see {BENCH}/web-{port}.log")
            time.sleep(0.3)
        yield address
    finally:
        with_pid = int(pid.read_text()) if pid.exists() else 0
        if with_pid:
            os.kill(with_pid, signal.SIGTERM)
            end = time.monotonic() + 25
            while pid.exists() and time.monotonic() < end:
                time.sleep(0.2)


@contextmanager
def nginx(
    upstream_port: int, port: int, scheme: str = "http", name: str = "web", authority: Path | str | None = None
) -> Iterator[str]:
    """Run nginx with the production configuration in front of a web server; gives its https address.

    :param scheme: how the web server is asked; with `https` its certificate must be in `name` and from `authority`
    """
    state = BENCH / "nginx"
    state.mkdir(parents=True, exist_ok=True)
    state.chmod(0o777)
    key, certificate = state / "key.pem", state / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run(
        [*command, "-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    values = {
        "LRTZC_NGINX_WORKERS": "2",
        "LRTZC_NGINX_STATE": str(state),
        "LRTZC_NGINX_CONF": str(state),
        "LRTZC_NGINX_LOG": "/dev/null",
        "LRTZC_EDGE": str(BENCH / "edge"),
        "LRTZC_UPSTREAM": f"127.0.0.1:{upstream_port}",
        "LRTZC_UPSTREAM_SCHEME": scheme,
        "LRTZC_UPSTREAM_NAME": name,
        "LRTZC_AUTHORITY": str(authority or certificate),
        "LRTZC_HTTP_PORT": f"127.0.0.1:{port + 1}",
        "LRTZC_HTTPS_PORT": f"127.0.0.1:{port}",
        "LRTZC_HOST": "localhost",
        "LRTZC_TLS_CERTIFICATE": str(certificate),
        "LRTZC_TLS_KEY": str(key),
    }
    for name in ("nginx.conf", "portal.conf"):
        text = (ROOT / "docker" / "nginx" / f"{name}.template").read_text()
        for word, value in values.items():
            text = text.replace("${" + word + "}", value)
        (state / name).write_text(text)
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen([program, "-p", str(state), "-c", str(state / "nginx.conf"), "-g", "daemon off;"])
    try:
        time.sleep(1)
        yield f"https://localhost:{port}"
    finally:
        process.terminate()
        process.wait(20)
