"""What people did by publishing: the objects they made that everybody sees now."""

from collections.abc import Callable
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.interfaces import Deed
from ckanext.lrtzc.objects.domain.kinds import Type


def _made(kind: Type) -> Callable[[Any], Any]:
    def standing(accounts: Any) -> Any:
        package = model.Package
        # CKAN keeps this moment in UTC, without saying so
        since = sa.func.timezone("UTC", package.metadata_created)
        return sa.select(
            package.creator_user_id.label("account_id"),
            package.id.label("subject_id"),
            package.id.label("package_id"),
            since.label("moment"),
        ).where(
            package.creator_user_id.in_(accounts),
            package.type == kind.value,
            package.state == "active",
            package.private.is_(False),
        )

    return standing


DEEDS = {
    "dataset": Deed(lambda: tk._("A dataset published"), 20, 40, _made(Type.DATASET)),
    "algorithm": Deed(lambda: tk._("An algorithm published"), 20, 40, _made(Type.ALGORITHM)),
    "restitution": Deed(lambda: tk._("A restitution published"), 15, 30, _made(Type.RESTITUTION)),
    "use_case": Deed(lambda: tk._("A use case published"), 15, 30, _made(Type.USE_CASE)),
}
