"""The converter of the community (pyxform): it has the last word on a definition, and makes the XForm of it."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection

from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

from .faults import DefinitionError, Fault
from .headers import canonical
from .workbook import Workbook

# it says all it does at the level of information, through a handler of its own
logging.getLogger("pyxform").setLevel(logging.ERROR)
_ROW = re.compile(r"\[row : (\d+)\]\s*")


def xform_of(
    workbook: Workbook, identifier: str, version: str = "", title: str = "", unasked: Collection[int] = ()
) -> tuple[str, str]:
    """Give the XForm (XML) of a definition, under an identifier and a version of ours, and its choices apart.

    Those of the sheet “external_choices” are CSV (`tables.ITEMSETS`), an empty text where there are none.

    :param title: the form's title; that of the workbook where there is none
    :param unasked: rows of the survey, as a spreadsheet numbers them, whose questions aren't asked
    :raises DefinitionError: with the converter's own sentence, where it refuses the definition
    """
    given = workbook.for_converter()
    settings = dict(given["settings"][0]) if given.get("settings") else {}
    # where answers are sent, and how they are sealed, isn't the workbook's to say here
    kept = {
        name: value
        for name, value in settings.items()
        if name.strip().lower() not in ("form_id", "id_string", "version", "submission_url", "public_key", "auto_send")
    }
    kept |= {"form_id": identifier} | ({"version": version} if version else {})
    if title:
        kept = {name: value for name, value in kept.items() if name.strip().lower() not in ("form_title", "title")}
        kept["form_title"] = title
    for row in unasked:
        cells = given["survey"][row - 2]
        # they stay as fields that hold nothing, for what others compute from them
        cells |= {name: "hidden" for name in cells if canonical(name)[0] == "type"}
    given["settings"] = [kept]
    given["settings_header"] = [dict.fromkeys(kept)]
    try:
        made = convert(given, form_name="data")
        return str(made.xform), str(made.itemsets or "")
    except PyXFormError as error:
        told = str(error)
        row = _ROW.search(told)
        said = _ROW.sub("", told).strip()[:500]
        sheet = next((name for name in ("choices", "settings", "entities") if f"'{name}' sheet" in told), "survey")
        raise DefinitionError(Fault("converter", sheet, int(row[1]) if row else None, {"found": said})) from error
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        # what it doesn't foresee it raises as it comes
        raise DefinitionError(Fault("converter", params={"found": f"{type(error).__name__}: {error}"[:300]})) from error
