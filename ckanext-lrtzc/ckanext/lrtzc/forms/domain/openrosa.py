"""What telephones ask and are told: OpenRosa 1.0 (form list, manifest, submission), and instances of XForms.

Sources: ODK documentation, "OpenRosa API" (Form Discovery, Form Submission, Metadata) and "ODK XForms Specification".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from ckanext.lrtzc.safexml import local

from .definition import PATH, Definition, Node
from .kinds import ASKED, FILES, METADATA, Kind

XFORMS_LIST = "http://openrosa.org/xforms/xformsList"
MANIFEST = "http://openrosa.org/xforms/xformsManifest"
RESPONSE = "http://openrosa.org/http/response"
MEDIA_TYPE = "text/xml; charset=utf-8"
LONGEST_ID = 200
"""Characters of an instance's own number."""
_META = "meta"


class InstanceError(ValueError):
    """What was sent is no instance of the form; `code` says why, `found` what is meant."""

    def __init__(self, code: str, found: str = ""):
        self.code, self.found = code, found
        super().__init__(f"{code} {found}")


@dataclass(frozen=True)
class Head:
    """Of which form an instance is, in which version of it, and its own number (`uuid:…`).

    `replaces` is the number of an instance that it corrects, where it corrects one.
    """

    form: str
    version: str
    number: str
    replaces: str = ""


@dataclass(frozen=True)
class Told:
    """What an instance says: answers by path; what the telephone noted by itself; names of files by path."""

    fields: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    noted: dict[str, str] = field(default_factory=dict[str, str])
    files: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Listed:
    """A form as a list tells it: `digest` is the MD5 of its XForm, by which a telephone knows that it changed."""

    form: str
    name: str
    version: int
    digest: str
    intro: str
    address: str
    manifest: str = ""


def head_of(root: Any) -> Head:
    """Read of which form an instance is.

    :raises InstanceError: `no_form_id`, `no_number`
    """
    form = (root.get("id") or "").strip()
    if not form or len(form) > LONGEST_ID or not form.isprintable():
        raise InstanceError("no_form_id")
    meta = _child(root, _META)
    number = _text(_child(meta, "instanceID")) or (root.get("instanceID") or "").strip()
    if not number or len(number) > LONGEST_ID or not number.isprintable():
        raise InstanceError("no_number")
    replaces = _text(_child(meta, "deprecatedID"))
    if len(replaces) > LONGEST_ID or (replaces and not replaces.isprintable()) or replaces == number:
        raise InstanceError("no_number")
    return Head(form, (root.get("version") or "").strip()[:50], number, replaces)


def _child(parent: Any, name: str) -> Any:
    return None if parent is None else next((one for one in parent if local(one.tag) == name), None)


def _text(element: Any) -> str:
    return "" if element is None else (element.text or "").strip()


def read_instance(definition: Definition, root: Any) -> Told:
    """Read what an instance answers.

    What the form computes is left out, since it is computed anew; what isn't asked by the portal too.

    :raises InstanceError: `unknown_question` where it says something that the form doesn't ask: it is another's
    """
    told = Told()
    _read(definition.children, root, "", told, top=True)
    return told


def _read(nodes: tuple[Node, ...], parent: Any, base: str, told: Told, *, top: bool = False) -> None:
    known = {node.name: node for node in nodes}
    counts = {f"{node.name}_count" for node in nodes if node.kind is Kind.REPEAT}
    places: dict[str, int] = {}
    for element in parent:
        name = local(element.tag)
        node = known.get(name)
        if node is None:
            if not (top and name == _META) and name not in counts and _says(element):
                raise InstanceError("unknown_question", f"{base}{name}"[:100])
            continue
        key = f"{base}{name}"
        if node.kind is Kind.REPEAT:
            key = f"{key}[{places.get(name, 0)}]"
            places[name] = places.get(name, 0) + 1
            told.fields[key] = [""]
        if node.kind in (Kind.REPEAT, Kind.GROUP):
            _read(node.children, element, f"{key}{PATH}", told)
            continue
        if len(element):
            raise InstanceError("unknown_question", key[:100])
        text = (element.text or "").strip()
        if node.kind in METADATA:
            if text:
                told.noted[key] = text
        elif node.kind in FILES and node.given:
            if text:
                told.files[key] = text
        elif node.kind in ASKED and node.given:
            told.fields[key] = [text]


def _says(element: Any) -> bool:
    return any((one.text or "").strip() for one in element.iter() if isinstance(one.tag, str))


def form_list(forms: Iterable[Listed], *, verbose: bool = False) -> bytes:
    """Write a list of forms (`xforms`)."""
    root = etree.Element(f"{{{XFORMS_LIST}}}xforms", nsmap={None: XFORMS_LIST})
    for one in forms:
        entry = _add(root, XFORMS_LIST, "xform")
        _add(entry, XFORMS_LIST, "formID", one.form)
        _add(entry, XFORMS_LIST, "name", one.name)
        _add(entry, XFORMS_LIST, "version", str(one.version))
        _add(entry, XFORMS_LIST, "hash", f"md5:{one.digest}")
        if verbose and one.intro:
            _add(entry, XFORMS_LIST, "descriptionText", one.intro)
        _add(entry, XFORMS_LIST, "downloadUrl", one.address)
        if one.manifest:
            _add(entry, XFORMS_LIST, "manifestUrl", one.manifest)
    return _written(root)


def manifest(files: Iterable[tuple[str, str, str]]) -> bytes:
    """Write which files go with a form: each its name, the MD5 of its content, and its address."""
    root = etree.Element(f"{{{MANIFEST}}}manifest", nsmap={None: MANIFEST})
    for name, digest, address in files:
        entry = _add(root, MANIFEST, "mediaFile")
        _add(entry, MANIFEST, "filename", name)
        _add(entry, MANIFEST, "hash", f"md5:{digest}")
        _add(entry, MANIFEST, "downloadUrl", address)
    return _written(root)


def response(message: str, nature: str = "") -> bytes:
    """Write what a telephone shows of what became of a submission."""
    root = etree.Element(f"{{{RESPONSE}}}OpenRosaResponse", nsmap={None: RESPONSE})
    _add(root, RESPONSE, "message", message).attrib.update({"nature": nature} if nature else {})
    return _written(root)


def _add(parent: Any, namespace: str, name: str, text: str = "") -> Any:
    element = etree.SubElement(parent, f"{{{namespace}}}{name}")
    element.text = "".join(sign for sign in text if sign.isprintable() or sign in "\n\t") or None
    return element


def _written(root: Any) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
