"""The room's door: have moderators judge something, in the session's transaction.

    case = open_case("reuse", reuse.id, author_id=user.id)
    model.Session.commit()
    announce([case.id])

What is done at the outcome, the room says by `ckanext.lrtzc.interfaces.IModerated`. Who judges: the board that
administrators chose for the kind, or `policy` and `named` where the thing's owner chooses. For things that are
proposed, shown once they are accepted and changed later, `Proposed`, `ProposedKind`, `ProposedHolding` and
`ProposedPages` do the rest.
"""

from ckanext.lrtzc.moderation import fields
from ckanext.lrtzc.moderation.cases import cancel, hold, is_pending, open_case, renew_some
from ckanext.lrtzc.moderation.domain.policy import Choice, Policy, Rule, read_share, write_share
from ckanext.lrtzc.moderation.domain.timing import AtEnd, Timing
from ckanext.lrtzc.moderation.domain.words import folded
from ckanext.lrtzc.moderation.letters import announce, announce_about, write_to
from ckanext.lrtzc.moderation.listing import case_about, theirs
from ckanext.lrtzc.moderation.logic.schema import people, share
from ckanext.lrtzc.moderation.naming import people_named
from ckanext.lrtzc.moderation.pages import ProposedPages
from ckanext.lrtzc.moderation.proposed import Proposed, ProposedHolding, ProposedKind, Sentences, all_or_nothing

__all__ = [
    "AtEnd",
    "Choice",
    "Policy",
    "Proposed",
    "ProposedHolding",
    "ProposedKind",
    "ProposedPages",
    "Rule",
    "Sentences",
    "Timing",
    "all_or_nothing",
    "announce",
    "announce_about",
    "cancel",
    "case_about",
    "fields",
    "folded",
    "hold",
    "is_pending",
    "open_case",
    "people",
    "people_named",
    "read_share",
    "renew_some",
    "share",
    "theirs",
    "write_share",
    "write_to",
]
