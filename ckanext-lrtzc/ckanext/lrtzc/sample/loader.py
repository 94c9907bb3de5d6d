"""Loads sample content by the portal's ordinary actions, once: a second run finds nothing to do."""

import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ckan.model as model
import ckan.plugins as p
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.batches.api import submit_file
from ckanext.lrtzc.forms.api import show_form
from ckanext.lrtzc.needs.api import show_need
from ckanext.lrtzc.reuses.api import show_reuse
from ckanext.lrtzc.reward.api import begin_challenge
from ckanext.lrtzc.sample.collecting import collect
from ckanext.lrtzc.sample.domain.content import (
    Asked,
    Content,
    Dataset,
    File,
    SampleError,
    fingerprint_of,
    read_content,
    run_script,
)
from ckanext.lrtzc.sample.marks import read_marks, write_mark
from ckanext.lrtzc.sample.partner import await_harvest, start_partner
from ckanext.lrtzc.territory import get_territory

Report = Callable[[str], None]
WHOLE = "content"


def load(folder: Path, report: Report) -> str:
    """Make the content of a folder and load what is new or changed of it.

    :param report: told about each step, in a line.
    :returns: what was done, in a sentence.
    :raises SampleError: if it can't be made or loaded; what was loaded before stays, and another run goes on.
    """
    if not folder.is_dir():
        raise SampleError(f"{folder} isn't a folder.")
    sources = fingerprint_of([folder, get_territory().folder])
    marks = read_marks()
    if marks.get(WHOLE) == sources:
        return "The sample content is there already."
    with tempfile.TemporaryDirectory(prefix="lrtzc-sample-") as work:
        run_script(folder / "make.py", work)
        content = read_content(Path(work))
        _check_territory(content)
        _people(content, report)
        _organizations(content, report)
        # The partner goes first: what is new in the end is the portal's own.
        partner, trouble = _partner(folder, content, report)
        count = _datasets(content, marks, report)
        _objects(content, report)
        _said(content, marks, report)
        if trouble:
            raise trouble
        if partner:
            await_harvest(partner, _site_context(), report)
    write_mark(WHOLE, sources)
    return f"The sample content is loaded: {count} of {len(content.datasets)} datasets were new or changed."


def _partner(folder: Path, content: Content, report: Report) -> tuple[str | None, SampleError | None]:
    try:
        return start_partner(folder, content, _site_context(), report), None
    except SampleError as error:
        return None, error


def _check_territory(content: Content) -> None:
    territory = get_territory()
    for dataset in content.datasets:
        axes = set(dataset.fields.get("axis", ())) - set(territory.axes_by_code)
        communes = set(dataset.fields.get("communes", ())) - set(territory.communes_by_code)
        if unknown := sorted(axes | communes):
            raise SampleError(
                f"{dataset.name} speaks of {', '.join(unknown[:3])}, which {territory.name} doesn't have: this "
                "sample content belongs to another territory. Give your own in ckanext.lrtzc.sample.folder, "
                "or leave the portal empty with LRTZC_SAMPLE=no."
            )


def _site_context() -> Any:
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})
    return {"user": user["name"], "ignore_auth": True}


def _people(content: Content, report: Report) -> None:
    for person in content.people:
        if model.User.get(person["name"]):
            continue
        password = secrets.token_urlsafe(12)
        fields = {key: value for key, value in person.items() if key != "organizations"}
        _act("user_create", _site_context(), fields | {"password": password}, person["name"])
        report(f"Account {person['name']} ({person.get('fullname', '')}), password {password}: it is shown this once.")


def _organizations(content: Content, report: Report) -> None:
    for organization in content.organizations:
        name = organization["name"]
        if model.Group.get(name) is None:
            _act("organization_create", _site_context(), dict(organization), name)
            report(f"Organisation {organization.get('title', name)}")
        members = {row[0] for row in _act("member_list", _site_context(), {"id": name, "object_type": "user"}, name)}
        for person in content.people:
            user = model.User.get(person["name"])
            if name in person.get("organizations", ()) and user and user.id not in members:
                role = {"id": name, "username": person["name"], "role": "editor"}
                _act("organization_member_create", _site_context(), role, name)


def _datasets(content: Content, marks: dict[str, str], report: Report) -> int:
    names = [dataset.name for dataset in content.datasets]
    rows = model.Session.execute(
        sa.select(model.Package.name, model.Package.state).where(model.Package.name.in_(names))
    )
    states: dict[str, str] = dict(rows.tuples().all())
    changed = 0
    for number, dataset in enumerate(content.datasets, 1):
        fingerprint = dataset.fingerprint
        # What someone deleted here on purpose stays deleted.
        if marks.get(dataset.name) == fingerprint or states.get(dataset.name) == "deleted":
            continue
        report(f"[{number:>2}/{len(names)}] {dataset.fields.get('title', dataset.name)}")
        _dataset(dataset, {"user": _publisher(content, dataset.name, dataset.fields)}, dataset.name in states)
        write_mark(dataset.name, fingerprint)
        changed += 1
    return changed


def _objects(content: Content, report: Report) -> None:
    """Make the objects that aren't datasets, once, with what they stand on."""
    for one in content.objects:
        name, type_ = one.fields.get("name", ""), one.fields.get("type", "")
        if model.Package.get(name) is not None:
            continue
        context = {"user": _publisher(content, name, one.fields)}
        made = _act("package_create", dict(context), dict(one.fields), name)
        report(f"{one.fields.get('title', name)} ({type_})")
        if p.plugin_loaded("lrtzc_links"):
            for kind, target in one.links:
                ends = {"kind": kind, "source_id": made["id"], "target_id": target}
                _act("lrtzc_link_create", dict(context), ends, name)


def _said(content: Content, marks: dict[str, str], report: Report) -> None:
    """Show what people say, once, in the name of the first: reuses, needs and forms with answers, challenges."""
    if not content.people:
        return
    who = content.people[0]["name"]
    if p.plugin_loaded("lrtzc_reuses"):
        for one in content.reuses:
            _show(f"reuse {one['title']}", marks, report, lambda one=one: show_reuse(who, one))
    if p.plugin_loaded("lrtzc_needs"):
        for one in content.needs:
            fields, answer = one.get("fields", {}), one.get("answer")
            _show(f"need {one['title']}", marks, report, lambda f=fields, a=answer: show_need(who, f, a))
    if p.plugin_loaded("lrtzc_forms"):
        for one in content.forms:
            _show(f"form {one.fields['title']}", marks, report, lambda one=one: _form(who, one))
    if p.plugin_loaded("lrtzc_reward"):
        for one in content.challenges:
            _show(f"challenge {one['title']}", marks, report, lambda one=one: begin_challenge(who, one))


def _form(who: str, asked: Asked) -> None:
    show_form(who, asked.dataset, asked.fields, asked.files, asked.answers)


def _show(mark: str, marks: dict[str, str], report: Report, show: Callable[[], None]) -> None:
    if mark in marks:
        return
    try:
        show()
    except (tk.ValidationError, tk.NotAuthorized) as error:
        raise SampleError(f"{mark}: {error}") from error
    report(mark)
    write_mark(mark, "shown")


def _publisher(content: Content, name: str, fields: dict[str, Any]) -> str:
    owner = fields.get("owner_org")
    for person in content.people:
        if owner in person.get("organizations", ()):
            return person["name"]
    raise SampleError(f"{name}: nobody in content.json publishes for {owner}.")


def _dataset(dataset: Dataset, context: Any, exists: bool) -> None:
    if exists:
        current = _act("package_patch", dict(context), dataset.fields | {"id": dataset.name}, dataset.name)
    else:
        current = _act("package_create", dict(context), dict(dataset.fields), dataset.name)
    ids = {resource.get("name"): resource["id"] for resource in current.get("resources", [])}
    for file in dataset.files:
        _file(file, current["id"], ids.get(file.name), context["user"])
    if dataset.collected and p.plugin_loaded("lrtzc_collection"):
        collect(dataset.collected, current["id"], context["user"])


def _file(file: File, package_id: str, resource_id: str | None, author: str) -> None:
    columns = {one["id"]: {key: value for key, value in one.items() if key != "id"} for one in file.columns}
    try:
        with file.path.open("rb") as stream:
            batch = submit_file(
                package_id,
                stream,
                file.path.name,
                author,
                resource=file.fields,
                resource_id=resource_id,
                columns=columns,
                wait=True,
            )
    except tk.ValidationError as error:
        raise SampleError(f"{file.path.name}: {error.error_summary or error.error_dict}") from error
    if batch["state"] != "integrated":
        reason = batch.get("error") or "columns would be lost or change their type"
        raise SampleError(f"{file.path.name} was not loaded ({batch['state']}): {reason}")


def _act(action: str, context: Any, fields: dict[str, Any], what: str) -> Any:
    try:
        return tk.get_action(action)(context, fields)
    except tk.ValidationError as error:
        raise SampleError(f"{what}: {error.error_summary or error.error_dict}") from error
    except (tk.NotAuthorized, tk.ObjectNotFound) as error:
        raise SampleError(f"{what}: {action} was refused ({error}).") from error
