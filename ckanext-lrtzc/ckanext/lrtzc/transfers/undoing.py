"""How the refusal or the withdrawal of an offer is undone."""

from collections.abc import Mapping
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.interfaces import Undo
from ckanext.lrtzc.transfers.model import Offer


def _state(what: Mapping[str, Any]) -> str:
    offers = sa.select(Offer.state, Offer.closed).where(Offer.id.in_(what["ids"])).order_by(Offer.id)
    return "; ".join(f"{state} {closed}" for state, closed in model.Session.execute(offers))


def _reopen(context: Any, what: Mapping[str, Any]) -> None:
    tk.get_action("lrtzc_transfer_reopen")(context, {"ids": what["ids"]})


def _page(_what: Mapping[str, Any]) -> str:
    return tk.h.url_for("lrtzc_transfers.mine")


UNDOS = {name: Undo(_state, _reopen, _page) for name in ("transfer.refuse", "transfer.withdraw")}
