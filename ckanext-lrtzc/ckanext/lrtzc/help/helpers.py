"""What templates ask of the help."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.help import topics
from ckanext.lrtzc.interfaces import IHelp


def known() -> tuple[topics.Topic, ...]:
    """Give all topics: the portal's, then those of extensions."""
    folders = [topics.FOLDER, *(each.get_help_folder() for each in p.PluginImplementations(IHelp))]
    return tuple(topic for folder in folders for topic in topics.read(folder))


def lrtzc_help() -> topics.Topic | None:
    """Give the help of the page that is shown; None where there is none, as on the page of an error."""
    return topics.for_page(known(), tk.request.endpoint or "")


def lrtzc_help_text(topic: topics.Topic) -> topics.Text:
    """Give a topic's text in the language of the page."""
    return topic.say(str(tk.h.lang() or "fr"))
