"""A flood of small batches doesn't starve a large one, nor the reverse."""

import datetime as dt
import io

import ckan.model as model
import pytest
import sqlalchemy as sa
from ckan.lib.jobs import get_queue
from ckan.tests import factories

from ckanext.lrtzc.batches import jobs, turns
from ckanext.lrtzc.batches.api import submit_file
from ckanext.lrtzc.batches.domain.turns import ATTENDED, Waiting, cost, next_of
from ckanext.lrtzc.batches.model import Batch, now


def worked_through(batches, seconds):
    """Give ids in the order in which one worker takes them; a batch is (id, dataset, bytes, second it came)."""
    clock, lately, order, left = 0.0, {}, [], list(batches)
    while left:
        there = [batch for batch in left if batch[3] <= clock]
        if not there:
            clock = min(batch[3] for batch in left)
            continue
        chosen = next_of([Waiting(name, dataset, clock - came) for name, dataset, _size, came in there], lately)
        batch = next(one for one in there if one[0] == chosen)
        left.remove(batch)
        order.append((chosen, clock - batch[3]))
        lately[batch[1]] = lately.get(batch[1], 0) + cost([batch[2]])
        clock += seconds(batch[2])
    return order


def seconds(size):
    # what loading took where it was measured: 157 MB in 27 s, half a second for any
    return 0.5 + size / 6e6


def test_a_flood_of_small_batches_does_not_keep_a_large_one_waiting():
    flood = [(f"small{n}", "a", 10_000, 0.001 * n) for n in range(2_000)]
    order = worked_through([*flood, ("large", "b", 157_000_000, 3.0)], seconds)
    assert len(order) == 2_001
    assert dict(order)["large"] < 5, "seconds that it waited"


def test_a_row_of_large_batches_does_not_keep_small_ones_waiting_longer_than_one_of_them():
    large = [(f"large{n}", "a", 157_000_000, 0.001 * n) for n in range(20)]
    small = [(f"small{n}", "b", 10_000, 10.0 + n) for n in range(30)]
    waited = dict(worked_through([*large, *small], seconds))
    assert max(waited[name] for name, *_rest in small) < 2 * seconds(157_000_000)


def test_nobody_waits_for_ever_though_others_never_end():
    endless = [(f"small{n}", f"d{n}", 1_000, 0.5 * n) for n in range(2_000)]
    # the dataset had much of its own before
    order = worked_through([("first", "a", 300_000_000, 0.0), ("second", "a", 300_000_000, 0.1), *endless], seconds)
    assert dict(order)["second"] < 400


def test_whoever_waits_before_the_page_is_ahead_of_what_comes_by_itself():
    came, sent = Waiting("came", "a", ATTENDED - 1), Waiting("sent", "b", 0, attended=True)
    assert next_of([came, sent], {}) == "sent"
    assert next_of([Waiting("came", "a", ATTENDED + 1), sent], {}) == "came"
    assert next_of([], {}) is None


@pytest.mark.usefixtures("clean_redis")
@pytest.mark.filterwarnings("default::DeprecationWarning")
def test_a_worker_takes_the_batch_whose_turn_it_is_and_leaves_none(send, package, ckan_config):
    flood = [send(f"n;nom\n{n};flot\n", wait=False)["id"] for n in range(3)]
    other = factories.Dataset(owner_org=package["owner_org"])
    late = submit_file(other["id"], io.BytesIO(b"n;nom\n1;autre\n"), "table.csv", package["editor"])["id"]
    came = now()
    for place, name in enumerate([*flood, late]):
        # within a second, whatever the machine took to receive them
        since = came + dt.timedelta(milliseconds=100 * place)
        model.Session.execute(sa.update(Batch).where(Batch.id == name).values(changed=since))
    model.Session.commit()
    queue = get_queue(ckan_config["ckanext.lrtzc.batches.queue"])
    jobs_there = [job for job in queue.jobs if job.func_name.endswith(".take_next")]
    assert [job.args[0] for job in jobs_there] == [*flood, late]

    def integrated():
        return {name for name in [*flood, late] if Batch.get(name).state == "integrated"}

    order = []
    for job in jobs_there:
        before = integrated()
        jobs.take_next(*job.args)
        order.append(integrated() - before)
    # those of the flood came first, but the first of them counts against the others
    assert order == [{flood[0]}, {late}, {flood[1]}, {flood[2]}]
    assert turns.waiting() == set()
