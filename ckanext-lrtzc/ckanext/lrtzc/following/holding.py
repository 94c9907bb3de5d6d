"""What a person follows, under the same rights as all that the platform holds of them."""

from collections.abc import Mapping
from typing import Any

import ckan.model as model
import sqlalchemy as sa

from ckanext.lrtzc.following.model import Notice
from ckanext.lrtzc.interfaces import PersonalHolding

_TABLES = (model.UserFollowingUser, model.UserFollowingDataset, model.UserFollowingGroup)


class FollowingHolding(PersonalHolding):
    """What a person follows, and what waits to be told to them.

    The mark of the account restricts it too: who is restricted is written to by nobody (`accounts.api.readers`).
    """

    columns = {
        **{str(table.__table__.name): ("follower_id", "object_id", "datetime") for table in _TABLES},
        "lrtzc_following_notice": ("account_id", "event_id"),
    }

    def find(self, account_id: str) -> int:
        """Count what is followed and what waits."""
        if "\x00" in account_id:
            return 0
        counts = (
            sa.select(sa.func.count()).select_from(table).where(column == account_id)
            for table, column in self._columns()
        )
        return sum(model.Session.scalar(count) or 0 for count in counts)

    def export(self, account_id: str) -> dict[str, Any]:
        """Give what is followed, by kind."""
        if not self.find(account_id):
            return {}
        package, user, group = model.Package, model.User, model.Group
        names = {
            "objects": (model.UserFollowingDataset, package, package.title),
            "people": (model.UserFollowingUser, user, user.fullname),
            "groups": (model.UserFollowingGroup, group, group.title),
        }
        return {
            kind: [
                {"name": row[0], "title": row[1] or row[0], "since": row[2].isoformat()}
                for row in model.Session.execute(
                    sa.select(thing.name, title, table.datetime)
                    .join(table, table.object_id == thing.id)
                    .where(table.follower_id == account_id)
                    .order_by(table.datetime)
                )
            ]
            for kind, (table, thing, title) in names.items()
        }

    def rectify(self, account_id: str, changes: Mapping[str, str]) -> None:
        """Refuse: what is followed is changed by following, or not."""
        raise ValueError("what one follows is changed on its page")

    def erase(self, account_id: str) -> int:
        """Forget what is followed, and what waits."""
        found = self.find(account_id)
        if found:
            for table, column in self._columns():
                model.Session.execute(
                    sa.delete(table).where(column == account_id), execution_options={"synchronize_session": False}
                )
            model.Session.commit()
        return found

    def restrict(self, account_id: str, restricted: bool) -> bool:
        """Say whether there is something; the mark is the account's."""
        return bool(self.find(account_id))

    @staticmethod
    def _columns() -> list[tuple[Any, Any]]:
        return [*((table, table.follower_id) for table in _TABLES), (Notice, Notice.account_id)]
