"""Template helpers of the pages, all named `lrtzc_…`."""

from datetime import UTC, date, datetime
from typing import Any

import ckan.plugins.toolkit as tk
from flask import get_flashed_messages
from markupsafe import Markup

from ckanext.lrtzc.territory import get_territory
from ckanext.lrtzc.theme import catalogue, facts, labels
from ckanext.lrtzc.theme.domain import query, wording
from ckanext.lrtzc.theme.words import TerritoryWords, territory_words


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


def lrtzc_site_style() -> str:
    """Give the address of the style that an administrator added to the theme's, or nothing."""
    return tk.h.url_for("lrtzc.site_style", locale="default") if tk.config.get("ckan.site_custom_css") else ""


def lrtzc_flashed_messages() -> list[tuple[str, str]]:
    """Give the messages of the last action with their kinds; looks for none where no session can be."""
    if not tk.request.cookies:
        return []
    return get_flashed_messages(with_categories=True)  # type: ignore[return-value]


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


def render_assets(type_: str) -> Markup:
    """Write the tags of the assets a page asked for; replaces CKAN's helper, whose scripts hold the page up.

    :param type_: `style` or `script`.
    """
    from ckan.common import g

    wanted = getattr(g, "_webassets", None)
    if not wanted:
        return Markup("")
    pattern = {
        "style": Markup('<link href="{}" rel="stylesheet">'),
        "script": Markup('<script src="{}" defer></script>'),
    }[type_]
    tags = [pattern.format(url) for url in wanted[type_]]
    wanted[type_].clear()
    return Markup("\n").join(tags)
