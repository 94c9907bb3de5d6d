"""Files from strangers are read by a process apart, which is killed and made anew where one holds it up."""

from __future__ import annotations

import json
import select
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from ckanext.lrtzc.collection.domain.kinds import Kind
from ckanext.lrtzc.collection.domain.outcome import Outcome
from ckanext.lrtzc.collection.domain.problems import Code, Refused

#: It needs nothing of what a worker knows.
_SURROUNDINGS = {"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}


class Reader:
    """The process that reads files, started at the first one.

    :param megabytes: memory that it may have
    :param seconds: time that one file may take
    """

    def __init__(self, megabytes: int = 1024, seconds: int = 60):
        self._megabytes, self._seconds = megabytes, seconds
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._end()

    def read(self, path: Path, kind: Kind, folder: Path, *, strip: bool, name: str = "") -> Outcome:
        """Look at a file; see `domain.reader.read`.

        :raises Refused: where it isn't taken; `too_heavy` where it takes too much memory or time
        """
        asked = {"path": str(path), "kind": kind.value, "folder": str(folder), "strip": strip, "name": name}
        answer = self._ask(json.dumps(asked) + "\n")
        if answer is None:
            self._end()
            raise Refused(Code.TOO_HEAVY)
        if not answer.pop("ok"):
            raise Refused(Code(answer["code"]), **answer["params"])
        answer["said"] = [Code(code) for code in answer["said"]]
        return Outcome(**answer)

    def _ask(self, line: str) -> dict[str, Any] | None:
        process = self._process or self._start()
        if process.stdin is None or process.stdout is None:
            return None
        try:
            process.stdin.write(line)
            process.stdin.flush()
            ready, _, _ = select.select([process.stdout], [], [], self._seconds)
            return json.loads(process.stdout.readline()) if ready else None
        except (OSError, ValueError):
            return None

    def _start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-I", "-m", "ckanext.lrtzc.collection.domain.reader", str(self._megabytes)]
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env=_SURROUNDINGS,
        )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue
        process.wait()
