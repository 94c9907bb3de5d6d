"""The pages of reuses: the list, one, one's own, proposing, changing and taking away; their feed and pictures."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from flask import Blueprint
from werkzeug.wrappers import Response

from ckanext.lrtzc.asking import reader, request_context
from ckanext.lrtzc.moderation.api import ProposedPages
from ckanext.lrtzc.objects.api import seen_by
from ckanext.lrtzc.pages import Answer, page, sign_in_first
from ckanext.lrtzc.reuses import feed
from ckanext.lrtzc.reuses.model import Picture, Reuse
from ckanext.lrtzc.reuses.moderated import KIND

lrtzc_reuses = Blueprint("lrtzc_reuses", __name__)

PAGES = ProposedPages(KIND, "reuses", lrtzc_reuses)
PER_PAGE = 12
FOUND = 8
"""Objects that a search of the form offers."""
TEXTS = ("title", "kind", "url", "description")


def index() -> Answer:
    """List the reuses that are shown, filtered by the address."""
    listed = PAGES.listed(("q", "kind", "organization", "object", "sort"), PER_PAGE)
    used = listed["asked"].get("object")
    of = seen_by(request_context(), [used]) if used else []
    items = [{"name": used, "display_name": each["title"], "count": 0} for each in of]
    listed["search_facets"] |= {"object": {"items": items}}
    titles = {"kind": tk._("Kind"), "organization": tk._("Whose data it uses"), "object": tk._("Uses")}
    return page("reuses/index.html", facet_titles=titles, of=of[0] if of else None, **listed)


def read(name: str) -> Answer:
    """Show a reuse, and what waits of it to its author and moderators."""
    return page("reuses/read.html", reuse=PAGES.shown(name))


def new() -> Answer:
    """Propose a reuse (POST), by a form (GET)."""
    if refused := sign_in_first():
        return refused
    return _form({"objects": tk.request.args.getlist("object")}, None)


def edit(name: str) -> Answer:
    """Change a reuse of one's own (POST), by a form (GET)."""
    if refused := sign_in_first():
        return refused
    reuse = PAGES.own(name)
    now = {**reuse, **reuse.get("proposal", {})}
    return _form({**now, "objects": [each["id"] for each in now["objects"]]}, reuse)


def _form(values: dict[str, Any], reuse: dict[str, Any] | None) -> Answer:
    errors: dict[str, Any] = {}
    form = tk.request.form
    if tk.request.method == "POST":
        asked = {**{name: form.get(name, "") for name in TEXTS}, "objects": form.getlist("objects")}
        values = {**values, **asked}
        if "find" not in form:
            picture = tk.request.files.get("picture")
            if picture is not None and picture.filename:
                asked["picture"] = picture
            if reuse is not None:
                asked["no_picture"] = form.get("no_picture", "")
            answer, errors = PAGES.save(reuse, **asked)
            if answer is not None:
                return answer
    chosen = seen_by(request_context(), values["objects"])
    return page(
        "reuses/form.html",
        422 if errors else 200,
        reuse=reuse,
        values=values,
        errors=errors,
        chosen=chosen,
        words=form.get("words", ""),
        found=_found(form.get("words", ""), {each["id"] for each in chosen}) if "find" in form else None,
    )


def _found(words: str, but: set[str]) -> list[dict[str, Any]]:
    """Look for objects to tick, among those one may see."""
    asked = {"q": words[:300], "rows": FOUND + len(but), "include_private": True, "facet": False}
    asked["fq"] = "+dataset_type:(dataset OR algorithm OR restitution OR use-case)"
    try:
        found = tk.get_action("package_search")(request_context(), asked)["results"]
    except tk.ValidationError:
        return []
    return [each for each in found if each["id"] not in but][:FOUND]


def picture(picture_id: str, size: str) -> Answer:
    """Give a picture of a reuse: what is shown to everybody, what waits to its author and moderators."""
    kept = model.Session.get(Picture, picture_id) if "\x00" not in picture_id else None
    row = model.Session.get(Reuse, kept.reuse_id) if kept is not None else None
    if kept is None or row is None or size not in ("large", "small"):
        return PAGES.missing()
    public = row.is_shown and row.picture_id == kept.id
    if not public and not KIND.is_insider(row, reader(request_context())):
        return PAGES.missing()
    answer = Response(bytes(getattr(kept, size)), mimetype="image/webp")
    answer.headers["Cache-Control"] = "public, max-age=86400" if public else "private, no-store"
    return answer


def atom() -> Response:
    """Give the latest reuses as an Atom feed (RFC 4287)."""
    found = tk.get_action("lrtzc_reuse_list")({"user": ""}, {"limit": 50})["results"]
    return Response(feed.write(found), mimetype="application/atom+xml")


PAGES.route(index, read, new, edit)
lrtzc_reuses.add_url_rule("/reuses.atom", "atom", atom)
lrtzc_reuses.add_url_rule("/reuses/picture/<picture_id>/<size>.webp", "picture", picture)
