"""The pages of help: all topics, searched in the page, and one of them."""

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.lrtzc.help.helpers import known
from ckanext.lrtzc.help.topics import Reader, containing

lrtzc_help = Blueprint("lrtzc_help", __name__)

# Signs of what is looked for that are read.
LONGEST = 100


def index() -> str:
    """List all topics, or those that hold the words of `q`, by whom they are for."""
    words = tk.request.args.get("q", "")[:LONGEST]
    found = containing(known(), words, str(tk.h.lang() or "fr"))
    titles = {
        Reader.VISITOR: tk._("To find and use data"),
        Reader.CONTRIBUTOR: tk._("To take part, with an account"),
        Reader.PRODUCER: tk._("To publish"),
        Reader.ADMINISTRATOR: tk._("To administer"),
    }
    groups = [(titles[reader], [each for each in found if each.reader is reader]) for reader in Reader]
    return tk.render("help/index.html", {"groups": groups, "words": words, "count": len(found)})


def topic(code: str) -> str:
    """Show one topic."""
    found = next((each for each in known() if each.code == code), None)
    if found is None:
        tk.abort(404, tk._("There is no such topic of help."))
    return tk.render("help/topic.html", {"topic": found})


lrtzc_help.add_url_rule("/aide", "index", index)
lrtzc_help.add_url_rule("/aide/<code>", "topic", topic)
