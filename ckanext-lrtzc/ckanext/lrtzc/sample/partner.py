"""Makes the sample's neighbouring portal, declares it as a partner, and has it harvested."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.sample.domain.content import Content, SampleError, run_script

Report = Callable[[str], None]
SECONDS = 30
UNDER_WAY = ("gathering", "importing")


def start_partner(folder: Path, content: Content, context: Any, report: Report) -> str | None:
    """Write the portal of `partner.py` where it is served from, declare it once, and put its harvest in the queue.

    :param context: of the user who declares it.
    :returns: the partner's identity, None if there is none or it is declared already.
    :raises SampleError: if it can't be written, or doesn't answer at its address.
    """
    address, target = _served()
    if content.partner is None or not address or not target:
        return None
    run_script(folder / "partner.py", address, target)
    declared = {key: value for key, value in content.partner.items() if key != "path"}
    declared["address"] = f"{address}/{content.partner['path']}"
    known = tk.get_action("partner_list")(context.copy(), {"owner_org": _organization(declared["owner_org"])})
    if any(one["address"] == declared["address"] for one in known):
        return None
    report(f"Partner {declared['title']}")
    try:
        partner = tk.get_action("partner_create")(context.copy(), declared)
        tk.get_action("partner_run")(context.copy(), {"id": partner["id"]})
    except tk.ValidationError as error:
        raise SampleError(
            f"The partner at {declared['address']} can't be harvested: {error.error_summary}. "
            "See that it is served, then run this again."
        ) from error
    return partner["id"]


def await_harvest(partner: str, context: Any, report: Report) -> None:
    """Wait a little for a harvest, and report how it went."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        shown = tk.get_action("partner_show")(context.copy(), {"id": partner})
        if shown["last_run"] and shown["last_run"]["state"] not in UNDER_WAY:
            report(f"{shown['datasets']} datasets harvested from {shown['title']} ({shown['last_run']['state']})")
            return
        model.Session.rollback()  # what workers write is seen by a new transaction only
        time.sleep(1)
    report("The partner's harvest is in the queue: a worker takes it up.")


def _served() -> tuple[str, str]:
    return (
        (tk.config.get("ckanext.lrtzc.sample.partner_url") or "").rstrip("/"),
        tk.config.get("ckanext.lrtzc.sample.partner_folder") or "",
    )


def _organization(name: str) -> str:
    return tk.get_action("organization_show")({"ignore_auth": True}, {"id": name})["id"]
