"""What the portal is made of: no secret in the repository, licences that go together, audits that tell the truth."""

import datetime as dt
import importlib.util
import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SECRETS = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\n[A-Za-z0-9+/=\n]{64,}"),
    "a cloud key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a forge token": re.compile(r"\b(?:ghp|gho|ghs|glpat|github_pat)[_-][A-Za-z0-9_]{20,}\b"),
    "a signed token": re.compile(r"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}"),
    "a key of the application": re.compile(
        r"^\s*(?:SECRET_KEY|WTF_CSRF_SECRET_KEY|api_token\.jwt\.\S+)\s*=\s*\S{12,}", re.M
    ),
    "a password in an address": re.compile(
        r"\b(?:postgresql|redis|amqp|https?)://[^\s:/@{}$<>\"']+:[^\s@{}$<>\"'/]{6,}@"
    ),
}
# Where a password is part of a test or an example, and opens nothing.
EXAMPLES = re.compile(
    r"example\.|localhost|127\.0\.0\.1|user:password|:secret@|:pass(word|wd)?@|:hunter2@", re.IGNORECASE
)


def load(name):
    spec = importlib.util.spec_from_file_location(f"config_{name}", ROOT / "config" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def kept_files():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a checkout of the repository")
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if name and path.is_file() and path.stat().st_size < 5_000_000:
            yield path


def test_no_secret_is_in_the_repository():
    found = []
    for path in kept_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for what, pattern in SECRETS.items():
            found += [
                f"{path.relative_to(ROOT)}: {what}"
                for match in pattern.finditer(text)
                if not EXAMPLES.search(text[max(0, match.start() - 40) : match.end() + 60])
            ]
    assert not found, "\n".join(found)


def test_files_that_hold_secrets_are_not_kept():
    names = {path.relative_to(ROOT).as_posix() for path in kept_files()}
    assert not {
        name for name in names if name.startswith("docker/secrets/") or name.endswith((".pem", ".key", "/.env"))
    }


class TestLicences:
    def test_every_component_may_be_part_of_the_whole(self):
        odd = [component for component in load("licences").components() if not component.compatible]
        assert not odd, odd

    def test_the_page_names_every_component(self):
        page = (ROOT / "docs" / "licences.md").read_text()
        missing = [each.name for each in load("licences").components() if f"| {each.name} |" not in page]
        assert not missing, f"run python config/licences.py: {missing}"

    @pytest.mark.parametrize(
        ("licence", "fits"),
        [
            ("MIT", True),
            ("GPL-2.0-only OR MIT", True),
            ("MIT AND Apache-2.0", True),
            ("Apache-2.0 WITH LLVM-exception", True),
            ("LGPL-3.0-or-later", True),
            ("MIT AND SSPL-1.0", False),
            ("BUSL-1.1", False),
            ("", False),
        ],
    )
    def test_expressions_are_judged(self, licence, fits):
        assert load("licences").Component("Python", "x", "1", licence).compatible is fits


class TestAudit:
    def test_an_accepted_advisory_needs_a_reason_and_a_day(self, tmp_path, monkeypatch):
        audit = load("audit")
        target = tmp_path / "advisories.toml"
        monkeypatch.setattr(audit, "ACCEPTED", target)
        target.write_text('[[advisory]]\nid = "CVE-1"\nreason = "not reachable"\nuntil = 2026-06-30\n')
        assert audit.accepted(dt.date(2026, 6, 1)) == {"CVE-1": "not reachable"}
        with pytest.raises(SystemExit, match="look at it again"):
            audit.accepted(dt.date(2026, 7, 1))
        target.write_text('[[advisory]]\nid = "CVE-1"\nuntil = 2026-06-30\n')
        with pytest.raises(SystemExit, match="no reason"):
            audit.accepted(dt.date(2026, 6, 1))

    def test_the_list_in_the_repository_is_in_force(self):
        audit = load("audit")
        assert isinstance(audit.accepted(dt.datetime.now(dt.UTC).date()), dict)

    def test_packages_that_a_service_does_not_know_are_not_called_clean(self, monkeypatch, tmp_path):
        audit = load("audit")
        answer = {"dependencies": [{"name": "x", "skip_reason": "not found"}], "fixes": []}
        monkeypatch.setattr(
            audit, "run", lambda *words, **_: subprocess.CompletedProcess(words, 0, json.dumps(answer), "")
        )
        outcome = audit.audit_python(tmp_path / "requirements.txt", {})
        assert outcome.unchecked
        assert not outcome.found

    def test_a_finding_is_found_unless_it_is_accepted(self, monkeypatch, tmp_path):
        audit = load("audit")
        package = {"name": "x", "version": "1", "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": []}]}
        answer = json.dumps({"dependencies": [package], "fixes": []})
        monkeypatch.setattr(audit, "run", lambda *words, **_: subprocess.CompletedProcess(words, 1, answer, ""))
        assert audit.audit_python(tmp_path / "r", {}).found
        assert not audit.audit_python(tmp_path / "r", {"CVE-1": "reason"}).found

    def test_a_registry_without_advisories_is_said(self, monkeypatch):
        audit = load("audit")
        answer = 'npm warn something\n{"message": "405 Method Not Allowed"}'
        monkeypatch.setattr(audit, "run", lambda *words, **_: subprocess.CompletedProcess(words, 1, answer, ""))
        outcome = audit.audit_front_end({})
        assert outcome.unchecked
        assert "405" in outcome.lines[0]
