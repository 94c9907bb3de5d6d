"""Audit of what the portal is made of: known vulnerabilities, risky code, and the list of components (SBOM).

- Python packages of the lock, with their hashes, against PyPI's advisories, else OSV's (pip-audit);
- front-end packages of the lock against the npm registry's (npm audit);
- our code by the security rules of ruff (those of bandit);
- CycloneDX lists of Python and front-end components.

A service that doesn't answer is said, never taken for a clean result. Advisories that are accepted stand in
config/advisories.toml, each with a reason and a day on which it is looked at again.

Usage: python config/audit.py [--strict] [--folder run/artefacts]
Ends with 1 where something is found, with 2 under --strict where something could not be checked.
"""

import argparse
import datetime as dt
import json
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
ACCEPTED = ROOT / "config" / "advisories.toml"


@dataclass
class Outcome:
    """What one check found: lines for people, whether something must be done, whether it could be checked."""

    name: str
    lines: list[str] = field(default_factory=list)
    found: bool = False
    unchecked: bool = False


def run(*command: str | Path, seconds: int = 300) -> subprocess.CompletedProcess[str]:
    """Run a command in the project's folder; a missing one or one that takes too long ends with 127."""
    words = [str(word) for word in command]
    try:
        return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False)
    except (FileNotFoundError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(words, 127, "", str(error))


def accepted(today: dt.date) -> dict[str, str]:
    """Give the advisories that are accepted, with their reasons.

    :raises SystemExit: where one has no reason or its day is past
    """
    if not ACCEPTED.exists():
        return {}
    result = {}
    for entry in tomllib.loads(ACCEPTED.read_text()).get("advisory", []):
        if not entry.get("reason"):
            sys.exit(f"config/advisories.toml: {entry.get('id')} has no reason")
        if entry["until"] < today:
            sys.exit(f"config/advisories.toml: {entry['id']} was accepted until {entry['until']}: look at it again")
        result[entry["id"]] = entry["reason"]
    return result


def uv() -> str:
    """Give uv's path: the project's own one, or the one on the path."""
    own = ROOT / ".tools" / "uv" / "bin" / "uv"
    return str(own) if own.exists() else shutil.which("uv") or "uv"


def python_requirements(folder: Path) -> Path:
    """Write the requirements of the lock with their hashes, without what only development uses.

    :raises SystemExit: where the lock can't be read
    """
    target = folder / "requirements.txt"
    done = run(uv(), "export", "-q", "--frozen", "--no-dev", "--no-emit-workspace", "-o", target)
    if done.returncode:
        sys.exit(f"The requirements could not be written: {done.stderr.strip()[-500:]}")
    return target


def audit_python(requirements: Path, tolerated: dict[str, str]) -> Outcome:
    """Look each Python package up; those that a service doesn't know are asked of the next one."""
    outcome = Outcome("Python packages")
    for service in ("pypi", "osv"):
        options = ["--require-hashes", "--disable-pip", "--progress-spinner", "off", "-f", "json", "-s", service]
        done = run(BIN / "pip-audit", "-r", requirements, *options)
        if not done.stdout.strip().startswith("{"):
            outcome.lines.append(f"{service}: no answer ({(done.stderr.strip().splitlines() or ['silent'])[-1][:200]})")
            continue
        packages = json.loads(done.stdout)["dependencies"]
        known = [package for package in packages if "skip_reason" not in package]
        outcome.lines.append(f"{service}: {len(known)} of {len(packages)} packages could be looked up")
        if not known:
            continue
        for package in known:
            for advisory in package["vulns"]:
                _judge(outcome, tolerated, package["name"], {advisory["id"], *advisory.get("aliases", [])})
        if len(known) == len(packages):
            return outcome
        outcome.unchecked = True
        return outcome
    outcome.unchecked = True
    return outcome


def audit_front_end(tolerated: dict[str, str]) -> Outcome:
    """Look the front-end packages up in the npm registry."""
    outcome = Outcome("Front-end packages")
    done = run("npm", "audit", "--json", "--package-lock-only")
    start = done.stdout.find("{")
    report = json.loads(done.stdout[start:]) if start >= 0 else {}
    if "auditReportVersion" not in report:
        outcome.unchecked = True
        outcome.lines.append(
            f"the registry gives no advisories ({str(report.get('message', done.stderr))[:160].strip()})"
        )
        return outcome
    for name, finding in report.get("vulnerabilities", {}).items():
        ids = {via["url"].rsplit("/", 1)[-1] for via in finding["via"] if isinstance(via, dict)}
        _judge(outcome, tolerated, name, ids or {name})
    outcome.lines.append(f"{report['metadata']['dependencies']['total']} packages looked up")
    return outcome


def _judge(outcome: Outcome, tolerated: dict[str, str], package: str, ids: set[str]) -> None:
    reasons = [tolerated[each] for each in ids if each in tolerated]
    if reasons:
        outcome.lines.append(f"accepted: {package} {', '.join(sorted(ids))}: {reasons[0]}")
    else:
        outcome.found = True
        outcome.lines.append(f"FOUND: {package} {', '.join(sorted(ids))}")


def audit_code() -> Outcome:
    """Apply the security rules to our code; what is excused is excused in the line, with its reason."""
    outcome = Outcome("Our code")
    done = run(BIN / "ruff", "check", "--select", "S", "--output-format", "concise", ".")
    outcome.found = done.returncode != 0
    outcome.lines += done.stdout.strip().splitlines()[-20:]
    return outcome


def list_components(folder: Path, requirements: Path) -> Outcome:
    """Write the CycloneDX lists."""
    outcome = Outcome("Components")
    python = folder / "sbom-python.cdx.json"
    done = run(BIN / "cyclonedx-py", "requirements", requirements, "--of", "JSON", "-o", python)
    _listed(outcome, done.returncode, done.stderr, python)
    front_end = folder / "sbom-front-end.cdx.json"
    done = run("npm", "sbom", "--sbom-format", "cyclonedx", "--package-lock-only", "--omit", "dev")
    if done.returncode == 0:
        front_end.write_text(done.stdout)
    _listed(outcome, done.returncode, done.stderr, front_end)
    return outcome


def _listed(outcome: Outcome, code: int, words: str, target: Path) -> None:
    if code:
        outcome.found = True
        outcome.lines.append(f"{target.name} could not be written: {words.strip()[-300:]}")
        return
    count = len(json.loads(target.read_text()).get("components", []))
    outcome.lines.append(f"{count} components in {target.name}")


def main() -> int:
    """Run all checks and say what they found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--strict", action="store_true", help="fail where something could not be checked")
    parser.add_argument("--folder", type=Path, default=ROOT / "run" / "artefacts")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    tolerated = accepted(dt.datetime.now(dt.UTC).date())
    requirements = python_requirements(options.folder)
    outcomes = [
        audit_python(requirements, tolerated),
        audit_front_end(tolerated),
        audit_code(),
        list_components(options.folder, requirements),
    ]
    for outcome in outcomes:
        state = "found something" if outcome.found else "NOT CHECKED" if outcome.unchecked else "nothing found"
        print(f"{outcome.name}: {state}")
        print("".join(f"  {line}\n" for line in outcome.lines), end="")
    if any(outcome.found for outcome in outcomes):
        return 1
    return 2 if options.strict and any(outcome.unchecked for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
