"""The words to a source's owner: a run that failed or refused files, and silence that lasts too long."""

from collections.abc import Callable, Sequence

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.accounts.api import Reader, can_be_sent, link, write_each
from ckanext.lrtzc.sources.model import Run, Source


def sentence(text: str, params: dict[str, object] | None) -> str:
    """Give a stored sentence in the language that is spoken, its gaps filled."""
    try:
        return tk._(text) % (params or {}) if text else ""
    except (KeyError, ValueError, TypeError):
        return text


def run_ended(run_id: str) -> None:
    """Tell that a run failed for the first time since one went well, or left files out."""
    run = model.Session.get(Run, run_id)
    source = model.Session.get(Source, run.source_id) if run is not None else None
    if run is None or source is None:
        return
    kept = (run.sentence, dict(run.params or {}), run.refused, source.title)

    def words() -> tuple[str, list[str]]:
        text, params, refused, title = kept
        parts = [tk._("The source “{title}” needs your attention.").format(title=title), sentence(text, params)]
        if refused:
            number = tk.ungettext("{n} file was not taken.", "{n} files were not taken.", refused)
            parts.append(number.format(n=refused))
        return tk._("A source needs your attention"), parts

    _write(source, words)


def silent(source: Source) -> None:
    """Tell that nothing new came of a source for longer than was bargained for."""
    days, title = source.silence_days, source.title

    def words() -> tuple[str, list[str]]:
        told = tk.ungettext(
            "Nothing new came of the source “{title}” for more than {n} day.",
            "Nothing new came of the source “{title}” for more than {n} days.",
            days,
        )
        return tk._("A source is silent"), [told.format(title=title, n=days)]

    _write(source, words)


def _write(source: Source, words: Callable[[], tuple[str, list[str]]]) -> None:
    """Send a letter to the owner, where the portal can and they may be written to; what fails is logged."""
    if not can_be_sent():
        return
    package = model.Package.get(source.package_id)

    def letter(reader: Reader) -> Sequence[str]:
        subject, parts = words()
        values = {"id": package.name if package else source.package_id, "source_id": source.id}
        address = link(reader.language, "lrtzc_sources.read", **values)
        return subject, *parts, tk._("See it here: {address}").format(address=address)

    write_each([source.owner_id], letter)
