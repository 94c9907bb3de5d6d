"""What templates ask of diffusion: the words of states and of what went wrong."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.diffusion import hub, topics
from ckanext.lrtzc.diffusion.model import Passage, State
from ckanext.lrtzc.diffusion.sending import INTERNAL, LIMITS
from ckanext.lrtzc.egress import api as egress
from ckanext.lrtzc.sources.api import PLACES, fields_of, lrtzc_source_offered_key, sentence, takes_messages


def lrtzc_subscription_state(state: str) -> dict[str, str]:
    """Say whether a subscription is served: `text`, and `badge`, a class."""
    match State(state):
        case State.ACTIVE:
            return {"text": tk._("Active"), "badge": "badge-ok"}
        case State.PAUSED:
            return {"text": tk._("Paused"), "badge": "badge-notice"}
        case State.STOPPED:
            return {"text": tk._("Stopped: the program can't be reached"), "badge": "badge-alert"}


def lrtzc_message_state(state: str, attempts: int) -> dict[str, str]:
    """Say where a message stands: `text`, and `badge`, a class."""
    match Passage(state):
        case Passage.WAITING:
            text = tk._("Tried, to be tried again") if attempts else tk._("Waiting")
            return {"text": text, "badge": "badge-notice" if attempts else "badge-info"}
        case Passage.DELIVERED:
            return {"text": tk._("Delivered"), "badge": "badge-ok"}
        case Passage.WITHHELD:
            return {"text": tk._("Not sent: this data was not open to you"), "badge": "badge-info"}
        case Passage.GIVEN_UP:
            return {"text": tk._("Given up"), "badge": "badge-alert"}


def lrtzc_message_problem(message: dict[str, Any], host: str) -> str:
    """Say what went wrong with the last try of a message, or nothing."""
    code = message["problem"]
    if not code or message["state"] == Passage.DELIVERED:
        return ""
    if told := message.get("told", {}).get("sentence"):
        return sentence(told, message["told"].get("params"))
    if code == "too_large":
        return tk._("The file is larger than is sent to a place.")
    if code == "secrets":
        return tk._("The credentials can't be read any more: type them again.")
    if code == INTERNAL:
        return tk._("The portal could not write this message; its administrators find why in its log.")
    params = {"status": message["status"], "seconds": round(LIMITS.seconds), "megabytes": LIMITS.size // 1_000_000}
    return egress.explain(egress.EgressError(egress.Code(code), host=host, port="", **params))


def lrtzc_websub(pkg: dict[str, Any]) -> dict[str, Any]:
    """Say how programs are sent an object's feed: `hub`, `topic`, `active`; nothing where it isn't sent."""
    topic = topics.topic_of(pkg["id"])
    return {"hub": topics.hub_address(), "topic": topic, "active": hub.active(pkg["id"])} if topic else {}


def lrtzc_websub_active() -> int:
    """Count the programs that are sent any feed."""
    return hub.active()


def lrtzc_push_places() -> list[dict[str, str]]:
    """Give the places that data can be sent to: `name`, `label`, `hint`."""
    return [{"name": name, "label": tk._(each.label), "hint": tk._(each.hint)} for name, each in PLACES.items()]


def lrtzc_push_place(kind: str) -> dict[str, Any]:
    """Give the words of a place: `label`, `example`, `fields` as those of sources are; nothing for a webhook.

    `messages`: whether messages are published there, and not files left.
    """
    if kind not in PLACES:
        return {}
    place = PLACES[kind]
    told = {"label": tk._(place.label), "example": place.example, "fields": fields_of(kind)}
    return {**told, "messages": takes_messages(kind)}


def lrtzc_push_plan(plan: dict[str, Any], messages: bool = False) -> str:
    """Say what is sent to a place; `messages`: whether as messages, and not as files."""
    whom = (
        tk._("what is open to all")
        if plan.get("audience", "everybody") == "everybody"
        else tk._("what your account may read")
    )
    what = tk._("only what came or changed") if plan.get("delta") else tk._("all rows")
    how = tk._("messages in JSON") if messages else str(plan.get("format", "csv")).upper()
    return f"{how}, {what}, {whom}"


def lrtzc_push_offered_key(errors: dict[str, Any]) -> str:
    """Give the fingerprint of the key that a server showed and that waits to be accepted; empty without one."""
    return lrtzc_source_offered_key(errors)
