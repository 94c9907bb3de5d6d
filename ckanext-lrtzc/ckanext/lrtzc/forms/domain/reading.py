"""From sheets to what they mean. All that is wrong is said at once, each with its sheet and row."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from . import searching
from .definition import Choice, Definition, Node, Scale, Texts, said
from .expressions import Call, Column, Expression, ExpressionError, Literal, Rows, parse, refs, walk
from .faults import DefinitionError, Fault
from .functions import bounds, matches
from .headers import canonical, texts
from .kinds import (
    CHOSEN,
    CHOSEN_ELSEWHERE,
    COMPUTED,
    ELSEWHERE,
    EXTERNAL,
    MANY_OF,
    MANY_OF_FILE,
    METADATA,
    METADATA_ELSEWHERE,
    NAMES,
    NESTING,
    ONE_OF,
    ONE_OF_FILE,
    ONE_OF_SHEET,
    Kind,
)  # fmt: skip
from .tables import ENDS, ITEMSETS, NAME, OFFERED, Named, Table, Use, data_name, usable
from .workbook import CHOICES, SURVEY, Workbook, settings_of

QUESTIONS = 1_000
FILES = 200
"""Files that a form names, at most."""
DEEPEST = 12
_NAME = re.compile(r"[^\W\d][\w.-]*")
_YES = ("yes", "true", "true()", "oui", "vrai", "1")
_NO = ("no", "false", "false()", "non", "faux", "0", "")
_SCALE = (("start", "0"), ("end", "10"), ("step", "1"))
_EXTERNAL = "external_choices"
_MEDIA = {"image": Use.IMAGE, "big-image": Use.IMAGE, "audio": Use.AUDIO, "video": Use.VIDEO}
PERSONAL = "lrtzc:personal"
"""The column by which a definition says that a question collects personal data; other programs leave it alone."""


@dataclass
class _Open:
    """A group that was begun and not yet ended."""

    node: Node
    children: list[Node] = field(default_factory=list[Node])


def read_definition(workbook: Workbook) -> tuple[Definition, list[Fault]]:
    """Read what the sheets mean.

    :returns: the definition, and warnings
    :raises DefinitionError: with all faults, where it can't be used
    """
    definition, faults = look(workbook)
    errors = [fault for fault in faults if not fault.warning]
    if errors:
        raise DefinitionError(*errors)
    return definition, faults


def look(workbook: Workbook, tables: Mapping[str, Table] | None = None) -> tuple[Definition, list[Fault]]:
    """Read what the sheets mean as far as they can be read; give the definition, and all faults and warnings.

    :param tables: what the files say that choices and `pulldata` come from, by name, as far as they are there
    """
    reading = _Reading(workbook, tables or {})
    return reading.definition(), reading.faults


class _Reading:
    def __init__(self, workbook: Workbook, tables: Mapping[str, Table]):
        self.workbook, self.tables = workbook, tables
        self.faults: list[Fault] = []
        self.files: dict[str, Named] = {}
        self.languages: list[str] = []
        self.order: list[str] = []
        self.instances: dict[str, str] = {}
        """The files that `instance()` looks into, by its name for them."""
        self.looked: dict[str, tuple[Choice, ...]] = {}
        self.searched = self._searched()
        self.lists = self._choices(CHOICES)
        # pyxform keeps those of the other sheet apart
        self.external = self._choices(_EXTERNAL) if workbook.sheet(_EXTERNAL) is not None else {}

    def _say(self, code: str, row: int | None, sheet: str = SURVEY, *, warning: bool = False, **params: object) -> None:
        self.faults.append(Fault(code, sheet, row, dict(params), warning))

    def _rows(self, name: str) -> list[tuple[int, dict[tuple[str, str], str]]]:
        sheet = self.workbook.sheet(name)
        if sheet is None:
            return []
        keys = {header: canonical(header) for header in sheet.header if header}
        for _column, language in keys.values():
            if language and language not in self.languages:
                self.languages.append(language)
        return [
            (row, {keys[header]: cell for header, cell in cells.items() if header in keys})
            for row, cells in sheet.records()
        ]

    def _searched(self) -> set[str]:
        """Give the lists whose choices name columns of a file: those of questions that search."""
        sheet = self.workbook.sheet(SURVEY)
        found: set[str] = set()
        for _row, filled in sheet.records() if sheet is not None else ():
            cells = {canonical(header): cell for header, cell in filled.items()}
            meant = self._kind(" ".join(cells.get(("type", ""), "").split()))
            if meant is not None and meant[0] in CHOSEN and searching.searches(cells.get(("appearance", ""), "")):
                found.add(meant[1])
        return found

    def _choices(self, sheet: str) -> dict[str, tuple[Choice, ...]]:
        found: dict[str, list[Choice]] = {}
        rows: dict[tuple[str, str], int] = {}
        for row, cells in self._rows(sheet):
            group, name = cells.get(("list_name", ""), ""), cells.get(("name", ""), cells.get(("value", ""), ""))
            if not group or not name:
                self._say("no_choice_name", row, sheet)
                continue
            if re.search(r"\s", name):
                self._say("bad_choice", row, sheet, found=name)
            # the same name may stand under several answers to the question before
            if (group, name) in rows and sheet == CHOICES:
                self._say("same_choice", row, sheet, found=name, list=group, other=rows[group, name])
                continue
            rows[group, name] = row
            more = {column: cell for (column, language), cell in cells.items() if not language}
            label = texts(cells, "label") or {"": name}
            choice = Choice(name, label, more)
            if group in self.searched and not searching.fixed(choice):
                # where others name a picture, it names the column of the file that does
                media = {"image": texts(cells, "media:image")}
            else:
                media = self._media(cells, row, sheet)
            found.setdefault(group, []).append(replace(choice, media=media))
        return {group: tuple(choices) for group, choices in found.items()}

    def _media(self, cells: dict[tuple[str, str], str], row: int, sheet: str) -> dict[str, Texts]:
        """Give the files that a row shows beside its text, by what they are and by language."""
        found: dict[str, Texts] = {}
        for column, use in _MEDIA.items():
            named = {
                language: name
                for language, text in texts(cells, f"media:{column}").items()
                if (name := self._named(text, use, row, sheet))
            }
            if named and column != "big-image":
                found[column] = named
        return found

    def _named(self, text: str, use: Use, row: int, sheet: str = SURVEY) -> str:
        """Note a file that the sheets name; give its name, or nothing where it can't be one."""
        name = text.rpartition("/")[2] if text.startswith("jr://") else text.strip()
        if not usable(name):
            self._say("bad_file_name", row, sheet, found=text[:NAME], most=NAME)
            return ""
        self.files.setdefault(name, Named(name, use, sheet, row))
        return name

    def _of_file(self, node: Node, told: str, parameters: str) -> Node:
        """Give a question with the list of choices that its file makes, as far as the file is there."""
        name = self._named(told, Use.DATA, node.row)
        if not told.lower().endswith(ENDS):
            self._say("bad_file_end", node.row, found=told)
        pairs = dict(re.findall(r"(\w+)\s*=\s*([^\s,;]+)", parameters))
        group = " ".join([f"file {name}", pairs.get("value", ""), pairs.get("label", "")])
        table = self.tables.get(name)
        self.instances.setdefault(name.rpartition(".")[0], name)
        if table is not None and group not in self.lists:
            value, label = pairs.get("value", table.value), pairs.get("label", table.label)
            for column in (value, label):
                if column not in table.columns:
                    listed = ", ".join(table.columns[:20])
                    self._say("no_file_column", node.row, found=name, column=column, columns=listed)
            self.lists[group] = self._offered(node, name, table, value, label)
            count = len(self.lists[group])
            if count > OFFERED and node.choice_filter is None:
                self._say("long_list", node.row, warning=True, found=name, count=count, most=OFFERED)
        self.lists.setdefault(group, ())
        return replace(node, list=group, file=name)

    def _offered(self, node: Node, name: str, table: Table, value: str, label: str) -> tuple[Choice, ...]:
        found: list[Choice] = []
        for row in table.rows:
            code = row.get(value, "")
            if re.search(r"\s", code):
                self._say("bad_file_choice", node.row, found=name, value=code[:NAME])
                break
            if code:
                found.append(Choice(code, {"": row.get(label, "") or code}, row))
        return tuple(found)

    def _of_search(self, node: Node, appearance: str) -> Node:
        """Give a question with the list that it searches, as far as its file is there."""
        try:
            search = searching.read_search(appearance)
        except ExpressionError as error:
            known = "bad_search" if error.code in ("bad_search", "unknown_function", "arguments") else error.code
            self._say(known, node.row, column="appearance", found=(error.found or appearance)[:NAME])
            return node
        if data_name(search.file).lower().endswith((".xml", ".geojson")):
            self._say("bad_search", node.row, found=search.file)
            return node
        name = self._named(data_name(search.file), Use.DATA, node.row)
        table = self.tables.get(name)
        group = f"search {name} {node.list}"
        if table is not None:
            columns = tuple(self._column(node, name, table, one) for one in search.columns)
            search = replace(search, columns=columns)
            if search.value is not None:
                search = replace(search, column=self._column(node, name, table, search.column))
        if group not in self.lists:
            found: list[Choice] = []
            for choice in self.lists.get(node.list, ()):
                if searching.fixed(choice):
                    found.append(choice)
                elif table is not None:
                    found += self._found(node, name, table, searching.columns_of(choice))
            self.lists[group] = tuple(found)
            if len(found) > OFFERED and search.text is None and search.value is None:
                self._say("long_list", node.row, warning=True, found=name, count=len(found), most=OFFERED)
        return replace(node, list=group, file=name, search=search)

    def _column(self, node: Node, name: str, table: Table, told: str) -> str:
        column = searching.column_of(table, told)
        if not column:
            self._say("no_file_column", node.row, found=name, column=told, columns=", ".join(table.columns[:20]))
        return column or told

    def _found(self, node: Node, name: str, table: Table, told: searching.Columns) -> list[Choice]:
        """Give the choices that the rows of a file make, and note the pictures that they name."""

        def column(one: str) -> str:
            return self._column(node, name, table, one)

        labels = {language: tuple(column(one) for one in names) for language, names in told.labels.items()}
        images = {language: column(one) for language, one in told.images.items()}
        columns = searching.Columns(column(told.value), labels, images)
        found = [searching.made(row, columns) for row in searching.ordered(table) if row.get(columns.value)]
        spaced = next((one.name for one in found if re.search(r"\s", one.name)), None)
        if spaced is not None:
            self._say("bad_file_choice", node.row, found=name, value=spaced[:NAME])
        for shown in dict.fromkeys(image for one in found for image in one.media.get("image", {}).values()):
            if not usable(shown):
                self._say("bad_file_name", node.row, found=shown[:NAME], most=NAME)
                break
            self._named(shown, Use.IMAGE, node.row)
        return found

    def _looked(self, node: Node, column: str, asked: Rows) -> None:
        """Note which rows an expression looks into, and say what of it isn't there."""
        name = self.instances.get(asked.source)
        if name is None and asked.source not in self.lists:
            self._say("unknown_instance", node.row, column=column, found=asked.source[:NAME])
            return
        # in XML, what holds the rows is called as its author likes
        if asked.steps != ("root", "item") and not (name or "").lower().endswith(".xml"):
            self._say("bad_instance", node.row, column=column, found="/".join(["", *asked.steps]))
            return
        if asked.source not in self.looked:
            self.looked[asked.source] = self._rows_in(asked.source, name)
        rows = self.looked[asked.source]
        known = dict.fromkeys(one for row in rows for one in row.more)
        told = [part.name for where in asked.where for part in walk(where) if isinstance(part, Column)]
        for one in filter(None, (asked.column, *told)):
            if rows and one not in known:
                listed = ", ".join(list(known)[:20])
                self._say("no_file_column", node.row, found=name or asked.source, column=one, columns=listed)

    def _rows_in(self, source: str, name: str | None) -> tuple[Choice, ...]:
        if name is None:
            first = settings_of(self.workbook).get("default_language", "")
            return tuple(
                replace(one, more={**one.more, "name": one.name, "label": one.label.get(first) or said(one.label, "")})
                for one in self.lists[source]
            )
        table = self.tables.get(name)
        return tuple(Choice("", {}, row) for row in table.rows) if table is not None else ()

    def definition(self) -> Definition:
        """Read the questions."""
        sheet = self.workbook.sheet(SURVEY)
        root = _Open(Node(Kind.GROUP, 0, "", "", (), {}, {}))
        if sheet is None:
            self._say("no_survey", None, "")
        elif "type" not in [canonical(header)[0] for header in sheet.header]:
            self._say("no_type_column", 1)
        else:
            self._survey(root)
            self._check(root.children)
        settings = settings_of(self.workbook)
        languages = sorted(self.languages, key=lambda name: name != settings.get("default_language"))
        title = settings.get("form_title") or settings.get("title") or settings.get("form_id") or ""
        if len(self.files) > FILES:
            self._say("too_many_files", None, count=len(self.files), most=FILES)
        children, order = tuple(root.children), tuple(self.order)
        return Definition(title, tuple(languages), children, self.lists, order, self.files, self.tables, self.looked)

    def _survey(self, root: _Open) -> None:
        stack = [root]
        rows = self._rows(SURVEY)
        if len(rows) > QUESTIONS:
            self._say("too_many_questions", None, count=len(rows), most=QUESTIONS)
            rows = rows[:QUESTIONS]
        for row, cells in rows:
            told = " ".join(cells.get(("type", ""), "").split())
            if not told:
                if cells.get(("name", "")) or texts(cells, "label"):
                    self._say("unknown_type", row, found="")
                continue
            word, _, rest = told.replace("_", " ").lower().partition(" ")
            if word in ("begin", "end") and rest in ("group", "repeat", "loop", "lgroup", "looped group"):
                self._nest(stack, row, cells, word, rest)
                continue
            stack[-1].children += self._question(row, cells, told, stack[-1].node.path)
        for left in stack[1:]:
            self._say("never_ended", left.node.row)
        while len(stack) > 1:
            self._close(stack)
        if not any(node.kind not in NESTING for top in root.children for node in top.walk()):
            self._say("no_question", None)

    def _nest(self, stack: list[_Open], row: int, cells: dict[tuple[str, str], str], word: str, rest: str) -> None:
        kind = Kind.GROUP if rest == "group" else Kind.REPEAT
        if word == "end":
            if len(stack) > 1 and stack[-1].node.kind is kind:
                self._close(stack)
            else:
                self._say("end_unmatched", row, found=cells.get(("type", ""), ""))
            return
        if len(stack) > DEEPEST:
            self._say("too_deep", row, most=DEEPEST)
        stack.append(_Open(self._node(kind, row, cells, f"begin {rest}", stack[-1].node.path)))

    def _close(self, stack: list[_Open]) -> None:
        ended = stack.pop()
        stack[-1].children.append(replace(ended.node, children=tuple(ended.children)))

    def _kind(self, told: str) -> tuple[Kind, str, bool] | None:
        """Give what a type means: the kind, its list, and whether another choice may be written."""
        lower = told.lower()
        if lower in NAMES:
            return NAMES[lower], "", False
        if lower in ELSEWHERE or lower.startswith(CHOSEN_ELSEWHERE):
            return Kind.ABSENT, "", False
        for words, kind in ((ONE_OF_FILE, Kind.ONE), (MANY_OF_FILE, Kind.MANY), (ONE_OF_SHEET, Kind.ONE)):
            for begin in words:
                if lower.startswith(f"{begin} "):
                    return kind, (_EXTERNAL if words is ONE_OF_SHEET else "file") + told[len(begin) :], False
        for words, kind in ((MANY_OF, Kind.MANY), (ONE_OF, Kind.ONE)):
            # the longest first: “select one from” before “select one”
            for begin in sorted(words, key=len, reverse=True):
                if lower == begin or lower.startswith(f"{begin} "):
                    rest = told[len(begin) :].split()
                    other = " ".join(rest[1:]).lower() in ("or_other", "or specify other")
                    return kind, rest[0] if rest else "", other
        return None

    def _question(self, row: int, cells: dict[tuple[str, str], str], told: str, path: tuple[str, ...]) -> list[Node]:
        meant = self._kind(told)
        if meant is None:
            self._say("unknown_type", row, found=told)
            return []
        kind, group, other = meant
        node = replace(self._node(kind, row, cells, told, path), list=group)
        source, _, name = group.partition(" ")
        if name and source == "file":
            node = self._of_file(node, name.strip(), cells.get(("parameters", ""), ""))
        elif name:
            node = replace(node, file=ITEMSETS)
            self.lists[group] = self.external.get(name.strip(), ())
            if name.strip() not in self.external:
                self._say("unknown_list", row, found=name.strip())
        elif kind in CHOSEN:
            if not group:
                self._say("no_list", row)
            elif group not in self.lists:
                self._say("unknown_list", row, found=group)
            elif group in self.searched and searching.searches(node.appearance):
                if other:
                    # telephones would look for a column named “other”
                    self._say("bad_search", row, found="or_other")
                node = self._of_search(node, node.appearance)
                group = node.list
        if told.lower() in EXTERNAL:
            self.instances[node.name] = self._named(f"{node.name}{EXTERNAL[told.lower()]}", Use.DATA, row)
        elif kind is Kind.ABSENT and told.lower() not in METADATA_ELSEWHERE:
            code = "not_asked_required" if node.required is not None else "not_asked"
            self._say(code, row, found=told, warning=node.required is None)
        if kind is Kind.CALCULATE and node.calculation is None and ("calculation", "") not in cells:
            self._say("no_calculation", row)
        if not other:
            return [node]
        written = f"{node.name}_other"
        asked = Call("selected", (self._ref(node.name), Literal("other")))
        extra = Node(Kind.TEXT, row, "text", written, (*path, written), {"": "Specify other."}, {}, relevant=asked)
        if not any(choice.name == "other" for choice in self.lists.get(group, ())):
            self.lists[group] = (*self.lists.get(group, ()), Choice("other", {"": "Other"}))
        return [node, extra]

    def _ref(self, name: str) -> Expression:
        return parse(f"${{{name}}}", bounds)

    def _node(
        self, kind: Kind, row: int, cells: Mapping[tuple[str, str], str], told: str, path: tuple[str, ...]
    ) -> Node:
        def cell(name: str) -> str:
            return cells.get((name, ""), "")

        name = cell("name") or (told.lower() if kind in METADATA else "")
        label, hint = texts(dict(cells), "label"), texts(dict(cells), "hint")
        if not name:
            self._say("no_name", row)
            name = f"question_{row}"
        elif not _NAME.fullmatch(name):
            self._say("bad_name", row, found=name)
        silent = kind in COMPUTED or kind in NESTING or kind is Kind.ABSENT
        media = self._media(dict(cells), row, SURVEY)
        if not silent and not label and not hint and not media:
            self._say("no_label", row, warning=True)
        required = cell("required")
        return Node(
            kind,
            row,
            told,
            name,
            (*path, name),
            label,
            hint,
            relevant=self._expression(cells, "relevant", row),
            required=self._truth(required, row),
            required_message=texts(dict(cells), "required_message"),
            constraint=self._expression(cells, "constraint", row),
            constraint_message=texts(dict(cells), "constraint_message"),
            calculation=self._expression(cells, "calculation", row),
            choice_filter=self._expression(cells, "choice_filter", row),
            repeat_count=self._expression(cells, "repeat_count", row) if kind is Kind.REPEAT else None,
            default=cell("default"),
            appearance=cell("appearance"),
            rows=int(cell("rows")) if cell("rows").isdecimal() and int(cell("rows")) < 100 else 0,
            read_only=cell("read_only").lower() in _YES,
            personal=cell(PERSONAL).lower() in _YES,
            scale=self._scale(cell("parameters"), row) if kind is Kind.RANGE else None,
            media=media,
        )

    def _truth(self, written: str, row: int) -> Expression | None:
        if written.lower() in _NO:
            return None
        return Literal(1.0) if written.lower() in _YES else self._parsed(written, "required", row)

    def _expression(self, cells: Mapping[tuple[str, str], str], name: str, row: int) -> Expression | None:
        written = cells.get((name, ""), "")
        return self._parsed(written, name, row) if written.strip() else None

    def _parsed(self, written: str, column: str, row: int) -> Expression | None:
        try:
            found = parse(written, bounds)
        except ExpressionError as error:
            code = {"too_deep": "too_deep_expression"}.get(error.code, error.code)
            self._say(code, row, column=column, found=error.found)
            return None
        for part in walk(found, inside=False):
            if isinstance(part, Column) and column != "choice_filter":
                self._say("unexpected", row, column=column, found=part.name)
        for part in walk(found):
            if isinstance(part, Call) and part.name == "regex" and isinstance(part.arguments[1], Literal):
                pattern = str(part.arguments[1].value)
                try:
                    matches("", pattern)
                except ValueError:
                    self._say("bad_pattern", row, column=column, found=pattern)
            if isinstance(part, Call) and part.name == "pulldata":
                first = part.arguments[0]
                if isinstance(first, Literal) and isinstance(first.value, str) and first.value.strip():
                    name = self._named(data_name(first.value), Use.DATA, row)
                    self.instances.setdefault(name.rpartition(".")[0], name)
                else:
                    self._say("no_file_word", row, column=column)
        return found

    def _scale(self, written: str, row: int) -> Scale:
        pairs = dict(re.findall(r"(\w+)\s*=\s*(\S+?)(?:[,;]|\s|$)", written))
        try:
            start, end, step = (float(pairs.get(name, usual)) for name, usual in _SCALE)
        except ValueError:
            start, end, step = 0.0, 0.0, 0.0
        scale = Scale(start, end, step)
        sound = all(map(math.isfinite, (start, end, step))) and step > 0 and start < end
        if not sound or (end - start) / step > 1_000:
            self._say("bad_range", row)
            return Scale(0, 10, 1)
        return scale

    def _check(self, nodes: list[Node]) -> None:
        """Look at what takes all questions to be known: names, and what expressions ask for."""
        everything = [node for top in nodes for node in top.walk()]
        names: dict[str, Node] = {}
        for node in everything:
            other = names.setdefault(node.name, node)
            if other is not node and (node.path[:-1] == other.path[:-1] or node.kind not in NESTING):
                self._say("same_name", node.row, found=node.name, other=other.row)
        columns = ("relevant", "required", "constraint", "calculation", "choice_filter", "repeat_count")
        for node in everything:
            for column in columns:
                self._asked(node, column, getattr(node, column), names)
            for one in (node.search.text, node.search.value) if node.search is not None else ():
                self._asked(node, "appearance", one, names)
        self._circles(everything, names)

    def _asked(self, node: Node, column: str, expression: Expression | None, names: Mapping[str, Node]) -> None:
        for name in dict.fromkeys(refs(expression)):
            if name not in names:
                self._say("unknown_question", node.row, column=column, found=name)
        for part in walk(expression) if expression is not None else ():
            if isinstance(part, Rows):
                self._looked(node, column, part)

    def _circles(self, everything: list[Node], names: Mapping[str, Node]) -> None:
        """Say which calculations and conditions depend on themselves."""
        needs: dict[str, set[str]] = {}
        for node in everything:
            asked = set(refs(node.relevant)) | set(refs(node.calculation)) | set(refs(node.repeat_count))
            needs[node.name] = {name for name in asked if name in names} | {
                name for name in node.path[:-1] if names.get(name) is not None
            }
        state: dict[str, int] = {}

        def visit(start: str) -> None:
            # without recursion: a thousand questions may depend each on the one before
            trail: list[tuple[str, list[str]]] = [(start, sorted(needs.get(start, ())))]
            state[start] = 1
            while trail:
                name, left = trail[-1]
                if not left:
                    state[name] = 2
                    self.order.append(name)
                    trail.pop()
                    continue
                following = left.pop()
                if state.get(following) == 1:
                    self._say("circle", names[following].row, found=following)
                elif following not in state:
                    state[following] = 1
                    trail.append((following, sorted(needs.get(following, ()))))

        for name in needs:
            if name not in state:
                visit(name)


__all__ = ["PERSONAL", "look", "read_definition"]
