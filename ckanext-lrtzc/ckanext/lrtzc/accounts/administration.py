"""Where administrators make profiles of rights and give them, and name other administrators."""

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from flask import current_app

from ckanext.lrtzc.accounts import pages, undoing
from ckanext.lrtzc.undo.api import offer


def overview() -> Any:
    """List all that administrators do, in plain words, each with its page."""
    try:
        tk.check_access("sysadmin", pages.context(), {})
    except tk.NotAuthorized as refused:
        tk.abort(403, str(refused))
    return pages.private(tk.render("accounts/administration.html", {"tasks": _tasks()}))


def _tasks() -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Give what is administered, by subject: title, what one does there, address; rooms that are away are left out."""
    known = {
        tk._("People and rights"): [
            (tk._("Accounts"), tk._("Find somebody, close their account, see what is theirs."), "user.index"),
            (
                tk._("Profiles of rights"),
                tk._("Give rights on functions to people found by their e-mail address, and take them back."),
                "lrtzc_accounts.profiles",
            ),
            (tk._("Administrators"), tk._("Name another administrator, or take the right away."), "admin.index"),
            (tk._("Organisations"), tk._("Make organisations, and say who publishes for them."), "organization.index"),
        ],
        tk._("Objects and search"): [
            (
                tk._("Transfers"),
                tk._("Offer objects of yours, or of your organisations, to another owner."),
                "lrtzc_transfers.new",
            ),
            (
                tk._("Objects without an owner"),
                tk._("Hand over what somebody left behind: their account is closed or restricted."),
                "lrtzc_transfers.orphans",
            ),
            (tk._("Trash"), tk._("Erase for good what was deleted."), "admin.trash"),
            (tk._("Moderators"), tk._("Say who moderates what, and how they decide."), "lrtzc_moderation.boards"),
            (tk._("Points"), tk._("Say what gives points, and how many."), "lrtzc_reward.rules"),
            (tk._("Challenges"), tk._("Say what people are to reach together."), "lrtzc_reward.challenges"),
            (tk._("Pseudonyms"), tk._("Take down those that offend."), "lrtzc_reward.refused"),
            (
                tk._("Partner portals"),
                tk._("Declare portals to harvest, and read their reports."),
                "lrtzc_partners.index",
            ),
            (
                tk._("Sources"),
                tk._("See where files are fetched by the clock, and which sources fail."),
                "lrtzc_sources.administration",
            ),
            (
                tk._("What goes by itself"),
                tk._("See what waits for a person, what comes next, what failed and what ran."),
                "lrtzc_orchestration.show",
            ),
            (
                tk._("How long data is kept"),
                tk._("See what will be destroyed, what is kept by hand, and what was destroyed."),
                "lrtzc_retention.everything",
            ),
            (
                tk._("Subscribed programs"),
                tk._("See which programs are told of new data, and which can't be reached."),
                "lrtzc_diffusion.everyone",
            ),
            (
                tk._("Search index"),
                tk._("See whether the search finds all there is, and have objects indexed again."),
                "lrtzc_search.index",
            ),
            (
                tk._("Synonyms"),
                tk._("Say which words mean the same, so that people find by theirs what others call otherwise."),
                "lrtzc_search.synonyms",
            ),
            (
                tk._("Quality of the data"),
                tk._("See which files keep the rules of their owners, and which data was stopped."),
                "lrtzc_quality.overview",
            ),
            (tk._("Rules of access"), tk._("See which rules decide, and whether one fails."), "lrtzc_access.rules"),
        ],
        tk._("The portal"): [
            (
                tk._("Settings"),
                tk._("Change the page “About” and the style; say who may sign up, which names stand for no person."),
                "admin.config",
            ),
            (tk._("Ledger of proofs"), tk._("Search what was done, by whom, when."), "lrtzc_ledger.entries"),
            (tk._("What leaves a trace"), tk._("Choose it, and for how long details are kept."), "lrtzc_ledger.traces"),
        ],
    }
    endpoints = current_app.view_functions
    return [
        (subject, [(title, words, tk.h.url_for(page)) for title, words, page in tasks if page in endpoints])
        for subject, tasks in known.items()
    ]


def profiles() -> Any:
    """Show the profiles; make, change, delete, give and take back."""
    try:
        tk.check_access("lrtzc_profile_list", pages.context(), {})
    except tk.NotAuthorized as refused:
        tk.abort(403, str(refused))
    errors: dict[str, Any] = {}
    if tk.request.method == "POST":
        errors = _do()
        if not errors:
            return tk.redirect_to("lrtzc_accounts.profiles")
    shown = tk.get_action("lrtzc_profile_list")(pages.context(), {})
    extra = {**shown, "errors": errors, "given": tk.request.form if errors else {}}
    return pages.private(tk.render("accounts/profiles.html", extra), 400 if errors else 200)


def _do() -> dict[str, Any]:
    form = tk.request.form
    number = form.get("profile", "")
    asked: dict[str, Any] = {"id": number}
    match form.get("go", ""):
        case "keep":
            asked |= {"title": form.get("title", ""), "functions": form.getlist("function")}
            action, done = "lrtzc_profile_update", tk._("The profile is kept.")
        case "delete":
            action, done = "lrtzc_profile_delete", tk._("The profile is deleted; nobody has its rights any more.")
        case "give":
            asked["email"] = form.get("email", "")
            action, done = "lrtzc_profile_give", tk._("The profile is given; its rights hold from now on.")
        case "take":
            asked["person"] = form.get("person", "")
            action, done = "lrtzc_profile_take", tk._("The profile is taken back.")
        case _:
            return {}
    held = undoing.given(number, asked["person"]) if action == "lrtzc_profile_take" else ""
    try:
        answer, errors = pages.call(action, **asked)
    except tk.ObjectNotFound:
        answer, errors = None, {"message": [tk._("There is no such profile.")]}
    if not errors:
        tk.h.flash_success(done)
        if action == "lrtzc_profile_give" and answer["given"]:
            _offer("right.give", number, answer["person"])
        if held:
            _offer("right.take", number, asked["person"])
    return errors


def _offer(operation: str, profile: str, person: str) -> None:
    offer(operation, ("account", person), id=profile, person=person)


def administrator() -> Any:
    """Give somebody the right to administer, or take it away, in the place of CKAN's view."""
    name, wanted = tk.request.form.get("username", "").strip(), tk.request.form.get("status") == "1"
    user = model.User.get(name) if name else None
    if user is None or user.state != "active":
        tk.h.flash_error(tk._("No account has this name."))
        return tk.redirect_to("admin.index")
    before = user.sysadmin
    _, errors = pages.call("user_patch", id=user.id, sysadmin=wanted)
    if errors:
        tk.h.flash_error(" ".join(str(text) for texts in errors.values() for text in texts))
    else:
        said = (
            tk._("{name} may administer the portal now.") if wanted else tk._("{name} is no longer an administrator.")
        )
        tk.h.flash_success(said.format(name=user.display_name))
        if before != wanted:
            offer("right.administrator", ("account", user.id), person=user.id, before=before)
    return tk.redirect_to("admin.index")
