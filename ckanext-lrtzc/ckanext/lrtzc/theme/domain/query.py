"""Addresses of a search, one step away from the present one: relative, so that path and language stay."""

from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

Args = Sequence[tuple[str, str]]
"""The parameters of an address in their order, a name as often as it has values."""

PAGE = "page"


def adding(args: Iterable[tuple[str, str]], name: str, value: str) -> str:
    """Give the address of the same search narrowed by one more value, from its first page."""
    kept = [(key, given) for key, given in args if key != PAGE]
    return _address([*kept, (name, value)])


def without(args: Iterable[tuple[str, str]], name: str, value: str | None = None) -> str:
    """Give the address of the same search without a value, or without all values of a name, from its first page."""
    return _address(
        (key, given) for key, given in args if key != PAGE and not (key == name and (value is None or given == value))
    )


def on_page(args: Iterable[tuple[str, str]], number: int) -> str:
    """Give the address of another page of the same search; the first page has no number."""
    kept = [(key, given) for key, given in args if key != PAGE]
    return _address([*kept, (PAGE, str(number))] if number > 1 else kept)


def pages_around(current: int, last: int, reach: int = 1) -> list[int]:
    """Give the page numbers worth a link: first, last, and those around the current one; 0 stands for a gap.

    >>> pages_around(6, 20)
    [1, 0, 5, 6, 7, 0, 20]
    """
    wanted = {1, last, *range(max(1, current - reach), min(last, current + reach) + 1)}
    result: list[int] = []
    for number in sorted(wanted):
        if result and number - result[-1] == 2:
            result.append(number - 1)
        elif result and number - result[-1] > 2:
            result.append(0)
        result.append(number)
    return result


def _address(args: Iterable[tuple[str, str]]) -> str:
    return "?" + urlencode(list(args))
