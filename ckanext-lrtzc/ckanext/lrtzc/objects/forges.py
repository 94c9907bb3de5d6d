"""Links of objects to forges: which revision a repository is at, as its forge says, kept beside the link."""

import datetime as dt
from typing import Any

import ckan.logic as logic
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.egress import api as egress
from ckanext.lrtzc.objects.domain.errors import BadValueError
from ckanext.lrtzc.objects.domain.forge import (
    Repository,
    Revision,
    read_hosts,
    read_revision,
    repository,
    revision_address,
)
from ckanext.lrtzc.objects.domain.kinds import Kind
from ckanext.lrtzc.objects.domain.values import clean_date
from ckanext.lrtzc.pages import said

REVISION = "lrtzc_revision"
"""Where a link to a forge keeps which revision its repository is at."""
LIMITS = egress.Limits(seconds=10, connect=5, size=2_000_000)
_JSON = {"Accept": "application/json"}


def repository_of(resource: dict[str, Any]) -> Repository | None:
    """Give the repository that a link leads to, None for files and other links."""
    if resource.get("url_type"):
        return None
    hosts = read_hosts(tk.aslist(tk.config.get("ckanext.lrtzc.objects.forges")))
    return repository(str(resource.get("url") or ""), hosts)


def latest(where: Repository) -> Revision:
    """Ask the forge for the latest commit.

    :raises ValidationError: with what went wrong, where the forge can't be asked or doesn't say
    """
    try:
        answer = egress.fetch(revision_address(where), headers=_JSON, limits=LIMITS).raise_for_status()
    except egress.EgressError as error:
        raise tk.ValidationError({"url": [tk._("The forge could not be asked."), egress.explain(error)]}) from None
    found = read_revision(where.forge, answer.body)
    if found is None:
        raise tk.ValidationError(
            {"url": [tk._("The forge named no revision: is the repository public and not empty?")]}
        )
    return found


def read(context: Any, resource: dict[str, Any]) -> dict[str, Any]:
    """Read a link's revision and keep it; give the resource as it is kept.

    :raises ValidationError: where the link leads to no forge, or the forge doesn't say
    """
    where = repository_of(resource)
    if where is None:
        raise tk.ValidationError(
            {"url": [tk._("This address is that of no repository on a forge that is known here.")]}
        )
    return keep(context, resource["id"], latest(where))


def keep(context: Any, resource_id: str, found: Revision) -> dict[str, Any]:
    """Keep a revision beside its link; give the resource as it is kept."""
    kept = {
        "id": resource_id,
        "lrtzc_revision": found.commit,
        "lrtzc_revision_date": _date(found.date),
        "lrtzc_revision_read": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    }
    return tk.get_action("resource_patch")(logic.fresh_context(context, ignore_auth=True), kept)


def _date(said: str) -> str:
    try:
        return clean_date(said)
    except BadValueError:
        return ""


def read_if_forge(context: Any, kind: Kind, resource: dict[str, Any]) -> None:
    """Read the revision of a link just added, where it leads to a forge; what goes wrong is said on the page."""
    if not kind.tabular and repository_of(resource):
        read_and_say(context, resource["id"])


def read_and_say(context: Any, resource_id: str) -> None:
    """Read a link's revision and say how it went on the next page."""
    try:
        kept = tk.get_action("lrtzc_objects_revision_read")(context, {"id": resource_id})
    except tk.ValidationError as error:
        tk.h.flash_error(said(error))
    else:
        tk.h.flash_success(tk._("The repository is at revision {commit}.").format(commit=kept["lrtzc_revision"][:10]))


def revision_of(resource: dict[str, Any]) -> dict[str, str]:
    """Give `commit`, `date` and `read` of a link's revision, nothing where none was read."""
    if not resource.get("lrtzc_revision"):
        return {}
    return {
        "commit": str(resource["lrtzc_revision"]),
        "date": str(resource.get("lrtzc_revision_date") or ""),
        "read": str(resource.get("lrtzc_revision_read") or ""),
    }
