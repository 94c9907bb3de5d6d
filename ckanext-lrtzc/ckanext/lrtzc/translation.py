"""One message catalogue for all rooms.

Each room keeps its French beside its code (`<room>/i18n/fr.po`); `make translations`
merges them into `i18n/<language>/LC_MESSAGES/ckanext-lrtzc.mo`, which CKAN reads here.
"""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


def mark(text: str) -> str:
    """Give `text` back: marks a sentence for the translation catalogue."""
    return text


@contextmanager
def speaking(code: str) -> Generator[None]:
    """Speak a language, in a request or in a worker that serves none."""
    import click  # here, so that rules that only mark sentences need neither Flask nor CKAN
    from flask import has_request_context
    from flask_babel import force_locale

    command = click.get_current_context(silent=True)
    app = command.meta.get("flask_app") if command is not None else None
    if has_request_context() or app is None:
        with force_locale(code):
            yield
    else:
        with app.test_request_context(), force_locale(code):
            yield


class RoomsTranslation:
    """The methods of `ITranslation`, for the package as a whole.

    Stands first in the bases of a plug-in, so that it answers before the interface does.
    """

    def i18n_directory(self) -> str:
        """Give the folder of the compiled catalogues."""
        return str(Path(__file__).with_name("i18n"))

    def i18n_locales(self) -> list[str]:
        """Give the languages that have a catalogue, as codes."""
        folder = Path(self.i18n_directory())
        return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []

    def i18n_domain(self) -> str:
        """Give the catalogue's name."""
        return "ckanext-lrtzc"
