"""Credentials of sources: sealed with the instance's keys for the one source they belong to, opened to connect only."""

import json
from collections.abc import Mapping
from contextlib import suppress

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.personal.api import SealBroken, StoreAway, open_sealed, seal, sealed_anew
from ckanext.lrtzc.sources.domain.faults import Code, Fault
from ckanext.lrtzc.sources.model import Source


def _place(source_id: str) -> str:
    return f"lrtzc_sources_source.secrets:{source_id}"


def sealed(source_id: str, secrets: Mapping[str, str]) -> bytes | None:
    """Seal credentials for a source; None where there are none.

    :raises ValidationError: the portal has no key to seal with.
    """
    if not secrets:
        return None
    try:
        return seal(json.dumps(dict(secrets)), _place(source_id))
    except StoreAway:
        told = tk._("Credentials can't be kept: this portal has no key to seal them with. Tell its administrators.")
        raise tk.ValidationError({"kind": [told]}) from None


def opened(source: Source) -> dict[str, str]:
    """Give a source's credentials by name.

    :raises Fault: they can't be read any more.
    """
    if source.secrets is None:
        return {}
    try:
        return json.loads(open_sealed(bytes(source.secrets), _place(source.id)))
    except (StoreAway, SealBroken):
        raise Fault(Code.SECRETS) from None


def seal_anew(_sender: object = None, **_: object) -> int:
    """Seal with the newest key what is sealed with another; give how many. Called when keys are rotated."""
    query = sa.select(Source.id).where(Source.secrets.is_not(None)).order_by(Source.id)
    changed = 0
    for source_id in model.Session.scalars(query).all():
        source = Source.get(source_id, lock=True)
        # what can't be read any more is said by the source's next run
        with suppress(SealBroken):
            if source is not None and source.secrets is not None:
                anew = sealed_anew(bytes(source.secrets), _place(source_id))
                source.secrets, changed = (anew or source.secrets), changed + bool(anew)
        model.Session.commit()
    return changed
