"""What the licence of an object lets a person make of it: what implementers of `ILicenceTerms` say, else our list."""

from collections.abc import Iterable, Mapping
from typing import Any

import ckan.plugins as p

from ckanext.lrtzc.access.api import Person, Reason, Sentence, Verdict, deny, permit
from ckanext.lrtzc.interfaces import ILicenceTerms, LicenceUse
from ckanext.lrtzc.objects.api import find_licence


# What Babel looks for: the sentences are translated where they are said.
def N_(message: str) -> str:
    """Mark a message for translation."""
    return message


FORBIDDEN = N_("Its licence, “{licence}”, doesn't allow to change it or to make something else of it.")
UNKNOWN = N_("What may be made of it is not stated by its licence, “{licence}”.")
ASK = Sentence(N_("Ask its owner: their contact is on its page."))


def implementers() -> Iterable[ILicenceTerms]:
    """Give the plug-ins that judge licences."""
    return p.PluginImplementations(ILicenceTerms)


def judge(person: Person, use: LicenceUse, dataset: Mapping[str, Any], *, insider: bool) -> Verdict:
    """Judge a use; the first refusal of an implementer wins, and one that permits is enough.

    :param insider: whether the person may change the object
    """
    verdicts = [
        verdict for plugin in implementers() if (verdict := plugin.judge_licence(person, use, dataset)) is not None
    ]
    refusals = [verdict for verdict in verdicts if verdict.effect == "deny"]
    if refusals:
        return refusals[0]
    return verdicts[0] if verdicts else by_list(dataset, insider=insider)


def by_list(dataset: Mapping[str, Any], *, insider: bool) -> Verdict:
    """Judge by the portal's list of licences: what may be changed may be duplicated."""
    licence = find_licence(str(dataset.get("license_id") or "notspecified"))
    if insider or (licence is not None and "change" in licence.may):
        return permit()
    title = licence.title("fr") if licence else str(dataset.get("license_title") or dataset.get("license_id"))
    sentence = FORBIDDEN if licence is not None and licence.may else UNKNOWN
    return deny(Reason("licence", Sentence(sentence, {"licence": title}), ASK))
