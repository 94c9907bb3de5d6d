"""The decision point: asks every rule, and holds to the most restrictive."""

import logging
import time
from collections.abc import Mapping
from dataclasses import replace

import ckan.plugins as p
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.access import faults
from ckanext.lrtzc.access.domain.decision import Decision, Question, Reason, Sentence, Verdict, combine, deny
from ckanext.lrtzc.access.domain.rights import N_
from ckanext.lrtzc.interfaces import AccessRule, IAccessRule

log = logging.getLogger(__name__)

BROKEN = Reason(
    "rule_failed",
    Sentence(N_("Access could not be decided, so it is refused. The administrators of this portal were told.")),
    Sentence(N_("Try again later.")),
)
NO_FORMER_STATE = Reason(
    "no_former_state",
    Sentence(N_("Some data of this dataset is not open to all, so its former states aren't shown.")),
)
ONLY_A_PART = Reason(
    "only_a_part",
    Sentence(N_("The file as it was sent holds more than the part that you may see.")),
    Sentence(N_("Explore the data: what you may see of it can be exported from there.")),
)


def rules() -> Mapping[str, AccessRule]:
    """Give all rules by name, in the order in which their plug-ins are loaded."""
    return {
        name: rule
        for plugin in p.PluginImplementations(IAccessRule)
        for name, rule in plugin.get_access_rules().items()
    }


def answer(question: Question) -> Decision:
    """Decide a question."""
    decision = combine(_verdict(name, rule, question) for name, rule in rules().items())
    return replace(decision, insider=question.dataset.insider or question.person.is_sysadmin)


def _verdict(name: str, rule: AccessRule, question: Question) -> Verdict:
    began = time.monotonic()
    try:
        found = rule(question)
        if not isinstance(found, Verdict):
            raise TypeError(f"the rule answered {type(found).__name__} instead of a verdict")
    except Exception as error:  # whatever went wrong in somebody's rule, access isn't given by accident
        log.exception("The access rule %s failed", name)
        faults.note(name, faults.FAILED, f"{type(error).__name__}: {error}")
        return deny(BROKEN)
    taken = 1000 * (time.monotonic() - began)
    if taken > tk.config["ckanext.lrtzc.access.slow_rule"]:
        log.warning("The access rule %s took %.0f ms", name, taken)
        faults.note(name, faults.SLOW, f"{taken:.0f} ms")
    return found
