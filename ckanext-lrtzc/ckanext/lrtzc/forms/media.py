"""Files that a form is asked with: pictures, sounds and films beside its texts, and rows that choices come from.

The sheets name them, whoever looks after the form sends them; each is looked at as files of answers are. They change
with the form only, so while it is closed, under a version of their own.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from ckan.model.types import make_uuid

from ckanext.lrtzc.batches.api import BatchError, look_at, readable_size
from ckanext.lrtzc.collection.api import FileRefused, checked
from ckanext.lrtzc.forms import attachments, filing
from ckanext.lrtzc.forms.definitions import definition_of
from ckanext.lrtzc.forms.domain.faults import Fault
from ckanext.lrtzc.forms.domain.tables import ITEMSETS, Named, TableError, Use, read_table
from ckanext.lrtzc.forms.model import Form, Media, State, now
from ckanext.lrtzc.ledger.api import record

LARGEST = 5 << 20
"""Bytes of a file of rows."""
_KINDS = {Use.IMAGE: ("photo",), Use.AUDIO: ("audio",), Use.VIDEO: ("video",)}
_TYPES = {".csv": "text/csv", ".geojson": "application/geo+json", ".xml": "application/xml"}


def wanted(form: Form) -> dict[str, Named]:
    """Give the files that a form names, by name; the one that the converter makes is nobody's to send."""
    return {name: one for name, one in definition_of(form).files.items() if name != ITEMSETS}


def given(form: Form) -> dict[str, Media]:
    """Give the files of a form that it names, by name."""
    asked = wanted(form)
    return {name: media for name, media in Media.of_form(form.id).items() if name in asked} if asked else {}


def listed(form: Form) -> list[dict[str, Any]]:
    """Give the files that a form names or holds: `name`, `use`, `sheet` and `row`, `size` (bytes) where it is there.

    `asked` says whether the form names it still.
    """
    asked, held = wanted(form), Media.of_form(form.id)
    told = [
        {"name": one.name, "use": one.use.value, "sheet": one.sheet, "row": one.row, "asked": True}
        for one in asked.values()
    ]
    told += [{"name": name, "use": "", "sheet": "", "row": None, "asked": False} for name in held if name not in asked]
    return [one | {"size": held[one["name"]].size if one["name"] in held else None} for one in told]


def add(form: Form, sent: str, stream: IO[bytes], actor: str | None) -> Media:
    """Keep a file that a form names, in place of the one that it had; commits.

    :param sent: its name, as it was sent
    :param actor: who does it, an account's identifier
    :raises FileRefused: in words, where it isn't taken
    """
    name = _called(form, sent)
    use = wanted(form)[name].use
    with TemporaryDirectory(prefix="lrtzc-form-") as place:
        folder = Path(place)
        path, mimetype = _looked_at(name, use, stream, folder)
        with path.open("rb") as content:
            # a name for the content, which OpenRosa asks for; nothing is proven by it
            digest = hashlib.file_digest(content, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        media = Media(
            id=make_uuid(),
            form_id=form.id,
            name=name,
            mimetype=mimetype,
            size=path.stat().st_size,
            md5=digest,
            created=now(),
        )
        filing.put(media, path)
    try:
        _changing(form, actor)
        former = Media.of_form(form.id).get(name)
        if former is not None:
            model.Session.delete(former)
            model.Session.flush()
        model.Session.add(media)
        model.Session.commit()
    except BaseException:
        model.Session.rollback()
        filing.remove([media])
        raise
    if former is not None:
        filing.remove([former])
    return media


def remove(form: Form, name: str, actor: str | None) -> bool:
    """Erase a file of a form; commits. Says whether there was one. Raises FileRefused where the form is open."""
    _changing(form, actor)
    found = Media.of_form(form.id).get(name)
    if found is None:
        model.Session.rollback()
        return False
    model.Session.delete(found)
    model.Session.commit()
    filing.remove([found])
    return True


def _changing(form: Form, actor: str | None) -> None:
    """Give a form another version, in the transaction; others wait to change it until that ends."""
    found = Form.get(form.id, lock=True)
    if found is None or found.state == State.OPEN:
        model.Session.rollback()
        raise FileRefused(tk._("Close the form first: its files don't change under a pen."))
    found.version, found.changed = found.version + 1, now()
    details = {"form": found.id, "title": found.title, "version": found.version}
    record("form.update", actor=actor, object_type="dataset", object_id=found.package_id, details=details)


def _called(form: Form, sent: str) -> str:
    """Give the name by which the form means a file, whose letters may be large or small."""
    asked = wanted(form)
    if sent in asked:
        return sent
    like = [name for name in asked if name.casefold() == sent.casefold()]
    if len(like) == 1:
        return like[0]
    if not asked:
        raise FileRefused(tk._("The questions of this form name no file."))
    names = ", ".join(asked)[:300]
    raise FileRefused(tk._("No question names this file: the form asks for {names}.").format(names=names))


def _looked_at(name: str, use: Use, stream: IO[bytes], folder: Path) -> tuple[Path, str]:
    """Give a file as it is to be kept, and its media type. Raises FileRefused."""
    path = folder / "sent"
    if use is not Use.DATA:
        attachments.receive(stream, path, attachments.largest())
        kept = checked(path, name, _KINDS[use], folder, keeps_position=False)
        return kept.path, kept.mimetype
    attachments.receive(stream, path, LARGEST)
    try:
        look_at(path)
    except BatchError as error:
        raise FileRefused(error.problem.sentence(tk._)) from error
    try:
        read_table(name, path.read_bytes())
    except TableError as error:
        raise FileRefused(Fault(error.code, params=error.params).sentence(tk._)) from error
    return path, _TYPES.get(Path(name).suffix.lower(), "application/octet-stream")


def largest(use: str) -> str:
    """Give the size of the largest file of a use, in words."""
    return readable_size(LARGEST if use == Use.DATA else attachments.largest())
