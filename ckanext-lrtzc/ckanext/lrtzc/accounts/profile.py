"""The profile and the workspace of whoever is signed in."""

from dataclasses import asdict
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.lrtzc.accounts import blocks, pages
from ckanext.lrtzc.accounts.domain.often import Often
from ckanext.lrtzc.accounts.domain.order import arranged, moved
from ckanext.lrtzc.accounts.security import me
from ckanext.lrtzc.personal.api import StoreAway, identities, requests


def settings_of(user: Any) -> dict[str, Any]:
    """Give what a person chose: `language`, `notifications`."""
    kept = (user.plugin_extras or {}).get("lrtzc_accounts", {})
    return {
        "language": kept.get("language", ""),
        "notifications": Often.of(kept.get("notifications")),
    }


def edit() -> Any:
    """Show and change one's own profile."""
    if tk.current_user.is_anonymous:
        return tk.redirect_to("user.login", came_from=tk.h.url_for("lrtzc_accounts.profile"))
    user, errors = me(), {}
    given: dict[str, Any] = {
        **settings_of(user),
        "user_name": user.fullname or user.name,
        "about": user.about or "",
        "email": user.email or "",
    }
    if tk.request.method == "POST":
        form = pages.typed("user_name", "about", "language", "notifications", "email", "password")
        form["about"] = tk.request.form.get("about", "")
        given = form
        made, errors = pages.call("lrtzc_account_profile_update", photo=_photo(), **given)
        if made:
            tk.h.flash_success(tk._("Your profile is changed."))
            if made["asked"]:
                tk.h.flash_notice(tk._("We have written to the new address: open the link there to confirm it."))
            return tk.redirect_to(tk.h.url_for("lrtzc_accounts.profile", locale=given["language"] or None))
    shown = tk.get_action("user_show")(pages.context(), {"id": user.id})
    extra = {
        "given": given,
        "errors": errors,
        "languages": _languages(),
        "account": user,
        "identity": _identity(user),
        "photo": shown.get("image_display_url") if user.image_url else "",
    }
    return pages.private(tk.render("accounts/profile.html", extra), 400 if errors else 200)


def identity() -> Any:
    """Show who one is, for oneself only, and put it right."""
    if tk.current_user.is_anonymous:
        return tk.redirect_to("user.login", came_from=tk.h.url_for("lrtzc_accounts.identity"))
    try:
        kept, errors = identities.of(me().id), {}
    except StoreAway:
        tk.abort(503, tk._("Accounts can't be changed at the moment. Try again later."))
    given = asdict(kept) if kept is not None else {}
    if tk.request.method == "POST":
        given = pages.typed("title", "last_name", "first_name", "birth_date", "password")
        made, errors = pages.call("lrtzc_account_identity_update", **given)
        if made:
            tk.h.flash_success(tk._("It is put right."))
            return tk.redirect_to("lrtzc_accounts.profile")
    extra = {"given": given, "errors": errors, "titles": pages.titles()}
    return pages.private(tk.render("accounts/identity.html", extra), 400 if errors else 200)


def _photo() -> Any:
    upload = tk.request.files.get("photo")
    if upload is not None and upload.filename:
        return upload
    return "remove" if tk.request.form.get("no_photo") else None


def _identity(user: model.User) -> Any:
    try:
        return identities.of(user.id)
    except StoreAway:
        return None


def _languages() -> list[tuple[str, str]]:
    return [(str(locale), locale.display_name or str(locale)) for locale in tk.h.get_available_locales()]


def address(token: str) -> Any:
    """Take a new e-mail address for whoever asked for it, by the link sent there."""
    if tk.request.method == "POST":
        made, errors = pages.call("lrtzc_account_address_confirm", token=token)
        if made:
            tk.h.flash_success(tk._("Your new address is confirmed."))
            return tk.redirect_to("lrtzc_accounts.workspace")
        for texts in errors.values():
            tk.h.flash_error(" ".join(texts))
        return tk.redirect_to("lrtzc_accounts.profile")
    try:
        asked = requests.by_token("address", token)
    except StoreAway:
        tk.abort(503, tk._("Accounts can't be changed at the moment. Try again later."))
    if asked is None:
        return pages.private(tk.render("accounts/over.html", {"again": tk.h.url_for("lrtzc_accounts.profile")}), 410)
    return pages.private(tk.render("accounts/address.html", {"email": asked.content["email"], "token": token}))


def workspace() -> Any:
    """Show what waits for whoever is signed in and what is theirs (GET); keep which blocks they want (POST)."""
    if tk.current_user.is_anonymous:
        return tk.redirect_to("user.login", came_from=tk.h.url_for("lrtzc_accounts.workspace"))
    if tk.request.method == "POST":
        return _choose()
    user = me()
    order, hidden = blocks.chosen(user)
    titles = {name: block.title() for name, block in blocks.known().items()}
    choice = [(name, titles[name], name not in hidden) for name in order]
    extra = {"blocks": blocks.of(user), "choice": choice, "choosing": bool(tk.request.args.get("choose"))}
    return pages.private(tk.render("accounts/workspace.html", extra))


def _choose() -> Any:
    form = tk.request.form
    order = arranged(blocks.known(), form.get("order", "").split())
    hidden = [name for name in order if name not in form.getlist("show")]
    way, _colon, name = form.get("move", "").partition(":")
    _, errors = pages.call("lrtzc_account_workspace_update", order=moved(order, name, way), hidden=hidden)
    for texts in errors.values():
        tk.h.flash_error(" ".join(texts))
    # who is putting blocks in order goes on
    return tk.redirect_to("lrtzc_accounts.workspace", **({"choose": 1, "_anchor": "choose"} if name else {}))
