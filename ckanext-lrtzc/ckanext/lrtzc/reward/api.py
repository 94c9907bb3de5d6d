"""The room's door: who offers themselves as a moderator, and how a challenge begins that the portal itself brings."""

from collections.abc import Mapping
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.asking import validated
from ckanext.lrtzc.reward import challenges
from ckanext.lrtzc.reward.candidates import Candidate
from ckanext.lrtzc.reward.candidates import listed as candidates
from ckanext.lrtzc.reward.logic import schema

__all__ = ["Candidate", "begin_challenge", "candidates"]


def begin_challenge(author: str, fields: Mapping[str, Any]) -> None:
    """Begin a challenge that the portal itself brings, such as sample content; commits.

    :param author: name of an account
    :param fields: as `lrtzc_reward_challenge_create` takes them, with `dataset` instead of `resource`: the name of a
        dataset, whose first table is counted
    :raises ValidationError: where it can't be counted
    """
    package = tk.get_action("package_show")({"user": ""}, {"id": fields["dataset"]})
    tables = [each["id"] for each in package["resources"] if each.get("datastore_active")]
    asked = {**fields, "resource": tables[0] if tables else ""}
    challenges.create(model.User.get(author), validated(asked, schema.challenging(), {}))
    model.Session.commit()
