"""What the actions of moderation take."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.moderation.domain.policy import Choice, Rule, read_share, write_share
from ckanext.lrtzc.moderation.fields import default, name, names, needed, number, one_of, optional, paged, rest, text

MOST = 100
"""Cases listed, or voted on, at once."""
OLDEST = 3_650
"""Days for which a case may have waited."""
LONGEST = 2_000
"""Signs of a reason."""
MOST_MODERATORS = 50


def people(value: Any) -> list[str]:
    """Take names or e-mail addresses of accounts, as a list or one a line."""
    given = value.replace(",", "\n").splitlines() if isinstance(value, str) else value
    if not isinstance(given, list) or len(given) > MOST_MODERATORS:
        said = tk._("A list of {most} people at most is expected.").format(most=MOST_MODERATORS)
        raise tk.Invalid(said)
    return list(dict.fromkeys(name(each) for each in given if not isinstance(each, str) or each.strip()))


def share(value: Any) -> str:
    """Take a share of a majority, from a half to the whole."""
    try:
        return write_share(read_share(str(value)))
    except ValueError:
        said = tk._("A share from a half to the whole is expected, for instance 2/3 or 60 %.")
        raise tk.Invalid(said) from None


def cases() -> dict[str, Any]:
    """Which cases to list."""
    return {
        "state": default("pending", one_of(("pending", "decided"))),
        **{field: optional(name) for field in ("kind", "author", "dataset", "organization")},
        "days": optional(number(OLDEST)),
        **paged(20, MOST),
    }


def case() -> dict[str, Any]:
    """Which case."""
    return {"id": needed(name), **rest()}


def vote() -> dict[str, Any]:
    """Which cases, what is said of them, and why."""
    return {
        "ids": needed(names(MOST)),
        "choice": needed(one_of(Choice)),
        "reason": default("", text(LONGEST, lines=True, empty=True)),
        **rest(),
    }


def board() -> dict[str, Any]:
    """Who moderates a kind, and by which rule."""
    return {
        "kind": needed(name),
        "rule": needed(one_of(Rule)),
        "share": optional(share),
        "moderators": default([], people),
        **rest(),
    }
