"""The letters that tell people what became of what they follow, and the links that stop them (RFC 8058)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import ckan.plugins.toolkit as tk
from itsdangerous import BadData, URLSafeSerializer

from ckanext.lrtzc.accounts.api import Reader, link, send, speaking
from ckanext.lrtzc.following.words import one_line, sentence

if TYPE_CHECKING:
    from ckanext.lrtzc.following.telling import Piece

# Titles named in the subject: of one object; more are counted.
_LONGEST_TITLE = 100


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(tk.config["SECRET_KEY"]), salt="lrtzc following stop")


def token_for(account_id: str, package_id: str = "") -> str:
    """Give the signed end of a link that stops letters: of one object, or all of them. It serves for nothing else.

    It has no end: who finds an old letter may still stop them.
    """
    return str(_signer().dumps([account_id, package_id]))


def read_token(token: str) -> tuple[str, str] | None:
    """Give the account and the object (empty for all) that a link names; None where it isn't ours."""
    try:
        given: Any = _signer().loads(token)
    except BadData:
        return None
    if isinstance(given, list) and len(given) == 2 and all(isinstance(each, str) for each in given):
        return given[0], given[1]
    return None


def write(reader: Reader, pieces: Sequence["Piece"]) -> None:
    """Send one letter that says what became of each object, in the language of who reads it."""
    with speaking(reader.language):
        stop = link(reader.language, "lrtzc_following_stop.stop", token=token_for(reader.id))
        headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        headers |= {"Auto-Submitted": "auto-generated", "Precedence": "bulk"}
        if len(pieces) == 1:
            subject = tk._("News of “{title}”").format(title=_short(pieces[0].title))
        else:
            number = len(pieces)
            subject = tk.ungettext("News of {number} object", "News of {number} objects", number).format(number=number)
        send(
            reader.address,
            subject,
            tk._("Here is what is new in what you follow."),
            *(_said(reader, piece) for piece in pieces),
            tk._("All that you follow: {link}").format(link=link(reader.language, "lrtzc_following.mine")),
            tk._("To receive none of these e-mails any more: {link}").format(link=stop),
            headers=headers,
        )


def _short(title: str) -> str:
    text = one_line(title)
    return text if len(text) <= _LONGEST_TITLE else text[: _LONGEST_TITLE - 1] + "…"


def _said(reader: Reader, piece: "Piece") -> str:
    lines = [one_line(piece.title), *(f"- {sentence(change)}" for change in piece.changes)]
    if piece.name:
        lines.append(link(reader.language, f"{piece.type}.read", id=piece.name))
        stop = link(reader.language, "lrtzc_following_stop.stop", token=token_for(reader.id, piece.package_id))
        lines.append(tk._("Follow it no more: {link}").format(link=stop))
    return "\n".join(lines)
