"""Which sessions of an account are over, as its row keeps it: those that were ended one by one, and all before a turn.

A session lives in a cookie that the portal signed, so that it can't be taken back from whoever copied it; what is kept
here says that it is over. It costs no statement: the account's row is read for each request anyway.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

KEY = "lrtzc_sessions"
"""Where it is kept in an account's `plugin_extras`."""
MOST = 40
"""Sessions ended one by one that are kept; one more ends them all."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """`turn`: grows when all sessions end; `ended`: numbers of those that ended alone, and until when a copy is signed.

    Times are seconds since 1970, in UTC.
    """

    turn: int = 0
    ended: Mapping[str, int] = field(default_factory=dict[str, int])

    def without(self, number: str, now: int, until: int) -> "Sessions":
        """End one; those whose cookies are too old to be read need no mention any more."""
        kept = {each: end for each, end in self.ended.items() if end > now}
        if not number or len(kept) >= MOST:
            return self.without_any()
        return replace(self, ended={**kept, number: until})

    def without_any(self) -> "Sessions":
        """End them all."""
        return Sessions(self.turn + 1)

    def kept(self) -> dict[str, Any]:
        """Give it as it is kept."""
        return {"turn": self.turn, "ended": dict(self.ended)}


def sessions_of(extras: Mapping[str, Any] | None) -> Sessions:
    """Read what is kept of an account's sessions, from its `plugin_extras`."""
    kept = (extras or {}).get(KEY) or {}
    return Sessions(int(kept.get("turn", 0)), dict(kept.get("ended", {})))
