"""The rule of rights: who owns, who manages, what is open to all, and what was granted to whom."""

from ckanext.lrtzc.access.domain.decision import (
    Action,
    Opening,
    Question,
    Reason,
    Sentence,
    Verdict,
    deny,
    part,
    permit,
)


# What Babel looks for: the sentences are translated where they are said.
def N_(message: str) -> str:
    """Mark a message for translation."""
    return message


ASK = Sentence(N_("Ask whoever publishes it: their address is on the dataset's page."))
SIGN_IN_OR_ASK = Sentence(
    N_("If somebody opened it to you, sign in. Else ask whoever publishes it: their address is on the dataset's page.")
)
SIGN_IN = Sentence(N_("If somebody opened it to you, sign in to see it."))


def rights(question: Question) -> Verdict:
    """Judge by rights: owners and administrators have all, everybody what is open, the others what was granted."""
    dataset, resource_id = question.dataset, question.resource_id
    is_open = dataset.is_open(resource_id)
    if dataset.insider or question.person.is_sysadmin:
        return permit(on_record=not is_open and question.action is not Action.SEE)
    reached = dataset.openings if question.action is Action.SEE else dataset.openings_of(resource_id)
    if dataset.state != "active":
        reached = ()
    if question.action is Action.SEE:
        return permit() if dataset.is_public or reached else deny(_unknown())
    if is_open:
        return permit()
    if reached:
        return _granted(reached)
    if not dataset.is_public and not dataset.openings:
        return deny(_unknown())
    return deny(_held_back(question))


def _granted(openings: tuple[Opening, ...]) -> Verdict:
    """Give what the openings open together, until the first of them ends and the answer changes."""
    if all(opening.to_all for opening in openings):
        reason = OPEN_PART
    else:
        reason = GRANTED_WHOLE if any(opening.perimeter.is_whole for opening in openings) else GRANTED
        reason = _for_purpose(reason, openings)
    until = min((opening.until for opening in openings if opening.until), default=None)
    to_all = all(opening.to_all for opening in openings)
    return part((opening.perimeter for opening in openings), reason, until=until, on_record=not to_all)


def _for_purpose(reason: Reason, openings: tuple[Opening, ...]) -> Reason:
    """Add what the data were opened for, as their publisher wrote it."""
    purposes = dict.fromkeys(each.purpose for each in openings if each.purpose and not each.to_all)
    if not purposes:
        return reason
    why = GRANTED_FOR if reason is GRANTED else GRANTED_WHOLE_FOR
    return Reason(reason.code, Sentence(why, {"purpose": "; ".join(purposes)}))


def _unknown() -> Reason:
    return Reason("unknown", Sentence(N_("This data doesn't exist, or you may not see it.")), SIGN_IN)


def _held_back(question: Question) -> Reason:
    held = question.dataset.restriction(question.resource_id)
    remedy = SIGN_IN_OR_ASK if question.person.is_stranger else ASK
    if held is not None and held.reason:
        why = Sentence(N_("This data is not open to all. Its publisher says: “{reason}”"), {"reason": held.reason})
        return Reason("held_back", why, remedy)
    return Reason("held_back", Sentence(N_("This data is not open to all.")), remedy)


GRANTED_WHOLE = Reason("granted", Sentence(N_("The publisher of this data opened it to you.")))
GRANTED = Reason("granted", Sentence(N_("You see a part of this data, which its publisher opened to you.")))
GRANTED_WHOLE_FOR = N_("The publisher of this data opened it to you, for: “{purpose}”.")
GRANTED_FOR = N_("You see a part of this data, which its publisher opened to you, for: “{purpose}”.")
OPEN_PART = Reason("open_part", Sentence(N_("You see the part of this data that is open to all.")), ASK)
