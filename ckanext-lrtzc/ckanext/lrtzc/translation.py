"""One message catalogue for all rooms.

Each room keeps its French beside its code (`<room>/i18n/fr.po`); `make translations`
merges them into `i18n/<language>/LC_MESSAGES/ckanext-lrtzc.mo`, which CKAN reads here.
"""

from pathlib import Path


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
