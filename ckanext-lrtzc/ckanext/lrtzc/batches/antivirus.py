"""Ask an antivirus about a file, where one is configured."""

from __future__ import annotations

import logging
import shlex
import subprocess
from pathlib import Path

import ckan.plugins.toolkit as tk
from werkzeug.datastructures import FileStorage

from .domain.problems import BatchError

log = logging.getLogger(__name__)


class Looked(FileStorage):
    """A file that was looked at already, when its batch was received."""


def configured() -> bool:
    """Say whether there is an antivirus."""
    return bool((tk.config["ckanext.lrtzc.batches.antivirus_command"] or "").strip())


def look_at(path: Path) -> None:
    """Have the file looked at. Raises BatchError: `infected`, or `antivirus_away` where there was no answer.

    The answers are those of clamdscan: 0 sound, 1 infected, anything else a failure.
    """
    command = shlex.split(tk.config["ckanext.lrtzc.batches.antivirus_command"] or "")
    if not command:
        return
    try:
        answer = subprocess.run(  # noqa: S603 - the administrator's own command, without a shell
            [*command, str(path)],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=int(tk.config["ckanext.lrtzc.batches.antivirus_timeout"]),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        log.error("the antivirus could not be run: %s", type(error).__name__)
        raise BatchError("antivirus_away") from error
    if answer.returncode == 1:
        lines = answer.stdout.replace(str(path), "").strip(" :\n").splitlines()
        raise BatchError("infected", reason=lines[0][:100] if lines else tk._("it says no more"))
    if answer.returncode != 0:
        log.error("the antivirus failed with code %s", answer.returncode)
        raise BatchError("antivirus_away")
