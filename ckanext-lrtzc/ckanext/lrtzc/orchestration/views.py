"""The page of orchestration, for administrators."""

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.pages import Answer, page

lrtzc_orchestration = Blueprint("lrtzc_orchestration", __name__)


@lrtzc_orchestration.get("/ckan-admin/orchestration")
def show() -> Answer:
    """Show what waits for a person, what goes on and comes next, what failed, and what ran: of all, or of one kind."""
    chosen = tk.request.args.get("of", "")
    try:
        found = tk.get_action("lrtzc_orchestration_show")(request_context(), {"of": chosen})
    except tk.NotAuthorized as refusal:
        return tk.abort(403, str(refusal))
    except tk.ValidationError:
        return tk.abort(404, tk._("There is no such page."))
    return page("orchestration/show.html", chosen=chosen, **found)
