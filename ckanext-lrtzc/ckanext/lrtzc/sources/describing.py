"""Sources and their runs as the actions answer them: never a credential. Times are texts of ISO 8601."""

from collections.abc import Collection, Sequence
from typing import Any

import ckan.model as model
import sqlalchemy as sa

from ckanext.lrtzc.batches.api import states_of
from ckanext.lrtzc.people import public_names
from ckanext.lrtzc.sources.domain.faults import Fault
from ckanext.lrtzc.sources.keeping import opened
from ckanext.lrtzc.sources.model import Line, Run, Source
from ckanext.lrtzc.sources.telling import sentence

_PLAIN = (
    "id", "package_id", "owner_id", "title", "kind", "address", "options", "resource_id", "mode", "key", "expected",
    "least", "most", "schedule", "paused", "failures", "silence_days",
)  # fmt: skip
_TIMES = ("next_run", "last_new", "created")


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment is not None else None


def told(run: Run) -> dict[str, Any]:
    """Give a run, with why it fell short in words."""
    keys = ("id", "source_id", "state", "by_hand", "found", "taken", "same", "refused", "volume")
    times = {key: _iso(getattr(run, key)) for key in ("started", "finished")}
    return {key: getattr(run, key) for key in keys} | times | {"reason": sentence(run.sentence, run.params)}


def listed(sources: Sequence[Source]) -> list[dict[str, Any]]:
    """Give sources with their dataset, their owner's name and their last run, by a constant number of statements."""
    packages = {one.package_id for one in sources}
    query = sa.select(model.Package.id, model.Package.name, model.Package.title, model.Package.type)
    datasets = {row.id: row for row in model.Session.execute(query.where(model.Package.id.in_(packages)))}
    runs = _last_runs([one.id for one in sources])
    owners = public_names({one.owner_id for one in sources})
    found = []
    for one in sources:
        package = datasets.get(one.package_id)
        run = runs.get(one.id)
        found.append(
            {key: getattr(one, key) for key in _PLAIN}
            | {key: _iso(getattr(one, key)) for key in _TIMES}
            | {
                "dataset": package.name if package else one.package_id,
                "dataset_title": (package.title or package.name) if package else "",
                "dataset_type": package.type if package else "dataset",
                "owner": owners[one.owner_id],
                "silent": one.silence_told is not None and one.silence_told >= one.last_new,
                "last_run": told(run) if run else None,
            }
        )
    return found


def _last_runs(source_ids: Collection[str]) -> dict[str, Run]:
    """Give the last run of each source: one step by the index for each."""
    wanted = sa.select(sa.func.unnest(sa.cast(list(source_ids), sa.ARRAY(sa.Text))).label("id")).subquery()
    latest = sa.select(Run).where(Run.source_id == wanted.c.id).order_by(Run.started.desc()).limit(1).lateral()
    run = sa.orm.aliased(Run, latest)
    query = sa.select(run).select_from(wanted).join(latest, sa.true())
    return {one.source_id: one for one in model.Session.scalars(query)}


def shown(source: Source) -> dict[str, Any]:
    """Give one source, with the names of the credentials that are kept."""
    try:
        secrets = sorted(opened(source))
    except Fault:
        secrets = []
    return listed([source])[0] | {"secrets": secrets}


def lines_of(run_id: str, limit: int) -> list[dict[str, Any]]:
    """Give what became of the files of a run: `name`, `size`, `batch_id`, `batch_state`, `reason`."""
    lines = model.Session.scalars(sa.select(Line).where(Line.run_id == run_id).order_by(Line.id).limit(limit)).all()
    states = states_of({line.batch_id for line in lines if line.batch_id})
    return [
        {
            "name": line.name,
            "size": line.size,
            "batch_id": line.batch_id,
            "batch_state": states.get(line.batch_id, ""),
            "reason": sentence(line.sentence, line.params),
        }
        for line in lines
    ]
