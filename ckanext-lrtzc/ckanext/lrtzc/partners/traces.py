"""What a harvest leaves in the ledger: one entry for each dataset that it changed, and one for the run."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext

import ckan.plugins as p
from ckan import model

from ckanext.lrtzc.ledger import api as ledger
from ckanext.lrtzc.partners import catalogue
from ckanext.lrtzc.partners.model import Run

COUNTS = ("seen", "added", "changed", "unchanged", "withdrawn", "purged", "refused", "duplicates")


def _kept() -> bool:
    return p.plugin_loaded("lrtzc_ledger")


def apart() -> AbstractContextManager[None]:
    """Keep the ledger from noting by itself what is changed within: `datasets` or `run` says it."""
    return ledger.told_apart() if _kept() else nullcontext()


def datasets(verb: str, identities: Iterable[str], run_id: str | None) -> None:
    """Note that a run did `verb` (add, change, withdraw, purge) to datasets, in the session's transaction."""
    chosen = list(identities)
    if chosen and _kept():
        details = {"run": run_id} if run_id else None
        ledger.record_many(f"harvest.{verb}", (("dataset", i) for i in chosen), actor=_actor(), details=details)


def run(run: Run) -> None:
    """Note the end of a run, with its counts, in the session's transaction."""
    if _kept():
        details = {"run": run.id, "state": run.state, **{name: getattr(run, name) for name in COUNTS}}
        ledger.record(
            "harvest.run",
            outcome="failed" if run.state == "failed" else "done",
            actor=_actor(),
            object_type="harvest",
            object_id=run.source_id,
            details=details,
        )


def _actor() -> str | None:
    user = model.User.get(catalogue.site_user())
    return user.id if user else None
