"""What templates ask of moderation."""

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.moderation import cases, listing
from ckanext.lrtzc.moderation.domain.policy import Rule, read_share
from ckanext.lrtzc.moderation.model import Case
from ckanext.lrtzc.people import former_name, restricted_name, stranger_name


def lrtzc_moderation_waiting() -> int | None:
    """Count what waits for the vote of the person who reads; None where they never had anything to judge."""
    user = model.User.get(tk.current_user.name) if tk.current_user.is_authenticated else None
    if user is None:
        return None
    count = listing.waiting(user)
    if count or user.sysadmin:
        return count
    return 0 if model.Session.scalar(sa.select(sa.exists().where(cases.mine(user), Case.state.is_not(None)))) else None


def lrtzc_moderation_rule(rule: str, share: str) -> str:
    """Give a rule in words."""
    match Rule(rule):
        case Rule.ONE:
            return tk._("One moderator is enough to accept; all must reject")
        case Rule.MAJORITY:
            fraction = read_share(share)
            said = tk._("A majority accepts, {share} of the moderators at least")
            return said.format(share=f"{fraction.numerator}/{fraction.denominator}")
        case Rule.UNANIMITY:
            return tk._("All moderators must accept")


def lrtzc_moderation_standing(standing: str) -> str:
    """Say where something that was proposed stands, for its author."""
    return {
        "pending": tk._("Waits for moderators"),
        "published": tk._("Shown to everybody"),
        "refused": tk._("Not accepted"),
        "withdrawn": tk._("Taken away"),
    }[standing]


def lrtzc_moderation_sender(name: str) -> str:
    """Give what an author is called within a sentence: words for who isn't named begin small there."""
    unnamed = (former_name(), restricted_name(), stranger_name())
    return name[:1].lower() + name[1:] if name in unnamed else name
