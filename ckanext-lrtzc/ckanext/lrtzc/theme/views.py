"""Pages and files of the portal that belong to no object: legal texts, logo, added style, developers' page."""

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, send_file

from ckanext.lrtzc.territory import get_territory
from ckanext.lrtzc.theme import retired
from ckanext.lrtzc.theme.home import doors, read_home, territory_drawing
from ckanext.lrtzc.theme.words import legal_text

lrtzc = Blueprint("lrtzc", __name__)
lrtzc.before_app_request(retired.lead_on)

DAY = 86_400
"""Seconds that browsers may keep the logo and the added style."""


@lrtzc.route("/")
def index() -> str:
    """Show the home page."""
    home = read_home()
    drawing = territory_drawing()
    return tk.render(
        "home/index.html",
        {"home": home, "doors": doors(home.by_commune), "drawing": drawing},
    )


@lrtzc.route("/page/<code>")
def page(code: str) -> str:
    """Show a text of the territory: legal notice, personal data, accessibility."""
    text = legal_text(code)
    if text is None:
        tk.abort(404, tk._("This page does not exist."))
    language = str(tk.h.lang())
    return tk.render("lrtzc/page.html", {"title": text.title.say(language), "text": text.text.say(language)})


@lrtzc.route("/developers")
def developers() -> str:
    """Show how programs read the portal."""
    return tk.render("lrtzc/developers.html")


@lrtzc.route("/territory/logo")
def logo() -> Response:
    """Give the territory's logo."""
    return send_file(get_territory().logo, max_age=DAY)


@lrtzc.route("/territory/style.css")
def site_style() -> Response:
    """Give the style that an administrator wrote on CKAN's configuration page."""
    response = Response(str(tk.config.get("ckan.site_custom_css") or ""), mimetype="text/css")
    response.cache_control.public = True
    response.cache_control.max_age = DAY
    return response
