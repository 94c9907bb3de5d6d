"""What a person's workspace is made of, and what waits for them; rooms add theirs by `IWorkspace`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import ckan.model as model
import ckan.plugins as p
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.accounts.domain.order import arranged
from ckanext.lrtzc.batches.api import submitted_by
from ckanext.lrtzc.interfaces import Block, IWorkspace, Waiting

SHOWN = 10


class Role(StrEnum):
    """What somebody does on the portal, which their home begins with."""

    ADMINISTRATOR = "administrator"
    PRODUCER = "producer"
    CREATOR = "creator"
    CONTRIBUTOR = "contributor"


@dataclass(frozen=True)
class Shown:
    """A block as a page shows it: its name and title, its template, and what `Block.read` gave."""

    code: str
    title: str
    template: str
    data: Any


def known() -> dict[str, Block]:
    """Give all blocks by name."""
    return {name: block for room in p.PluginImplementations(IWorkspace) for name, block in room.get_blocks().items()}


def chosen(user: Any) -> tuple[list[str], list[str]]:
    """Give the names of the blocks in a person's order, and those they hide."""
    kept = (user.plugin_extras or {}).get("lrtzc_accounts", {})
    blocks = known()
    return arranged(blocks, kept.get("order", [])), [name for name in kept.get("hidden", []) if name in blocks]


def of(user: Any) -> list[Shown]:
    """Give the blocks that a person sees, in their order; what isn't for them is left out."""
    blocks, (order, hidden) = known(), chosen(user)
    read = [(name, blocks[name], blocks[name].read(user)) for name in order if name not in hidden]
    return [Shown(name, block.title(), block.template, data) for name, block, data in read if data is not None]


def waiting(user: Any) -> list[Waiting]:
    """Give all that waits for a person, room by room."""
    return [each for room in p.PluginImplementations(IWorkspace) for each in room.get_waiting(user)]


def role_of(user: Any) -> Role:
    """Say what somebody does on the portal, by their rights and by what they own, in one statement."""
    if user.sysadmin:
        return Role.ADMINISTRATOR
    member, group, package = model.Member, model.Group, model.Package
    edits = sa.exists().where(
        member.table_id == user.id, member.table_name == "user", member.state == "active",
        member.capacity.in_(["editor", "admin"]), member.group_id == group.id, group.is_organization.is_(True),
    )  # fmt: skip
    owns = (package.creator_user_id == user.id, package.owner_org.is_(None), package.state != "deleted")
    data = sa.exists().where(*owns, package.type == "dataset")
    other = sa.exists().where(*owns, package.type != "dataset")
    produces, creates = model.Session.execute(sa.select(sa.or_(edits, data), other)).one()
    return Role.PRODUCER if produces else Role.CREATOR if creates else Role.CONTRIBUTOR


def own(user: Any, *conditions: Any, limit: int = SHOWN) -> Sequence[Any]:
    """Give a person's objects: `name`, `title`, `type`, `private`, `metadata_modified`, the latest change first."""
    package = model.Package
    query = sa.select(package.name, package.title, package.type, package.private, package.metadata_modified).where(
        package.creator_user_id == user.id, package.type.not_in(["harvest"]), *conditions
    )
    return model.Session.execute(query.order_by(package.metadata_modified.desc()).limit(limit)).all()


def files_waiting(user: Any) -> Iterable[Waiting]:
    """Give the files a person sent that they have to confirm, or that could not be published."""
    for each in submitted_by(user.id, SHOWN):
        if each["waits"] or each["state"] in ("failed", "quarantined"):
            said = tk._("Confirm the file {name}") if each["waits"] else tk._("See what is wrong with the file {name}")
            url = tk.h.url_for("lrtzc_batches.read", id=each["dataset"], batch_id=each["id"])
            yield Waiting(said.format(name=each["name"]), url)


OWN = {
    "waiting": Block(
        lambda: tk._("What waits for me"),
        "accounts/blocks/waiting.html",
        lambda user: {"waiting": waiting(user), "drafts": own(user, model.Package.state == "draft")},
    ),
    "objects": Block(
        lambda: tk._("What is mine"),
        "accounts/blocks/objects.html",
        lambda user: own(user, model.Package.state == "active"),
    ),
    "contributions": Block(
        lambda: tk._("What I sent"), "accounts/blocks/sent.html", lambda user: submitted_by(user.id, SHOWN)
    ),
}
