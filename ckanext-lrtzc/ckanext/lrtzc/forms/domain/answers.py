"""What one answer is worth: which questions concern it, what each is given, and what is wrong with it.

An answer comes as fields, by the path of the question in the answer: `name`, `group/name`, `repeat[0]/name`. The
location of a question may also be told in words, in the field `name@address`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .computing import Computing
from .definition import PATH, Choice, Definition, Node, said
from .faults import Refusal
from .instances import Instance, build, without_places
from .kinds import ASKED, CHOSEN, COMPUTED, PLACES, Kind
from .tables import OFFERED
from .values import as_text, as_truth
from .written import LONGEST, TypeRefused, as_written, moments, typed

ADDRESS = "@address"
REPEATS = 100
"""Repeats of a group, at most."""
_REFERENCE = re.compile(r"\$\{\s*([^{}]+?)\s*\}")

Fields = Mapping[str, Sequence[str]]


@dataclass
class Shown:
    """A node as a page shows it: its texts with the answers they speak of, and what was answered.

    `value` is what was written, or the chosen names; `address` the location in words. `index` is its place where it
    repeats, `children` those shown under it. `media` are the names of files beside its text by what they are, `beside`
    the same of each choice that has any; `left` is how many choices a page doesn't offer because they are too many.
    """

    node: Node
    key: str
    label: str
    hint: str
    values: list[str] = field(default_factory=list[str])
    address: str = ""
    choices: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    beside: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    media: dict[str, str] = field(default_factory=dict[str, str])
    left: int = 0
    refusal: Refusal | None = None
    index: int | None = None
    required: bool = False
    children: list[Shown] = field(default_factory=list["Shown"])

    @property
    def value(self) -> str:
        """What was written, as one text."""
        return self.values[0] if self.values else ""


@dataclass
class Answer:
    """An answer once judged.

    `values` holds, by path, what was accepted of the questions that concern it, as text (chosen names parted by
    spaces); `refusals` what is wrong, by path. `shown` is the form as it concerns this answer.
    """

    values: dict[str, str]
    refusals: dict[str, Refusal]
    shown: list[Shown]
    root: Instance

    @property
    def keys(self) -> list[str]:
        """The paths of the questions that were shown, in order."""

        def walk(some: list[Shown]) -> Iterator[str]:
            for one in some:
                if one.node.given:
                    yield one.key
                yield from walk(one.children)

        return list(walk(self.shown))


def judge(
    definition: Definition,
    fields: Fields,
    now: dt.datetime,
    language: str = "",
    *,
    complete: bool,
    noted: Mapping[str, str] | None = None,
    refused: Mapping[str, Refusal] | None = None,
) -> Answer:
    """Judge an answer by its form's rules.

    :param now: the instant, in the territory's time
    :param language: the code of the language that the page speaks
    :param complete: whether answers that are needed must be there
    :param noted: what a telephone noted by itself of when it was filled in, by path
    :param refused: what is known to be wrong already, by path, such as a file that isn't taken
    """
    judging = _Judging(definition, fields, now, language, complete)
    judging.refusals.update(refused or {})
    judging.computing.noted = moments(definition, noted or {})
    return judging.answer()


class _Judging:
    def __init__(self, definition: Definition, fields: Fields, now: dt.datetime, language: str, complete: bool):
        self.definition, self.fields, self.language, self.complete = definition, fields, language, complete
        self.refusals: dict[str, Refusal] = {}
        self.root = build(definition, fields, REPEATS)
        self.computing = Computing(definition, self.root, self._typed, now, language)

    def _typed(self, instance: Instance) -> Any:
        """Give what a question was answered, as a value; what can't be read is refused and counts as nothing."""
        node = instance.node
        if instance.key in self.refusals:
            return ""
        sent = [node.default] if node.read_only else self.fields.get(instance.key, ())
        given = [text for text in sent if text.strip()]
        try:
            return typed(node, given, self.computing.choices(instance))
        except TypeRefused as refused:
            self.refusals[instance.key] = refused.refusal
            return ""

    def answer(self) -> Answer:
        computing = self.computing
        computing.settle()
        values: dict[str, str] = {}
        for instance in self.root.walk():
            node = instance.node
            if node.kind not in ASKED | COMPUTED or not computing.relevant(instance):
                self.refusals.pop(instance.key, None)
                continue
            value = computing.value(instance)
            address = self._address(instance)
            if value != "":
                values[instance.key] = as_written(node, value)
            if address:
                values[instance.key + ADDRESS] = address
            if instance.key not in self.refusals and node.given:
                self._constrain(instance, value, bool(address))
        return Answer(values, self.refusals, self._shown(self.root), self.root)

    def _address(self, instance: Instance) -> str:
        if instance.node.kind not in PLACES:
            return ""
        given = " ".join(" ".join(self.fields.get(instance.key + ADDRESS, ())[:1]).split())
        if len(given) > LONGEST:
            self.refusals[instance.key] = Refusal("too_long_text", {"most": LONGEST})
            return ""
        return given

    def _constrain(self, instance: Instance, value: Any, told: bool) -> None:
        node, computing = instance.node, self.computing
        if value == "":
            if self.complete and not told and computing.required(instance):
                sentence = self._text(node.required_message, instance)
                self.refusals[instance.key] = Refusal("required", said=sentence)
        elif node.constraint is not None and not as_truth(computing.evaluate(node.constraint, instance)):
            sentence = self._text(node.constraint_message, instance)
            self.refusals[instance.key] = Refusal("constraint", said=sentence)

    def _text(self, texts: Mapping[str, str], instance: Instance) -> str:
        """Give a text in the page's language, with the answers that it speaks of."""
        text = said(texts, self.language)

        def answered(found: re.Match[str]) -> str:
            return as_text(self.computing.told(found[1], instance))

        return _REFERENCE.sub(answered, text) if "${" in text else text

    def _media(self, media: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
        return {use: said(names, self.language) for use, names in media.items()}

    def _shown(self, parent: Instance) -> list[Shown]:
        found: list[Shown] = []
        for instance in parent.each():
            node = instance.node
            if node.kind in COMPUTED or node.kind is Kind.ABSENT or not self.computing.relevant(instance):
                continue
            if node.kind in ASKED and not node.given and not node.label:
                continue
            one = Shown(
                node,
                instance.key,
                self._text(node.label, instance),
                self._text(node.hint, instance),
                refusal=self.refusals.get(instance.key),
                index=instance.index,
                required=node.given and self.computing.required(instance),
                children=self._shown(instance),
                media=self._media(node.media),
            )
            if node.kind in ASKED and not node.given:
                value = self.computing.value(instance)
                told = self.computing.told(node.name, instance) if node.kind in CHOSEN else as_written(node, value)
                one.values = [told] if value != "" else []
            elif node.kind in ASKED:
                one.values = list(self.fields.get(instance.key, ()))
                one.address = next(iter(self.fields.get(instance.key + ADDRESS, ())), "")
                offered = self.computing.choices(instance)
                one.left = max(0, len(offered) - OFFERED)
                # what was chosen stays chosen, wherever it stands in a long list
                kept = [*offered[:OFFERED], *(each for each in offered[OFFERED:] if each.name in one.values)]
                one.choices = [(each.name, said(each.label, self.language)) for each in kept]
                one.beside = {each.name: self._media(each.media) for each in kept if each.media}
                if not one.values and instance.key not in self.fields and node.default:
                    one.values = node.default.split() if node.kind is Kind.MANY else [node.default]
            found.append(one)
        return found


def as_fields(values: Mapping[str, str], definition: Definition) -> dict[str, list[str]]:
    """Give the fields that a page would have sent for the values of an answer."""
    many = {node.key for node in definition.questions() if node.kind is Kind.MANY}
    return {key: value.split() if without_places(key) in many else [value] for key, value in values.items()}


def without(fields: Fields, repeat: str, place: int) -> dict[str, list[str]]:
    """Give fields without one of a repeat; those after it move up."""
    found: dict[str, list[str]] = {}
    for key, given in fields.items():
        match = re.fullmatch(rf"{re.escape(repeat)}\[(\d{{1,4}})\](.*)", key)
        if match is None:
            found[key] = list(given)
        elif int(match[1]) != place:
            number = int(match[1]) - (int(match[1]) > place)
            found[f"{repeat}[{number}]{match[2]}"] = list(given)
    return found


__all__ = ["ADDRESS", "PATH", "Answer", "Choice", "Fields", "Shown", "as_fields", "judge", "without"]
