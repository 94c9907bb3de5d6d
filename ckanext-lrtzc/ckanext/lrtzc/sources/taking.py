"""A run: look at a source, read what is new of it, send each file as a batch.

What is taken of a file is noted in the transaction that keeps its batch, so that a worker killed at any moment neither
loses a file nor sends it twice.
"""

import hashlib
import logging
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.lrtzc.batches.api import BatchError, format_of, submit_file
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.schedule import Schedule
from ckanext.lrtzc.sources import telling
from ckanext.lrtzc.sources.connecting import connect, limits
from ckanext.lrtzc.sources.declaring import may_send
from ckanext.lrtzc.sources.domain.faults import Code, Fault, OutFault
from ckanext.lrtzc.sources.domain.novelty import Found, Verdict, plan
from ckanext.lrtzc.sources.domain.pacing import next_after
from ckanext.lrtzc.sources.domain.states import Event, State, after
from ckanext.lrtzc.sources.kinds.base import Connection
from ckanext.lrtzc.sources.kinds.base import Taken as Read
from ckanext.lrtzc.sources.model import Line, Run, Source, Taken, now
from ckanext.lrtzc.translation import speaking

log = logging.getLogger(__name__)

# Faults after which a file isn't read again until it is another: reading it again would say the same.
_SETTLED = frozenset({Code.FORMAT, Code.SMALL, Code.LARGE, Code.REFUSED})
_BLOCK = 1 << 20


@contextmanager
def alone(source_id: str) -> Generator[bool]:
    """Hold a source while it is run; gives False where another living process holds it.

    The hold is the database's, and goes with the connection: a worker that is killed lets go of it.
    """
    with model.meta.engine.connect() as connection:
        name = {"name": f"source {source_id}"}
        free = bool(connection.scalar(sa.text("SELECT pg_try_advisory_lock(hashtextextended(:name, 2))"), name))
        try:
            yield free
        finally:
            if free:
                connection.execute(sa.text("SELECT pg_advisory_unlock(hashtextextended(:name, 2))"), name)


def run(run_id: str, *, wait: bool = False) -> None:
    """Do a run that waits, to its end; `wait` loads its batches now, in this process.

    A run that is over, or that another process does, is left alone.
    """
    found = model.Session.get(Run, run_id)
    if found is None:
        return
    with alone(found.source_id) as free:
        waiting = sa.select(Run).where(Run.id == run_id).with_for_update().execution_options(populate_existing=True)
        one = model.Session.scalar(waiting)
        source = Source.get(one.source_id) if one is not None else None
        if not free or one is None or source is None or one.state != State.WAITING:
            model.Session.rollback()
            return
        one.state, one.beat = after(State(one.state), Event.START).value, now()
        model.Session.commit()
        # what others say in words is kept: nobody's language is known here, so the site's
        with speaking(str(tk.config["ckan.locale_default"])):
            fault = _attempt(one.source_id, run_id, wait)
        close(run_id, fault)


def _attempt(source_id: str, run_id: str, wait: bool) -> Fault | None:
    try:
        source = Source.get(source_id)
        if source is None:
            return Fault(Code.STOPPED, minutes=0)
        _check_right(source)
        with connect(source, limits(source)) as connection:
            _take_all(connection, source, run_id, wait)
    except Fault as fault:
        model.Session.rollback()
        return fault
    except Exception:
        # A server may make a library raise anything. A run that stayed "under way" would tell nobody.
        model.Session.rollback()
        reference = uuid.uuid4().hex[:8]
        log.exception("the run %s of a source failed (reference %s)", run_id, reference)
        return Fault(Code.INTERNAL, reference=reference)
    return None


def _check_right(source: Source) -> None:
    """Refuse to send for who left, or may no longer change the dataset.

    :raises Fault: they may not.
    """
    package = model.Package.get(source.package_id)
    if package is None or package.state != "active" or not may_send(source.owner_id, source.package_id):
        raise Fault(Code.RIGHT)


def _take_all(connection: Connection, source: Source, run_id: str, wait: bool) -> None:
    files = connection.found()
    query = sa.select(Taken).where(Taken.source_id == source.id).execution_options(populate_existing=True)
    known = {row.name: row for row in model.Session.scalars(query)}
    last_only = source.resource_id is not None and source.mode == "replace"
    steps = plan(files, {name: row.mark for name, row in known.items()}, last_only=last_only)
    to_read = [found for found, verdict in steps if verdict is Verdict.READ]
    most = int(tk.config["ckanext.lrtzc.sources.files_per_run"])
    _count(run_id, found=len(files), same=len(steps) - len(to_read))
    model.Session.commit()
    for found in to_read[:most]:
        try:
            _take(connection, source, found, known.get(found.name), run_id, wait)
        except Fault as fault:
            model.Session.rollback()
            _refuse(source, found, fault, run_id)
            if isinstance(fault, OutFault) and fault.passing:
                # the connection is of no more use, the other files are read next time
                raise
    if len(to_read) > most:
        raise Fault(Code.LATER, number=len(to_read) - most, most=most)


@dataclass(frozen=True)
class _Arrived:
    """A file as it came: its name, its bytes' SHA-256 and size."""

    name: str
    sha256: str
    size: int


def _take(connection: Connection, source: Source, found: Found, before: Taken | None, run_id: str, wait: bool) -> None:
    most = limits(source).size
    if found.size is not None and found.size > most:
        raise Fault(Code.LARGE, name=found.name, most=most)
    with NamedTemporaryFile(prefix="lrtzc-source-") as file:
        taken = connection.read(found, file, before.mark if before else "")
        if taken is None:
            _count(run_id, same=1)
            model.Session.commit()
            return
        file.flush()
        arrived = _checked(connection, source, found, taken, file)
        if before is not None and before.sha256 == arrived.sha256:
            before.mark = taken.mark
            _count(run_id, same=1, volume=arrived.size)
            model.Session.commit()
            return
        _check_format(source, Path(file.name), arrived.name)
        _send(source, found, taken, before, arrived, file, run_id, wait)


def _checked(connection: Connection, source: Source, found: Found, taken: Read, file: IO[bytes]) -> _Arrived:
    """Judge a file by what the source says of it.

    :raises Fault: it isn't what was announced, changed meanwhile, or is out of bounds.
    """
    size = file.tell()
    if found.size is not None and size != found.size:
        raise Fault(Code.SIZE, name=found.name, told=found.size, found=size)
    if connection.mark_now(found) != found.mark:
        raise Fault(Code.CHANGED, name=found.name)
    if size < max(source.least, 1):
        raise Fault(Code.SMALL, name=found.name, found=size, least=max(source.least, 1))
    file.seek(0)
    kind, expected = taken.checksum or ("sha256", "")
    sha256, other = hashlib.sha256(), hashlib.new(kind, usedforsecurity=False)
    while block := file.read(_BLOCK):
        sha256.update(block)
        other.update(block)
    if expected and other.hexdigest() != expected.lower():
        raise Fault(Code.CHECKSUM, name=found.name)
    return _Arrived(taken.name or found.name, sha256.hexdigest(), size)


def _check_format(source: Source, path: Path, name: str) -> None:
    if not source.expected:
        return
    try:
        seen = format_of(path, name)
    except BatchError as error:
        raise Fault(Code.REFUSED, name=name, said=error.problem.sentence(tk._)) from None
    if seen != source.expected:
        raise Fault(Code.FORMAT, name=name, found=seen, expected=source.expected)


def _send(
    source: Source,
    found: Found,
    taken: Read,
    before: Taken | None,
    arrived: _Arrived,
    file: IO[bytes],
    run_id: str,
    wait: bool,
) -> None:
    """Send a file as a batch, and note it as taken in the same transaction."""
    known = model.Resource.get(source.resource_id or (before.resource_id if before else ""))
    target = known.id if known is not None and known.state == "active" else None
    if source.resource_id and target is None:
        raise Fault(Code.TARGET, field="resource_id")
    row = before or Taken(source_id=source.id, name=found.name, resource_id="")
    row.mark, row.sha256, row.moment = taken.mark, arrived.sha256, now()
    model.Session.add(row)
    line = Line(run_id=run_id, name=found.name, size=arrived.size)
    model.Session.add(line)
    model.Session.flush()
    line_id = line.id
    _count(run_id, taken=1, volume=arrived.size)
    file.seek(0)
    try:
        batch = submit_file(
            source.package_id,
            file,  # type: ignore[arg-type]
            arrived.name,
            source.owner_id,
            resource={"name": arrived.name},
            resource_id=target,
            mode=source.mode if target else "replace",
            key=tuple(source.key) if target else (),
            wait=wait,
        )
    except tk.ValidationError as error:
        said = " ".join(str(text) for texts in dict(error.error_dict).values() for text in texts)
        raise Fault(Code.REFUSED, name=found.name, said=said) from None
    # by statements: loading at once may have begun another session
    for statement in (
        sa.update(Taken)
        .where(Taken.source_id == source.id, Taken.name == found.name)
        .values(resource_id=batch["resource_id"]),
        sa.update(Line).where(Line.id == line_id).values(batch_id=batch["id"]),
        sa.update(Source).where(Source.id == source.id).values(last_new=now()),
    ):
        model.Session.execute(statement, execution_options={"synchronize_session": False})
    model.Session.commit()


def _refuse(source: Source, found: Found, fault: Fault, run_id: str) -> None:
    """Note why a file wasn't taken; what would be refused again isn't read again until it changes."""
    settled = fault.code in _SETTLED and bool(found.mark)
    row = model.Session.get(Taken, (source.id, found.name)) if settled else None
    if settled and row is None:
        row = Taken(source_id=source.id, name=found.name)
        model.Session.add(row)
    if row is not None:
        row.mark, row.moment = found.mark, now()
    model.Session.add(
        Line(run_id=run_id, name=found.name, size=found.size, sentence=fault.sentence, params=fault.params)
    )
    _count(run_id, refused=1)
    model.Session.commit()


def _count(run_id: str, **more: int) -> None:
    values: dict[Any, Any] = {getattr(Run, name): getattr(Run, name) + number for name, number in more.items()}
    statement = sa.update(Run).where(Run.id == run_id).values({**values, Run.beat: now()})
    model.Session.execute(statement, execution_options={"synchronize_session": False})


def close(run_id: str, fault: Fault | None) -> None:
    """End a run, set the source's next one, and tell its owner of what needs somebody."""
    one = model.Session.get(Run, run_id, populate_existing=True)
    source = Source.get(one.source_id, lock=True) if one is not None else None
    if one is None or source is None:
        model.Session.rollback()
        return
    some = one.taken or one.same
    event = Event.FAIL if fault and not some else Event.FALL_SHORT if fault or one.refused else Event.END
    one.state, one.finished = after(State(one.state), event).value, now()
    if fault is not None:
        one.sentence, one.params = fault.sentence, fault.params
    more_waits = fault is not None and fault.code == Code.LATER
    source.failures = source.failures + 1 if fault is not None and not more_waits else 0
    tries, passing = (1 if more_waits else source.failures), fault is not None and fault.passing
    source.next_run = next_after(Schedule(source.schedule), now(), tries, passing=passing)
    if one.taken or one.state == State.FAILED:
        counts = {"taken": one.taken, "refused": one.refused, "bytes": one.volume}
        record(
            "source.run",
            outcome="failed" if one.state == State.FAILED else "done",
            actor=source.owner_id,
            object_type="dataset",
            object_id=source.package_id,
            details={"source": source.id, "run": run_id, "reason": fault.code if fault else "", **counts},
        )
    needs_somebody = source.failures == 1 or (fault is None and one.refused > 0)
    model.Session.commit()
    if needs_somebody:
        telling.run_ended(run_id)
