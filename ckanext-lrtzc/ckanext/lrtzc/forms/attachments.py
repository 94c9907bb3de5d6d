"""Files that answers hold: taken in as they come, bound to the answer that names them, erased with it.

A file comes before its answer: with a page that is shown once more, or in several requests of a telephone. Until an
answer names it, it belongs to the page or instance it came with (its `token`), and goes after some days.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO
from urllib.parse import quote

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid

from ckanext.lrtzc.batches.api import readable_size, safe_name, states_of
from ckanext.lrtzc.collection.api import FileRefused, checked
from ckanext.lrtzc.forms import filing
from ckanext.lrtzc.forms.definitions import definition_of
from ckanext.lrtzc.forms.domain.answers import Fields
from ckanext.lrtzc.forms.domain.definition import Definition, Node
from ckanext.lrtzc.forms.domain.faults import Refusal
from ckanext.lrtzc.forms.domain.instances import without_places
from ckanext.lrtzc.forms.domain.kinds import FILES, Kind
from ckanext.lrtzc.forms.model import Answer, File, Form, now

MOST = 100
"""Files of an answer, at most."""
KEPT = dt.timedelta(days=8)
"""How long a file is kept that no answer names: longer than a page may be filled in."""
NAMED, LEFT = "named", "left"
"""What stands for the token of a file once its answer was corrected: whether the correction names it."""
_BLOCK = 1 << 20
_KINDS = {
    Kind.IMAGE: ("photo",),
    Kind.AUDIO: ("audio",),
    Kind.VIDEO: ("video",),
    Kind.FILE: ("photo", "document", "audio", "video"),
}


def largest() -> int:
    """Give the size of the largest file that a question is answered with, in bytes."""
    return int(tk.config["ckanext.lrtzc.forms.file_size"]) << 20


def questions(definition: Definition) -> dict[str, Node]:
    """Give the questions that are answered with a file, by the path of the question."""
    return {node.key: node for node in definition.questions() if node.kind in FILES and node.given}


def take(form: Form, token: str, key: str, stream: IO[bytes], sent: str) -> File:
    """Keep a file that came for a question, until an answer names it; commits.

    :param token: the name of the page or instance that it came with
    :param key: the path of the question in the answer
    :param sent: its name, as it was sent
    :raises FileRefused: in words, where it isn't taken
    """
    node = questions(definition_of(form))[without_places(key)]
    held = sa.select(sa.func.count()).where(File.form_id == form.id, File.token == token, File.answer_id.is_(None))
    if (model.Session.scalar(held) or 0) >= 2 * MOST:
        raise FileRefused(tk._("An answer holds {most} files at most.").format(most=MOST))
    with TemporaryDirectory(prefix="lrtzc-form-") as name:
        folder = Path(name)
        receive(stream, folder / "sent", largest())
        kept = checked(
            folder / "sent",
            safe_name(sent),
            _KINDS[node.kind],
            folder,
            keeps_position=form.keeps_position,
        )
        with kept.path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        file = File(
            id=make_uuid(),
            form_id=form.id,
            token=token,
            key=key,
            sent=sent[:300],
            name=kept.name,
            mimetype=kept.mimetype,
            size=kept.path.stat().st_size,
            sha256=digest,
            created=now(),
        )
        filing.put(file, kept.path)
    try:
        model.Session.add(file)
        model.Session.commit()
    except BaseException:
        model.Session.rollback()
        filing.remove([file])
        raise
    return file


def receive(stream: IO[bytes], path: Path, bound: int) -> None:
    """Write what was sent to a file, `bound` bytes at most. Raises FileRefused where it is empty or larger."""
    size = 0
    with path.open("wb") as out:
        while block := stream.read(_BLOCK):
            size += len(block)
            if size > bound:
                raise FileRefused(
                    tk._("It is larger than the {limit} accepted for one file.").format(limit=readable_size(bound))
                )
            out.write(block)
    if not size:
        raise FileRefused(tk._("It is empty."))


def said(file: File) -> str:
    """Give what an answer says of a file: its identifier and name."""
    return f"{file.id}/{file.name}"


def name_of(value: str) -> str:
    """Give the name of a file from what an answer says of it."""
    return value.partition("/")[2] or value


def address(value: str) -> str:
    """Give the full address at which a file is had, from what an answer says of it; for a cell of the table."""
    number, _, name = value.partition("/")
    root = str(tk.config.get("ckan.root_path") or "").replace("/{{LANG}}", "").rstrip("/")
    return f"{str(tk.config['ckan.site_url']).rstrip('/')}{root}/form-file/{number}/{quote(name)}"


def named(definition: Definition, fields: Fields) -> dict[str, str]:
    """Give the identifiers of the files that fields name, by path."""
    asked = questions(definition)
    if not asked:
        return {}
    found: dict[str, str] = {}
    for key, given in fields.items():
        text = next(iter(given), "").strip()
        if text and without_places(key) in asked:
            found[key] = text.partition("/")[0]
    return found


def of_sending(form_id: str, token: str) -> list[File]:
    """Give the files that came with a page or instance, and that no answer names yet."""
    query = sa.select(File).where(File.form_id == form_id, File.token == token, File.answer_id.is_(None))
    return list(model.Session.scalars(query.order_by(File.created)))


def of_answer(answer_id: str) -> list[File]:
    """Give the files of an answer, those too that a correction doesn't name any more."""
    return list(model.Session.scalars(sa.select(File).where(File.answer_id == answer_id).order_by(File.created)))


def judged(form: Form, fields: Fields, token: str, answer_id: str = "") -> tuple[list[File], dict[str, Refusal]]:
    """Give the files that fields name, and what is wrong with those that didn't come with them.

    :param token: of the page or instance that is sent
    :param answer_id: the answer that is corrected, whose files may be named again
    """
    asked = named(definition_of(form), fields)
    if not asked:
        return [], {}
    mine = sa.and_(File.token == token, File.answer_id.is_(None))
    allowed = sa.or_(mine, File.answer_id == answer_id) if answer_id else mine
    query = sa.select(File).where(File.form_id == form.id, File.id.in_(asked.values()), allowed)
    known = {file.id: file for file in model.Session.scalars(query)}
    refused = {
        key: Refusal("no_file")
        for key, number in asked.items()
        if number not in known
        or said(known[number]) != next(iter(fields[key]), "").strip()
        or without_places(known[number].key) != without_places(key)
    }
    return list(known.values()), refused


def bind(files: Sequence[File], answer_id: str) -> None:
    """Make files those of an answer, in its transaction."""
    if files:
        numbers = [file.id for file in files]
        statement = sa.update(File).where(File.id.in_(numbers)).values(answer_id=answer_id)
        model.Session.execute(statement, execution_options={"synchronize_session": False})


def leave(answer_id: str, files: Sequence[File]) -> None:
    """Mark those of an answer's files that a correction names no more: they go once it is in the dataset."""
    kept = [file.id for file in files]
    of_it = sa.update(File).where(File.answer_id == answer_id)
    told = {"execution_options": {"synchronize_session": False}}
    model.Session.execute(of_it.where(File.id.in_(kept)).values(token=NAMED), **told)
    model.Session.execute(of_it.where(File.id.not_in(kept)).values(token=LEFT), **told)


def forget(files: Sequence[File]) -> None:
    """Erase files for good, in the session's transaction: what is kept of them first, so that none outlives its row."""
    filing.remove(files)
    numbers = [file.id for file in files]
    if numbers:
        statement = sa.delete(File).where(File.id.in_(numbers))
        model.Session.execute(statement, execution_options={"synchronize_session": False})


def as_sent(form: Form, told: Mapping[str, str], files: Sequence[File]) -> tuple[dict[str, list[str]], list[str]]:
    """Give what an answer says of the files that an instance names, and the names of those that haven't come.

    :param told: names as the telephone calls them, by path
    """
    asked = questions(definition_of(form))
    came: dict[tuple[str, str], File] = {(without_places(file.key), file.sent): file for file in files}
    fields: dict[str, list[str]] = {}
    missing: list[str] = []
    for key, name in told.items():
        file = came.get((without_places(key), name[:300])) if without_places(key) in asked else None
        if file is None:
            missing.append(name)
        else:
            fields[key] = [said(file)]
    return fields, missing


def erase_left(most: int = 200) -> int:
    """Erase files that no answer named in time, and those that answers don't name any more; give how many. Commits."""
    late = sa.select(File).where(File.answer_id.is_(None), File.created < now() - KEPT).limit(most)
    gone = list(model.Session.scalars(late))
    left = sa.select(File, Answer.batch_id).join(Answer, Answer.id == File.answer_id).where(File.token == LEFT)
    listed = list(model.Session.execute(left.limit(most)).tuples())
    # until the correction is in, the row that it replaces still names them
    states = states_of([batch_id for _file, batch_id in listed])
    gone += [file for file, batch_id in listed if states.get(batch_id, "integrated") == "integrated"]
    if gone:
        forget(gone)
        model.Session.commit()
    return len(gone)
