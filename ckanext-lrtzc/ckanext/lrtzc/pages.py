"""How pages of all rooms answer: drawn with a code, leading on after a form, asking to sign in."""

from typing import Any

import ckan.plugins.toolkit as tk
from werkzeug.wrappers import Response

Answer = str | Response


def page(template: str, code: int = 200, **variables: Any) -> Answer:
    """Draw a template, answered with a code of HTTP."""
    body = tk.render(template, variables)
    return body if code == 200 else Response(body, code, mimetype="text/html")


def redirect(url: str) -> Response:
    """Lead on to a page after a form (RFC 9110, section 15.4.4), so that to read it anew sends nothing again."""
    response = tk.redirect_to(url)
    response.status_code = 303
    return response


def sign_in_first(came_from: str = "") -> Answer | None:
    """Ask a stranger to sign in and lead them back, by default to where they are; None for who is signed in."""
    if tk.current_user.is_authenticated:
        return None
    return tk.h.redirect_to("user.login", came_from=came_from or tk.h.current_url())


def said(error: tk.ValidationError) -> str:
    """Give what is wrong with what was sent, without the names of fields."""
    return " ".join(str(text) for texts in error.error_dict.values() for text in texts)
