"""Write the configuration file of one instance of the portal: addresses, folders and secrets over `config/ckan.ini`.

The same script serves a single machine (`make portal`), the tests and the containers, so that all run the same
configuration. It reads:

- settings from the environment, each with a default that suits one machine (see `SETTINGS`);
- secrets from files of one folder, named as in `SECRETS`; with `--make-secrets`, the missing ones are generated.

Usage: python config/instance.py --secrets FOLDER [--make-secrets] [--suffix _test] [--testing] TARGET
"""

import argparse
import os
import secrets
import sys
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent

SETTINGS = {
    "LRTZC_SITE_URL": "http://localhost:5000",
    "LRTZC_SITE_ID": "lrtzc",
    "LRTZC_POSTGRES": "127.0.0.1:5001",
    "LRTZC_REDIS_URL": "redis://127.0.0.1:5002/0",
    "LRTZC_SOLR_URL": "http://127.0.0.1:5003/solr/ckan",
    "LRTZC_AUTHORITY": "",
    "LRTZC_FILES": str(ROOT / "run" / "portal" / "files"),
    "LRTZC_TERRITORY": str(ROOT / "config" / "territory"),
    "LRTZC_ALLOWED_HOSTS": "",
    "LRTZC_TRUSTED_PROXIES": "0",
    "LRTZC_EDGE": "",
    "LRTZC_MAP_HOSTS": "",
    "LRTZC_PARTNER_URL": "",
    "LRTZC_PARTNER_FOLDER": "",
    "LRTZC_SMTP": "",
    "LRTZC_MAIL_FROM": "",
}

SECRETS = (
    "secret_key",
    "ckan_password",
    "datastore_write_password",
    "datastore_read_password",
    "lrtzc_sequencer_password",
    "ledger_key",
    "lrtzc_personal_password",
    "personal_key",
)


def read_secret(folder: Path, name: str, make: bool) -> str:
    """Give the secret kept in the file `name` of `folder`.

    :raises SystemExit: where it is missing or empty and may not be made.
    """
    path = folder / name
    if path.is_file() and (value := path.read_text().strip()):
        return value
    if not make:
        sys.exit(f"The secret {name} is missing: write it to {path}")
    value = secrets.token_urlsafe(32)
    path.touch(mode=0o600)
    path.write_text(value + "\n")
    return value


def with_authority(address: str, authority: str) -> str:
    """Give the address of PostgreSQL or Redis with the authority that its certificate must come from.

    Chain and name are both checked (`verify-full`, in PostgreSQL's words); what the address says itself is kept. Solr's
    address has no place for it: its clients are told by the process' environment (docker/start.sh).

    :param authority: path of a PEM file, without characters that need quoting; empty where stores speak without TLS
    """
    asked = ()
    if authority and address.startswith("postgresql:"):
        asked = (("sslmode", "verify-full"), ("sslrootcert", authority))
    elif authority and address.startswith("rediss:"):
        asked = (("ssl_cert_reqs", "required"), ("ssl_check_hostname", "true"), ("ssl_ca_certs", authority))
    words = [f"{name}={value}" for name, value in asked if f"{name}=" not in address]
    return address + ("&" if "?" in address else "?") * bool(words) + "&".join(words)


def instance_lines(settings: dict[str, str], values: dict[str, str], suffix: str, testing: bool) -> list[str]:
    """Give the lines of the file."""

    def database(user: str, secret: str, name: str) -> str:
        address = f"postgresql://{user}:{quote(values[secret])}@{settings['LRTZC_POSTGRES']}/{name}{suffix}"
        return with_authority(address, authority)

    def sequencer(name: str) -> str:
        return database("lrtzc_sequencer", "lrtzc_sequencer_password", name)

    authority = settings["LRTZC_AUTHORITY"]
    files = settings["LRTZC_FILES"]
    https = settings["LRTZC_SITE_URL"].startswith("https://")
    lines = [
        "# Made by config/instance.py: change the settings it reads, not this file.",
        "[app:main]",
        f"use = config:{ROOT / 'config' / 'ckan.ini'}",
        f"ckan.site_url = {settings['LRTZC_SITE_URL']}",
        f"ckan.site_id = {settings['LRTZC_SITE_ID']}{suffix}",
        f"sqlalchemy.url = {database('ckan', 'ckan_password', 'ckan')}",
        f"ckan.datastore.write_url = {database('datastore_write', 'datastore_write_password', 'datastore')}",
        f"ckan.datastore.read_url = {database('datastore_read', 'datastore_read_password', 'datastore')}",
        f"ckanext.lrtzc.ledger.key = {values['ledger_key']}",
        f"ckanext.lrtzc.ledger.sequencer_url = {sequencer('ckan')}",
        f"ckanext.lrtzc.ledger.outboxes = {sequencer('datastore')} {sequencer('personal')}",
        f"ckanext.lrtzc.personal.url = {database('lrtzc_personal', 'lrtzc_personal_password', 'personal')}",
        f"ckanext.lrtzc.personal.keys = {' '.join(values['personal_key'].split())}",
        f"solr_url = {settings['LRTZC_SOLR_URL']}{suffix}",
        f"ckan.redis.url = {with_authority(settings['LRTZC_REDIS_URL'], authority)}",
        f"SECRET_KEY = {values['secret_key']}",
        f"ckan.storage_path = {files}",
        f"ckan.files.storage.default.path = {files}/storage",
        f"ckan.webassets.path = {files}/webassets",
        f"ckanext.lrtzc.territory = {settings['LRTZC_TERRITORY']}",
        f"ckanext.lrtzc.egress.allowed_hosts = {settings['LRTZC_ALLOWED_HOSTS']}",
        f"ckanext.lrtzc.delivery.trusted_proxies = {settings['LRTZC_TRUSTED_PROXIES']}",
        f"ckanext.lrtzc.delivery.edge_folder = {settings['LRTZC_EDGE']}",
        f"ckanext.lrtzc.delivery.map_hosts = {settings['LRTZC_MAP_HOSTS']}",
        f"ckanext.lrtzc.sample.partner_url = {settings['LRTZC_PARTNER_URL']}",
        f"ckanext.lrtzc.sample.partner_folder = {settings['LRTZC_PARTNER_FOLDER']}",
        f"SESSION_COOKIE_SECURE = {str(https).lower()}",
        f"REMEMBER_COOKIE_SECURE = {str(https).lower()}",
    ]
    # Without a mail server the portal says so, and opens no accounts; CKAN would believe in one on this machine.
    lines += [f"smtp.server = {settings['LRTZC_SMTP']}", f"smtp.mail_from = {settings['LRTZC_MAIL_FROM']}"]
    if testing:
        lines += ["testing = true", "WTF_CSRF_ENABLED = false", "ckanext.lrtzc.delivery.limits = false"]
    return lines


def main() -> None:
    """Read the settings and secrets, and write the file for its owner's eyes only."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("target", type=Path)
    parser.add_argument("--secrets", type=Path, required=True)
    parser.add_argument("--make-secrets", action="store_true")
    parser.add_argument("--suffix", default="", help="appended to the names of databases, Solr core and site")
    parser.add_argument("--testing", action="store_true")
    options = parser.parse_args()

    settings = {name: os.environ.get(name) or default for name, default in SETTINGS.items()}
    if options.make_secrets:
        options.secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
    values = {name: read_secret(options.secrets, name, options.make_secrets) for name in SECRETS}
    text = "\n".join(instance_lines(settings, values, options.suffix, options.testing)) + "\n"
    options.target.touch(mode=0o600)
    options.target.write_text(text)


if __name__ == "__main__":
    main()
