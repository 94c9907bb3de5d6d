"""What can be done with the transformations of a file."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.logic import validate

from ckanext.lrtzc.asking import asker
from ckanext.lrtzc.batches.api import look_again
from ckanext.lrtzc.ledger.api import record
from ckanext.lrtzc.transforming import trying
from ckanext.lrtzc.transforming.checking import checked
from ckanext.lrtzc.transforming.logic import schema
from ckanext.lrtzc.transforming.model import Steps
from ckanext.lrtzc.transforming.wording import say_step


def _shown(kept: Steps | None) -> dict[str, Any]:
    steps = kept.steps if kept else []
    return {
        "steps": [{**step, "sentence": say_step(step)} for step in steps],
        "number": kept.number if kept else 0,
        "author": kept.author if kept else "",
    }


@tk.side_effect_free
@validate(schema.show)
def lrtzc_steps_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Give the transformations of a file: what is done to its next data before it is judged and published.

    :param resource_id: the file's identifier
    :returns: `steps` in their order, each with `kind`, `params` and `sentence`; `number`, which grows with each change;
        `author`, whose rights reference data is read by
    """
    tk.check_access("lrtzc_steps_show", context, data_dict)
    return _shown(Steps.of_resource(data_dict["resource_id"]))


@validate(schema.update)
def lrtzc_steps_update(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Say what is done to the next data of a file; what is published already stays as it is.

    Data that waits to be confirmed is read again with the new steps.

    :param resource_id: the file's identifier
    :param steps: all of them in order, 50 at most, each with `kind` and `params` (docs/transformations.md)
    :param number: the number of the steps that these take the place of; refused where others have changed them since
    :returns: as `lrtzc_steps_show`
    :raises ValidationError: where a step can't be kept, saying which and why
    """
    tk.check_access("lrtzc_steps_update", context, data_dict)
    resource_id, user = data_dict["resource_id"], asker(context)
    steps = [step.as_dict() for step in checked(data_dict["steps"], str(user.id))]
    # the first steps of a file have no row to lock yet
    lock = sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"steps {resource_id}", 0))
    model.Session.execute(sa.select(lock))
    kept = Steps.of_resource(resource_id, lock=True)
    number = kept.number if kept else 0
    if data_dict.get("number", number) != number:
        model.Session.rollback()
        raise tk.ValidationError({"steps": [tk._("Somebody has changed these transformations meanwhile. Look again.")]})
    if kept is None:
        kept = Steps(resource_id=resource_id, number=0)
        model.Session.add(kept)
    kept.steps, kept.author, kept.number = steps, str(user.id), number + 1
    record(
        "resource.transform",
        object_type="resource",
        object_id=resource_id,
        details={"steps": [step["kind"] for step in steps], "number": number + 1},
    )
    model.Session.commit()
    look_again(resource_id)
    return _shown(Steps.of_resource(resource_id))


@tk.side_effect_free
@validate(schema.trial)
def lrtzc_steps_try(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Run steps on the first 1,000 rows that came last for a file; nothing is changed.

    :param resource_id: the file's identifier
    :param steps: steps as for `lrtzc_steps_update`; those of the file unless told
    :param batch_id: a batch of the file whose rows are taken; the last one unless told
    :returns: `before` and `after`, each with `names`, `count` of rows and the first `rows` (`line`, `cells`, and after
        `at`: the places of the cells that changed); `steps`, each with cells `changed`, rows `dropped` and values
        `left` that couldn't be read; `whole`, whether these were all rows
    :raises ValidationError: where a step can't be kept or made, or no rows are kept; `step` is the number of one that
        can't be made of these rows
    """
    tk.check_access("lrtzc_steps_try", context, data_dict)
    user, resource_id = asker(context), data_dict["resource_id"]
    if "steps" in data_dict:
        steps = checked(data_dict["steps"], str(user.id))
    else:
        kept = Steps.of_resource(resource_id)
        steps = checked(kept.steps if kept else [], str(user.id))
    return trying.tried(resource_id, steps, str(user.id), data_dict.get("batch_id"))
