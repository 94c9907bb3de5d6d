"""The process that reads files from strangers: apart, with little memory and time, and nothing else at hand.

It takes a line of JSON for each file and answers with one: `{"ok": true, …outcome}`, `{"ok": false, "code", "params"}`.
What a file does to a library ends with this process, never with a worker's connections or memory.

    python -I -m ckanext.lrtzc.collection.domain.reader MEGABYTES
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

from ckanext.lrtzc.collection.domain import documents, media, photos
from ckanext.lrtzc.collection.domain.detect import detect
from ckanext.lrtzc.collection.domain.kinds import Kind, names_table
from ckanext.lrtzc.collection.domain.outcome import Outcome
from ckanext.lrtzc.collection.domain.problems import Code, Refused


def read(path: Path, kind: Kind, folder: Path, *, strip: bool, name: str = "") -> Outcome:
    """Look at one file of a collection of a kind.

    :param folder: where what is kept of it is put
    :param name: how it was called by who sent it, by which a plain text is a table
    :raises Refused: where it isn't taken
    """
    form = detect(path)
    if form.code == "txt" and names_table(name):
        raise Refused(Code.TABLE)
    if form.kind is not kind:
        raise Refused(Code.OTHER_KIND, found=form.code)
    if kind is Kind.PHOTO:
        return photos.read(path, form, folder, strip=strip)
    if kind is Kind.DOCUMENT:
        return documents.read(path, form)
    return media.read(path, form)


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """Answer one question: `path`, `kind`, `folder`, `strip`, and `name` where it is known."""
    path, folder, strip = Path(asked["path"]), Path(asked["folder"]), bool(asked["strip"])
    try:
        found = read(path, Kind(asked["kind"]), folder, strip=strip, name=str(asked.get("name", "")))
        return {"ok": True, **found.as_dict()}
    except Refused as refused:
        return {"ok": False, "code": refused.code.value, "params": refused.params}
    except (MemoryError, RecursionError):
        return {"ok": False, "code": Code.TOO_HEAVY.value, "params": {}}
    except Exception as error:  # whatever else: the file is at fault, the next one isn't
        return {
            "ok": False,
            "code": Code.UNREADABLE.value,
            "params": {},
            "why": f"{type(error).__name__}: {error}"[:300],
        }


def main() -> None:
    """Answer until nothing more is asked."""
    memory = int(sys.argv[1]) << 20
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
