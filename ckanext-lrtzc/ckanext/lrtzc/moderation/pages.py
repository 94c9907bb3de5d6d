"""The pages that things of every proposed kind have: a list, one's own, a form and its answer, taking away."""

from collections.abc import Callable, Collection
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.pagination import Page
from flask import Blueprint

from ckanext.lrtzc.asking import request_context
from ckanext.lrtzc.moderation.proposed import ProposedKind
from ckanext.lrtzc.pages import Answer, page, redirect, said, sign_in_first

FORM = ["GET", "POST"]


class ProposedPages:
    """The pages of a kind.

    Its actions are called `lrtzc_<kind>_list` and so on. Templates are found in the folder of its plural, and get one
    as the kind is named, several as its plural.

    :param blueprint: of the endpoints `index`, `read`, `mine`, `new`, `edit` and `withdraw`
    """

    def __init__(self, kind: ProposedKind, plural: str, blueprint: Blueprint) -> None:
        self.kind, self.plural, self.blueprint = kind, plural, blueprint

    def act(self, verb: str, **asked: Any) -> Any:
        """Call an action of the kind for whoever asks."""
        return tk.get_action(f"lrtzc_{self.kind.name}_{verb}")(request_context(), asked)

    def missing(self) -> Any:
        """Answer that there is none such."""
        return tk.abort(404, self.kind.sentences().none)

    def url(self, endpoint: str, **values: Any) -> str:
        """Give the address of a page."""
        return tk.h.url_for(f"{self.blueprint.name}.{endpoint}", **values)

    def listed(self, filters: Collection[str], per_page: int) -> dict[str, Any]:
        """Find what the address asks for, a page of it.

        :param filters: parameters of the address that the list's action takes
        :returns: variables of the list's template: `page`, those found, `count`, `asked`, `search_facets`
        """
        args = tk.request.args
        number = tk.h.get_page_number(args)
        asked = {name: args[name] for name in filters if args.get(name)}
        try:
            found = self.act("list", **asked, limit=per_page, offset=per_page * (number - 1))
        except tk.ValidationError:
            return tk.abort(400, tk._("This list can't be filtered so."))
        results, count = found["results"], found["count"]
        return {
            "page": Page(results, page=number, item_count=count, items_per_page=per_page, presliced_list=True),
            self.plural: results,
            "count": count,
            "asked": asked,
            "search_facets": {name: {"items": values} for name, values in found["facets"].items()},
        }

    def shown(self, name: str) -> dict[str, Any]:
        """Give one that whoever asks may see, else answer that there is none such."""
        try:
            return self.act("show", id=name)
        except (tk.ObjectNotFound, tk.ValidationError):
            return self.missing()

    def mine(self) -> Answer:
        """List one's own."""
        if refused := sign_in_first():
            return refused
        return page(f"{self.plural}/mine.html", **{self.plural: self.act("mine")})

    def own(self, name: str) -> dict[str, Any]:
        """Give one that whoever asks may change, else answer why not."""
        found = self.shown(name)
        if not found.get("mine") or found["standing"] == "withdrawn":
            return tk.abort(403, self.kind.sentences().not_own)
        return found

    def save(self, changed: dict[str, Any] | None, **asked: Any) -> tuple[Answer | None, dict[str, Any]]:
        """Propose a new one, or a change of one.

        :returns: where that leads, or what is wrong, by field
        """
        try:
            made = self.act("update", id=changed["id"], **asked) if changed else self.act("create", **asked)
        except tk.ObjectNotFound:
            return self.missing(), {}
        except tk.NotAuthorized as refusal:
            return tk.abort(403, str(refusal)), {}
        except tk.ValidationError as refusal:
            return None, refusal.error_dict
        if made["standing"] == "pending":
            thanks = tk._("Thank you. It shows once moderators have accepted it; you will be told by e-mail.")
            tk.h.flash_success(thanks)
        else:
            tk.h.flash_success(tk._("Nothing of what is shown changes: nothing waits for moderators."))
        return redirect(self.url("read", name=made["name"])), {}

    def withdraw(self, name: str) -> Answer:
        """Ask whether to take one away (GET); take it away (POST)."""
        if refused := sign_in_first():
            return refused
        found = self.shown(name)
        if "standing" not in found or not (found["mine"] or tk.current_user.sysadmin):
            return tk.abort(403, self.kind.sentences().not_own)
        if tk.request.method != "POST":
            return page(f"{self.plural}/withdraw.html", **{self.kind.name: found})
        if "delete" not in tk.request.form:
            return redirect(self.url("read", name=found["name"]))
        try:
            self.act("withdraw", id=found["id"])
        except tk.ValidationError as refusal:
            return tk.abort(409, said(refusal))
        tk.h.flash_success(self.kind.sentences().taken)
        return redirect(self.url("mine" if found["mine"] else "index"))

    def route(self, index: Callable[..., Any], read: Callable[..., Any], new: Callable[..., Any], edit: Any) -> None:
        """Give each page its address."""
        for path, endpoint, view, methods in (
            ("", "index", index, ["GET"]),
            ("/new", "new", new, FORM),
            ("/mine", "mine", self.mine, ["GET"]),
            ("/<name>", "read", read, ["GET"]),
            ("/<name>/edit", "edit", edit, FORM),
            ("/<name>/withdraw", "withdraw", self.withdraw, FORM),
        ):
            self.blueprint.add_url_rule(f"/{self.plural}{path}", endpoint, view, methods=methods)
