"""Template helpers of the pages, all named `lrtzc_…`."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import ckan.model as model
import ckan.plugins as p
import ckan.plugins.toolkit as tk
from flask import get_flashed_messages
from markupsafe import Markup

from ckanext.lrtzc.territory import get_territory
from ckanext.lrtzc.theme import catalogue, facts, integrity, labels
from ckanext.lrtzc.theme.domain import query, wording
from ckanext.lrtzc.theme.words import TerritoryWords, territory_words
from ckanext.lrtzc.undo.api import CATEGORY, minutes


def lrtzc_language() -> str:
    """Give the language of the page, as a code."""
    return str(tk.h.lang() or "fr")


def lrtzc_territory() -> TerritoryWords:
    """Give the territory's words in the language of the page."""
    return territory_words(lrtzc_language())


def lrtzc_site_title() -> str:
    """Give the portal's name."""
    return lrtzc_territory().portal


def lrtzc_logo() -> str:
    """Give the address of the territory's logo."""
    return tk.h.url_for("lrtzc.logo", locale="default")


def lrtzc_sign_up() -> str:
    """Give the address where one makes an account; nothing where the portal makes none or it isn't one's to."""
    if not p.plugin_loaded("lrtzc_accounts") or not tk.h.check_access("lrtzc_account_sign_up"):
        return ""
    return tk.h.url_for("lrtzc_accounts.sign_up")


def lrtzc_portal_account() -> str:
    """Give the name of the account that the portal itself works by."""
    return str(tk.config["ckan.site_id"])


def lrtzc_people(members: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Give the members of an organisation or group, (id, kind, role), without the portal's own account."""
    own = model.User.get(lrtzc_portal_account())
    return [member for member in members if own is None or member[0] != own.id]


def lrtzc_site_style() -> str:
    """Give the address of the style that an administrator added to the theme's, or nothing."""
    return tk.h.url_for("lrtzc.site_style", locale="default") if tk.config.get("ckan.site_custom_css") else ""


def lrtzc_flashed_messages() -> list[tuple[str, str, str]]:
    """Give the messages of the last action: kind, words, and what undoes it where it can be undone.

    Looks for none where no session can be.

    Who sends a form without a cookie, such as a first wrong password, is told on the page that answers it.
    """
    if not tk.request.cookies and tk.request.method in ("GET", "HEAD"):
        return []
    said: list[tuple[str, str, str]] = []
    waiting = ""
    for category, message in get_flashed_messages(with_categories=True):
        if category != CATEGORY:
            said.append((category, message, waiting))
            waiting = ""
        elif said and not said[-1][2]:
            said[-1] = (*said[-1][:2], message)
        else:
            # pages of CKAN's own say what was done after it was
            waiting = message
    return said


def lrtzc_undo_minutes() -> int:
    """Give for how long what was just done may be undone."""
    return minutes()


def lrtzc_other_languages() -> list[dict[str, str]]:
    """Give the other languages of this page: `code`, `name` in that language, `url`."""
    current = lrtzc_language()
    here = tk.h.current_url()
    return [
        {
            "code": locale.short_name.replace("_", "-"),
            "name": str(locale.display_name or locale.english_name or locale.short_name).capitalize(),
            "url": tk.h.url_for(here, locale=locale.short_name),
        }
        for locale in tk.h.get_available_locales()
        if locale.short_name != current
    ]


def lrtzc_date(value: str | date | datetime | None) -> Markup:
    """Write a date in full inside a `<time>`; nothing for nothing, the text itself when it is no date."""
    if not value:
        return Markup("")
    language = lrtzc_language()
    text = wording.full_date(value, language, get_territory().timezone)
    iso = value if isinstance(value, str) else value.isoformat()
    if wording.moment_of(iso) is None:
        return Markup("<span>{}</span>").format(text)
    return Markup('<time datetime="{}">{}</time>').format(iso[:10], text)


@tk.chained_helper
def render_datetime(
    next_helper: Callable[..., str],
    datetime_: str | datetime | None,
    date_format: str | None = None,
    with_hours: bool = False,
    with_seconds: bool = False,
) -> str:
    """Write a date, with hours a moment, as everywhere on the portal. Other formats are left to CKAN."""
    if not datetime_ or date_format or with_seconds:
        return next_helper(datetime_, date_format, with_hours, with_seconds)
    write = wording.full_moment if with_hours else wording.full_date
    return write(datetime_, lrtzc_language(), get_territory().timezone)


def lrtzc_age(value: str | date | datetime | None) -> str:
    """Say how long ago something was; nothing for nothing."""
    return wording.age(value, datetime.now(UTC), lrtzc_language()) if value else ""


def lrtzc_number(value: Any) -> str:
    """Write a number by the habits of the language; what is no number is given back as text."""
    try:
        return wording.number(float(value), lrtzc_language())
    except (TypeError, ValueError):
        return str(value or "")


def lrtzc_file_size(size: Any) -> str:
    """Write a size in bytes; nothing when it isn't known."""
    try:
        return wording.file_size(int(size), lrtzc_language()) if size else ""
    except (TypeError, ValueError):
        return ""


def lrtzc_facets(titles: dict[str, str], found: dict[str, Any]) -> list[catalogue.Facet]:
    """Give the facets of a search that have values."""
    return catalogue.facets(titles or {}, found or {}, lrtzc_language())


def lrtzc_applied(titles: dict[str, str], found: dict[str, Any]) -> list[catalogue.Applied]:
    """Give what a search is narrowed by, with the addresses to widen it."""
    return catalogue.applied(titles or {}, found or {}, lrtzc_language())


def lrtzc_extra_filters() -> list[tuple[str, str]]:
    """Give the filters of a search that aren't facets, to keep them when its words change."""
    return catalogue.extra_filters()


def lrtzc_pages(current: int, last: int) -> list[tuple[int, str]]:
    """Give the page numbers of a search worth a link, with their addresses; 0 stands for a gap."""
    args = list(tk.request.args.items(multi=True))
    return [(number, query.on_page(args, number) if number else "") for number in query.pages_around(current, last)]


def lrtzc_label(field: str, value: Any) -> str:
    """Give the words for a value of a search field (`vocab_axis`, `vocab_communes`, `license_id`, `frequency`…)."""
    return labels.value_label(field, str(value), lrtzc_language()) if value else ""


def lrtzc_licence(dataset: dict[str, Any]) -> labels.LicenceWords:
    """Say what a dataset's licence allows, asks and forbids."""
    return labels.licence_words(
        str(dataset.get("license_id") or ""),
        str(dataset.get("license_title") or ""),
        str(dataset.get("license_url") or ""),
        lrtzc_language(),
    )


def lrtzc_dataset_facts(dataset: dict[str, Any]) -> list[facts.Fact]:
    """Give the facts of a dataset, as label and values."""
    return facts.dataset_facts(dataset, lrtzc_language())


def lrtzc_resource_facts(resource: dict[str, Any]) -> list[facts.Fact]:
    """Give the facts of a file, as label and values."""
    return facts.resource_facts(resource, lrtzc_language())


def lrtzc_formats(dataset: dict[str, Any]) -> list[str]:
    """Give the formats of a dataset's resources, each once, in their order."""
    return list(dict.fromkeys(str(one["format"]) for one in dataset.get("resources") or [] if one.get("format")))


def lrtzc_data_date(dataset: dict[str, Any]) -> str:
    """Give the day a dataset's content last changed: what its producer says, else what the portal saw."""
    return str(dataset.get("modified") or dataset.get("metadata_modified") or "")


def _integrity(url: str) -> Markup:
    digest = integrity.integrity_of(url)
    return Markup(' integrity="{}"').format(digest) if digest else Markup("")


def render_assets(type_: str) -> Markup:
    """Write the tags of a page's assets, each with its digest; replaces CKAN's helper, whose scripts hold the page up.

    :param type_: `style` or `script`.
    """
    from ckan.common import g

    wanted = getattr(g, "_webassets", None)
    if not wanted:
        return Markup("")
    pattern = {
        "style": Markup('<link href="{}" rel="stylesheet"{}>'),
        "script": Markup('<script src="{}" defer{}></script>'),
    }[type_]
    tags = [pattern.format(url, _integrity(url)) for url in wanted[type_]]
    wanted[type_].clear()
    return Markup("\n").join(tags)
