"""The letter that tells who said a need that it was answered."""

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.moderation.api import write_to
from ckanext.lrtzc.needs.domain.status import Status
from ckanext.lrtzc.needs.model import Answer, Need
from ckanext.lrtzc.needs.words import status_words


def announce(need_id: str, organization_id: str) -> None:
    """Have the author told of an answer. Call it after the commit."""
    if tk.config.get("smtp.server"):
        tk.enqueue_job(write, [need_id, organization_id], title="Answer to a need", rq_kwargs={"timeout": 120})


def write(need_id: str, organization_id: str) -> None:
    """Tell the author what an organisation answered last."""
    need, answer = model.Session.get(Need, need_id), model.Session.get(Answer, (need_id, organization_id))
    group = model.Group.get(organization_id)
    if need is None or answer is None or group is None or not need.is_shown or not need.author_id:
        return

    def words(language: str) -> list[str]:
        said = tk._("{organization} answered the need “{title}”: {status}.")
        status = status_words(Status(answer.status))
        return [
            tk._("An answer to your need: {title}").format(title=need.title),
            said.format(organization=group.title or group.name, title=need.title, status=status),
            answer.text,
            tk._("See it: {link}").format(
                link=tk.h.url_for("lrtzc_needs.read", name=need.name, qualified=True, locale=language)
            ),
        ]

    write_to([need.author_id], words)
