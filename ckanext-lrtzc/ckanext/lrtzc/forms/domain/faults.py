"""What can be wrong with a definition, with its sheet and row, and with an answer, by question.

Sentences are English message ids; the page translates them (their names in braces are parameters).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

# code -> sentence about a definition
SENTENCES: dict[str, str] = {
    "not_workbook": "This is not a workbook in the format .xlsx.",
    "too_large": "The workbook is too large: {most} rows a sheet and {columns} columns are read at most.",
    "no_survey": "The workbook has no sheet named “survey”: it is where the questions stand, one a row.",
    "no_type_column": "The sheet has no column “type”.",
    "no_question": "The form has no question.",
    "too_many_questions": "The form has {count} questions; {most} at most are taken.",
    "unknown_type": "“{found}” is no type of question.",
    "no_name": "The question has no name: give it one in the column “name”.",
    "bad_name": "“{found}” can't be a name: it begins with a letter or a low line, and holds letters, digits, “-”, “_” "
    "and “.” only.",
    "same_name": "The name “{found}” is already used by row {other}.",
    "no_label": "The question has no text: give it one in the column “label”.",
    "no_list": "The type must name a list of choices, such as “select_one list”.",
    "unknown_list": "There is no list of choices named “{found}” on the sheet “choices”.",
    "no_choice_name": "The choice has no name, or no list name.",
    "bad_choice": "The name of a choice can't hold spaces: “{found}”.",
    "same_choice": "The list “{list}” has the choice “{found}” already, on row {other}.",
    "end_unmatched": "“{found}” ends nothing that was begun.",
    "never_ended": "What begins here is never ended.",
    "too_deep": "Groups stand in more than {most} others.",
    "unreadable": "In the column “{column}”, this can't be read: “{found}”.",
    "unexpected": "In the column “{column}”, “{found}” isn't expected where it stands.",
    "expected": "In the column “{column}”, “{found}” is missing.",
    "cut": "In the column “{column}”, the expression stops too early.",
    "too_long": "In the column “{column}”, the expression is too long.",
    "too_deep_expression": "In the column “{column}”, too many brackets stand in each other.",
    "path": "In the column “{column}”, “{found}” is a path into the form's document, which isn't computed here: name "
    "questions as ${{name}}.",
    "unknown_function": "In the column “{column}”, the function {found} isn't known here.",
    "arguments": "In the column “{column}”, the function {found} isn't given as many values as it takes.",
    "unknown_question": "In the column “{column}”, no question is named “{found}”.",
    "circle": "What “{found}” is computed from depends on itself.",
    "no_calculation": "A calculated question needs an expression in the column “calculation”.",
    "bad_pattern": "In the column “{column}”, the pattern can't be read: “{found}”.",
    "bad_range": "The bounds of a scale are three numbers in the column “parameters”, such as “start=0 end=10 step=1”.",
    "not_asked": "Questions of the type “{found}” aren't asked on this portal's pages: this one is left out.",
    "not_asked_required": "Questions of the type “{found}” aren't asked on this portal's pages, and this one requires "
    "an answer.",
    "personal": "The question “{found}” collects personal data. Such a form needs the consent of each person, which "
    "this portal can't collect yet: it can't be opened.",
    "bad_file_name": "“{found}” can't be the name of a file: name it as it is called, without a folder, in {most} "
    "characters at most.",
    "too_many_files": "The form names {count} files; {most} at most are taken.",
    "bad_file_end": "Choices come from files in CSV, GeoJSON or XML: “{found}” is none.",
    "missing_media": "The file “{found}” is missing: nothing is shown in its place.",
    "missing_file": "The file “{found}” is missing: add it to the form's files before the form is opened.",
    "no_file_column": "The file “{found}” has no column “{column}”: it has {columns}.",
    "bad_file_choice": "In the file “{found}”, a choice can't hold spaces in its value: “{value}”.",
    "long_list": "The file “{found}” holds {count} choices: the page offers {most} at a time. Narrow them by a column "
    "“choice_filter”.",
    "bad_search": "In the column “appearance”, search() takes the name of a CSV file, then if need be 'contains', "
    "'startsWith', 'endsWith' or 'matches', columns and a text, then a column and its value; names stand in quotation "
    "marks: “{found}”.",
    "bad_instance": "In the column “{column}”, rows of a file or a list are written "
    "instance('name')/root/item[condition]/column, and the condition speaks of columns and questions: “{found}” can't "
    "be read there.",
    "unknown_instance": "In the column “{column}”, no file and no list of choices is named “{found}”: add a row of the "
    "type csv-external with this name, and the file.",
    "no_file_word": "In the column “{column}”, pulldata() names its file by a text, such as 'trees'.",
    "not_utf8": "“{found}” isn't written in UTF-8: save it as “CSV UTF-8”.",
    "not_table": "“{found}” can't be read as its end says.",
    "no_rows": "“{found}” has no row under its header.",
    "too_many_rows": "“{found}” is too large: {most} rows and {columns} columns are read at most.",
    "converter": "The converter of XLSForm says: {found}",
}

# code -> sentence about an answer
ANSWER_SENTENCES: dict[str, str] = {
    "required": "An answer is needed.",
    "constraint": "This answer can't be taken.",
    "not_integer": "Write a whole number, such as 12.",
    "too_large_number": "This number is too large.",
    "not_number": "Write a number, such as 12.5.",
    "not_date": "Write a date, such as 2024-12-31.",
    "not_time": "Write a time, such as 14:30.",
    "not_datetime": "Write a date and a time, such as 2024-12-31T14:30.",
    "not_choice": "Choose among what is offered.",
    "too_many_choices": "Choose one only.",
    "out_of_range": "Give a number from {least} to {most}, by steps of {step}.",
    "too_long_text": "Write {most} characters at most.",
    "not_point": "Write a latitude and a longitude in degrees, such as 46.16, -1.15.",
    "not_line": "Write two points or more, one a line, each as latitude, longitude.",
    "not_area": "Write three points or more, one a line, each as latitude, longitude.",
    "too_many_points": "Give {most} points at most.",
    "no_file": "Choose the file again: it hasn't come with this answer.",
}


@dataclass(frozen=True)
class Fault:
    """One thing to say about a definition; `row` counts from 1 as in a spreadsheet. A `warning` holds nothing back."""

    code: str
    sheet: str = ""
    row: int | None = None
    params: dict[str, Any] = field(default_factory=dict[str, Any])
    warning: bool = False

    def sentence(self, translate: Callable[[str], str] = str) -> str:
        """Say it, through `translate` (a function from message id to text)."""
        return translate(SENTENCES[self.code]).format(**self.params)


class DefinitionError(ValueError):
    """A definition can't be taken: `faults` say why."""

    def __init__(self, *faults: Fault):
        self.faults = list(faults)
        super().__init__("; ".join(fault.sentence() for fault in faults))


@dataclass(frozen=True)
class Refusal:
    """What is wrong with the answer to one question; `said` is the form's own sentence where it has one."""

    code: str
    params: dict[str, Any] = field(default_factory=dict[str, Any])
    said: str = ""

    def sentence(self, translate: Callable[[str], str] = str) -> str:
        """Say it: in the form's own words where it has any."""
        return self.said or translate(ANSWER_SENTENCES[self.code]).format(**self.params)
