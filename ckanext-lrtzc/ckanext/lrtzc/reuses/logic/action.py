"""Actions of reuses. What is proposed shows once moderators have accepted it."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.asking import asker, reader, validated
from ckanext.lrtzc.moderation.api import all_or_nothing, announce
from ckanext.lrtzc.objects.api import seen_by, slug
from ckanext.lrtzc.pictures import NoPicture
from ckanext.lrtzc.reuses import images, listing, store
from ckanext.lrtzc.reuses.logic import schema
from ckanext.lrtzc.reuses.model import Reuse
from ckanext.lrtzc.reuses.moderated import FIELDS, KIND

__all__ = [
    "lrtzc_reuse_create",
    "lrtzc_reuse_list",
    "lrtzc_reuse_mine",
    "lrtzc_reuse_show",
    "lrtzc_reuse_update",
    "lrtzc_reuse_withdraw",
]


def _drawn(data: dict[str, Any]) -> tuple[bytes, bytes] | None:
    picture = data.get("picture")
    if picture is None or not picture.filename:
        return None
    try:
        return images.draw(picture.stream)
    except NoPicture as error:
        said = tk._("This can't be read as a picture: send a JPEG, PNG, GIF or WebP picture of 8 MB at most.")
        raise tk.ValidationError({"picture": [said]}) from error


def _objects(context: Any, asked: list[str], kept: list[str] = ()) -> list[str]:
    """Give the identifiers of objects; what one may not see doesn't exist, but for what the reuse uses already."""
    found = seen_by(context, [each for each in asked if each not in kept])
    known = {each[key]: each["id"] for each in found for key in ("id", "name")} | {each: each for each in kept}
    unknown = [each for each in asked if each not in known]
    if unknown:
        said = tk._("There is no object “{name}” that you may see.").format(name=unknown[0][:100])
        raise tk.ValidationError({"objects": [said]})
    return list(dict.fromkeys(known[each] for each in asked))


def _check_new(author_id: str, url: str, but: str = "") -> None:
    """Refuse an address that one proposed already, also when it is asked twice at once."""
    KIND.check_room(author_id)
    standing = sa.and_(Reuse.author_id == author_id, Reuse.withdrawn.is_(None), Reuse.id != but)
    same = sa.or_(Reuse.url == url, Reuse.proposal["url"].astext == url)
    if model.Session.scalar(sa.select(sa.exists().where(standing, same))):
        raise tk.ValidationError({"url": [tk._("You proposed this address already: change that reuse.")]})


def lrtzc_reuse_create(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Propose a reuse; it shows once moderators have accepted it.

    :param title: at most 200 signs
    :param kind: `application`, `site`, `visualisation`, `article`, `study`, `service`, `teaching`, `object` or `other`
    :param url: where it is, a web address
    :param description: plain text of at most 5,000 signs
    :param objects: identifiers or names of the objects it uses, from 1 to 30, each of which one may see
    :param picture: a file, JPEG, PNG, GIF or WebP, of at most 8 MB; it is drawn anew
    :returns: as `lrtzc_reuse_show`
    """
    data = validated(data_dict, schema.create(), context)
    tk.check_access("lrtzc_reuse_create", context, data)
    user, drawn = asker(context), _drawn(data)
    objects = _objects(context, data["objects"])
    with all_or_nothing():
        _check_new(user.id, data["url"])
        row = KIND.new(slug(data["title"]), user.id)
        proposal = {field: data.get(field) for field in FIELDS} | {"objects": objects}
        proposal["picture_id"] = store.keep_picture(row.id, drawn) if drawn else None
        case = KIND.propose(row, proposal, user.id)
    announce([case.id])
    return listing.described(context, [row], user)[0]


def lrtzc_reuse_update(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Change a reuse of one's own; what is shown stays as it is until moderators have accepted the change.

    :param id: identifier or name
    :param no_picture: true to take the picture away
    :returns: as `lrtzc_reuse_show`

    The other parameters are those of `lrtzc_reuse_create`; what isn't sent stays.
    """
    data = validated(data_dict, schema.update(), context)
    tk.check_access("lrtzc_reuse_update", context, data)
    user, drawn = asker(context), _drawn(data)
    with KIND.changing(KIND.own(data["id"], user)) as row:
        if row is None:
            raise KIND.none()
        shown = {field: getattr(row, field) for field in FIELDS} | {"objects": store.uses_of([row.id])[row.id]}
        last = row.proposal or shown
        asked = {field: data[field] for field in (*FIELDS, "objects") if field in data}
        if "objects" in asked:
            kept = [*shown["objects"], *last["objects"]]
            asked["objects"] = _objects(context, asked["objects"], kept)
        proposal = {**last, **asked}
        if data["no_picture"]:
            proposal["picture_id"] = None
        if drawn:
            proposal["picture_id"] = store.keep_picture(row.id, drawn)
        if proposal["url"] not in (shown["url"], last["url"]):
            _check_new(user.id, proposal["url"], row.id)
        case = KIND.revise(row, proposal, shown, user.id)
        store.drop_pictures(row.id, {row.picture_id, proposal["picture_id"]})
    if case is not None:
        announce([case.id])
    return listing.described(context, [row], user)[0]


def lrtzc_reuse_withdraw(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Take a reuse of one's own away for good; administrators may take any away.

    :param id: identifier or name
    :returns: as `lrtzc_reuse_show`
    """
    data = validated(data_dict, schema.one(), context)
    tk.check_access("lrtzc_reuse_withdraw", context, data)
    user = asker(context)
    row = KIND.take_away(data["id"], user)
    return listing.described(context, [row], user)[0]


@tk.side_effect_free
def lrtzc_reuse_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Show a reuse.

    :param id: identifier or name
    :returns: `id`, `name`, `title`, `kind`, `url`, `description`, `picture` and `thumbnail` (addresses, or empty),
        `author`, `objects` (those that one may see: `id`, `name`, `title`, `type`), `published`, `changed`, `page`;
        to its author and its moderators also `standing` (`pending`, `published`, `refused` or `withdrawn`), `proposal`
        (what waits, with the same names) and `refusal` (why not)
    """
    data = validated(data_dict, schema.one(), context)
    tk.check_access("lrtzc_reuse_show", context, data)
    user = reader(context)
    return listing.described(context, [KIND.visible(data["id"], user)], user)[0]


@tk.side_effect_free
def lrtzc_reuse_list(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """List the reuses that are shown.

    :param q: words that title or description hold
    :param kind: as in `lrtzc_reuse_create`
    :param object: identifier or name of an object that they use
    :param organization: identifier or name of an organisation whose objects they use
    :param sort: `latest` (by default) or `title`
    :param limit: how many, at most 100; 20 by default
    :param offset: how many to leave out
    :returns: `count` of all, `results` as `lrtzc_reuse_show`, `facets`: for `kind` and `organization`, each value's
        `name`, `display_name` and `count`
    """
    data = validated(data_dict, schema.listed(), context)
    tk.check_access("lrtzc_reuse_list", context, data)
    return listing.page(context, data)


@tk.side_effect_free
def lrtzc_reuse_mine(context: Any, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """List one's own reuses, shown or not, the latest first; at most 200.

    :returns: as `lrtzc_reuse_show`
    """
    tk.check_access("lrtzc_reuse_mine", context, data_dict)
    user = asker(context)
    return listing.described(context, KIND.all_of(user.id), user)
