"""Checksums that stand beside files, as files of their own: `counts.csv.sha256`."""

from collections.abc import Callable

from ckanext.lrtzc.sources.domain.novelty import beside, digest_in


class Sidecars:
    """The checksums of a folder's files.

    `names` are those of all that is in it; `read` gives the text of a small one.
    """

    def __init__(self, names: list[str], read: Callable[[str], str]) -> None:
        self._beside, self._read = beside(names), read
        self.holders = {holder for _kind, holder in self._beside.values()}

    def of(self, name: str) -> tuple[str, str] | None:
        """Give a file's checksum, its kind and its hexadecimal text, where one stands beside it."""
        if name not in self._beside:
            return None
        kind, holder = self._beside[name]
        digest = digest_in(self._read(holder), kind)
        return (kind, digest) if digest else None
