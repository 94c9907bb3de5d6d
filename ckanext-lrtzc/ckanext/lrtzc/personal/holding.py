"""What this room says of the personal data it holds."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from ckanext.lrtzc.interfaces import PersonalHolding
from ckanext.lrtzc.personal import factors, identities
from ckanext.lrtzc.personal.store import SCHEMA, SEALED


class IdentityHolding(PersonalHolding):
    """Identities behind accounts."""

    columns = {f"{SCHEMA}.identity": SEALED["identity"][1]}

    def find(self, account_id: str) -> int:
        """Count: one or none."""
        return int(identities.of(account_id) is not None)

    def export(self, account_id: str) -> dict[str, Any]:
        """Give title, names and day of birth."""
        found = identities.of(account_id)
        return {} if found is None else asdict(found)

    def rectify(self, account_id: str, changes: Mapping[str, str]) -> None:
        """Change some of the fields."""
        found = identities.of(account_id)
        unknown = set(changes) - {field.name for field in fields(identities.Identity)}
        if unknown or found is None:
            raise ValueError(f"no such field of an identity: {', '.join(sorted(unknown)) or account_id}")
        identities.keep(account_id, replace(found, **changes))

    def erase(self, account_id: str) -> int:
        """Erase the identity."""
        return int(identities.erase(account_id))

    def restrict(self, account_id: str, restricted: bool) -> bool:
        """Mark the identity."""
        return identities.restrict(account_id, restricted)


class FactorHolding(PersonalHolding):
    """Means of signing in: what a person named them, and when they were used. Their secrets are given to nobody."""

    columns = {f"{SCHEMA}.factor": ("title", "secret", "made", "used")}

    def find(self, account_id: str) -> int:
        """Count the means."""
        return len(factors.of(account_id))

    def export(self, account_id: str) -> dict[str, Any]:
        """Give their kind, name and dates."""
        found = [
            {"kind": each.kind, "title": each.title, "made": each.made.isoformat()} for each in factors.of(account_id)
        ]
        return {"factors": found} if found else {}

    def rectify(self, account_id: str, changes: Mapping[str, str]) -> None:
        """Refuse: a means is taken away and added anew."""
        raise ValueError("means of signing in can't be changed, only removed and added")

    def erase(self, account_id: str) -> int:
        """Erase all means."""
        return factors.erase(account_id)

    def restrict(self, account_id: str, restricted: bool) -> bool:
        """Do nothing but say whether there is one: they serve nobody but the person."""
        return bool(factors.of(account_id))


def holdings() -> dict[str, PersonalHolding]:
    """Give the room's holdings by name."""
    return {"identity": IdentityHolding(), "factors": FactorHolding()}
