"""Pages of validation: who decides on what comes into a dataset, and a batch as those who decide see it."""

from tempfile import TemporaryFile
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.common import streaming_response
from flask import Blueprint, Response

from ckanext.lrtzc.asking import asker, request_context
from ckanext.lrtzc.batches.api import BatchError
from ckanext.lrtzc.moderation.api import AtEnd, Choice
from ckanext.lrtzc.pages import Answer, page, redirect, said, sign_in_first
from ckanext.lrtzc.reward.api import candidates
from ckanext.lrtzc.validation import consolidated as archive
from ckanext.lrtzc.validation import helpers, seen

lrtzc_validation = Blueprint("lrtzc_validation", __name__)

_TEXTS = ("moderators", "rule", "share", "days", "remind", "at_end")
_BLOCK = 1 << 16


def owner(id: str) -> Answer:
    """Show who decides on what comes into a dataset (GET); change it (POST)."""
    form, code, errors = tk.request.form, 200, {}
    try:
        package = tk.get_action("package_show")(request_context(), {"id": id})
        demands = tk.get_action("lrtzc_validation_demand_list")(request_context(), {"id": package["id"]})
    except tk.ObjectNotFound:
        return tk.abort(404, tk._("There is no such dataset."))
    except tk.NotAuthorized:
        return tk.abort(403, tk._("You may not change this dataset."))
    if tk.request.method == "POST":
        try:
            return _change(package, form)
        except tk.ObjectNotFound as missing:
            return tk.abort(404, str(missing))
        except tk.NotAuthorized as refused:
            return tk.abort(403, str(refused))
        except tk.ValidationError as refusal:
            code, errors = 422, refusal.error_dict
    target = (form if errors else tk.request.args).get("resource", "")
    names = {resource["id"]: tk.h.resource_display_name(resource) for resource in package["resources"]}
    if target and target not in names:
        return tk.abort(404, tk._("This dataset has no such resource."))
    kept = {demand["resource_id"]: demand for demand in demands}
    return page(
        "validation/owner.html",
        code,
        pkg_dict=package,
        demands=demands,
        names=names,
        target=target,
        given=_typed(form) if errors else _kept(kept.get(target)),
        known=target in kept,
        candidates=candidates() if p.plugin_loaded("lrtzc_reward") else [],
        errors=errors,
        ends=[(each.value, helpers.lrtzc_validation_at_end(each.value)) for each in AtEnd],
    )


def _typed(form: Any) -> dict[str, Any]:
    given = {name: form.get(name, "") for name in _TEXTS}
    return given | {"every": form.get("every", "yes"), "digest": form.get("digest", "no")}


def _kept(demand: dict[str, Any] | None) -> dict[str, Any]:
    if demand is None:
        return {"rule": "one", "share": "2/3", "at_end": "wait", "every": "yes", "digest": "no"}
    given = {name: demand[name] for name in ("rule", "share", "days", "remind", "at_end")}
    given |= {name: "yes" if demand[name] else "no" for name in ("every", "digest")}
    return given | {"moderators": "\n".join(each["name"] for each in demand["moderators"])}


def _change(package: dict[str, Any], form: Any) -> Answer:
    asked = {"id": package["id"], "resource_id": form.get("resource", "")}
    if "delete" in form:
        tk.get_action("lrtzc_validation_demand_delete")(request_context(), asked)
        tk.h.flash_success(tk._("What comes from now on is published without moderators."))
    else:
        tk.get_action("lrtzc_validation_demand_update")(request_context(), {**_typed(form), **asked})
        tk.h.flash_success(tk._("Kept. What nobody voted on yet goes to these moderators."))
    return redirect(tk.h.url_for("lrtzc_validation.owner", id=package["name"]))


def judge(batch_id: str) -> Answer:
    """Show a batch to who decides on it (GET); vote (POST)."""
    here = tk.h.url_for("lrtzc_validation.judge", batch_id=batch_id)
    if refused := sign_in_first(here):
        return refused
    form, code, error = tk.request.form, 200, ""
    try:
        batch = tk.get_action("lrtzc_validation_batch_show")(request_context(), {"id": batch_id})
        if tk.request.method == "POST":
            choice = form.get("choice", "")
            if choice not in [*Choice]:
                return tk.abort(400, tk._("Say whether to accept or to reject."))
            asked = {"ids": [batch["case"]["id"]], "choice": choice, "reason": form.get("reason", "")}
            answer = tk.get_action("lrtzc_moderation_vote")(request_context(), asked)
            _tell(answer["voted"])
            return redirect(here)
    except tk.ValidationError as refusal:
        code, error = 422, said(refusal)
        batch = tk.get_action("lrtzc_validation_batch_show")(request_context(), {"id": batch_id})
    except tk.NotAuthorized as refused:
        return tk.abort(403, str(refused))
    except tk.ObjectNotFound as missing:
        return tk.abort(404, str(missing))
    return page("validation/judge.html", code, batch=batch, error=error, reason=form.get("reason", ""))


def _tell(voted: list[dict[str, Any]]) -> None:
    words = {
        "pending": tk._("Your vote on “{title}” is kept; others have to vote yet."),
        "accepted": tk._("“{title}” is accepted: it is being published."),
        "rejected": tk._("“{title}” is rejected; its author is told why."),
    }
    for case in voted:
        tk.h.flash_success(words[case["state"]].format(title=case["subject"]["title"]))


def file(batch_id: str) -> Any:
    """Give a batch that waits as it was sent, to who decides on it."""
    if refused := sign_in_first():
        return refused
    context = request_context()
    held = seen.raw(context, asker(context), batch_id)
    try:
        path, name = held.__enter__()
    except tk.NotAuthorized as refused:
        return tk.abort(403, str(refused))
    except tk.ObjectNotFound as missing:
        return tk.abort(404, str(missing))
    except BatchError as error:
        return tk.abort(404, error.problem.sentence(tk._))

    def blocks() -> Any:
        try:
            with path.open("rb") as raw:
                while block := raw.read(_BLOCK):
                    yield block
        finally:
            held.__exit__(None, None, None)

    return saved(blocks(), "application/octet-stream", name)


def picture(batch_id: str, number: int) -> Any:
    """Give a small picture of a file of a batch that waits, to who decides on it."""
    if not tk.current_user.is_authenticated:
        return tk.abort(403, tk._("Sign in first."))
    context = request_context()
    try:
        found = seen.picture(context, asker(context), batch_id, number)
    except tk.NotAuthorized as refused:
        return tk.abort(403, str(refused))
    except tk.ObjectNotFound as missing:
        return tk.abort(404, str(missing))
    answer = Response(found, mimetype="image/webp")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def consolidated() -> Any:
    """Give all that waits for whoever is signed in, in one archive; with `dataset`, what is for that one.

    `format` says how tables are written: `csv`, `xlsx` or `geojson`.
    """
    if refused := sign_in_first():
        return refused
    context, asked = request_context(), tk.request.args
    if asked.get("format", "csv") not in list(archive.Form):
        return tk.abort(400, tk._("One of these is expected: {choices}.").format(choices=", ".join(archive.Form)))
    form = archive.Form(asked.get("format", "csv"))
    out = TemporaryFile(prefix="lrtzc-validation-")  # noqa: SIM115 - closed once it is sent
    try:
        count = archive.write(context, asker(context), out, asked.get("dataset", ""), form)
        if not count:
            out.close()
            return tk.abort(404, tk._("Nothing waits for your decision."))
        out.seek(0)
    except BaseException:
        out.close()
        raise

    def blocks() -> Any:
        with out:
            while block := out.read(_BLOCK):
                yield block

    return saved(blocks(), "application/zip", "moderation.zip")


def saved(blocks: Any, mimetype: str, name: str) -> Any:
    """Answer with a file that is saved, never shown: people sent it."""
    answer = streaming_response(blocks, mimetype)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


lrtzc_validation.add_url_rule("/dataset/<id>/moderation", "owner", owner, methods=["GET", "POST"])
lrtzc_validation.add_url_rule("/moderation/batches.zip", "consolidated", consolidated)
lrtzc_validation.add_url_rule("/moderation/batch/<batch_id>", "judge", judge, methods=["GET", "POST"])
lrtzc_validation.add_url_rule("/moderation/batch/<batch_id>/file", "file", file)
lrtzc_validation.add_url_rule("/moderation/batch/<batch_id>/picture/<int:number>", "picture", picture)
