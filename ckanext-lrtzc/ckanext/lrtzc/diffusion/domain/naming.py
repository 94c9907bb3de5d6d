"""What files are called that are left elsewhere."""

import re
import unicodedata

TEST_NAME = "portal-test.txt"
TEST = "This file was sent by the portal to see whether it can be left here. It may be deleted.\n"
_LONGEST = 60


def plain(text: str) -> str:
    """Give a text as all file systems take it: small letters without accents, digits and hyphens."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", bare).strip("-")[:_LONGEST].strip("-")


def file_name(dataset: str, title: str, resource_id: str, extension: str, number: int | None, delta: bool) -> str:
    """Name a file: of which dataset, which of its files, which version.

    The first signs of the resource's identifier keep files of the same title apart.

    >>> file_name("velos", "Comptages été", "0f3a9c21-7b", "csv", 3, True)
    'velos_comptages-ete_0f3a9c21_v3_changes.csv'

    :param number: of the version; None for a name that stays the same
    :param delta: whether it holds only what came or changed
    """
    parts = [plain(dataset), plain(title), resource_id[:8], f"v{number}" if number is not None else ""]
    return "_".join([part for part in [*parts, "changes" if delta else ""] if part]) + f".{extension}"
