"""Addresses of objects: free ones, made of titles."""

from collections.abc import Collection

from ckanext.lrtzc.objects.domain.text import slug

TAKEN_BY_PAGES = frozenset(
    {"new", "links", "edit", "search", "delete", "history", "groups", "resources", "follow", "activity"}
)


def free_slug(title: str, taken: Collection[str], spare: str) -> str:
    """Give an address for `title` that is not among `taken`: the words of the title, with a number where needed.

    :param spare: what stands for a title of which nothing can be kept (no letter or digit of the Latin alphabet)
    """
    words = slug(title)
    if len(words) < 3 or words in TAKEN_BY_PAGES:
        words = f"{words}-{spare}".strip("-")
    if words not in taken:
        return words
    number = 2
    while f"{words}-{number}" in taken:
        number += 1
    return f"{words}-{number}"
