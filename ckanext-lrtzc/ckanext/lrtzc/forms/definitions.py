"""Definitions as they are used: read once for each version of a form."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

import file_keeper as fk

from ckanext.lrtzc.batches.api import BatchError, Limits, Source, check_archive
from ckanext.lrtzc.forms import filing
from ckanext.lrtzc.forms.domain import reading, workbook, xforms
from ckanext.lrtzc.forms.domain.definition import Definition
from ckanext.lrtzc.forms.domain.faults import DefinitionError, Fault
from ckanext.lrtzc.forms.domain.tables import ENDS, Table, TableError, Use, read_table
from ckanext.lrtzc.forms.domain.workbook import Workbook
from ckanext.lrtzc.forms.model import Form, Media

LARGEST = 5 << 20
"""Bytes of a workbook."""
_BOUNDS = Limits(file_bytes=LARGEST, zip_bytes=50 << 20, zip_entries=500)
_MISSING = {Use.DATA: "missing_file"}
_KEPT = 64
_read: OrderedDict[tuple[str, int], Definition] = OrderedDict()


def workbook_of(form: Form) -> Workbook:
    """Give the sheets of a form."""
    return Workbook.from_dict(form.definition)


def definition_of(form: Form) -> Definition:
    """Give what a form's sheets mean, as far as they can be read."""
    key = (form.id, form.version)
    found = _read.get(key)
    if found is None:
        found, _faults = meant(form, workbook_of(form))
        _read[key] = found
        while len(_read) > _KEPT:
            _read.popitem(last=False)
    return found


def meant(form: Form, sheets: Workbook) -> tuple[Definition, list[Fault]]:
    """Give what some sheets mean with the files of a form, and what is wrong with them."""
    return reading.look(sheets, tables_of(form.id))


def tables_of(form_id: str) -> dict[str, Table]:
    """Give what the files of a form say that hold rows, by name; one that is no longer in store is left out."""
    found: dict[str, Table] = {}
    for name, media in Media.of_form(form_id).items():
        if name.lower().endswith(ENDS):
            # what it was when it was sent it still is, unless the store lost it
            with suppress(fk.exc.MissingFileError, TableError):
                found[name] = read_table(name, b"".join(filing.parts(media)))
    return found


def faults_of(sheets: Workbook, form_id: str = "") -> list[Fault]:
    """Give all that is wrong with a definition: by our own reading and, where that finds nothing, the converter's.

    :param form_id: the form whose files go with it, if there is one yet
    """
    given = Media.of_form(form_id) if form_id else {}
    definition, faults = reading.look(sheets, tables_of(form_id) if given else {})
    if any(not fault.warning for fault in faults):
        return faults
    faults += [
        Fault("personal", workbook.SURVEY, node.row, {"found": node.name}, warning=True)
        for node in definition.questions()
        if node.personal
    ]
    faults += [
        Fault(_MISSING.get(one.use, "missing_media"), one.sheet, one.row, {"found": one.name}, warning=True)
        for one in definition.files.values()
        if one.name not in given
    ]
    try:
        xforms.xform_of(sheets, "form")
    except DefinitionError as error:
        faults += error.faults
    return faults


def read_upload(stream: IO[bytes]) -> Workbook:
    """Read a workbook that somebody sent.

    :raises DefinitionError: where it is none, is too large, or is packed to harm
    """
    with NamedTemporaryFile(prefix="lrtzc-form-", suffix=".xlsx") as copy:
        copy.write(stream.read(LARGEST + 1))
        copy.flush()
        if copy.tell() > LARGEST:
            raise DefinitionError(Fault("too_large", params={"most": workbook.ROWS, "columns": workbook.COLUMNS}))
        path = Path(copy.name)
        try:
            check_archive(Source(path, "form.xlsx"), _BOUNDS)
        except BatchError as error:
            raise DefinitionError(Fault("not_workbook")) from error
        return workbook.read(path)
