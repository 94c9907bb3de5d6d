"""What is kept of a person's points, under the same rights as all that the platform holds of them."""

from collections.abc import Mapping
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.interfaces import PersonalHolding
from ckanext.lrtzc.reward import members, refusing
from ckanext.lrtzc.reward.model import Gain, Participant


class RewardHolding(PersonalHolding):
    """A pseudonym, and the deeds that give points under it.

    The mark of the account restricts it too: who is restricted is on no board, and nothing more is counted.
    """

    columns = {
        "lrtzc_reward_participant": ("account_id", "pseudonym", "folded", "listed", "candidate", "joined"),
        "lrtzc_reward_gain": ("account_id", "deed", "subject_id", "package_id", "moment", "points", "because"),
    }

    def find(self, account_id: str) -> int:
        """Count the pseudonym and the deeds."""
        if "\x00" in account_id:
            return 0
        counts = (
            sa.select(sa.func.count()).select_from(table).where(table.account_id == account_id)
            for table in (Participant, Gain)
        )
        return sum(model.Session.scalar(count) or 0 for count in counts)

    def export(self, account_id: str) -> dict[str, Any]:
        """Give all of it."""
        member = Participant.of(account_id) if "\x00" not in account_id else None
        if member is None:
            return {}
        gains = model.Session.scalars(sa.select(Gain).where(Gain.account_id == account_id).order_by(Gain.moment))
        return {
            "pseudonym": member.pseudonym,
            "listed": member.listed,
            "taken_down": refusing.why(member.folded),
            "candidate": member.candidate,
            "joined": member.joined.isoformat(),
            "gains": [
                {
                    "deed": each.deed,
                    "subject": each.subject_id,
                    "object": each.package_id,
                    "moment": each.moment.isoformat(),
                    "points": each.points,
                    "because": each.because,
                }
                for each in gains
            ],
        }

    def rectify(self, account_id: str, changes: Mapping[str, str]) -> None:
        """Change the pseudonym."""
        user, member = model.User.get(account_id), Participant.of(account_id)
        if user is None or member is None or set(changes) - {"pseudonym"}:
            raise ValueError("only this can be put right here: pseudonym")
        try:
            members.join(user, changes["pseudonym"], member.listed)
        except tk.ValidationError as error:
            model.Session.rollback()
            raise ValueError(str(error.error_summary)) from None
        model.Session.commit()

    def erase(self, account_id: str) -> int:
        """Forget it."""
        found = members.leave(account_id)
        model.Session.commit()
        return found

    def restrict(self, account_id: str, restricted: bool) -> bool:
        """Say whether there is something; the mark is the account's."""
        return bool(self.find(account_id))
