"""The territory's words in the language of the page."""

from dataclasses import dataclass
from pathlib import Path

from ckanext.lrtzc.territory import LegalText, Territory, get_territory
from ckanext.lrtzc.theme.domain import wording


@dataclass(frozen=True)
class AxisWords:
    """An axis as a page shows it; `colour` and `icon` are names of the theme."""

    code: str
    label: str
    description: str
    colour: str
    icon: str


@dataclass(frozen=True)
class FigureWords:
    """A key figure as a page shows it: `value` has its unit."""

    value: str
    label: str
    source: str
    date: str
    dataset: str


@dataclass(frozen=True)
class InvitationWords:
    """Something a visitor can do here."""

    to: str
    title: str
    text: str
    icon: str


@dataclass(frozen=True)
class TerritoryWords:
    """What pages say of the territory, in one language."""

    language: str
    name: str
    short_name: str
    portal: str
    sentence: str
    axes: tuple[AxisWords, ...]
    key_figures: tuple[FigureWords, ...]
    can_do: tuple[InvitationWords, ...]
    legal: tuple[tuple[str, str], ...]
    contact_name: str
    contact_email: str
    contact_address: str
    contours_source: str

    def axis(self, code: str) -> AxisWords | None:
        """Give the axis of a code, or None."""
        return next((axis for axis in self.axes if axis.code == code), None)


def territory_words(language: str) -> TerritoryWords:
    """Give the territory's words in a language, worked out once."""
    territory = get_territory()
    key = (territory.folder, language)
    if key not in _cache:
        _cache[key] = _translate(territory, language)
    return _cache[key]


def legal_text(code: str) -> LegalText | None:
    """Give a page of law by its code, or None."""
    return next((page for page in get_territory().legal if page.code == code), None)


_cache: dict[tuple[Path, str], TerritoryWords] = {}


def _translate(territory: Territory, language: str) -> TerritoryWords:
    say = language
    return TerritoryWords(
        language=language,
        name=territory.name.say(say),
        short_name=territory.short_name.say(say),
        portal=territory.portal.say(say),
        sentence=wording.keep_together(territory.sentence.say(say), language),
        axes=tuple(
            AxisWords(axis.code, axis.label.say(say), axis.description.say(say), axis.colour, axis.icon)
            for axis in territory.axes
        ),
        key_figures=tuple(
            FigureWords(
                value=wording.quantity(figure.value, figure.unit.say(say), language),
                label=figure.label.say(say),
                source=figure.source.say(say),
                date=wording.full_date(figure.date, language),
                dataset=figure.dataset,
            )
            for figure in territory.key_figures
        ),
        can_do=tuple(
            InvitationWords(
                item.to, item.title.say(say), wording.keep_together(item.text.say(say), language), item.icon
            )
            for item in territory.can_do
        ),
        legal=tuple((page.code, page.title.say(say)) for page in territory.legal),
        contact_name=territory.contact.name.say(say),
        contact_email=territory.contact.email,
        contact_address=territory.contact.address.say(say),
        contours_source=territory.contours_source.say(say),
    )
