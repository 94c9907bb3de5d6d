"""Writing a run's report as it goes."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.lrtzc.partners.domain.record import Problem
from ckanext.lrtzc.partners.domain.texts import plain
from ckanext.lrtzc.partners.model import Line, Run, now

MAX_TEXT = 500


def line(run_id: str, kind: str, problem: Problem, guid: str = "", title: str = "", package_id: str = "") -> Line:
    """Make one line of a report."""
    params = {
        name: value if isinstance(value, int) else str(value)[:MAX_TEXT] for name, value in problem.params.items()
    }
    return Line(
        run_id=run_id,
        kind=kind,
        guid=plain(guid, MAX_TEXT),
        title=plain(title, MAX_TEXT),
        field=plain(problem.field, MAX_TEXT),
        sentence=problem.sentence,
        params=params,
        package_id=package_id,
    )


def add(lines: Iterable[Line]) -> None:
    """Put lines into the session."""
    model.Session.add_all(lines)


def count(run_id: str, **more: int) -> None:
    """Add to a run's counts, whoever else counts at the same time; tells also that the run is alive."""
    values: dict[Any, Any] = {getattr(Run, name): getattr(Run, name) + number for name, number in more.items()}
    model.Session.execute(
        sa.update(Run).where(Run.id == run_id).values({**values, Run.beat: now()}),
        execution_options={"synchronize_session": False},
    )


def state(run_id: str, **values: Any) -> None:
    """Set columns of a run."""
    model.Session.execute(
        sa.update(Run).where(Run.id == run_id).values(beat=now(), **values),
        execution_options={"synchronize_session": False},
    )
