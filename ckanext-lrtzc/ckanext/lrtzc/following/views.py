"""The pages of following, the links of letters, and the feeds."""

import hashlib

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from flask import Blueprint
from werkzeug.wrappers import Response

from ckanext.lrtzc.accounts.api import write_no_more
from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.delivery.api import keep_personal
from ckanext.lrtzc.following import feed as feeds
from ckanext.lrtzc.following.letters import read_token
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.objects.api import TYPES
from ckanext.lrtzc.pages import Answer, redirect, sign_in_first

lrtzc_following = Blueprint("lrtzc_following", __name__)
# The links of letters: whoever holds one isn't signed in, and mail programs send no token of a form.
lrtzc_following_stop = Blueprint("lrtzc_following_stop", __name__)


def mine() -> Answer:
    """List what whoever is signed in follows."""
    if refused := sign_in_first(tk.h.url_for("lrtzc_following.mine")):
        return refused
    return tk.render("following/mine.html", {"followed": tk.get_action("lrtzc_follow_list")(request_context(), {})})


def change(id: str) -> Answer:
    """Follow an object or follow it no more (POST), then show it again; whoever isn't signed in signs in first."""
    package = model.Package.get(id)
    page = tk.h.url_for(f"{package.type}.read", id=id) if package is not None and package.type in TYPES else ""
    if refused := sign_in_first(page or tk.h.url_for("lrtzc_following.mine")):
        return refused
    stopping = tk.request.form.get("follow") == "no"
    try:
        tk.get_action("lrtzc_follow_delete" if stopping else "lrtzc_follow_create")(request_context(), {"id": id})
    except (tk.ObjectNotFound, tk.ValidationError):
        return tk.abort(404, tk._("There is no such object, or you may not see it."))
    if stopping:
        tk.h.flash_success(tk._("You no longer follow it."))
    else:
        tk.h.flash_success(tk._("You follow it: you will be told by e-mail what becomes of it."))
    to_list = tk.request.form.get("back") == "list" or not page
    return redirect(tk.h.url_for("lrtzc_following.mine") if to_list else page)


def stop(token: str) -> Answer:
    """Ask whether to stop letters (GET), and stop them (POST): of one object, or all; by the link of a letter."""
    keep_personal()
    named = read_token(token)
    user = model.Session.get(model.User, named[0]) if named else None
    if named is None or user is None or user.state != "active":
        return _bare(tk.render("following/stop.html", {"state": "over"}), 404)
    package = model.Session.get(model.Package, named[1]) if named[1] else None
    if tk.request.method == "GET":
        return _bare(tk.render("following/stop.html", {"state": "ask", "one": bool(named[1]), "token": token}))
    if named[1]:
        following = model.UserFollowingDataset
        model.Session.execute(
            sa.delete(following).where(following.follower_id == user.id, following.object_id == named[1])
        )
    else:
        write_no_more(user.id)
    details = {"by": "link", "object": package.id if package is not None else ""}
    record("account.unfollow", actor=user.id, object_type="account", object_id=user.id, details=details)
    model.Session.commit()
    return _bare(tk.render("following/stop.html", {"state": "done", "one": bool(named[1])}))


def _bare(body: str, status: int = 200) -> Response:
    """Answer with a page that no cache and no other site learns the address of."""
    answer = Response(body, status, mimetype="text/html")
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def feed(id: str) -> Answer:
    """Give the feed of an object that everybody sees; of others, nobody learns that they exist."""
    package = feeds.public_object(id)
    if package is None:
        return tk.abort(404, tk._("There is no such feed: the object doesn't exist, or isn't public."))
    language = str(tk.h.lang())
    page = tk.h.url_for(f"{package.type}.read", id=package.name, qualified=True)
    itself = feeds.address_of(package)
    body = feeds.document(package, feeds.events_of(package.id), page, itself, language)
    answer = Response(body, mimetype=feeds.MIMETYPE)
    # WebSub, section 4: programs read them here before they look into the feed
    links = [*((hub, "hub") for hub in feeds.hubs_of(package)), (itself, "self")]
    answer.headers["Link"] = ", ".join(f'<{address}>; rel="{rel}"' for address, rel in links)
    answer.set_etag(hashlib.sha256(body).hexdigest()[:32])
    return answer.make_conditional(tk.request.environ)


lrtzc_following.add_url_rule("/following", "mine", mine)
lrtzc_following.add_url_rule("/following/<id>", "change", change, methods=["POST"])
lrtzc_following.add_url_rule("/following/<id>/feed.atom", "feed", feed)
lrtzc_following_stop.add_url_rule("/following/stop/<token>", "stop", stop, methods=["GET", "POST"])
